/* SPDX-License-Identifier: MIT */
/*
 * ROTables, found by what they look like, so that a file without symbols has them too.
 *
 * A ROTable is 16 bytes, words but for the second, which is bytes:
 *	0 next = 1, 4 type = 0x15, marked = 0, flags, number of entries (its low 8 bits)
 *	8 metatable or 0, 12 entries
 * An entry is a key, the address of a C string, and a TValue; a NULL key ends them. Where value and
 * tag are in an entry differs from build to build: the layout that most candidates agree to holds.
 * lua_rotable_base is entries alone, put together by the linker.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/rd.h"
#include "common/firmware/rotables_parts.h"

static const struct firmware_stride strides[] = {
	{ .bytes = 12, .value = 4, .tag = 8, .tvalue = 8 },
	{ .bytes = 16, .value = 4, .tag = 12, .tvalue = 12 },
	{ .bytes = 24, .value = 8, .tag = 16, .tvalue = 16 },
};
enum { STRIDES = sizeof(strides) / sizeof(strides[0]) };

enum { KEY_MAX = 64 };

/* A new table, its fields empty; NULL: no memory. */
static struct firmware_table *add_table(struct firmware *fw, uint32_t address)
{
	struct firmware_table *t = vec_grow(&fw->tables, &fw->ntables, &fw->cap.tables, sizeof(*t),
					    1);

	if (t) {
		t->address = address;
		t->metatable = t->parent = t->via = t->module = FIRMWARE_NONE;
	}
	return t;
}

bool rotable_tag_known(uint32_t tag)
{
	return tag == TAG_NIL || tag == TAG_POINTER || tag == TAG_NUMBER || tag == TAG_INTEGER53 ||
	       tag == TAG_TABLE || tag == TAG_FUNCTION53 || tag == TAG_FUNCTION51;
}

const char *rotable_key(const struct firmware *fw, uint32_t address)
{
	size_t n;
	const uint8_t *p = firmware_bytes(fw, address, &n);

	for (size_t i = 0; i < n && i <= KEY_MAX; i++) {
		if (p[i] == 0)
			return (const char *)p;
		if (p[i] < 0x20 || p[i] == 0x7f)
			return NULL;
	}
	return NULL;
}

/* How many entries there are before a NULL key; false when one of them is none, or has no end. */
static bool entries_count(struct search *s, const struct firmware_stride *stride, uint32_t address,
			  uint32_t *count)
{
	size_t n;
	const uint8_t *p = firmware_bytes(s->fw, address, &n);

	for (*count = 0; *count < ENTRIES_MAX && n >= 4; ++*count) {
		if (++s->work > s->work_max)
			return false;
		if (!le32(p))
			return true;
		if (n < stride->bytes || !rotable_tag_known(le32(p + stride->tag)) ||
		    !rotable_key(s->fw, le32(p)))
			return false;
		p += stride->bytes;
		n -= stride->bytes;
	}
	return false;
}

bool rotable_valid(struct search *s, const struct firmware_stride *stride, const uint8_t *p,
		   uint32_t *count)
{
	return entries_count(s, stride, le32(p + 12), count) && (uint8_t)*count == p[7];
}

static bool looks_like_table(const struct firmware *fw, const uint8_t *p)
{
	uint32_t meta;

	if (le32(p) != 1 || p[4] != TAG_TABLE || p[5] != 0)
		return false;
	meta = le32(p + 8);
	return (!meta || firmware_section_at(fw, meta) != FIRMWARE_NONE) &&
	       firmware_section_at(fw, le32(p + 12)) != FIRMWARE_NONE;
}

static bool find_candidates(struct search *s)
{
	for (uint32_t i = 0; i < s->fw->nsections; i++) {
		const struct firmware_section *sec = &s->fw->sections[i];
		uint32_t at = (4 - sec->address % 4) % 4;

		for (; sec->nbytes >= TABLE_BYTES && at <= sec->nbytes - TABLE_BYTES; at += 4) {
			uint32_t *c;

			if (!looks_like_table(s->fw, sec->bytes + at))
				continue;
			c = vec_grow(&s->found, &s->nfound, &s->cap, sizeof(*c), 1);
			if (!c)
				return false;
			*c = sec->address + at;
		}
	}
	return true;
}

/* The layout by which the most entries make sense. */
static void choose_stride(struct search *s)
{
	uint64_t best = 0;

	for (unsigned k = 0; k < STRIDES; k++) {
		uint64_t entries = 0;

		for (uint32_t i = 0; i < s->nfound; i++) {
			uint32_t count;
			size_t n;

			if (rotable_valid(s, &strides[k], firmware_bytes(s->fw, s->found[i], &n),
					  &count))
				entries += count;
		}
		if (entries > best) {
			best = entries;
			s->stride = &strides[k];
		}
	}
}

static void read_number(const struct firmware_lua *lua, const struct firmware_stride *stride,
			const uint8_t *p, struct firmware_entry *e)
{
	uint32_t w = le32(p);
	uint64_t d = stride->tvalue > 8 ? le64(p) : 0;
	float f;

	if (e->tag == TAG_INTEGER53 || (lua->version == 51 && stride->tvalue == 8)) {
		e->value = VALUE_INTEGER;
		e->i = stride->tvalue > 8 ? (int64_t)d : (int32_t)w;
		return;
	}
	e->value = VALUE_FLOAT;
	if (stride->tvalue > 8) {
		memcpy(&e->f, &d, sizeof(e->f));
	} else {
		memcpy(&f, &w, sizeof(f));
		e->f = (double)f;
	}
}

/* One entry from its bytes. */
static void read_entry(const struct search *s, const uint8_t *p, uint32_t place,
		       struct firmware_entry *e)
{
	const struct firmware_stride *stride = s->stride;
	const uint8_t *value = p + stride->value;

	e->key = rotable_key(s->fw, le32(p));
	e->place = place;
	e->tag = le32(p + stride->tag);
	e->address = le32(value);
	e->table = FIRMWARE_NONE;
	switch (e->tag) {
	case TAG_NIL: e->value = VALUE_NIL; break;
	case TAG_POINTER: e->value = VALUE_POINTER; break;
	case TAG_TABLE: e->value = VALUE_TABLE; break;
	case TAG_FUNCTION51:
	case TAG_FUNCTION53: e->value = VALUE_FUNCTION; break;
	case TAG_NUMBER:
	case TAG_INTEGER53: read_number(&s->fw->lua, stride, value, e); break;
	default: e->value = VALUE_UNKNOWN; break;
	}
}

static bool read_entries(struct search *s, struct firmware_table *t, uint32_t address,
			 uint32_t count)
{
	struct firmware *fw = s->fw;
	size_t n;
	const uint8_t *p = firmware_bytes(fw, address, &n);

	t->first = fw->nentries;
	t->count = count;
	if (!vec_grow(&fw->entries, &fw->nentries, &fw->cap.entries, sizeof(*fw->entries), count))
		return false;
	for (uint32_t i = 0; i < count; i++)
		read_entry(s, p + (size_t)i * s->stride->bytes,
			   address + i * (uint32_t)s->stride->bytes, &fw->entries[t->first + i]);
	return true;
}

/* 5.1 or 5.3, by the tags of C functions. */
static void find_version(struct search *s)
{
	uint32_t votes[2] = { 0, 0 };
	struct firmware_lua *lua = &s->fw->lua;

	for (uint32_t i = 0; i < s->nfound; i++) {
		size_t n;
		const uint8_t *p = firmware_bytes(s->fw, s->found[i], &n);
		uint32_t count;

		if (!rotable_valid(s, s->stride, p, &count) || !count)
			continue;
		p = firmware_bytes(s->fw, le32(p + 12), &n);
		for (uint32_t k = 0; k < count; k++, p += s->stride->bytes) {
			uint32_t tag = le32(p + s->stride->tag);

			votes[0] += tag == TAG_FUNCTION51;
			votes[1] += tag == TAG_FUNCTION53 || tag == TAG_INTEGER53;
		}
	}
	lua->version = votes[0] || votes[1] ? votes[0] >= votes[1] ? 51 : 53 : 0;
	lua->tvalue_bytes = s->stride->tvalue;
	lua->integer = lua->version == 51 && lua->tvalue_bytes == 8;
	lua->wide = lua->version == 53 && lua->tvalue_bytes > 8;
}

/* The vector that the linker puts together, by its symbol or else by what it looks like. */
static bool read_base(struct search *s)
{
	struct firmware *fw = s->fw;
	uint32_t symbol = firmware_symbol_find(fw, "lua_rotable_base");
	struct firmware_table *t;
	uint32_t count, address;

	if (symbol != FIRMWARE_NONE)
		address = fw->symbols[symbol].address;
	else if (!firmware_guess_base(fw, s->stride, s->found, s->nfound, &address))
		return true;
	if (!entries_count(s, s->stride, address, &count)) {
		count = rotable_count_broken(s, address, 0, "lua_rotable_base");
		if (!count)
			return true;
	}
	t = add_table(fw, address);
	if (!t)
		return false;
	if (symbol != FIRMWARE_NONE)
		t->symbol = fw->symbols[symbol].name;
	t->reach = REACH_BASE;
	return read_entries(s, t, address, count);
}

static bool read_tables(struct search *s)
{
	struct firmware *fw = s->fw;

	for (uint32_t i = 0; i < s->nfound; i++) {
		struct firmware_table *t;
		uint32_t count, symbol;
		size_t n;
		const uint8_t *p = firmware_bytes(fw, s->found[i], &n);

		if (!looks_like_table(fw, p) || !rotable_valid(s, s->stride, p, &count)) {
			if (!rotable_is_claimed(s, s->found[i]))
				continue;
			count = rotable_judge(s, s->found[i], p);
		}
		t = add_table(fw, s->found[i]);
		if (!t || !read_entries(s, t, le32(p + 12), count))
			return false;
		t->metatable = le32(p + 8); /* an address until all tables are known */
		symbol = firmware_symbol_at(fw, t->address);
		if (symbol != FIRMWARE_NONE && fw->symbols[symbol].address == t->address)
			t->symbol = fw->symbols[symbol].name;
	}
	return true;
}

bool firmware_find_tables(struct firmware *fw)
{
	struct search s = { .fw = fw, .work_max = (uint64_t)fw->len * 4 + 65536 };
	bool ok = find_candidates(&s);

	if (ok)
		choose_stride(&s);
	if (ok && s.stride) {
		find_version(&s);
		ok = read_base(&s) && rotable_find_claimed(&s) && read_tables(&s);
	}
	if (s.work > s.work_max)
		diag_fail_at(firmware_note(fw), ERR_DAMAGED, 0, "ROTables",
			     "more entries than the file has bytes for");
	free(s.found);
	free(s.claimed);
	if (!ok || !firmware_reach_tables(fw) || !firmware_index_functions(fw))
		return false;
	rotable_check_values(fw);
	return true;
}
