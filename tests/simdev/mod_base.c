/* SPDX-License-Identifier: MIT */
/*
 * Functions of the language's own libraries that are others on the device: they print to the
 * console, load from its files and list its strings.
 */
#include <string.h>

#include "sim.h"
#include "stock.h"

static int print(lua_State *L)
{
	struct sim *sim = sim_of(L);
	int n = lua_gettop(L);

	lua_getglobal(L, "tostring");
	for (int i = 1; i <= n; i++) {
		const char *s;
		size_t len;

		lua_pushvalue(L, -1);
		lua_pushvalue(L, i);
		lua_call(L, 1, 1);
		s = lua_tolstring(L, -1, &len);
		if (!s)
			return luaL_error(L, "'tostring' must return a string to 'print'");
		if (i > 1)
			sim_print(sim, "\t", 1);
		sim_print(sim, s, lang_printed(s, len));
		lua_pop(L, 1);
	}
	sim_print(sim, "\n", 1);
	return 0;
}

int mod_base_load(lua_State *L, const char *name)
{
	const struct fs_file *f = fs_find(&sim_of(L)->fs, name);
	const struct buf *text = f ? &f->bytes : NULL;
	struct buf chunk = { 0 };
	int status;

	if (!f) {
		lua_pushfstring(L, "cannot open %s", name);
		return LUA_ERRERR;
	}
	if (text->len > 0 && *text->data == LUA_SIGNATURE[0] &&
	    stock_from_device(text->data, text->len, &chunk))
		text = &chunk;
	lua_pushfstring(L, "@%s", name);
	status = luaL_loadbuffer(L, (const char *)text->data, text->len, lua_tostring(L, -1));
	lua_remove(L, -2);
	buf_free(&chunk);
	return status;
}

static int loadfile(lua_State *L)
{
	if (mod_base_load(L, luaL_checkstring(L, 1)) == LUA_OK)
		return 1;
	lua_pushnil(L);
	lua_insert(L, -2);
	return 2;
}

static int dofile(lua_State *L)
{
	int n = lua_gettop(L);

	if (mod_base_load(L, luaL_checkstring(L, 1)) != LUA_OK)
		return lua_error(L);
	lua_call(L, 0, LUA_MULTRET);
	return lua_gettop(L) - n;
}

/*
 * As the firmware does it: first the array, of the size that the table has, then the strings, which
 * are there already. Nothing else is allocated.
 */
static void push_ram(struct sim *sim)
{
	const struct fault_state *oom = &sim->faults.of[FAULT_OOM];
	struct table t = { 0 };
	uint32_t count;

	sim_strings(sim, &t);
	count = t.count;
	table_free(&t);
	if (oom->on && count > oom->n)
		sim->heap.failures = lang_attempts;
	lua_createtable(sim->L, (int)count, 0);
	sim_strings(sim, &t);
	table_fill(&t, sim->L);
	table_free(&t);
}

static int getstrings(lua_State *L)
{
	static const char *const kinds[] = { "RAM", "ROM", NULL };
	struct sim *sim = sim_of(L);

	if (luaL_checkoption(L, 1, "RAM", kinds) == 1) {
		lfs_push_strings(sim);
		return 1;
	}
	if (lang_collects_first)
		lua_gc(L, LUA_GCCOLLECT, 0);
	push_ram(sim);
	return 1;
}

void mod_base_open(struct sim *sim)
{
	static const luaL_Reg functions[] = {
		{ "print", print }, { "loadfile", loadfile }, { "dofile", dofile }, { NULL, NULL }
	};
	static const luaL_Reg of_debug[] = { { "getstrings", getstrings }, { NULL, NULL } };
	lua_State *L = sim->L;

	rom_set_functions(L, &sim->roms, &sim->roms.tables[0], functions);
	modules_add(sim, "debug", of_debug);
	lua_pushcfunction(L, rom_pairs);
	lua_setglobal(L, "pairs");
}
