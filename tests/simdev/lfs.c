/* SPDX-License-Identifier: MIT */
#include "lfs.h"

#include <string.h>

#include "sim.h"

void lfs_free(struct lfs *lfs)
{
	image_free(lfs->image);
	lfs->image = NULL;
	region_close(&lfs->region);
}

/* What cannot be read by a decoder crashes the device. */
static void check_readable(lua_State *L)
{
	struct sim *sim = sim_of(L);

	if (!sim->lfs.there || sim->lfs.image)
		return;
	sim_restart(sim, SIM_WATCHDOG);
	luaL_error(L, "restarting");
}

/* Sorts the array on top as the firmware does, by the script's own table.sort. */
static void sort_top(lua_State *L)
{
	lua_getglobal(L, "table");
	lua_getfield(L, -1, "sort");
	lua_remove(L, -2);
	lua_pushvalue(L, -2);
	lua_call(L, 1, 0);
}

static int list(lua_State *L)
{
	const struct lua_image *img = sim_of(L)->lfs.image;
	uint32_t n = image_modules(img);

	check_readable(L);
	if (!img)
		return 0;
	lua_createtable(L, (int)n, 0);
	for (uint32_t i = 0; i < n; i++) {
		size_t len;
		const char *name = image_module(img, i, &len);
		lua_pushlstring(L, name, len);
		lua_rawseti(L, -2, (int)i + 1);
	}
	sort_top(L);
	return 1;
}

static int get(lua_State *L)
{
	struct sim *sim = sim_of(L);
	const struct lua_image *img = sim->lfs.image;
	size_t len, l;
	const char *name = luaL_checklstring(L, 1, &len);

	check_readable(L);
	for (uint32_t i = 0; i < image_modules(img); i++) {
		const char *s = image_module(img, i, &l);
		if (l == len && !memcmp(s, name, len)) {
			lfs_push_function(sim, i);
			return 1;
		}
	}
	lua_pushnil(L);
	return 1;
}

bool lfs_is_old(const struct sim *sim)
{
	return sim->roms.hidden && rom_names(sim->roms.hidden, "node.LFS");
}

/* Before node.LFS this told all: without a module of that name, time, addresses, size and list. */
int lfs_index(lua_State *L)
{
	const struct sim *sim = sim_of(L);
	int64_t seconds;

	if (!lfs_is_old(sim))
		return get(L);
	lua_settop(L, 1);
	if (lua_isstring(L, 1) && get(L) && lua_isfunction(L, -1))
		return 1;
	if (!sim->lfs.image)
		return 0;
	image_time(sim->lfs.image, &seconds);
	lua_pushinteger(L, (lua_Integer)seconds);
	lua_pushinteger(L, LFS_MAPPED);
	lua_pushinteger(L, LFS_BASE);
	lua_pushinteger(L, image_size(sim->lfs.image));
	return 4 + list(L);
}

int lfs_config(lua_State *L)
{
	lua_createtable(L, 0, 4);
	lua_pushinteger(L, LFS_MAPPED);
	lua_setfield(L, -2, "lfs_mapped");
	lua_pushinteger(L, LFS_BASE);
	lua_setfield(L, -2, "lfs_base");
	lua_pushinteger(L, sim_of(L)->config->lfs_size);
	lua_setfield(L, -2, "lfs_size");
	lua_pushinteger(L, image_size(sim_of(L)->lfs.image));
	lua_setfield(L, -2, "lfs_used");
	return 1;
}

/* node.LFS.NAME: what is no function of it is a module. */
static int field(lua_State *L)
{
	const char *name;
	int64_t seconds;

	lua_remove(L, 1);
	name = lua_tostring(L, 1);
	if (!name)
		lua_pushnil(L);
	else if (!strcmp(name, "config"))
		lfs_config(L);
	else if (strcmp(name, "time"))
		get(L);
	else if (image_time(sim_of(L)->lfs.image, &seconds) || LUA_VERSION_NUM == 503)
		lua_pushinteger(L, (lua_Integer)seconds); /* 5.3 without an image: 0 */
	else
		lua_pushnil(L);
	return 1;
}

void lfs_open(struct sim *sim)
{
	static const luaL_Reg functions[] = {
		{ "list", list }, { "get", get }, { "reload", lfs_reload }, { NULL, NULL }
	};
	struct rom *rom = rom_new(sim->L, &sim->roms, "LFS");

	rom_set_functions(sim->L, &sim->roms, rom, functions);
	lua_pushcfunction(sim->L, field);
	rom_set_other(sim->L, &sim->roms, rom);
	rom_push(sim->L, rom);
}

void lfs_push_strings(struct sim *sim)
{
	const struct lua_image *img = sim->lfs.image;
	lua_State *L = sim->L;

	if (!img) {
		lua_pushnil(L);
		return;
	}
	lua_newtable(L);
	for (uint32_t i = 0, n = 0; i < image_strings(img); i++) {
		size_t len;
		const char *s = image_string(img, i, &len);
		if (len > lang_longest_listed)
			continue;
		lua_pushlstring(L, s, len);
		lua_rawseti(L, -2, (int)++n);
	}
	sort_top(L);
}
