/* SPDX-License-Identifier: MIT */
/*
 * What the models of the device's loaders share; private to loader*.c, boot.c and check.c.
 *
 * A model does with a file what the loader does: the same reads, the same checks in the same order,
 * the same sizes of buffers. Where the loader would leave its buffers the model stops and says so,
 * because from there on the device may do anything.
 */
#ifndef LUA_LOADER_H
#define LUA_LOADER_H

#include "common/lua/check_parts.h"

/*
 * Free heap that the models give a device: what the recorded verdicts were made with, and about
 * what a device has after a plain start. Any value from 25,000 to 50,000 agrees with all of them.
 */
enum { LOADER_HEAP = 45056 };

/* What a file is, for a sentence: "a Lua 5.3 LFS image", "text, perhaps Lua source". */
const char *loader_file_kind(const uint8_t *data, size_t len);

/* The signature that a firmware wants in a 5.1 image; sig is the image's (for unknown targets). */
uint32_t loader51_signature(const struct check_target *target, uint32_t sig);

/* A finding where the loader itself leaves its buffers. */
struct check_finding *loader_undefined(struct check_report *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* "a 5.1 float build, packed": what the bits of a 5.1 signature stand for. */
const char *loader51_build(uint32_t sig);

/*
 * luaN_init() of 5.1 on the first 32 bytes of the region; true when it takes the image. assumed:
 * target->base is none that the device told.
 */
bool boot51_header(const uint8_t *header, const struct check_target *target, bool assumed,
		   struct check_report *r);

#define LOADER_UPLOAD_AGAIN \
	"upload the file again in binary mode and compare its size with the PC's"

#endif
