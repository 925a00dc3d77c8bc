/* SPDX-License-Identifier: MIT */
#include "lang.h"

#include <stdint.h>
#include <string.h>

const char lang_release[] = "Lua 5.1.4";

/* luaopen_base makes coroutine too. */
void lang_open(lua_State *L)
{
	static const luaL_Reg libs[] = {
		{ "", luaopen_base },
		{ LUA_STRLIBNAME, luaopen_string },
		{ LUA_TABLIBNAME, luaopen_table },
		{ LUA_MATHLIBNAME, luaopen_math },
		{ LUA_DBLIBNAME, luaopen_debug },
		{ NULL, NULL },
	};

	for (const luaL_Reg *lib = libs; lib->name; lib++) {
		lua_pushcfunction(L, lib->func);
		lua_pushstring(L, lib->name);
		lua_call(L, 1, 0);
	}
}

const bool lang_collects_first = true;
const size_t lang_longest_listed = SIZE_MAX;
const size_t lang_buckets = 32;
const int lang_attempts = 1;

size_t lang_printed(const char *s, size_t len)
{
	const char *nul = memchr(s, 0, len);
	return nul ? (size_t)(nul - s) : len;
}

void lang_collector(lua_State *L, bool always)
{
	/* Whole cycles, begun when there is a tenth more than after the last one. */
	lua_gc(L, LUA_GCSETPAUSE, always ? 0 : 110);
	lua_gc(L, LUA_GCSETSTEPMUL, 0);
	lua_gc(L, LUA_GCCOLLECT, 0);
}

/* The beginnings of lua_State and global_State, and TString, of Lua 5.1.x on 64-bit machines. */
struct string51 {
	struct string51 *next;
	uint8_t tt, marked, reserved;
	uint32_t hash;
	size_t len;
	char chars[];
};

struct global51 {
	struct string51 **hash;
	uint32_t nuse;
	int32_t size;
};

struct state51 {
	void *next;
	uint8_t tt, marked, status;
	void *top, *base;
	const struct global51 *global;
};

void lang_strings(lua_State *L, lang_visit *visit, void *ctx)
{
	const struct global51 *g = ((const struct state51 *)(const void *)L)->global;

	for (int32_t i = 0; i < g->size; i++)
		for (const struct string51 *s = g->hash[i]; s; s = s->next)
			visit(ctx, s->chars, s->len);
}

bool lang_layout_known(lua_State *L)
{
	const struct state51 *state = (const void *)L;
	const struct global51 *g = state->global;

	return sizeof(void *) == 8 && state->tt == LUA_TTHREAD && g->size >= 32 &&
	       g->size <= 1 << 16;
}
