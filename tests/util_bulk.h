/* SPDX-License-Identifier: MIT */
/*
 * Large files that hold as much as they can of one thing, each valid as far as it goes.
 */
#ifndef UTIL_BULK_H
#define UTIL_BULK_H

#include "common/base/buf.h"

struct bulk_kind {
	const char *name;
	struct buf (*make)(void);
};

/* Ends with a row whose name is NULL. */
extern const struct bulk_kind bulk_kinds[];

/* Parts of Lua 5.3 streams: a count, a typed integer, the header of an image or a chunk. */
void bulk_count(struct buf *b, uint64_t value);
void bulk_typed(struct buf *b, unsigned type, uint64_t value);
void bulk_header53(struct buf *b, uint8_t format);

/* A portable image up to the end of its string section: n texts, prefix and, if so, a number. */
void bulk_strings53(struct buf *b, uint32_t n, const char *prefix, bool numbered);

/* All of a function behind its children: no code, no constants, no names. */
void bulk_tail53(struct buf *b);

#endif
