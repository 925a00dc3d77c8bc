/* SPDX-License-Identifier: MIT */
/*
 * Between the project's model of functions and the binary chunks of this machine's Lua. The layout
 * of these is told in common/lua/stock.c, which reads them.
 */
#ifndef SIMDEV_STOCK_H
#define SIMDEV_STOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

struct lua_image; /* common/lua/model.h */

/*
 * Appends a chunk that, each time it is called, gives back a new closure of the module's function:
 * the function is the chunk's only child. False when the module was not read whole.
 */
bool stock_put_maker(const struct lua_image *img, uint32_t module, struct buf *out);

/* Appends the first module's function as a chunk, with or without the names in it. */
bool stock_put_chunk(const struct lua_image *img, bool names, struct buf *out);

/* Appends a chunk of this machine's for one of the device's; false when it is none. */
bool stock_from_device(const void *chunk, size_t len, struct buf *out);

/* Appends a chunk of this machine's without the names of locals and upvalues. */
bool stock_strip_names(const void *chunk, size_t len, struct buf *out);

/*
 * Appends a chunk of this machine's as the variant's string.dump gives it. strip: 0 nothing, 1
 * names of locals and upvalues, 2 line numbers too; Lua 5.1 takes all, the source too, above 0.
 */
bool stock_to_device(const char *variant, const void *chunk, size_t len, int strip,
		     struct buf *out);

#endif
