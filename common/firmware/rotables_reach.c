/* SPDX-License-Identifier: MIT */
/* How ROTables hang together: who holds whom, and which are held by none. */
#include <stdlib.h>

#include "common/firmware/parts.h"

/* Real tables are nested three deep; what is deeper becomes a root of its own. */
enum { DEPTH_MAX = 32 };

static bool has_base(const struct firmware *fw)
{
	return fw->ntables && fw->tables[0].reach == REACH_BASE;
}

uint32_t firmware_table_at(const struct firmware *fw, uint32_t address)
{
	uint32_t from = has_base(fw);
	uint32_t to = fw->ntables;

	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if (fw->tables[mid].address < address)
			from = mid + 1;
		else
			to = mid;
	}
	if (from < fw->ntables && fw->tables[from].address == address)
		return from;
	return FIRMWARE_NONE;
}

static void resolve(struct firmware *fw)
{
	for (uint32_t i = has_base(fw); i < fw->ntables; i++) {
		uint32_t meta = fw->tables[i].metatable;

		fw->tables[i].metatable = meta ? firmware_table_at(fw, meta) : FIRMWARE_NONE;
	}
	for (uint32_t i = 0; i < fw->nentries; i++)
		if (fw->entries[i].value == VALUE_TABLE)
			fw->entries[i].table = firmware_table_at(fw, fw->entries[i].address);
}

/* Hangs table t below parent, unless it hangs somewhere already. */
static bool hang(struct firmware *fw, uint32_t t, uint32_t parent, enum firmware_reach reach,
		 uint32_t via)
{
	struct firmware_table *table;

	if (t == FIRMWARE_NONE || fw->tables[t].reach != REACH_NONE || fw->tables[t].root)
		return false;
	table = &fw->tables[t];
	table->reach = (uint8_t)reach;
	table->parent = parent;
	table->via = via;
	return true;
}

/* Everything that root leads to, depth first; next[] keeps where each table's entries are at. */
static void walk(struct firmware *fw, uint32_t root)
{
	uint32_t stack[DEPTH_MAX];
	uint32_t next[DEPTH_MAX];
	unsigned depth = 0;

	stack[0] = root;
	next[0] = 0;
	for (;;) {
		uint32_t at = stack[depth];
		const struct firmware_table *t = &fw->tables[at];
		uint32_t k = next[depth]++;
		uint32_t child = k == 0 ? t->metatable : FIRMWARE_NONE;
		uint32_t via = FIRMWARE_NONE;

		if (k > t->count) {
			if (!depth--)
				return;
			continue;
		}
		if (k) {
			via = t->first + k - 1;
			child = fw->entries[via].table;
		}
		if (depth + 1 < DEPTH_MAX &&
		    hang(fw, child, at, k ? REACH_ENTRY : REACH_META, via)) {
			stack[++depth] = child;
			next[depth] = 0;
		}
	}
}

/* Tables that others refer to are no roots; what refers to itself may be one. */
static bool is_referred(const struct firmware *fw, uint32_t t)
{
	return fw->tables[t].parent != FIRMWARE_NONE;
}

static void mark_referred(struct firmware *fw)
{
	for (uint32_t i = 0; i < fw->ntables; i++) {
		const struct firmware_table *t = &fw->tables[i];

		if (t->metatable != FIRMWARE_NONE && t->metatable != i)
			fw->tables[t->metatable].parent = i;
		for (uint32_t k = 0; k < t->count; k++) {
			uint32_t child = fw->entries[t->first + k].table;

			if (child != FIRMWARE_NONE && child != i)
				fw->tables[child].parent = i;
		}
	}
}

static void add_root(struct firmware *fw, uint32_t t)
{
	fw->tables[t].root = t || !has_base(fw);
	fw->tables[t].parent = FIRMWARE_NONE;
	fw->roots[fw->nroots++] = t;
	walk(fw, t);
}

bool firmware_reach_tables(struct firmware *fw)
{
	fw->roots = malloc(((size_t)fw->ntables + 1) * sizeof(*fw->roots));
	if (!fw->roots)
		return false;
	resolve(fw);
	mark_referred(fw);
	if (has_base(fw))
		add_root(fw, 0);
	for (unsigned rings = 0; rings < 2; rings++) /* then those that only rings hold */
		for (uint32_t i = has_base(fw); i < fw->ntables; i++)
			if (fw->tables[i].reach == REACH_NONE && !fw->tables[i].root &&
			    (rings || !is_referred(fw, i)))
				add_root(fw, i);
	return true;
}

void firmware_table_name(struct firmware *fw, uint32_t address, const char *name)
{
	uint32_t t = firmware_table_at(fw, address);

	if (t != FIRMWARE_NONE && !fw->tables[t].name)
		fw->tables[t].name = name;
}
