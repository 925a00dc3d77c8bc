/* SPDX-License-Identifier: MIT */
/*
 * file: what works on names.
 */
#include <string.h>

#include "sim.h"

const char *mod_file_check_name(lua_State *L, int arg)
{
	size_t len;
	const char *name = luaL_checklstring(L, arg, &len), *base = strrchr(name, '/');

	base = base ? base + 1 : name;
	luaL_argcheck(L, strlen(base) <= FS_NAME && strlen(name) == len, arg, "filename invalid");
	return name;
}

static int list(lua_State *L)
{
	const struct fs *fs = &sim_of(L)->fs;
	const char *pattern = luaL_optstring(L, 1, NULL);

	lua_settop(L, 1);
	lua_newtable(L);
	for (size_t i = 0; i < FS_FILES; i++) {
		const struct fs_file *f = &fs->files[i];
		bool wanted = *f->name;

		if (wanted && pattern) {
			luaL_getmetafield(L, 1, "__index");
			lua_getfield(L, -1, "match");
			lua_pushstring(L, f->name);
			lua_pushvalue(L, 1);
			lua_call(L, 2, 1);
			wanted = !lua_isnil(L, -1);
			lua_settop(L, 2);
		}
		if (!wanted)
			continue;
		lua_pushinteger(L, (lua_Integer)f->bytes.len);
		lua_setfield(L, 2, f->name);
	}
	return 1;
}

static int exists(lua_State *L)
{
	lua_pushboolean(L, fs_find(&sim_of(L)->fs, mod_file_check_name(L, 1)) != NULL);
	return 1;
}

static int remove_file(lua_State *L)
{
	fs_remove(&sim_of(L)->fs, mod_file_check_name(L, 1));
	return 0;
}

static int rename_file(lua_State *L)
{
	lua_pushboolean(
		L, fs_rename(&sim_of(L)->fs, mod_file_check_name(L, 1), mod_file_check_name(L, 2)));
	return 1;
}

static int stat_file(lua_State *L)
{
	static const char *const flags[] = { "is_dir", "is_rdonly", "is_hidden", "is_sys",
					     "is_arch" };
	static const char *const times[] = { "year", "mon", "day", "hour", "min", "sec" };
	const struct fs_file *f = fs_find(&sim_of(L)->fs, mod_file_check_name(L, 1));

	if (!f) {
		lua_pushnil(L);
		return 1;
	}
	lua_createtable(L, 0, 8);
	lua_pushinteger(L, (lua_Integer)f->bytes.len);
	lua_setfield(L, -2, "size");
	lua_pushstring(L, f->name);
	lua_setfield(L, -2, "name");
	for (size_t i = 0; i < 5; i++) {
		lua_pushboolean(L, 0);
		lua_setfield(L, -2, flags[i]);
	}
	lua_createtable(L, 0, 6);
	for (size_t i = 0; i < 6; i++) {
		lua_pushinteger(L, i == 0 ? 1970 : i < 3);
		lua_setfield(L, -2, times[i]);
	}
	lua_setfield(L, -2, "time");
	return 1;
}

static int getcontents(lua_State *L)
{
	const struct fs_file *f = fs_find(&sim_of(L)->fs, mod_file_check_name(L, 1));

	if (!f)
		return 0;
	if (f->bytes.len) /* else nil, as at the end of a file */
		lua_pushlstring(L, (const char *)f->bytes.data, f->bytes.len);
	else
		lua_pushnil(L);
	return 1;
}

static int putcontents(lua_State *L)
{
	const char *name = mod_file_check_name(L, 1), *s;
	size_t len;

	s = luaL_checklstring(L, 2, &len);
	if (fs_store(&sim_of(L)->fs, name, s, len))
		lua_pushboolean(L, 1);
	else
		lua_pushnil(L);
	return 1;
}

static int fsinfo(lua_State *L)
{
	const struct fs *fs = &sim_of(L)->fs;
	size_t used = fs_used(fs);

	lua_pushinteger(L, (lua_Integer)(fs->total - used));
	lua_pushinteger(L, (lua_Integer)used);
	lua_pushinteger(L, (lua_Integer)fs->total);
	return 3;
}

static int format(lua_State *L)
{
	struct fs *fs = &sim_of(L)->fs;

	for (size_t i = 0; i < FS_FILES; i++)
		fs_remove(fs, fs->files[i].name);
	sim_uart(sim_of(L), "format done.\n", 13);
	return 0;
}

void mod_file_names_open(struct sim *sim, struct rom *rom)
{
	static const luaL_Reg functions[] = { { "list", list },
					      { "exists", exists },
					      { "remove", remove_file },
					      { "rename", rename_file },
					      { "stat", stat_file },
					      { "getcontents", getcontents },
					      { "putcontents", putcontents },
					      { "fsinfo", fsinfo },
					      { "format", format },
					      { NULL, NULL } };
	rom_set_functions(sim->L, &sim->roms, rom, functions);
}
