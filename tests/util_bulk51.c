/* SPDX-License-Identifier: MIT */
#include "tests/util_bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/model.h"
#include "tests/util_gzip.h"

enum { FLASH = 8 << 20, BASE = 0x40296000, SIGNATURE = (int)0xfafaa153 };

/* Lua 5.1, absolute, integers. All strings are in one bucket. */

struct image51 {
	struct buf b;
	uint32_t last, nstrings;
};

struct proto51 {
	uint32_t k, nk, code, ncode, p, np, source;
	uint8_t nups;
};

static void patch(struct buf *b, size_t off, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		b->data[off + i] = (uint8_t)(value >> 8 * i);
}

static void zeros(struct buf *b, size_t n)
{
	uint8_t *p = buf_extend(b, n);

	if (!p)
		abort();
	memset(p, 0, n);
}

static uint32_t address(uint32_t off)
{
	return off ? off + BASE : 0;
}

static struct image51 image51_begin(void)
{
	struct image51 i = { 0 };

	zeros(&i.b, FLASH);
	i.b.len = 0;
	zeros(&i.b, 36);
	return i;
}

static uint32_t put_string(struct image51 *i, const char *text, uint32_t len)
{
	uint32_t off = (uint32_t)i->b.len;

	buf_u32(&i->b, address(i->last));
	buf_u32(&i->b, 4 | 0x40 << 8);
	buf_u32(&i->b, lua_hash51((const uint8_t *)text, len));
	buf_u32(&i->b, len);
	buf_put(&i->b, text, len);
	zeros(&i->b, 4 - len % 4);
	i->last = off;
	i->nstrings++;
	return off;
}

static uint32_t put_number(struct image51 *i, uint32_t number)
{
	char text[12];

	return put_string(i, text, (uint32_t)snprintf(text, sizeof(text), "%x", (unsigned)number));
}

/* A long text of letters. */
static uint32_t put_long(struct image51 *i, uint32_t len)
{
	char *text = malloc(len);
	uint32_t off;

	if (!text)
		abort();
	memset(text, 'x', len);
	text[0] = '@';
	off = put_string(i, text, len);
	free(text);
	return off;
}

static uint32_t put_proto(struct image51 *i, struct proto51 p)
{
	uint32_t off = (uint32_t)i->b.len;
	const uint32_t words[] = { 0,
				   0,
				   address(p.k),
				   address(p.code),
				   address(p.p),
				   0,
				   0,
				   0,
				   address(p.source),
				   0,
				   p.nk,
				   p.ncode,
				   p.np,
				   0,
				   1,
				   1,
				   0,
				   p.nups | 2u << 24 };

	for (unsigned w = 0; w < sizeof(words) / sizeof(words[0]); w++)
		buf_u32(&i->b, words[w]);
	return off;
}

static uint32_t put_words(struct image51 *i, uint32_t n, uint32_t word)
{
	uint32_t off = (uint32_t)i->b.len;

	while (n-- > 0)
		buf_u32(&i->b, word);
	return off;
}

static uint32_t put_constants(struct image51 *i, uint32_t n, uint32_t value, uint32_t tag)
{
	uint32_t off = (uint32_t)i->b.len;

	while (n-- > 0) {
		buf_u32(&i->b, value);
		buf_u32(&i->b, tag);
	}
	return off;
}

/* A main prototype with one module, whose name is the first string. */
static struct buf image51_end(struct image51 *i, uint32_t module)
{
	uint32_t k = put_constants(i, 1, address(36), 4);
	uint32_t main, p;

	put_constants(i, 1, 0x60000000, 3);
	p = put_words(i, 1, address(module));
	main = put_proto(i, (struct proto51){ .k = k, .nk = 2, .p = p, .np = 1 });
	patch(&i->b, 0, (uint32_t)SIGNATURE);
	patch(&i->b, 4, (uint32_t)i->b.len);
	patch(&i->b, 8, address(main));
	patch(&i->b, 12, address(32));
	patch(&i->b, 16, i->nstrings);
	patch(&i->b, 20, 1);
	patch(&i->b, 32, address(i->last));
	return i->b;
}

/* Bytes left when so many are kept for what is still to come. */
static uint32_t room(const struct image51 *i, uint32_t keep)
{
	return (uint32_t)(FLASH - i->b.len) - keep - 200;
}

static struct buf strings51(void)
{
	struct image51 i = image51_begin();

	while (room(&i, 100) < FLASH)
		put_number(&i, i.nstrings & 0xfff);
	return image51_end(&i, put_proto(&i, (struct proto51){ 0 }));
}

/* All of them in one bucket, and each used by one constant. */
static struct buf used51(void)
{
	struct image51 i = image51_begin();
	uint32_t n = FLASH / 28 - 100;
	uint32_t k;

	for (uint32_t s = 0; s < n; s++)
		put_number(&i, s & 0xfff);
	k = (uint32_t)i.b.len;
	for (uint32_t s = 0; s < n; s++)
		put_constants(&i, 1, address(36 + 20 * s), 4);
	return image51_end(&i, put_proto(&i, (struct proto51){ .k = k, .nk = n }));
}

/* So many prototypes alike; returns where the vector that lists them begins. */
static uint32_t put_children(struct image51 *i, uint32_t n, struct proto51 child)
{
	uint32_t first = (uint32_t)i->b.len;
	uint32_t vector;

	for (uint32_t c = 0; c < n; c++)
		put_proto(i, child);
	vector = (uint32_t)i->b.len;
	for (uint32_t c = 0; c < n; c++)
		put_words(i, 1, address(first + 72 * c));
	return vector;
}

/* Prototypes of nothing, as children of one. */
static struct buf protos51(void)
{
	struct image51 i = image51_begin();
	uint32_t n = FLASH / 76 - 10;
	struct proto51 child = { .source = put_long(&i, 9) };
	uint32_t p = put_children(&i, n, child);

	return image51_end(&i, put_proto(&i, (struct proto51){ .p = p, .np = n }));
}

/* The same as modules, named by one string. */
static struct buf modules51(void)
{
	struct image51 i = image51_begin();
	uint32_t n = FLASH / 84 - 10;
	uint32_t name = put_long(&i, 9);
	struct proto51 m = { .np = n, .nk = n + 1 };
	uint32_t main;

	m.p = put_children(&i, n, (struct proto51){ 0 });
	m.k = put_constants(&i, n, address(name), 4);
	put_constants(&i, 1, 0x60000000, 3);
	main = put_proto(&i, m);
	image51_end(&i, 0);
	patch(&i.b, 8, address(main));
	return i.b;
}

/* Many prototypes with one vector of code and one of constants. */
static struct buf shared51(void)
{
	struct image51 i = image51_begin();
	uint32_t name = put_long(&i, 9);
	uint32_t n = 1000;
	struct proto51 child = { .nk = 100000, .ncode = 200000 };
	uint32_t p;

	child.k = put_constants(&i, child.nk, address(name), 4);
	child.code = put_words(&i, child.ncode, 1);
	p = put_children(&i, n, child);
	return image51_end(&i, put_proto(&i, (struct proto51){ .p = p, .np = n }));
}

/* A function that consists of one instruction, again and again, with a child. */
static struct buf code51(uint32_t word, uint32_t text_len)
{
	struct image51 i = image51_begin();
	uint32_t text = put_long(&i, text_len);
	struct proto51 f = { .nk = 1, .np = 1, .nups = 1 };
	uint32_t child = put_proto(&i, (struct proto51){ .nups = 1 });

	f.k = put_constants(&i, 1, address(text), 4);
	f.p = put_words(&i, 1, address(child));
	f.ncode = room(&i, 300) / 4;
	f.code = put_words(&i, f.ncode, word);
	return image51_end(&i, put_proto(&i, f));
}

static struct buf loadk51(void)
{
	return code51(1, 5);
}

static struct buf getglobal51(void)
{
	return code51(5, 5);
}

/* GETTABLE R(0) R(0) K(0): longer and longer paths. */
static struct buf gettable51(void)
{
	return code51(6 | 256u << 14, 5);
}

/* SETGLOBAL and a closure's assignments are like these; EQ K(0) K(0) jumps everywhere. */
static struct buf eq51(void)
{
	return code51(23 | 256u << 14 | 256u << 23, 5);
}

/* LOADNIL of all registers. */
static struct buf loadnil51(void)
{
	return code51(3 | 255u << 23, 5);
}

static struct buf closure51(void)
{
	return code51(36, 5);
}

/* Every instruction mentions a text of half the image. */
static struct buf long_loadk51(void)
{
	return code51(1, FLASH / 2);
}

/* As much as is mentioned without a cut. */
static struct buf text_loadk51(void)
{
	return code51(1, 30);
}

/* Every prototype names a source of half the image. */
static struct buf long_source51(void)
{
	struct image51 i = image51_begin();
	struct proto51 child = { .source = put_long(&i, FLASH / 2) };
	uint32_t n = room(&i, 200) / 76;
	uint32_t p = put_children(&i, n, child);

	return image51_end(&i, put_proto(&i, (struct proto51){ .p = p, .np = n }));
}

/* Noise that gzip does not make smaller, behind a sound header. */
static struct buf noise51(void)
{
	struct image51 i = image51_begin();
	struct buf out = { 0 };
	uint32_t x = 1;

	put_number(&i, 1);
	image51_end(&i, put_proto(&i, (struct proto51){ 0 }));
	patch(&i.b, 0, 0xfafaa152);
	patch(&i.b, 4, FLASH);
	while (i.b.len < 16 << 20) {
		x = x * 1664525 + 1013904223;
		buf_u32(&i.b, x ^ x >> 16);
	}
	i.b.len = (16 << 20) - 4000;
	gzip_wrap(i.b.data, i.b.len, 0, &out);
	buf_free(&i.b);
	return out;
}

/* A chunk of Lua 5.1 up to its n constants, and what comes behind them. */
static void begin_chunk(struct buf *b, uint32_t n)
{
	buf_put(b, "\033LuaQ\0\1\4\4\4\4\1", 12);
	zeros(b, 4 + 8 + 4 + 4);
	buf_u32(b, n);
}

static void end_chunk(struct buf *b)
{
	buf_u32(b, 0);
	buf_u32(b, 0);
	zeros(b, -b->len & 3);
	buf_u32(b, 0);
	buf_u32(b, 0);
}

/* As many different constants as there is room for. */
static struct buf chunk51(void)
{
	struct buf b = { 0 };
	uint32_t n = FLASH / 28 - 100;
	char text[12];

	begin_chunk(&b, n);
	for (uint32_t i = 0; i < n; i++) {
		int len = snprintf(text, sizeof(text), "%u", (unsigned)i);

		buf_byte(&b, 4);
		buf_u32(&b, (uint32_t)len + 1);
		buf_put(&b, text, (size_t)len + 1);
	}
	end_chunk(&b);
	return b;
}

/* One string as long as can be, each byte of which is four on a terminal. */
static struct buf controls51(void)
{
	struct buf b = { 0 };
	uint32_t n = FLASH - 2000;

	begin_chunk(&b, 1);
	buf_byte(&b, 4);
	buf_u32(&b, n + 1);
	memset(buf_extend(&b, n), 1, n);
	buf_byte(&b, 0);
	end_chunk(&b);
	return b;
}

const struct bulk_kind bulk_kinds51[] = {
	{ "strings51", strings51 },
	{ "used51", used51 },
	{ "protos51", protos51 },
	{ "modules51", modules51 },
	{ "shared51", shared51 },
	{ "loadk51", loadk51 },
	{ "getglobal51", getglobal51 },
	{ "gettable51", gettable51 },
	{ "eq51", eq51 },
	{ "loadnil51", loadnil51 },
	{ "closure51", closure51 },
	{ "long_loadk51", long_loadk51 },
	{ "text_loadk51", text_loadk51 },
	{ "long_source51", long_source51 },
	{ "noise51", noise51 },
	{ "chunk51", chunk51 },
	{ "controls51", controls51 },
	{ NULL, NULL },
};
