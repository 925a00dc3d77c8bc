/* SPDX-License-Identifier: MIT */
/*
 * Images, apart from Lua: its headers and the project's model have names in common.
 */
#ifndef SIMDEV_IMAGE_H
#define SIMDEV_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

enum {
	LFS_BASE = 0x96000,
	LFS_MAPPED = 0x40296000,
	LFS_SIZE = 0x20000, /* usual */
	LFS_MOST = 0x80000,
	LFS_PAGE = 4096,
	IMAGE_MESSAGE = 120
};

struct lua_image; /* common/lua/model.h */

/*
 * variant as in struct config; region: the size of the LFS region in bytes.
 *
 * Gives a file to the model of the variant's loader. False when that refuses it: message tells what
 * the device prints, or is empty when the loader itself would crash. *heap: bytes that loading
 * takes.
 */
bool image_accept(const char *variant, uint32_t region, const void *data, size_t len,
		  char message[IMAGE_MESSAGE], uint32_t *heap);

/*
 * Appends what the loader writes to flash for a file that it accepts, from the start of the region.
 * What it makes of a damaged one is made up where the model of images ends: nothing can be read of
 * it. False when there is no memory.
 */
bool image_lay_out(const char *variant, uint32_t region, const void *data, size_t len,
		   struct buf *out);

/*
 * What the firmware's start says to the region, in message; true when it takes what is there for an
 * image. Then *img is that, or NULL when it is too damaged to be read: using it crashes the device.
 * Free with image_free.
 */
bool image_boot(const char *variant, uint32_t region, const uint8_t *flash,
		char message[IMAGE_MESSAGE], struct lua_image **img);
void image_free(struct lua_image *img);

/* Are the instructions in order? A device that runs those of another image may do anything. */
bool image_sound(const struct lua_image *img);

/* All may be called with NULL: no image. */
uint32_t image_modules(const struct lua_image *img);
uint32_t image_strings(const struct lua_image *img);
uint32_t image_size(const struct lua_image *img);
bool image_time(const struct lua_image *img, int64_t *seconds);
/* Of a module below image_modules, a string below image_strings. */
const char *image_module(const struct lua_image *img, uint32_t i, size_t *len);
const char *image_string(const struct lua_image *img, uint32_t i, size_t *len);

#endif
