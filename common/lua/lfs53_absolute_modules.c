/* SPDX-License-Identifier: MIT */
/*
 * The list of modules at the end of an absolute Lua 5.3 image, and what only it tells: the base and
 * the widths of numbers. The bytes are described in flash53.h.
 */
#include <inttypes.h>

#include "common/lua/lfs53_reader.h"

/* Bytes of an entry, with narrow and with wide numbers. */
enum { ENTRY_32 = 12, ENTRY_64 = 16 };

struct list {
	uint32_t count;
	uint32_t address; /* of the entries, as stored */
	uint32_t entry;   /* bytes */
	uint32_t len;     /* bytes of all entries, the empty one too */
};

/* The header has made sure that a ROTable fits there. */
static struct list read_rotable(const struct lfs53_reader *r)
{
	return (struct list){ .count = r->flash.img->bytes[r->rotable + ROTABLE53_COUNT],
			      .address = lfs53_word(r, r->rotable + ROTABLE53_ENTRIES) };
}

/* How many buckets lead to strings when the image is mapped to base. */
static uint32_t votes(const struct lfs53_reader *r, uint32_t base)
{
	const struct lua_header *h = &r->flash.img->header;
	uint32_t n = 0;

	for (uint32_t i = 0; i < h->buckets; i++) {
		uint32_t address = lfs53_word(r, h->hash_vector.off + 4 * i);

		n += address && lua_string_at(r->flash.img, address - base) != LUA_NONE;
	}
	return n;
}

void lfs53_find_base(struct lfs53_reader *r)
{
	struct lua_header *h = &r->flash.img->header;
	uint32_t stored = lfs53_word(r, FLASH53_HEADER);
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
		diag_fail_at(r->flash.first, ERR_DAMAGED, FLASH53_HEADER, "strings[0].next",
			     "0x%" PRIx32 ", but the image is mapped to 0x%" PRIx32, stored,
			     h->base);
}

/* How many entries of that size before the ROTable have a text as name. */
static uint32_t count_names(const struct lfs53_reader *r, const struct list *list, uint32_t size)
{
	uint32_t len = (list->count + 1) * size;
	uint32_t n = 0;

	if (len > r->rotable)
		return 0;
	for (uint32_t i = 0; i < list->count; i++) {
		uint32_t off = lfs53_word(r, r->rotable - len + i * size) -
			       r->flash.img->header.base;

		n += lua_string_at(r->flash.img, off - FLASH53_TSTRING) != LUA_NONE;
	}
	return n;
}

/* The size of entries tells the width of numbers where the signature does not. */
static void find_widths(struct lfs53_reader *r, struct list *list)
{
	struct lua_traits *t = &r->flash.img->traits;
	uint32_t sig = r->flash.img->header.signature & (FLASH53_INT64 | FLASH53_FLOAT64);
	uint32_t n32 = count_names(r, list, ENTRY_32);
	uint32_t n64 = count_names(r, list, ENTRY_64);
	uint32_t len = r->rotable + r->flash.img->header.base - list->address;
	bool wide = n32 == n64 ? len == (list->count + 1) * ENTRY_64 : n64 > n32;

	list->entry = wide ? ENTRY_64 : ENTRY_32;
	list->len = (list->count + 1) * list->entry;
	t->integer_bytes = t->float_bytes = wide ? 8 : 4;
	t->tvalue_bytes = flash53_tvalue(t->integer_bytes, t->float_bytes);
	if (sig && !wide)
		lua_note(r->flash.img, 0, "flash_sig",
			 "tells of 64-bit numbers, but the modules' entries are of 32-bit ones");
	if (sig && wide) {
		t->integer_bytes = sig & FLASH53_INT64 ? 8 : 4;
		t->float_bytes = sig & FLASH53_FLOAT64 ? 8 : 4;
	}
}

static bool check_rotable(struct lfs53_reader *r, const struct list *list)
{
	struct diag local = { 0 };
	uint32_t at = r->rotable;
	uint8_t tt = r->flash.img->bytes[at + ROTABLE53_TT];
	bool fits = at >= FLASH53_HEADER + list->len;

	if (tt != TT53_ROTABLE)
		diag_fail_at(&local, ERR_DAMAGED, at + ROTABLE53_TT, "protoROTable.tt",
			     "%u is not the type of a ROTable", tt);
	if (!fits)
		diag_fail_at(&local, ERR_DAMAGED, at + ROTABLE53_COUNT, "protoROTable.lsizenode",
			     "%" PRIu32 " entries do not fit before it", list->count + 1);
	if (list->address + list->len - r->flash.img->header.base != at)
		diag_fail_at(&local, ERR_DAMAGED, at + ROTABLE53_ENTRIES, "protoROTable.entry",
			     "0x%" PRIx32 ", but %" PRIu32 " entries end here", list->address,
			     list->count + 1);
	flash_absorb(&r->flash, &local);
	return fits;
}

static void read_root(struct lfs53_reader *r, struct rd *rd, uint32_t module, uint32_t entry)
{
	struct flash *f = &r->flash;
	struct rd at = *rd;
	struct flash_ref ref = { .from = &at, .parent = LUA_NONE, .module = module };
	uint32_t root = LUA_NONE;

	ref.off = f->ops->address(f, &at, "proto");
	if (ref.off)
		root = lfs53_read_proto(f, &ref);
	else
		rd_fail(&at, ERR_DAMAGED, 4, "proto", "NULL");
	f->img->modules[module].proto = root;
	rd_take(rd, entry - 8, "proto");
	if (rd_u32(rd, "tag") != TAG53_LIGHT)
		rd_fail(rd, ERR_DAMAGED, 4, "tag", "not the type of a module");
}

static void read_module(struct lfs53_reader *r, struct rd rd, uint32_t entry)
{
	struct diag name_diag = { 0 }, root_diag = { 0 }, none = { 0 };
	struct rd memory = rd_init(NULL, 0, &none);
	uint32_t name, module;

	rd.diag = &name_diag;
	name = flash_take_string(&r->flash, &rd, FLASH53_TSTRING, LUA_USE_MODULE, "name");
	if (name == LUA_NONE)
		rd_fail(&rd, ERR_DAMAGED, 4, "name", "NULL");
	flash_absorb(&r->flash, &name_diag);
	module = lua_add_module(r->flash.img, &memory, name, LUA_NONE);
	flash_absorb(&r->flash, &none);
	rd.diag = &root_diag;
	if (module != LUA_NONE)
		read_root(r, &rd, module, entry);
	flash_absorb(&r->flash, &root_diag);
}

void lfs53_read_modules(struct lfs53_reader *r)
{
	struct rd_scope scope = { .name = "modules" };
	struct diag none = { 0 };
	struct list list;
	struct rd rd;

	if (!r->rotable)
		return;
	list = read_rotable(r);
	find_widths(r, &list);
	if (!check_rotable(r, &list))
		return;
	rd = flash_at(&r->flash, &none, &scope, r->rotable - list.len, list.len);
	r->flash.img->header.modules = (struct lua_range){ (uint32_t)rd.off,
							   list.len + FLASH53_ROTABLE };
	for (; scope.index < list.count; scope.index++) {
		read_module(r, rd, list.entry);
		rd_take(&rd, list.entry, "entry");
	}
	if (le32(rd.p) || le32(rd.p + list.entry - 4))
		lua_note(r->flash.img, rd.off, "modules", "the last entry is not empty");
}
