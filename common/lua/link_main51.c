/* SPDX-License-Identifier: MIT */
#include "common/lua/link.h"

#include "common/lua/dialect.h"

/* Opcodes of 5.1. */
enum { LOADK = 1, NEWTABLE = 10, JMP = 22, EQ = 23, RETURN = 30, SETLIST = 34, CLOSURE = 36 };

/* FLUSH: items that one SETLIST stores. Registers: the name asked for, the answers, the items. */
enum { FLUSH = 50, SBX_ZERO = 131071, ASKED = 0, FIRST = 1, LIST = 2, ITEMS = 3 };

static void put_abc(struct buf *code, uint32_t op, uint32_t a, uint32_t b, uint32_t c)
{
	buf_u32(code, op | a << 6 | c << 14 | b << 23);
}

static void put_abx(struct buf *code, uint32_t op, uint32_t a, uint32_t bx)
{
	buf_u32(code, op | a << 6 | bx << 14);
}

/* A number as a "floating point byte" eeeeexxx, rounded up. */
static uint32_t to_fb(uint32_t x)
{
	uint32_t e = 0;

	for (; x >= 16; e++)
		x = (x + 1) >> 1;
	return x < 8 ? x : (e + 1) << 3 | (x - 8);
}

static void put_names(uint32_t n, struct buf *code)
{
	put_abc(code, NEWTABLE, LIST, to_fb(n), 0);
	for (uint32_t first = 0; first < n; first += FLUSH) {
		uint32_t count = n - first < FLUSH ? n - first : FLUSH;

		for (uint32_t i = 0; i < count; i++)
			put_abx(code, LOADK, ITEMS + i, first + i);
		put_abc(code, SETLIST, LIST, count, first / FLUSH + 1);
	}
}

void lua_link_main51(uint32_t n, struct buf *code, uint8_t *stack)
{
	for (uint32_t i = 0; i < n; i++) {
		put_abc(code, EQ, 0, ASKED, LUA_RK_BIT | i);
		put_abx(code, JMP, 0, SBX_ZERO + 2);
		put_abx(code, CLOSURE, FIRST, i);
		put_abc(code, RETURN, FIRST, 2, 0);
	}
	put_abx(code, LOADK, FIRST, n);
	put_names(n, code);
	put_abc(code, RETURN, FIRST, 3, 0);
	put_abc(code, RETURN, 0, 1, 0);
	*stack = (uint8_t)((n < FLUSH ? n : FLUSH) + ITEMS);
}
