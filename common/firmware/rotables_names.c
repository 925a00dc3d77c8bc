/* SPDX-License-Identifier: MIT */
/* What Lua calls what is in ROTables. */
#include <stdlib.h>
#include <string.h>

#include "common/firmware/parts.h"

struct placed {
	uint32_t address, entry;
};

static int by_address(const void *va, const void *vb)
{
	const struct placed *a = va;
	const struct placed *b = vb;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->entry < b->entry ? -1 : a->entry > b->entry;
}

bool firmware_index_functions(struct firmware *fw)
{
	struct placed *all = malloc(((size_t)fw->nentries + 1) * sizeof(*all));
	uint32_t n = 0;

	fw->functions = malloc(((size_t)fw->nentries + 1) * sizeof(*fw->functions));
	if (!all || !fw->functions) {
		free(all);
		return false;
	}
	for (uint32_t i = 0; i < fw->nentries; i++)
		if (fw->entries[i].value == VALUE_FUNCTION)
			all[n++] = (struct placed){ fw->entries[i].address, i };
	qsort(all, n, sizeof(*all), by_address);
	for (uint32_t i = 0; i < n; i++)
		fw->functions[i] = all[i].entry;
	fw->nfunctions = n;
	free(all);
	return true;
}

/* The first entry that is the C function at an address, or FIRMWARE_NONE. */
static uint32_t entry_of(const struct firmware *fw, uint32_t address)
{
	uint32_t from = 0;
	uint32_t to = fw->nfunctions;

	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if (fw->entries[fw->functions[mid]].address < address)
			from = mid + 1;
		else
			to = mid;
	}
	if (from < fw->nfunctions && fw->entries[fw->functions[from]].address == address)
		return fw->functions[from];
	return FIRMWARE_NONE;
}

/* Entries stand in the order of their tables. */
static uint32_t table_of(const struct firmware *fw, uint32_t entry)
{
	uint32_t from = 0;
	uint32_t to = fw->ntables;

	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if (fw->tables[mid].first <= entry)
			from = mid + 1;
		else
			to = mid;
	}
	return from - 1;
}

static void put_root(const struct firmware_table *t, struct buf *out)
{
	static const char end[] = "_ROTable";
	size_t n = t->symbol ? strlen(t->symbol) : 0;

	if (t->reach == REACH_BASE) {
		buf_str(out, "_G");
	} else if (t->name) {
		buf_str(out, t->name);
	} else if (n) {
		if (n >= sizeof(end) && !strcmp(t->symbol + n - (sizeof(end) - 1), end))
			n -= sizeof(end) - 1;
		buf_put(out, t->symbol, n);
	} else {
		buf_printf(out, "0x%x", (unsigned)t->address);
	}
}

void firmware_table_path(const struct firmware *fw, uint32_t table, struct buf *out)
{
	const struct firmware_table *t = &fw->tables[table];

	/* tables hang at most as deep as rotables_reach.c lets them */
	if (t->reach == REACH_ENTRY) {
		firmware_entry_name(fw, t->via, out);
	} else if (t->reach == REACH_META) {
		buf_str(out, "getmetatable(");
		firmware_table_path(fw, t->parent, out);
		buf_byte(out, ')');
	} else {
		put_root(t, out);
	}
}

void firmware_entry_name(const struct firmware *fw, uint32_t entry, struct buf *out)
{
	uint32_t table = table_of(fw, entry);
	const char *key = fw->entries[entry].key;

	if (fw->tables[table].reach != REACH_BASE) {
		firmware_table_path(fw, table, out);
		buf_byte(out, fw->tables[table].root ? ':' : '.');
	}
	buf_str(out, key ? key : "?");
}

bool firmware_lua_name(const struct firmware *fw, uint32_t address, struct buf *out)
{
	uint32_t entry = entry_of(fw, address);

	if (entry != FIRMWARE_NONE)
		firmware_entry_name(fw, entry, out);
	return entry != FIRMWARE_NONE;
}
