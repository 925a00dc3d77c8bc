/* SPDX-License-Identifier: MIT */
#include "lang.h"

#include <stdint.h>
#include <string.h>

const char lang_release[] = "Lua 5.3.6";

void lang_open(lua_State *L)
{
	static const luaL_Reg libs[] = {
		{ "_G", luaopen_base },
		{ LUA_COLIBNAME, luaopen_coroutine },
		{ LUA_STRLIBNAME, luaopen_string },
		{ LUA_TABLIBNAME, luaopen_table },
		{ LUA_MATHLIBNAME, luaopen_math },
		{ LUA_UTF8LIBNAME, luaopen_utf8 },
		{ LUA_DBLIBNAME, luaopen_debug },
		{ NULL, NULL },
	};

	for (const luaL_Reg *lib = libs; lib->name; lib++) {
		luaL_requiref(L, lib->name, lib->func, 1);
		lua_pop(L, 1);
	}
}

const bool lang_collects_first = false;
const size_t lang_longest_listed = 40;
const size_t lang_buckets = 128;
const int lang_attempts = 2;

size_t lang_printed(const char *s, size_t len)
{
	(void)s;
	return len;
}

void lang_collector(lua_State *L, bool always)
{
	lua_gc(L, LUA_GCSETPAUSE, always ? 100 : 200);
	lua_gc(L, LUA_GCSETSTEPMUL, always ? 1000 : 200);
	lua_gc(L, LUA_GCCOLLECT, 0);
}

/* The beginnings of lua_State and global_State, and TString, of Lua 5.3.x on 64-bit machines. */
struct string53 {
	void *next;
	uint8_t tt, marked, extra, shrlen;
	uint32_t hash;
	struct string53 *hnext;
	char chars[];
};

struct global53 {
	void *frealloc, *ud;
	size_t totalbytes, debt, traversed, estimate;
	struct string53 **hash;
	int32_t nuse, size;
};

struct state53 {
	void *next;
	uint8_t tt, marked;
	uint16_t nci;
	uint8_t status;
	void *top;
	const struct global53 *global;
};

void lang_strings(lua_State *L, lang_visit *visit, void *ctx)
{
	const struct global53 *g = ((const struct state53 *)(const void *)L)->global;

	for (int32_t i = 0; i < g->size; i++)
		for (const struct string53 *s = g->hash[i]; s; s = s->hnext)
			visit(ctx, s->chars, s->shrlen);
}

bool lang_layout_known(lua_State *L)
{
	const struct state53 *state = (const void *)L;
	const struct global53 *g = state->global;

	return sizeof(void *) == 8 && state->tt == LUA_TTHREAD && g->size >= 32 &&
	       g->size <= 1 << 16;
}
