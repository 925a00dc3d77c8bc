/* SPDX-License-Identifier: MIT */
/*
 * A chunk of Lua 5.3: header 33 bytes, count of upvalues 1 byte; function: source, lines 2 ints,
 * 3 bytes, code, constants, upvalues (2 bytes), functions, line info, locals (name, 2 ints), names of
 * upvalues. A string: length + 1 in a byte, or ff and a size_t; 0 for none; bytes.
 */
#include "strip.h"
#include "lang.h"

static void string(struct strip *s)
{
	size_t n = strip_byte(s);

	if (n == 0xff)
		n = strip_size(s);
	if (n > 0)
		strip_bytes(s, n - 1);
}

/* The low bits are the type, the others a variant of it. */
static void constant(struct strip *s)
{
	switch (strip_byte(s) & 15) {
	case LUA_TNIL: break;
	case LUA_TBOOLEAN: strip_byte(s); break;
	case LUA_TNUMBER: strip_bytes(s, 8); break;
	case LUA_TSTRING: string(s); break;
	default: s->failed = true;
	}
}

static void function(struct strip *s)
{
	uint32_t n;

	string(s);
	strip_bytes(s, 11);
	strip_bytes(s, (size_t)strip_int(s) * 4);
	for (n = strip_int(s); n > 0 && !s->failed; n--)
		constant(s);
	strip_bytes(s, (size_t)strip_int(s) * 2);
	for (n = strip_int(s); n > 0 && !s->failed; n--)
		function(s);
	strip_bytes(s, (size_t)strip_int(s) * 4);
	for (n = strip_none(s); n > 0 && !s->failed; n--) {
		string(s);
		strip_bytes(s, 8);
	}
	for (n = strip_none(s); n > 0 && !s->failed; n--)
		string(s);
	s->dropping = false;
}

static int writer(lua_State *L, const void *p, size_t n, void *ud)
{
	(void)L;
	buf_put(ud, p, n);
	return ((struct buf *)ud)->failed;
}

void lang_strip(lua_State *L)
{
	struct buf whole = { 0 }, out = { 0 };
	struct strip s = { .out = &out };

	if (lua_dump(L, writer, &whole, 0) == 0) {
		s.p = whole.data;
		s.left = whole.len;
		strip_bytes(&s, 34);
		function(&s);
		if (!s.failed)
			lang_replace(L, (const char *)out.data, out.len, "=stdin");
	}
	buf_free(&whole);
	buf_free(&out);
}
