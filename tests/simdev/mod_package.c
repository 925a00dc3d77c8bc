/* SPDX-License-Identifier: MIT */
/*
 * package and require: applications put a loader for modules in LFS into package.loaders.
 */
#include "sim.h"

static int load_preload(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);

	lua_getglobal(L, "package");
	lua_getfield(L, -1, "preload");
	lua_getfield(L, -1, name);
	if (lua_isnil(L, -1))
		lua_pushfstring(L, "\n\tno field package.preload['%s']", name);
	return 1;
}

static int load_file(lua_State *L)
{
	static const char *const endings[] = { ".lc", ".lua" };
	const char *name = luaL_checkstring(L, 1);

	for (size_t i = 0; i < 2; i++) {
		const char *path = lua_pushfstring(L, "%s%s", name, endings[i]);

		if (!fs_find(&sim_of(L)->fs, path))
			continue;
		if (mod_base_load(L, path) == LUA_OK)
			return 1;
		return luaL_error(L, "error loading module '%s' from file '%s':\n\t%s", name, path,
				  lua_tostring(L, -1));
	}
	lua_pushfstring(L, "\n\tno file '%s.lc'\n\tno file '%s.lua'", name, name);
	return 1;
}

/* There are no libraries in C to be found. */
static int load_nothing(lua_State *L)
{
	(void)L;
	return 0;
}

/* Pushes the function that a loader has for the name at 1. */
static void find_loader(lua_State *L)
{
	int loaders, said;

	lua_getglobal(L, "package");
	lua_getfield(L, -1, "loaders");
	loaders = lua_gettop(L);
	if (!lua_istable(L, loaders))
		luaL_error(L, "'package.loaders' must be a table");
	lua_pushliteral(L, "");
	said = lua_gettop(L);
	for (int i = 1;; i++) {
		lua_rawgeti(L, loaders, i);
		if (lua_isnil(L, -1))
			luaL_error(L, "module '%s' not found:%s", lua_tostring(L, 1),
				   lua_tostring(L, said));
		lua_pushvalue(L, 1);
		lua_call(L, 1, 1);
		if (lua_isfunction(L, -1))
			return;
		if (lua_isstring(L, -1))
			lua_concat(L, 2);
		lua_settop(L, said);
	}
}

static int require(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);

	lua_settop(L, 1);
	lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
	lua_getfield(L, 2, name);
	if (lua_toboolean(L, -1))
		return 1;
	lua_getglobal(L, name); /* a module of the firmware */
	if (lua_istable(L, -1))
		return 1;
	find_loader(L);
	lua_pushvalue(L, 1);
	lua_call(L, 1, 1);
	if (!lua_isnil(L, -1))
		lua_setfield(L, 2, name);
	lua_settop(L, 2);
	lua_getfield(L, 2, name);
	if (lua_isnil(L, -1)) {
		lua_pushboolean(L, 1);
		lua_pushvalue(L, -1);
		lua_setfield(L, 2, name);
	}
	return 1;
}

void mod_package_open(struct sim *sim)
{
	static const lua_CFunction loaders[] = { load_preload, load_file, load_nothing,
						 load_nothing };
	lua_State *L = sim->L;

	lua_newtable(L);
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_setfield(L, LUA_REGISTRYINDEX, "_LOADED");
	lua_setfield(L, -2, "loaded");
	lua_newtable(L);
	lua_setfield(L, -2, "preload");
	lua_newtable(L);
	for (int i = 0; i < 4; i++) {
		lua_pushcfunction(L, loaders[i]);
		lua_rawseti(L, -2, i + 1);
	}
	if (LUA_VERSION_NUM == 503) {
		lua_pushvalue(L, -1);
		lua_setfield(L, -3, "searchers");
	}
	lua_setfield(L, -2, "loaders");
	lua_pushliteral(L, "?.lc;?.lua");
	lua_setfield(L, -2, "path");
	lua_setglobal(L, "package");
	lua_pushcfunction(L, require);
	lua_setglobal(L, "require");
}
