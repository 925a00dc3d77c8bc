/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim.h"

static int setup(lua_State *L)
{
	struct sim *sim = sim_of(L);
	lua_Integer baud = luaL_checkinteger(L, 2);

	luaL_argcheck(L, luaL_checkinteger(L, 1) == 0, 1, "no such UART here");
	luaL_argcheck(L, baud >= 50, 2, "wrong arg range");
	for (int i = 3; i <= 5; i++)
		luaL_checkinteger(L, i);
	if (lua_isnumber(L, 6))
		sim->console.echo = lua_tointeger(L, 6) != 0;
	wire_flush(&sim->wire);
	sim->wire.baud = (uint32_t)baud;
	lua_pushinteger(L, baud);
	return 1;
}

static int getconfig(lua_State *L)
{
	lua_pushinteger(L, sim_of(L)->wire.baud);
	lua_pushinteger(L, 8);
	lua_pushinteger(L, 0);
	lua_pushinteger(L, 1);
	return 4;
}

static int write_bytes(lua_State *L)
{
	struct sim *sim = sim_of(L);
	const bool heard = luaL_checkinteger(L, 1) == 0;

	for (int i = 2, n = lua_gettop(L); i <= n; i++) {
		size_t len = 1;
		char c;
		const char *s = &c;

		if (lua_type(L, i) == LUA_TNUMBER) {
			lua_Integer byte = lua_tointeger(L, i);
			if (byte < 0 || byte > 255)
				return luaL_error(L, "invalid number");
			c = (char)byte;
		} else {
			luaL_checktype(L, i, LUA_TSTRING);
			s = lua_tolstring(L, i, &len);
		}
		if (heard)
			sim_uart_raw(sim, s, len);
	}
	return 0;
}

/* on("data", [number or end character,] [function, [run_input]]) */
static int on(lua_State *L)
{
	struct console *c = &sim_of(L)->console;
	const char *event = lua_tostring(L, 1), *end;
	int arg = 2, until = -1;
	size_t len;
	char last = 0;

	luaL_argcheck(L, event && !strcmp(event, "data"), 1, "method not supported");
	if (lua_type(L, arg) == LUA_TNUMBER) {
		until = (int)luaL_checkinteger(L, arg);
		luaL_argcheck(L, until >= 0 && until < CONSOLE_LINE, arg, "wrong arg range");
		arg++;
	} else if (lua_isstring(L, arg)) {
		end = luaL_checklstring(L, arg++, &len);
		if (len != 1)
			return luaL_error(L, "wrong arg range");
		last = *end;
	}
	luaL_unref(L, LUA_REGISTRYINDEX, c->callback);
	c->callback = LUA_NOREF;
	c->runs = true;
	if (!lua_isfunction(L, arg))
		return 0;
	c->runs = !(lua_isnumber(L, arg + 1) && lua_tointeger(L, arg + 1) == 0);
	c->until = until;
	c->end = last;
	lua_pushvalue(L, arg);
	c->callback = luaL_ref(L, LUA_REGISTRYINDEX);
	return 0;
}

void mod_uart_open(struct sim *sim)
{
	static const luaL_Reg functions[] = { { "setup", setup },
					      { "getconfig", getconfig },
					      { "write", write_bytes },
					      { "on", on },
					      { NULL, NULL } };
	static const struct {
		const char *name;
		int value;
	} numbers[] = { { "STOPBITS_1", 1 },  { "STOPBITS_1_5", 2 }, { "STOPBITS_2", 3 },
			{ "PARITY_NONE", 0 }, { "PARITY_EVEN", 1 },  { "PARITY_ODD", 2 } };
	struct rom *rom = modules_add(sim, "uart", functions);

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		lua_pushinteger(sim->L, numbers[i].value);
		rom_set(sim->L, &sim->roms, rom, numbers[i].name);
	}
}
