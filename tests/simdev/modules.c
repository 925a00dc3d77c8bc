/* SPDX-License-Identifier: MIT */
/*
 * What is in _G at the start: the language's libraries and the firmware's modules, in ROM; a few
 * functions and package in RAM, as on the device.
 */
#include <string.h>

#include "sim.h"

struct rom *modules_add(struct sim *sim, const char *name, const luaL_Reg *functions)
{
	struct rom *rom = rom_find(&sim->roms, name);

	if (!rom) {
		rom = rom_new(sim->L, &sim->roms, name);
		rom_push(sim->L, rom);
		rom_set(sim->L, &sim->roms, &sim->roms.tables[0], name);
	}
	rom_set_functions(sim->L, &sim->roms, rom, functions);
	return rom;
}

/* Moves the library that is now the global of that name. */
static void absorb(struct sim *sim, const char *name)
{
	static const luaL_Reg none[] = { { NULL, NULL } };
	lua_State *L = sim->L;
	struct rom *rom;

	lua_getglobal(L, name);
	if (!lua_istable(L, -1)) {
		lua_pop(L, 1);
		return;
	}
	lua_pushnil(L);
	lua_setglobal(L, name);
	rom = modules_add(sim, name, none);
	rom_absorb(L, &sim->roms, rom);
}

/* Strings have methods by the library's table. */
static void redirect_methods(struct sim *sim)
{
	lua_State *L = sim->L;

	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	rom_push(L, rom_find(&sim->roms, "string"));
	lua_setfield(L, -2, "__index");
	lua_pop(L, 2);
}

/* The banner's list. crypto is the only one that is there only when asked for. */
static void list_modules(struct sim *sim)
{
	static const char *const names[] = { "bit",  "crypto", "encoder", "file", "node",
					     "pipe", "sjson",  "struct",  "tmr",  "uart" };
	size_t n = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct fault_state *s = &sim->faults.of[FAULT_MISSING];

		if ((!strcmp(names[i], "crypto") && !sim->config->crypto) ||
		    (s->on && rom_names(s->text, names[i])))
			continue;
		n += (size_t)snprintf(sim->modules + n, sizeof(sim->modules) - n, "%s%s",
				      n ? "," : "", names[i]);
	}
}

void modules_open(struct sim *sim)
{
	static const char *const libraries[] = { "coroutine", "string", "table",
						 "math",      "utf8",   "debug" };
	lua_State *L = sim->L;
	const struct fault_state *missing = &sim->faults.of[FAULT_MISSING];
	struct rom *base = rom_new(L, &sim->roms, "");

	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
		absorb(sim, libraries[i]);
	lua_getglobal(L, "_G");
	rom_absorb(L, &sim->roms, base);
	redirect_methods(sim);
	mod_base_open(sim);
	mod_package_open(sim);
	mod_string_open(sim);
	mod_node_open(sim);
	mod_file_open(sim);
	mod_uart_open(sim);
	mod_tmr_open(sim);
	mod_encoder_open(sim);
	if (sim->config->crypto)
		mod_crypto_open(sim);
	if (missing->on)
		sim->roms.hidden = missing->text;
	list_modules(sim);
	lua_settop(L, 0);
}
