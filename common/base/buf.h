/* SPDX-License-Identifier: MIT */
/*
 * Growable memory. struct buf holds bytes; vec_grow serves typed arrays. Both are sticky on a
 * failed allocation: a buf remembers it in .failed and ignores later writes.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A zeroed struct buf is an empty one. Free with buf_free. */
struct buf {
	uint8_t *data;
	size_t len, cap;
	bool failed;
};

void buf_free(struct buf *b);
void buf_put(struct buf *b, const void *data, size_t n);
void buf_byte(struct buf *b, uint8_t c);
void buf_str(struct buf *b, const char *s);
void buf_u32(struct buf *b, uint32_t v); /* little-endian */
void buf_u64(struct buf *b, uint64_t v); /* little-endian */
/* Decimal, without the cost of printf. */
void buf_int(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Room for n more bytes at the end, counted as written; NULL when there is no memory. */
uint8_t *buf_extend(struct buf *b, size_t n);

/*
 * Makes room for n more items of size bytes behind *count in the array at *items, which has space
 * for *cap. Returns a pointer to the first new, zeroed item and adds n to *count; NULL when there
 * is no memory (the array is unchanged then). The array is released with free().
 */
void *vec_grow(void *items, uint32_t *count, uint32_t *cap, size_t size, uint32_t n);

#endif
