/* SPDX-License-Identifier: MIT */
/*
 * Chunks as lua_dump() of a PC's Lua 5.1 and 5.3 writes them, read into the model: what a source
 * compiles to, to be compared with what a device has or to be written in NodeMCU's formats.
 */
#ifndef LUA_STOCK_H
#define LUA_STOCK_H

#include "common/lua/token_walk.h"

/*
 * Reads a stock chunk: little-endian, int of 4 bytes, size_t of 4 or 8, numbers double, integers
 * (5.3) of 8 bytes. Line info is packed as NodeMCU does it. The model's form is a chunk; parts and
 * sizes of its prototypes stay 0, for they would be those of the stock file.
 * walk: through the source, with which the line info of 5.1 has NodeMCU's very bytes. Without
 * (NULL), it has them unless nothing is left of the lines that an instruction was set back from,
 * as of a call whose last bracket is alone on its line.
 * ERR_KIND for anything else. On failure *out is NULL. Free with lua_image_free.
 */
enum err lua_stock_load(const uint8_t *data, size_t len, const struct lua_walk *walk,
			struct diag *diag, struct lua_image **out);

/*
 * Appends lines (n of them, one an instruction) packed as NodeMCU's compilers do it, the end mark
 * included. A line that is not above 0 counts as the one before it. emitted: what lua_walk_emitted
 * tells, or NULL.
 */
void lua_pack_lines(enum lua_version version, const uint32_t *lines, const uint32_t *emitted,
		    uint32_t n, struct buf *out);

#endif
