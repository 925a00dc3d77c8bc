/* SPDX-License-Identifier: MIT */
/*
 * A bounded little-endian reader. Only rd_take moves it. It is sticky: after the first failure
 * every read gives 0 or NULL and the cursor stays put, so a parser may read a whole record and
 * ask once whether all went well.
 */
#ifndef BASE_RD_H
#define BASE_RD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/diag.h"

/* Where in the structure a reader stands; a stack of these makes "proto[3].k[5]". */
struct rd_scope {
	const char *name;
	uint32_t index; /* RD_NO_INDEX: the name alone */
	const struct rd_scope *up;
};
#define RD_NO_INDEX UINT32_MAX

struct rd {
	const uint8_t *p;             /* next byte */
	size_t len;                   /* bytes left */
	uint64_t off;                 /* offset of p in the file (or in the inflated image) */
	struct diag *diag;            /* never NULL */
	bool inflated;                /* off counts bytes of an inflated image */
	const struct rd_scope *scope; /* may be NULL */
};

struct rd rd_init(const uint8_t *p, size_t len, struct diag *diag);

/* The next n bytes, or NULL (and a failure that names field). Points into the input. */
const uint8_t *rd_take(struct rd *rd, size_t n, const char *field);

/* A cursor over n bytes at offset off of the parent's remaining bytes. It cannot leave them. */
struct rd rd_window(struct rd *rd, size_t off, size_t n, const char *field);

uint8_t rd_u8(struct rd *rd, const char *field);
uint16_t rd_u16(struct rd *rd, const char *field);
uint32_t rd_u32(struct rd *rd, const char *field);
uint64_t rd_u64(struct rd *rd, const char *field);

/* True when count items of at least size bytes each still fit; otherwise records the failure. */
bool rd_fits(struct rd *rd, uint64_t count, size_t size, const char *field);

/* Records a failure of the field that ends at the cursor and began back bytes before it. */
enum err rd_fail(struct rd *rd, enum err code, size_t back, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* True once anything failed. */
static inline bool rd_bad(const struct rd *rd)
{
	return rd->diag->code != ERR_NONE;
}

/* Unaligned little-endian loads from bytes known to be there. */
static inline uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t le64(const uint8_t *p)
{
	return le32(p) | (uint64_t)le32(p + 4) << 32;
}

#endif
