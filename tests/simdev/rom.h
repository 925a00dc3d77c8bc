/* SPDX-License-Identifier: MIT */
/*
 * Tables in ROM. The firmware's modules are in flash: their names are no strings in RAM, and cost
 * no heap. Here each is an empty table whose metatable finds entries by a list in C.
 */
#ifndef SIMDEV_ROM_H
#define SIMDEV_ROM_H

#include <stdbool.h>
#include <stddef.h>

#include "lang.h"

enum { ROM_NAME = 24, ROM_ENTRIES = 72, ROM_TABLES = 24 };

struct rom {
	char name[ROM_NAME];
	struct rom_entry {
		char name[ROM_NAME];
		int value; /* index in the table of values */
	} entries[ROM_ENTRIES];
	size_t count;
	int table; /* index of the table that stands for it */
	int other; /* of a function that is asked for names not found; 0: none */
	const struct roms *roms;
};

struct roms {
	struct rom tables[ROM_TABLES];
	size_t count;
	int values;         /* how many values there are */
	const char *hidden; /* names, with commas, that are not there ("file,string.dump"); NULL */
};

/* A new table; the first one is _G's. NULL when there are too many. */
struct rom *rom_new(lua_State *L, struct roms *roms, const char *name);
/* Pops the value on top and puts it into the table. */
void rom_set(lua_State *L, struct roms *roms, struct rom *rom, const char *name);
void rom_set_functions(lua_State *L, struct roms *roms, struct rom *rom, const luaL_Reg *list);
/* Pops a function(table, key) for the names that are not found. */
void rom_set_other(lua_State *L, struct roms *roms, struct rom *rom);
/* Pushes the table. */
void rom_push(lua_State *L, const struct rom *rom);
/* Moves what can be moved (all but closures) of the table on top into rom, and pops it. */
void rom_absorb(lua_State *L, struct roms *roms, struct rom *rom);
/* Is the name one of a list with commas? */
bool rom_names(const char *list, const char *name);
struct rom *rom_find(struct roms *roms, const char *name);

/* pairs, which knows such tables. */
int rom_pairs(lua_State *L);

#endif
