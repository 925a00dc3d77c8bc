/* SPDX-License-Identifier: MIT */
/*
 * Modules built in, and what belongs to each: its ROTables and their functions; the source files
 * that those are in; all else in these files. A file whose tables are of several modules is of
 * none.
 */
#include <string.h>

#include "common/firmware/parts.h"

enum { SHARED = FIRMWARE_NONE - 1, LIBS_MAX = 512 };

static bool has_base(const struct firmware *fw)
{
	return fw->ntables && fw->tables[0].reach == REACH_BASE;
}

static struct firmware_module *add_module(struct firmware *fw, const char *name)
{
	struct firmware_module *m = vec_grow(&fw->modules, &fw->nmodules, &fw->cap.modules,
					     sizeof(*m), 1);

	if (m) {
		m->name = name;
		m->table = FIRMWARE_NONE;
	}
	return m;
}

static uint32_t module_named(const struct firmware *fw, const char *name)
{
	for (uint32_t i = 0; i < fw->nmodules; i++)
		if (!strcmp(fw->modules[i].name, name))
			return i;
	return FIRMWARE_NONE;
}

/* Names of modules are few; a table that is made to hold thousands is no list of modules. */
static bool list_base(struct firmware *fw)
{
	const struct firmware_table *base = &fw->tables[0];
	struct firmware_module *m = add_module(fw, "_G");

	if (!m)
		return false;
	m->table = 0;
	for (uint32_t i = 0; i < base->count && fw->nmodules < LIBS_MAX; i++) {
		const struct firmware_entry *e = &fw->entries[base->first + i];

		if (e->value != VALUE_TABLE || e->table == FIRMWARE_NONE || !e->key)
			continue;
		m = add_module(fw, e->key);
		if (!m)
			return false;
		m->table = e->table;
		fw->tables[e->table].module = fw->nmodules - 1;
	}
	fw->tables[0].module = 0;
	return true;
}

/* The symbol that begins at an address is of module m, unless it is another's. */
static void claim_symbol(struct firmware *fw, uint32_t address, uint32_t m)
{
	uint32_t i = address ? firmware_symbol_at(fw, address) : FIRMWARE_NONE;

	if (i != FIRMWARE_NONE && fw->symbols[i].address == address && fw->symbols[i].size &&
	    fw->symbols[i].module == FIRMWARE_NONE)
		fw->symbols[i].module = m;
}

/* lua_libs_base: name and luaopen_xxx, which may be missing. */
static bool list_libs(struct firmware *fw)
{
	uint32_t symbol = firmware_symbol_find(fw, "lua_libs_base");
	uint32_t tvalue = fw->lua.tvalue_bytes;
	uint32_t step = tvalue == 16 ? 24 : tvalue + 4;
	uint32_t address, key, open;

	if (symbol == FIRMWARE_NONE || !tvalue)
		return true;
	address = fw->symbols[symbol].address;
	fw->libs = address;
	for (unsigned i = 0; i < LIBS_MAX; i++, address += step) {
		const char *name;
		uint32_t m;

		if (!firmware_word(fw, address, &key) || !key ||
		    !firmware_word(fw, address + (tvalue == 16 ? 8 : 4), &open))
			break;
		name = firmware_string(fw, key, NULL);
		if (!name)
			break;
		m = module_named(fw, name);
		if (m == FIRMWARE_NONE) {
			m = fw->nmodules;
			if (!add_module(fw, name))
				return false;
		}
		fw->modules[m].open = open;
		claim_symbol(fw, open, m);
		claim_symbol(fw, address, m);
		fw->libs_end = address + step;
	}
	return true;
}

/* Tables below others are of the same module; they hang at most so deep. */
static uint32_t inherited_module(const struct firmware *fw, uint32_t t)
{
	while (fw->tables[t].module == FIRMWARE_NONE && fw->tables[t].parent != FIRMWARE_NONE)
		t = fw->tables[t].parent;
	return fw->tables[t].module;
}

/* The table's own symbols, and that of each function in it. */
static void claim_table(struct firmware *fw, uint32_t t)
{
	const struct firmware_table *table = &fw->tables[t];
	uint32_t m = table->module;

	if (m == FIRMWARE_NONE)
		return;
	claim_symbol(fw, table->address, m);
	if (table->count)
		claim_symbol(fw, fw->entries[table->first].place, m);
	for (uint32_t i = 0; i < table->count; i++) {
		const struct firmware_entry *e = &fw->entries[table->first + i];

		if (e->value == VALUE_FUNCTION) {
			claim_symbol(fw, e->address, m);
			fw->modules[m].functions++;
		} else if (!t && e->table != FIRMWARE_NONE) {
			claim_symbol(fw, e->place, fw->tables[e->table].module);
		}
	}
}

/* A source file is of the module that has tables in it; one without tables, of the first module
 * that has functions in it. */
static void claim_sources(struct firmware *fw, bool functions)
{
	for (uint32_t i = 0; i < fw->nsymbols; i++) {
		const struct firmware_symbol *s = &fw->symbols[i];
		uint32_t *m;

		if (s->module == FIRMWARE_NONE || s->source == FIRMWARE_NONE ||
		    (s->kind == SYMBOL_FUNCTION) != functions)
			continue;
		m = &fw->sources[s->source].module;
		if (*m == FIRMWARE_NONE)
			*m = s->module;
		else if (*m != s->module && !functions)
			*m = SHARED;
	}
}

static uint32_t module_of_source(const struct firmware *fw, uint32_t source)
{
	uint32_t m = fw->sources[source].module;

	return m == SHARED ? FIRMWARE_NONE : m;
}

/* The file that a table is in: its entries are local to it, the table itself may be global. */
static uint32_t source_of_table(const struct firmware *fw, const struct firmware_table *t)
{
	uint32_t s = firmware_symbol_at(fw, t->address);

	if (s != FIRMWARE_NONE && fw->symbols[s].source != FIRMWARE_NONE)
		return fw->symbols[s].source;
	s = t->count ? firmware_symbol_at(fw, fw->entries[t->first].place) : FIRMWARE_NONE;
	return s != FIRMWARE_NONE ? fw->symbols[s].source : FIRMWARE_NONE;
}

/* Metatables that no other table holds are of the module whose file they are in. */
static void claim_roots(struct firmware *fw)
{
	for (uint32_t i = 0; i < fw->ntables; i++) {
		struct firmware_table *t = &fw->tables[i];
		uint32_t source = t->root ? source_of_table(fw, t) : FIRMWARE_NONE;

		if (source != FIRMWARE_NONE)
			t->module = module_of_source(fw, source);
	}
	for (uint32_t i = 0; i < fw->ntables; i++) {
		if (fw->tables[i].module != FIRMWARE_NONE && !fw->tables[i].root)
			continue;
		fw->tables[i].module = inherited_module(fw, i);
		claim_table(fw, i);
	}
}

bool firmware_find_modules(struct firmware *fw)
{
	if ((has_base(fw) && !list_base(fw)) || !list_libs(fw))
		return false;
	for (uint32_t i = 0; i < fw->ntables; i++) {
		fw->tables[i].module = inherited_module(fw, i);
		claim_table(fw, i);
	}
	claim_sources(fw, false);
	claim_roots(fw);
	claim_sources(fw, true);
	for (uint32_t i = 0; i < fw->nsources; i++)
		fw->sources[i].module = module_of_source(fw, i);
	for (uint32_t i = 0; i < fw->nsymbols; i++) {
		struct firmware_symbol *s = &fw->symbols[i];

		if (s->module == FIRMWARE_NONE && s->source != FIRMWARE_NONE && s->size)
			s->module = fw->sources[s->source].module;
	}
	return true;
}
