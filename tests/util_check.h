/* SPDX-License-Identifier: MIT */
/*
 * The content check over golden images that were harmed by hand.
 */
#ifndef UTIL_CHECK_H
#define UTIL_CHECK_H

#include "common/lua/check_parts.h"

/* A file, opened and checked without its loader. Release with checked_close. */
struct checked {
	struct lua_book book;
	struct check_report r;
	uint32_t errors, notes;
};

void checked_open(struct checked *c, const char *name, const uint8_t *data, size_t len,
		  const struct check_target *target);
void checked_close(struct checked *c);

/* The first finding whose cause has text in it, or NULL. */
const struct check_finding *checked_find(const struct checked *c, const char *text);

/* The bytes that an image's offsets count: inflated when it is compressed. Free with buf_free. */
struct buf image_bytes(const char *path);

/* image_bytes as a file again. */
struct buf image_file(const char *path, const struct buf *bytes);

#endif
