/* SPDX-License-Identifier: MIT */
/*
 * Functions of the image in the interpreter. On the device they stay in flash and are no burden to
 * the heap; here each is compiled in once, before the heap is measured, and held for good.
 */
#include <string.h>

#include "sim.h"
#include "stock.h"

static const char functions_key, strings_key;

/* A string of the table in flash; longer ones are none in 5.3. */
static const char *listed(const struct lua_image *img, uint32_t i, size_t *len)
{
	const char *s = image_string(img, i, len);

	return *len > lang_longest_listed ? NULL : s;
}

static void hold_strings(struct sim *sim)
{
	const struct lua_image *img = sim->lfs.image;
	lua_State *L = sim->L;

	lua_pushlightuserdata(L, (void *)&strings_key);
	lua_createtable(L, (int)image_strings(img), 0);
	for (uint32_t i = 0; i < image_strings(img); i++) {
		size_t len;
		const char *s = listed(img, i, &len);

		if (!s)
			continue;
		lua_pushlstring(L, s, len);
		lua_rawseti(L, -2, (int)i + 1);
	}
	lua_rawset(L, LUA_REGISTRYINDEX);
}

void lfs_load_functions(struct sim *sim)
{
	const struct lua_image *img = sim->lfs.image;
	lua_State *L = sim->L;

	hold_strings(sim);
	lua_pushlightuserdata(L, (void *)&functions_key);
	lua_newtable(L);
	for (uint32_t i = 0; sim->lfs.sound && i < image_modules(img); i++) {
		struct buf chunk = { 0 };

		if (stock_put_maker(img, i, &chunk) &&
		    luaL_loadbuffer(L, (const char *)chunk.data, chunk.len, "=LFS") == LUA_OK)
			lua_rawseti(L, -2, (int)i + 1);
		lua_settop(L, 2);
		buf_free(&chunk);
	}
	lua_rawset(L, LUA_REGISTRYINDEX);
	lua_settop(L, 0);
}

/* What becomes of a device that runs instructions that are none. */
static int crash(lua_State *L)
{
	sim_restart(sim_of(L), SIM_WATCHDOG);
	return luaL_error(L, "restarting");
}

void lfs_push_function(struct sim *sim, uint32_t module)
{
	lua_State *L = sim->L;

	lua_pushlightuserdata(L, (void *)&functions_key);
	lua_rawget(L, LUA_REGISTRYINDEX);
	lua_rawgeti(L, -1, (int)module + 1);
	lua_remove(L, -2);
	if (lua_isfunction(L, -1)) {
		lua_call(L, 0, 1);
	} else {
		lua_pop(L, 1);
		lua_pushcfunction(L, crash);
	}
}

bool lfs_has_string(const struct lfs *lfs, const char *s, size_t len)
{
	for (uint32_t i = 0; i < image_strings(lfs->image); i++) {
		size_t l;
		const char *other = listed(lfs->image, i, &l);

		if (other && l == len && !memcmp(other, s, len))
			return true;
	}
	return false;
}
