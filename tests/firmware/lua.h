/* SPDX-License-Identifier: MIT */
/*
 * As much of NodeMCU's Lua as a firmware that is never run needs: ROTables laid out as its headers
 * do it, in each of the four builds (LUA is 51 or 53, WIDE: 8-byte values), and its C functions.
 */
#ifndef LUA_H
#define LUA_H

#include <stddef.h>
#include <stdint.h>

typedef struct lua_State lua_State;
typedef int (*lua_CFunction)(lua_State *L);

#if LUA == 53
#define TAG_FUNCTION 0x16
#define TAG_INTEGER  0x13
#else
#define TAG_FUNCTION 0x26
#define TAG_INTEGER  0x03
#endif
#define TAG_NUMBER 0x03
#define TAG_TABLE  0x15
#define TAG_LIGHT  0x02

typedef union {
	const void *p;
#if LUA == 51 && WIDE
	double n;
	double i;
#elif LUA == 51
	int32_t n;
	int32_t i;
#elif WIDE
	double n;
	int64_t i;
#else
	float n;
	int32_t i;
#endif
} __attribute__((packed, aligned(4))) value;

typedef struct {
	const char *key;
	value v;
	uint32_t tag;
} entry;

typedef struct table {
	uint32_t next;
	uint8_t tag, marked, flags, count;
	const struct table *meta;
	const entry *entries;
} table;

_Static_assert(sizeof(entry) == (WIDE ? 16 : 12), "entry");
_Static_assert(sizeof(void *) != 4 || sizeof(table) == 16, "table");

#define TABLE(name) const table name##_ROTable
#define BEGIN(name) static const entry name##_entries[] = {
#define FUNC(k, f)  { #k, { .p = (const void *)(f) }, TAG_FUNCTION },
#define NUM(k, x)   { #k, { .n = x }, TAG_NUMBER },
#define INT(k, x)   { #k, { .i = x }, TAG_INTEGER },
#define SUB(k, t)   { #k, { .p = &t##_ROTable }, TAG_TABLE },
#define LIGHT(k, x) { #k, { .p = (const void *)(x) }, TAG_LIGHT },
#define END(name, m) \
	{ \
		NULL, { .p = NULL }, 0 \
	} \
	} \
	; \
	TABLE(name) = { 1, TAG_TABLE,     0, 0xff, sizeof(name##_entries) / sizeof(entry) - 1, \
			m, name##_entries };

#define IN(s) __attribute__((used, section(s)))
/* As module.h does it: an entry for each of the two vectors that the linker puts together. */
#define MODULE(cfg, name, map, open) \
	const IN(".lua_libs") \
		entry lua_lib_##cfg = { name, { .p = (const void *)(open) }, TAG_FUNCTION }; \
	const IN(".lua_rotable") \
		entry cfg##_module_selected = { name, { .p = &map##_ROTable }, TAG_TABLE };

void lua_pushlstring(lua_State *L, const char *s, size_t len);
void lua_pushstring(lua_State *L, const char *s);
void lua_pushinteger(lua_State *L, int n);
void lua_setfield(lua_State *L, int i, const char *k);
void lua_getfield(lua_State *L, int i, const char *k);
void lua_getglobal(lua_State *L, const char *k);
int luaL_error(lua_State *L, const char *format, ...) __attribute__((noinline));
int luaL_checkinteger(lua_State *L, int arg);
void *luaL_checkudata(lua_State *L, int arg, const char *name);
void luaL_rometatable(lua_State *L, const char *name, const table *t);

#if LUA == 53
#define lua_pushliteral(L, s) lua_pushstring(L, s)
#else
#define lua_pushliteral(L, s) lua_pushlstring(L, "" s, sizeof(s) - 1)
#endif

extern uint32_t volatile registers[];
#endif
