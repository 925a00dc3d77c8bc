/* SPDX-License-Identifier: MIT */
#include "rom.h"

#include <stdio.h>
#include <string.h>

/* The registry holds all values in one array, at this key. */
static const char values_key;

static void push_values(lua_State *L)
{
	lua_pushlightuserdata(L, (void *)&values_key);
	lua_rawget(L, LUA_REGISTRYINDEX);
}

static void push_value(lua_State *L, int value)
{
	push_values(L);
	lua_rawgeti(L, -1, value);
	lua_remove(L, -2);
}

/* Pops a value and keeps it. */
static int add_value(lua_State *L, struct roms *roms)
{
	push_values(L);
	lua_insert(L, -2);
	lua_rawseti(L, -2, ++roms->values);
	lua_pop(L, 1);
	return roms->values;
}

bool rom_names(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = list; p && *p; p += strcspn(p, ","), p += *p == ',')
		if (strcspn(p, ",") == len && !memcmp(p, name, len))
			return true;
	return false;
}

/* Entries of _G are called by their names, others by their tables' too. */
static bool hidden(const struct rom *rom, const char *name)
{
	char full[2 * ROM_NAME];

	snprintf(full, sizeof(full), "%s%s%s", rom->name, *rom->name ? "." : "", name);
	return rom->roms->hidden && rom_names(rom->roms->hidden, full);
}

static const struct rom_entry *entry(const struct rom *rom, const char *name)
{
	for (size_t i = 0; i < rom->count; i++)
		if (!strcmp(rom->entries[i].name, name))
			return hidden(rom, name) ? NULL : &rom->entries[i];
	return NULL;
}

/* __index(table, key) */
static int index(lua_State *L)
{
	const struct rom *rom = lua_touserdata(L, lua_upvalueindex(1));
	const struct rom_entry *e = NULL;

	if (lua_type(L, 2) == LUA_TSTRING)
		e = entry(rom, lua_tostring(L, 2));
	if (e) {
		push_value(L, e->value);
	} else if (rom->other) {
		push_value(L, rom->other);
		lua_insert(L, 1);
		lua_call(L, 2, 1);
	} else {
		lua_pushnil(L);
	}
	return 1;
}

/* next(table, key) */
static int next(lua_State *L)
{
	const struct rom *rom = lua_touserdata(L, lua_upvalueindex(1));
	size_t i = 0;

	if (lua_type(L, 2) == LUA_TSTRING) {
		const char *key = lua_tostring(L, 2);
		while (i < rom->count && strcmp(rom->entries[i].name, key))
			i++;
		i++;
	}
	while (i < rom->count && hidden(rom, rom->entries[i].name))
		i++;
	if (i >= rom->count) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushstring(L, rom->entries[i].name);
	push_value(L, rom->entries[i].value);
	return 2;
}

/* __pairs(table) */
static int pairs(lua_State *L)
{
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushcclosure(L, next, 1);
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

static int raw_next(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 2);
	return lua_next(L, 1) ? 2 : (lua_pushnil(L), 1);
}

int rom_pairs(lua_State *L)
{
	luaL_checkany(L, 1);
	if (luaL_getmetafield(L, 1, "__pairs")) {
		lua_pushvalue(L, 1);
		lua_call(L, 1, 3);
		return 3;
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_pushcfunction(L, raw_next);
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

static void set_metamethods(lua_State *L, struct rom *rom)
{
	lua_newtable(L);
	lua_pushlightuserdata(L, rom);
	lua_pushcclosure(L, index, 1);
	lua_setfield(L, -2, "__index");
	if (*rom->name) {
		lua_pushlightuserdata(L, rom);
		lua_pushcclosure(L, pairs, 1);
		lua_setfield(L, -2, "__pairs");
	}
	lua_setmetatable(L, -2);
}

struct rom *rom_new(lua_State *L, struct roms *roms, const char *name)
{
	struct rom *rom = &roms->tables[roms->count];

	if (roms->count == ROM_TABLES)
		return NULL;
	if (roms->count++ == 0) {
		lua_pushlightuserdata(L, (void *)&values_key);
		lua_newtable(L);
		lua_rawset(L, LUA_REGISTRYINDEX);
	}
	rom->roms = roms;
	snprintf(rom->name, sizeof(rom->name), "%s", name);
	if (*name)
		lua_newtable(L);
	else
		lua_getglobal(L, "_G");
	set_metamethods(L, rom);
	rom->table = add_value(L, roms);
	return rom;
}

void rom_set(lua_State *L, struct roms *roms, struct rom *rom, const char *name)
{
	struct rom_entry *e = NULL;

	for (size_t i = 0; i < rom->count; i++)
		if (!strcmp(rom->entries[i].name, name))
			e = &rom->entries[i];
	if (!e && rom->count < ROM_ENTRIES)
		e = &rom->entries[rom->count++];
	if (!e) {
		lua_pop(L, 1);
		return;
	}
	snprintf(e->name, sizeof(e->name), "%s", name);
	e->value = add_value(L, roms);
}

void rom_set_functions(lua_State *L, struct roms *roms, struct rom *rom, const luaL_Reg *list)
{
	for (; list->name; list++) {
		lua_pushcfunction(L, list->func);
		rom_set(L, roms, rom, list->name);
	}
}

void rom_set_other(lua_State *L, struct roms *roms, struct rom *rom)
{
	rom->other = add_value(L, roms);
}

void rom_push(lua_State *L, const struct rom *rom)
{
	push_value(L, rom->table);
}

/* Is the value on top as good in ROM as it is here? */
static bool movable(lua_State *L)
{
	if (lua_type(L, -1) == LUA_TNUMBER)
		return true;
	if (!lua_iscfunction(L, -1))
		return false;
	if (!lua_getupvalue(L, -1, 1))
		return true;
	lua_pop(L, 1);
	return false;
}

void rom_absorb(lua_State *L, struct roms *roms, struct rom *rom)
{
	int table = lua_gettop(L);

	lua_pushnil(L);
	while (lua_next(L, table)) {
		if (lua_type(L, -2) == LUA_TSTRING && movable(L)) {
			rom_set(L, roms, rom, lua_tostring(L, -2));
			lua_pushvalue(L, -1);
			lua_pushnil(L);
			lua_rawset(L, table); /* allowed while walking */
		} else {
			lua_pop(L, 1);
		}
	}
	lua_pop(L, 1);
}

struct rom *rom_find(struct roms *roms, const char *name)
{
	for (size_t i = 0; i < roms->count; i++)
		if (!strcmp(roms->tables[i].name, name))
			return &roms->tables[i];
	return NULL;
}
