/* SPDX-License-Identifier: MIT */
/*
 * Images, apart from Lua: its headers and the project's model have names in common.
 */
#ifndef SIMDEV_IMAGE_H
#define SIMDEV_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LFS_BASE = 0x96000, LFS_MAPPED = 0x40296000, LFS_SIZE = 0x20000, IMAGE_MESSAGE = 120 };

struct lua_image; /* common/lua/model.h */

/*
 * Gives a file to the model of the variant's loader. NULL when that refuses it: message tells what
 * the device prints. Free with image_free.
 */
struct lua_image *image_load(const char *variant, const void *data, size_t len,
			     char message[IMAGE_MESSAGE]);
void image_free(struct lua_image *img);

/* All may be called with NULL: no image. */
uint32_t image_modules(const struct lua_image *img);
uint32_t image_strings(const struct lua_image *img);
uint32_t image_size(const struct lua_image *img);
bool image_time(const struct lua_image *img, int64_t *seconds);
/* Of a module below image_modules, a string below image_strings. */
const char *image_module(const struct lua_image *img, uint32_t i, size_t *len);
const char *image_string(const struct lua_image *img, uint32_t i, size_t *len);

#endif
