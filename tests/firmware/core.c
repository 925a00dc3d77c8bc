/* SPDX-License-Identifier: MIT */
/* The core: start, the calls that modules make, the base library. */
#include "lua.h"

uint32_t volatile registers[64];
uint32_t heap_size = 0x8000;
static char console[2048];
extern const entry lua_libs_base[], lua_rotable_base[];

#if LUA == 53
const char luaH_getint[] = "table";
#define RELEASE "Lua 5.3.5"
#else
#define RELEASE "Lua 5.1.4"
#endif
#if LUA == 51 && !WIDE
#define KIND "integer"
#elif LUA == 53 && WIDE
#define KIND "double"
#else
#define KIND "float"
#endif

const char SDK_VERSION[] = "3.0.1-dev(fce080e)";
static const char banner[] = "NodeMCU 3.0.0.0 \n"
			     "\tbranch: release\n"
			     "\tcommit: 0123456789abcdef0123456789abcdef01234567\n"
			     "\trelease: 3.0.0-release_20240225 +1\n"
			     "\trelease DTS: 202402250804\n"
			     "\tSSL: false\n"
			     "\tbuild type: " KIND "\n"
			     "\tLFS: 0x40000 bytes total capacity\n"
			     "\tmodules: gpio,mqtt,net\n"
			     " build 2026-11-22 21:43 powered by " RELEASE " on SDK %s\n";

static void put(const char *s, size_t n)
{
	for (size_t i = 0; i < n && i < sizeof(console); i++)
		console[i] = s[i];
	registers[n & 63] = n;
}

void lua_pushlstring(lua_State *L, const char *s, size_t len)
{
	put(s, len + (L != NULL));
}

void lua_pushstring(lua_State *L, const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	lua_pushlstring(L, s, n);
}

void lua_pushinteger(lua_State *L, int n)
{
	registers[(uintptr_t)L & 63] = (uint32_t)n;
}

void lua_setfield(lua_State *L, int i, const char *k)
{
	lua_pushstring(L, k);
	registers[1] = (uint32_t)i;
}

void lua_getfield(lua_State *L, int i, const char *k)
{
	lua_pushstring(L, k);
	registers[2] = (uint32_t)i;
}

void lua_getglobal(lua_State *L, const char *k)
{
	lua_getfield(L, -10002, k);
}

int luaL_error(lua_State *L, const char *format, ...)
{
	lua_pushstring(L, format);
	return (int)registers[3];
}

int luaL_checkinteger(lua_State *L, int arg)
{
	if (!registers[arg & 63])
		return luaL_error(L, "number expected, got %s", "nil");
	return (int)registers[arg & 63];
}

void *luaL_checkudata(lua_State *L, int arg, const char *name)
{
	lua_getfield(L, arg, name);
	return (void *)(uintptr_t)registers[4];
}

void luaL_rometatable(lua_State *L, const char *name, const table *t)
{
	lua_pushstring(L, name);
	registers[5] = (uint32_t)(uintptr_t)t;
}

static int base_print(lua_State *L)
{
	lua_getglobal(L, "tostring");
	return luaL_checkinteger(L, 1);
}

static int base_tostring(lua_State *L)
{
	lua_pushliteral(L, "true");
	lua_pushliteral(L, "false");
	return 1;
}

int luaopen_base(lua_State *L)
{
	lua_pushliteral(L, "Lua");
	lua_setfield(L, -10002, "_VERSION");
	return 1;
}

const IN(".lua_rotable.base") entry base_func_entries[] = { FUNC(print, base_print)
								    FUNC(tostring, base_tostring) };
const IN(".lua_libs.base") entry lua_lib_base = { "_G",
						  { .p = (const void *)luaopen_base },
						  TAG_FUNCTION };

/* As in NodeMCU, the table called ROM is in RAM; what it is to hold is lua_rotable_base. */
table rotables_ROTable;
const IN(".lua_rotable.base2") entry rom_entry = { "ROM", { .p = &rotables_ROTable }, TAG_TABLE };

IN(".entry.text") void call_user_start(void)
{
	for (const entry *e = lua_libs_base; e->key; e++)
		if (e->v.p)
			((lua_CFunction)(uintptr_t)e->v.p)((lua_State *)console);
	put(banner, sizeof(banner) + sizeof(SDK_VERSION));
	rotables_ROTable.entries = lua_rotable_base;
	for (;;)
		registers[0] = heap_size;
}
