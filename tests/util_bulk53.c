/* SPDX-License-Identifier: MIT */
#include "tests/util_bulk.h"

#include <stdio.h>
#include <string.h>

enum { FLASH = 8 << 20 };

static void put_count(struct buf *b, uint64_t value)
{
	unsigned n = 1;

	while (value >> 7 * n)
		n++;
	while (n-- > 0)
		buf_byte(b, (uint8_t)((value >> 7 * n & 0x7f) | (n ? 0x80 : 0)));
}

static void put_typed(struct buf *b, unsigned type, uint64_t value)
{
	if (value < 16) {
		buf_byte(b, (uint8_t)(type << 4 | value));
		return;
	}
	buf_byte(b, (uint8_t)(0x80 | type << 4));
	put_count(b, value);
}

static void header53(struct buf *b, uint8_t format)
{
	buf_put(b, "\033LuaS", 5);
	buf_byte(b, format);
	buf_put(b, "\x19\x93\r\n\x1a\n\4\4\4\4\x20\0\x40\xb9\x43", 15);
}

static void begin53(struct buf *b)
{
	header53(b, 0x0b);
	put_typed(b, 3, 1234);
	buf_put(b, "\x19ss", 3);
}

static void texts53(struct buf *b, uint32_t n, const char *prefix, bool numbered)
{
	char text[100];

	begin53(b);
	put_count(b, 40);
	put_count(b, n + 71);
	put_count(b, 0);
	put_count(b, n);
	for (uint32_t i = 0; i < n; i++) {
		int len = numbered ? snprintf(text, sizeof(text), "%s%x", prefix, (unsigned)i)
				   : snprintf(text, sizeof(text), "%s", prefix);

		put_typed(b, 5, (uint64_t)len + 1);
		buf_put(b, text, (size_t)len);
	}
}

/* One text of so many bytes. */
static void long53(struct buf *b, uint32_t len)
{
	begin53(b);
	put_count(b, len);
	put_count(b, 71);
	put_count(b, 1);
	put_count(b, 1);
	put_typed(b, 6, (uint64_t)len + 1);
	memset(buf_extend(b, len), '=', len);
}

static void modules53(struct buf *b, uint32_t n)
{
	buf_put(b, "\x19pr", 3);
	put_count(b, n);
}

static void end53(struct buf *b, uint32_t n, unsigned type)
{
	put_count(b, n + 1);
	while (n-- > 0)
		put_typed(b, type, 1);
	put_typed(b, 3, 0x60000000);
}

static void tail53(struct buf *b)
{
	buf_put(b, "\0\0\1\0\0\0", 6);
}

static void head53(struct buf *b, uint32_t children)
{
	buf_put(b, "\x50\0\0\0\0\2", 6);
	put_count(b, children);
}

static struct buf strings53(void)
{
	struct buf b = { 0 };

	texts53(&b, FLASH / 24 - 1000, "", true);
	modules53(&b, 1);
	head53(&b, 0);
	tail53(&b);
	end53(&b, 1, 5);
	return b;
}

/* All the same, so that each is the twin of another. */
static struct buf twins53(void)
{
	struct buf b = { 0 };

	texts53(&b, FLASH / 24 - 1000, "", false);
	modules53(&b, 1);
	head53(&b, 0);
	tail53(&b);
	end53(&b, 1, 5);
	return b;
}

static struct buf constants53(uint32_t n, const char *bytes, uint32_t text_len)
{
	struct buf b = { 0 };

	long53(&b, text_len);
	modules53(&b, 1);
	head53(&b, 0);
	put_count(&b, 0);
	put_count(&b, n);
	for (uint32_t i = 0; i < n; i++)
		buf_byte(&b, (uint8_t)bytes[0]);
	buf_put(&b, "\1\0\0\0", 4);
	end53(&b, 1, 6);
	return b;
}

static struct buf nils53(void)
{
	return constants53(FLASH / 8 - 1000, "\0", 41);
}

/* References to one text of half the image. */
static struct buf long_constants53(void)
{
	return constants53(FLASH / 16 - 1000, "\x61", FLASH / 2);
}

static struct buf functions53(void)
{
	struct buf b = { 0 };
	uint32_t n = FLASH / 80 - 100;

	texts53(&b, 1, "m", true);
	modules53(&b, 1);
	head53(&b, n);
	for (uint32_t i = 0; i < n; i++) {
		head53(&b, 0);
		tail53(&b);
	}
	tail53(&b);
	end53(&b, 1, 5);
	return b;
}

static struct buf many_modules53(void)
{
	struct buf b = { 0 };
	uint32_t n = FLASH / 96 - 100;

	texts53(&b, 1, "m", true);
	modules53(&b, n);
	for (uint32_t i = 0; i < n; i++) {
		head53(&b, 0);
		tail53(&b);
	}
	end53(&b, n, 5);
	return b;
}

/* Towers of 200 functions, the outermost with a source of half the image. */
static struct buf towers53(void)
{
	struct buf b = { 0 };
	uint32_t n = FLASH / 2 / (200 * 84) - 10;

	long53(&b, FLASH / 2);
	modules53(&b, n);
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t d = 0; d < 200; d++) {
			buf_put(&b, d ? "\x50\0\0\0\0\2" : "\x61\0\0\0\0\2", 6);
			put_count(&b, d < 199);
		}
		for (uint32_t d = 0; d < 200; d++)
			tail53(&b);
	}
	end53(&b, n, 6);
	return b;
}

/* GETTABUP R(0) U(0) K(0), again and again. */
static struct buf gettabup53(void)
{
	struct buf b = { 0 };
	uint32_t n = FLASH / 4 - 2000;

	texts53(&b, 1, "m", true);
	modules53(&b, 1);
	head53(&b, 0);
	put_count(&b, n);
	for (uint32_t i = 0; i < n; i++)
		buf_u32(&b, 6 | 256u << 14);
	buf_put(&b, "\1\x51\1\1\x50\0\0\0\0", 9);
	end53(&b, 1, 5);
	return b;
}

const struct bulk_kind bulk_kinds53[] = {
	{ "strings53", strings53 },
	{ "twins53", twins53 },
	{ "nils53", nils53 },
	{ "long_constants53", long_constants53 },
	{ "functions53", functions53 },
	{ "many_modules53", many_modules53 },
	{ "towers53", towers53 },
	{ "gettabup53", gettabup53 },
	{ NULL, NULL },
};
