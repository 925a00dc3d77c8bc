/* SPDX-License-Identifier: MIT */
/*
 * string.dump: a chunk of the device's own format, of a function in flash as well as of one in RAM.
 */
#include "sim.h"
#include "stock.h"

/* The second argument: true and false, or a level; without one, the build's default. */
static int strip_level(lua_State *L)
{
	lua_Integer level;

	if (lua_type(L, 2) == LUA_TBOOLEAN)
		return lua_toboolean(L, 2) ? 2 : 0;
	if (lua_isnoneornil(L, 2))
		return 1;
	level = lua_tointeger(L, 2);
	luaL_argcheck(L, level >= 0 && level < 3, 2, "strip out of range");
	return (int)level;
}

/* The bytes are put together on the heap, as the firmware does it, which may fail. */
static int dump(lua_State *L)
{
	struct sim *sim = sim_of(L);
	struct buf stock = { 0 }, *out = &sim->scratch;
	int strip = strip_level(L);
	luaL_Buffer b;
	bool ok;

	luaL_checktype(L, 1, LUA_TFUNCTION);
	lua_settop(L, 1);
	out->len = 0;
	ok = !sim->faults.of[FAULT_DUMP].on && lang_dump(L, &stock) &&
	     stock_to_device(sim->config->variant, stock.data, stock.len, strip, out);
	buf_free(&stock);
	if (!ok)
		return luaL_error(L, "unable to dump given function");
	luaL_buffinit(L, &b);
	luaL_addlstring(&b, (const char *)out->data, out->len);
	luaL_pushresult(&b);
	return 1;
}

void mod_string_open(struct sim *sim)
{
	static const luaL_Reg functions[] = { { "dump", dump }, { NULL, NULL } };

	modules_add(sim, "string", functions);
}
