/* SPDX-License-Identifier: MIT */
/*
 * Damaged ROTables. A name or a pointer tells that there is one; what is wrong with it is noted by
 * field, and costs no more than the entry that it is in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/rd.h"
#include "common/firmware/rotables_parts.h"

enum { AT_NEXT = 0, AT_TYPE = 4, AT_COUNT = 7, AT_META = 8, AT_ENTRIES = 12 };

/* Where the byte at an address is in the file. */
static uint64_t place_of(const struct firmware *fw, uint32_t address)
{
	uint32_t i = firmware_section_at(fw, address);

	return i == FIRMWARE_NONE ? 0 : fw->sections[i].off + (address - fw->sections[i].address);
}

static bool claim(struct search *s, uint32_t address)
{
	size_t n;
	uint32_t *c;

	if (!firmware_bytes(s->fw, address, &n) || n < TABLE_BYTES || address % 4)
		return true;
	c = vec_grow(&s->claimed, &s->nclaimed, &s->claimed_cap, sizeof(*c), 1);
	if (c)
		*c = address;
	return c != NULL;
}

static bool claim_named(struct search *s)
{
	static const char end[] = "_ROTable";

	for (uint32_t i = 0; i < s->fw->nsymbols; i++) {
		const struct firmware_symbol *y = &s->fw->symbols[i];
		size_t n = y->size == TABLE_BYTES ? strlen(y->name) : 0;

		if (n >= sizeof(end) && !strcmp(y->name + n - (sizeof(end) - 1), end) &&
		    y->kind != SYMBOL_FUNCTION && !claim(s, y->address))
			return false;
	}
	return true;
}

/* What the sound ROTable p holds, and its metatable. */
static bool claim_held(struct search *s, const uint8_t *p, uint32_t count)
{
	size_t n;
	const uint8_t *e = firmware_bytes(s->fw, le32(p + AT_ENTRIES), &n);

	if (le32(p + AT_META) && !claim(s, le32(p + AT_META)))
		return false;
	for (uint32_t k = 0; k < count; k++, e += s->stride->bytes)
		if (le32(e + s->stride->tag) == TAG_TABLE && !claim(s, le32(e + s->stride->value)))
			return false;
	return true;
}

static int by_number(const void *va, const void *vb)
{
	uint32_t a = *(const uint32_t *)va;
	uint32_t b = *(const uint32_t *)vb;

	return a < b ? -1 : a > b;
}

static uint32_t sort_once(uint32_t *list, uint32_t n)
{
	uint32_t kept = 0;

	if (n)
		qsort(list, n, sizeof(*list), by_number);
	for (uint32_t i = 0; i < n; i++)
		if (!kept || list[kept - 1] != list[i])
			list[kept++] = list[i];
	return kept;
}

bool rotable_find_claimed(struct search *s)
{
	uint32_t from = s->nfound;
	size_t n;

	if (!claim_named(s))
		return false;
	for (uint32_t i = 0; i < s->fw->nentries; i++) /* of lua_rotable_base */
		if (s->fw->entries[i].value == VALUE_TABLE && !claim(s, s->fw->entries[i].address))
			return false;
	for (uint32_t i = 0; i < s->nfound; i++) {
		const uint8_t *p = firmware_bytes(s->fw, s->found[i], &n);
		uint32_t count;

		if (rotable_valid(s, s->stride, p, &count) && !claim_held(s, p, count))
			return false;
	}
	s->nclaimed = sort_once(s->claimed, s->nclaimed);
	if (!s->nclaimed)
		return true;
	if (!vec_grow(&s->found, &s->nfound, &s->cap, sizeof(*s->found), s->nclaimed))
		return false;
	memcpy(s->found + from, s->claimed, s->nclaimed * sizeof(*s->claimed));
	s->nfound = sort_once(s->found, s->nfound);
	return true;
}

bool rotable_is_claimed(const struct search *s, uint32_t address)
{
	return s->nclaimed &&
	       bsearch(&address, s->claimed, s->nclaimed, sizeof(*s->claimed), by_number) != NULL;
}

/* Notes what is wrong with an entry. */
static void note_entry(struct search *s, const char *what, uint32_t i, uint32_t at,
		       const uint8_t *p)
{
	uint32_t key = le32(p);
	uint32_t tag = le32(p + s->stride->tag);
	char path[64];
	size_t n;

	if (!rotable_tag_known(tag)) {
		snprintf(path, sizeof(path), "%.40s.entry[%u].tag", what, (unsigned)i);
		diag_fail_at(firmware_note(s->fw), ERR_DAMAGED,
			     place_of(s->fw, at) + s->stride->tag, path,
			     "0x%x is no type that a ROTable can hold", (unsigned)tag);
	}
	if (!rotable_key(s->fw, key)) {
		snprintf(path, sizeof(path), "%.40s.entry[%u].key", what, (unsigned)i);
		diag_fail_at(firmware_note(s->fw), ERR_DAMAGED, place_of(s->fw, at), path,
			     firmware_bytes(s->fw, key, &n) ? "the text at 0x%x is no key"
							    : "no text is at 0x%x",
			     (unsigned)key);
	}
}

/* Of the zeros at the end of a list only those that the linker puts there are sure: two words. */
static bool is_end(const uint8_t *p, size_t n)
{
	return !le32(p) && (n < 8 || !le32(p + 4));
}

uint32_t rotable_count_broken(struct search *s, uint32_t address, uint32_t wanted, const char *what)
{
	uint32_t step = s->stride->bytes;
	uint32_t i;
	size_t n;
	const uint8_t *p = firmware_bytes(s->fw, address, &n);

	for (i = 0; p && i < ENTRIES_MAX && n >= 4; i++, p += step, n -= step) {
		bool key, tag;

		if (is_end(p, n) || (!le32(p) && i >= wanted))
			return i;
		if (n < step || ++s->work > s->work_max)
			break;
		key = rotable_key(s->fw, le32(p)) != NULL;
		tag = rotable_tag_known(le32(p + s->stride->tag));
		if (!key && !tag)
			break;
		if (!key || !tag)
			note_entry(s, what, i, address + i * step, p);
	}
	diag_fail_at(firmware_note(s->fw), ERR_DAMAGED, place_of(s->fw, address + i * step), what,
		     "entry %u is none, and no zeros end the list before it", (unsigned)i);
	return i;
}

static bool head_good(struct search *s, const char *what, uint32_t address, const uint8_t *p)
{
	char path[64];

	if (le32(p) == 1 && p[AT_TYPE] == TAG_TABLE)
		return true;
	snprintf(path, sizeof(path), "%.40s.%s", what, le32(p) == 1 ? "type" : "next");
	diag_fail_at(firmware_note(s->fw), ERR_DAMAGED,
		     place_of(s->fw, address) + (le32(p) == 1 ? AT_TYPE : AT_NEXT), path,
		     "0x%x, a ROTable has 0x%x", le32(p) == 1 ? p[AT_TYPE] : (unsigned)le32(p),
		     le32(p) == 1 ? TAG_TABLE : 1);
	return false;
}

static void check_metatable(struct search *s, const char *what, uint32_t address, uint32_t meta)
{
	char path[64];

	if (!meta || firmware_section_at(s->fw, meta) != FIRMWARE_NONE)
		return;
	snprintf(path, sizeof(path), "%.40s.metatable", what);
	diag_fail_at(firmware_note(s->fw), ERR_DAMAGED, place_of(s->fw, address) + AT_META, path,
		     "nothing is at 0x%x", (unsigned)meta);
}

/* False after a note: there cannot be entries at all. */
static bool entries_good(struct search *s, const char *what, uint32_t address, uint32_t entries)
{
	char path[64];
	size_t n;

	if (firmware_bytes(s->fw, entries, &n) && entries % 4 == 0)
		return true;
	snprintf(path, sizeof(path), "%.40s.entries", what);
	diag_fail_at(firmware_note(s->fw), ERR_DAMAGED, place_of(s->fw, address) + AT_ENTRIES, path,
		     entries % 4 ? "0x%x is not aligned" : "nothing is at 0x%x", (unsigned)entries);
	return false;
}

/* Of a name what a message can hold; false: a file's bytes that are no name. */
static bool name_fits(const char *name, char *out, size_t size)
{
	size_t n = 0;

	for (; name[n] && n + 1 < size; n++) {
		if (name[n] < '!' || name[n] > '~')
			return false;
		out[n] = name[n];
	}
	out[n] = 0;
	return n > 0;
}

uint32_t rotable_judge(struct search *s, uint32_t address, const uint8_t *p)
{
	uint32_t y = firmware_symbol_at(s->fw, address);
	uint32_t entries = le32(p + AT_ENTRIES);
	char name[48], path[64];
	uint32_t count;

	if (y == FIRMWARE_NONE || s->fw->symbols[y].address != address ||
	    !name_fits(s->fw->symbols[y].name, name, sizeof(name)))
		snprintf(name, sizeof(name), "ROTable 0x%x", (unsigned)address);
	if (s->work > s->work_max)
		return 0;
	if (!head_good(s, name, address, p))
		return rotable_valid(s, s->stride, p, &count) ? count : 0;
	check_metatable(s, name, address, le32(p + AT_META));
	if (!entries_good(s, name, address, entries))
		return 0;
	count = rotable_count_broken(s, entries, p[AT_COUNT], name);
	if ((uint8_t)count != p[AT_COUNT]) {
		snprintf(path, sizeof(path), "%.40s.lsizenode", name);
		diag_fail_at(firmware_note(s->fw), ERR_DAMAGED, place_of(s->fw, address) + AT_COUNT,
			     path, "%u entries, but there are %u", p[AT_COUNT], (unsigned)count);
	}
	return count;
}

/* Whether a C function or a ROTable may be there: not all files have all memories. */
static bool may_be_at(const struct firmware *fw, const struct firmware_entry *e)
{
	bool function = e->value == VALUE_FUNCTION;
	uint32_t i = firmware_section_at(fw, e->address);
	enum firmware_area area = firmware_area_of(fw->chip, e->address);

	if (i != FIRMWARE_NONE)
		return !function || fw->sections[i].code;
	if (fw->chip == CHIP_UNKNOWN || area == AREA_ROM)
		return true;
	return fw->form != FIRMWARE_ELF && area != AREA_OTHER;
}

void rotable_check_values(struct firmware *fw)
{
	uint32_t step = fw->chip == CHIP_ESP32C3 ? 2 : 4; /* compilers align functions to */
	struct buf name = { 0 };
	char path[64];

	for (uint32_t i = 0; i < fw->nentries; i++) {
		const struct firmware_entry *e = &fw->entries[i];
		bool function = e->value == VALUE_FUNCTION;
		bool place = may_be_at(fw, e);

		if ((!function && (e->value != VALUE_TABLE || e->table != FIRMWARE_NONE)) ||
		    (place && (!function || e->address % step == 0)))
			continue;
		name.len = 0;
		firmware_entry_name(fw, i, &name);
		buf_byte(&name, 0);
		if (name.failed || !name_fits((const char *)name.data, path, sizeof(path)))
			snprintf(path, sizeof(path), "ROTable entry");
		diag_fail_at(firmware_note(fw), ERR_DAMAGED, place_of(fw, e->place), path,
			     place ? "%s at 0x%x, which is not aligned"
				   : "%s at 0x%x, where none can be",
			     function ? "a function" : "a ROTable", (unsigned)e->address);
	}
	buf_free(&name);
}
