/* SPDX-License-Identifier: MIT */
#include "common/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

uint8_t *buf_extend(struct buf *b, size_t n)
{
	size_t cap = b->cap;
	uint8_t *p;

	if (b->failed)
		return NULL;
	if (!b->data || n > b->cap - b->len) {
		if (n > SIZE_MAX / 4 || b->len > SIZE_MAX / 4) {
			b->failed = true;
			return NULL;
		}
		cap = cap + cap / 2 + n + 64;
		p = realloc(b->data, cap);
		if (!p) {
			b->failed = true;
			return NULL;
		}
		b->data = p;
		b->cap = cap;
	}
	p = b->data + b->len;
	b->len += n;
	return p;
}

void buf_put(struct buf *b, const void *data, size_t n)
{
	uint8_t *p = buf_extend(b, n);

	if (p && n)
		memcpy(p, data, n);
}

void buf_byte(struct buf *b, uint8_t c)
{
	if (b->len < b->cap && !b->failed)
		b->data[b->len++] = c;
	else
		buf_put(b, &c, 1);
}

void buf_str(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void buf_u32(struct buf *b, uint32_t v)
{
	uint8_t p[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) };

	buf_put(b, p, sizeof(p));
}

void buf_u64(struct buf *b, uint64_t v)
{
	buf_u32(b, (uint32_t)v);
	buf_u32(b, (uint32_t)(v >> 32));
}

void buf_int(struct buf *b, int64_t v)
{
	uint8_t text[20];
	size_t at = sizeof(text);
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		text[--at] = (uint8_t)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		text[--at] = '-';
	buf_put(b, text + at, sizeof(text) - at);
}

/* Most texts are short: they are formatted once, and only longer ones a second time in place. */
void buf_printf(struct buf *b, const char *fmt, ...)
{
	char text[128];
	va_list args, again;
	int n;
	uint8_t *p;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof(text)) {
		buf_put(b, text, (size_t)n);
	} else if (n >= 0) {
		p = buf_extend(b, (size_t)n + 1);
		if (p) {
			vsnprintf((char *)p, (size_t)n + 1, fmt, again);
			b->len--;
		}
	}
	va_end(again);
}

void *vec_grow(void *items, uint32_t *count, uint32_t *cap, size_t size, uint32_t n)
{
	uint8_t **array = items;
	uint64_t want = (uint64_t)*count + n;
	uint8_t *p = *array;

	if (want > UINT32_MAX / 2)
		return NULL;
	if (!p || want > *cap) {
		uint64_t room = want + want / 2 + 8;

		if (room > SIZE_MAX / size)
			return NULL;
		p = realloc(p, (size_t)room * size);
		if (!p)
			return NULL;
		*array = p;
		*cap = (uint32_t)room;
	}
	p += (size_t)*count * size;
	memset(p, 0, (size_t)n * size);
	*count = (uint32_t)want;
	return p;
}
