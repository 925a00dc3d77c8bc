/* SPDX-License-Identifier: MIT */
/*
 * The list of modules at the end of an absolute Lua 5.3 image, and what only it tells: the base and
 * the widths of numbers. The bytes are described in lfs53_absolute.c.
 */
#include <inttypes.h>

#include "common/lua/lfs53_absolute.h"

enum {
	TT_ROTABLE = 0x15,
	TAG_LIGHT = 2,
	ENTRY_32 = 12,
	ENTRY_64 = 16,
};

struct list {
	uint32_t count;
	uint32_t address; /* of the entries, as stored */
	uint32_t entry;   /* bytes */
	uint32_t len;     /* bytes of all entries, the empty one too */
};

static uint32_t word(const struct absolute53 *r, uint32_t off)
{
	return le32(r->all.p + off);
}

/* The header has made sure that a ROTable fits there. */
static struct list read_rotable(const struct absolute53 *r)
{
	return (struct list){ .count = r->all.p[r->rotable + 7],
			      .address = word(r, r->rotable + 12) };
}

/* How many buckets lead to strings when the image is mapped to base. */
static uint32_t votes(const struct absolute53 *r, uint32_t base)
{
	const struct lua_header *h = &r->img->header;
	uint32_t n = 0;

	for (uint32_t i = 0; i < h->buckets; i++) {
		uint32_t address = word(r, h->hash_vector.off + 4 * i);

		n += address && absolute53_string_at(r->img, address - base) != LUA_NONE;
	}
	return n;
}

void absolute53_base(struct absolute53 *r)
{
	struct lua_header *h = &r->img->header;
	uint32_t stored = word(r, FLASH53_HEADER);
	uint32_t best = votes(r, stored);
	struct list list;

	h->base = stored;
	if (!r->rotable)
		return;
	list = read_rotable(r);
	for (uint32_t entry = ENTRY_32; entry <= ENTRY_64; entry += ENTRY_64 - ENTRY_32) {
		uint32_t base = list.address + (list.count + 1) * entry - r->rotable;
		uint32_t n = votes(r, base);

		if (n > best) {
			best = n;
			h->base = base;
		}
	}
	if (h->base != stored)
		diag_fail_at(r->first, ERR_DAMAGED, FLASH53_HEADER, "strings[0].next",
			     "0x%" PRIx32 ", but the image is mapped to 0x%" PRIx32, stored,
			     h->base);
}

/* How many entries of that size before the ROTable have a text as name. */
static uint32_t count_names(const struct absolute53 *r, const struct list *list, uint32_t size)
{
	uint32_t len = (list->count + 1) * size;
	uint32_t n = 0;

	if (len > r->rotable)
		return 0;
	for (uint32_t i = 0; i < list->count; i++) {
		uint32_t off = word(r, r->rotable - len + i * size) - r->img->header.base;

		n += absolute53_string_at(r->img, off - FLASH53_TSTRING) != LUA_NONE;
	}
	return n;
}

/* The size of entries tells the width of numbers where the signature does not. */
static void find_widths(struct absolute53 *r, struct list *list)
{
	struct lua_traits *t = &r->img->traits;
	uint32_t sig = r->img->header.signature & (FLASH53_INT64 | FLASH53_FLOAT64);
	uint32_t n32 = count_names(r, list, ENTRY_32);
	uint32_t n64 = count_names(r, list, ENTRY_64);
	uint32_t len = r->rotable + r->img->header.base - list->address;
	bool wide = n32 == n64 ? len == (list->count + 1) * ENTRY_64 : n64 > n32;

	list->entry = wide ? ENTRY_64 : ENTRY_32;
	list->len = (list->count + 1) * list->entry;
	t->tvalue_bytes = wide ? 12 : 8;
	t->integer_bytes = t->float_bytes = wide ? 8 : 4;
	if (sig && !wide)
		lua_note(r->img, 0, "flash_sig",
			 "tells of 64-bit numbers, but the modules' entries are of 32-bit ones");
	if (sig && wide) {
		t->integer_bytes = sig & FLASH53_INT64 ? 8 : 4;
		t->float_bytes = sig & FLASH53_FLOAT64 ? 8 : 4;
	}
}

static bool check_rotable(struct absolute53 *r, const struct list *list)
{
	struct diag local = { 0 };
	uint32_t at = r->rotable;
	bool fits = at >= FLASH53_HEADER + list->len;

	if (r->all.p[at + 4] != TT_ROTABLE)
		diag_fail_at(&local, ERR_DAMAGED, at + 4, "protoROTable.tt",
			     "%u is not the type of a ROTable", r->all.p[at + 4]);
	if (!fits)
		diag_fail_at(&local, ERR_DAMAGED, at + 7, "protoROTable.lsizenode",
			     "%" PRIu32 " entries do not fit before it", list->count + 1);
	if (list->address + list->len - r->img->header.base != at)
		diag_fail_at(&local, ERR_DAMAGED, at + 12, "protoROTable.entry",
			     "0x%" PRIx32 ", but %" PRIu32 " entries end here", list->address,
			     list->count + 1);
	absolute53_absorb(r, &local);
	return fits;
}

static void read_root(struct absolute53 *r, struct rd *rd, uint32_t module, uint32_t entry)
{
	struct rd at = *rd;
	uint32_t off, root;

	off = absolute53_address(r, &at, "proto");
	if (!off)
		rd_fail(&at, ERR_DAMAGED, 4, "proto", "NULL");
	root = off ? absolute53_proto(r, &at, off, LUA_NONE, module) : LUA_NONE;
	r->img->modules[module].proto = root;
	rd_take(rd, entry - 8, "proto");
	if (rd_u32(rd, "tag") != TAG_LIGHT)
		rd_fail(rd, ERR_DAMAGED, 4, "tag", "not the type of a module");
}

static void read_module(struct absolute53 *r, struct rd rd, uint32_t entry)
{
	struct diag name_diag = { 0 }, root_diag = { 0 }, none = { 0 };
	struct rd memory = rd_init(NULL, 0, &none);
	uint32_t name, module;

	rd.diag = &name_diag;
	name = absolute53_string(r, &rd, FLASH53_TSTRING, LUA_USE_MODULE, "name");
	if (name == LUA_NONE)
		rd_fail(&rd, ERR_DAMAGED, 4, "name", "NULL");
	absolute53_absorb(r, &name_diag);
	module = lua_add_module(r->img, &memory, name, LUA_NONE);
	absolute53_absorb(r, &none);
	rd.diag = &root_diag;
	if (module != LUA_NONE)
		read_root(r, &rd, module, entry);
	absolute53_absorb(r, &root_diag);
}

void absolute53_modules(struct absolute53 *r)
{
	struct rd_scope scope = { .name = "modules" };
	struct list list;
	struct rd rd;

	if (!r->rotable)
		return;
	list = read_rotable(r);
	find_widths(r, &list);
	if (!check_rotable(r, &list))
		return;
	rd = rd_window(&r->all, r->rotable - list.len, list.len, "modules");
	rd.scope = &scope;
	r->img->header.modules = (struct lua_range){ (uint32_t)rd.off, list.len + FLASH53_ROTABLE };
	for (; scope.index < list.count; scope.index++) {
		read_module(r, rd, list.entry);
		rd_take(&rd, list.entry, "entry");
	}
	if (le32(rd.p) || le32(rd.p + list.entry - 4))
		lua_note(r->img, rd.off, "modules", "the last entry is not empty");
}
