/* SPDX-License-Identifier: MIT */
/* Strings of an absolute Lua 5.3 image; the bytes are described in lfs53_absolute.c. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/lua/fixed53.h"
#include "common/lua/lfs53_absolute.h"

enum { TT_SHORT = 4, TT_LONG = 20 };

void absolute53_absorb(struct absolute53 *r, const struct diag *local)
{
	struct lua_image *img = r->img;

	if (!local->code)
		return;
	if (!r->first->code)
		*r->first = *local;
	else if (img->note_count++ < LUA_NOTES_MAX)
		img->notes[img->note_count - 1] = *local;
}

uint32_t absolute53_address(struct absolute53 *r, struct rd *rd, const char *field)
{
	uint32_t word = rd_u32(rd, field);
	uint32_t off = word - r->img->header.base;

	if (rd_bad(rd) || word == 0)
		return 0;
	if (off >= r->all.len) {
		rd_fail(rd, ERR_DAMAGED, 4, field, "0x%" PRIx32 " leads outside the image", word);
		return 0;
	}
	if (off == 0 || off % 4 != 0) {
		rd_fail(rd, ERR_DAMAGED, 4, field, "0x%" PRIx32 " leads %s", word,
			off ? "between two words" : "to the header");
		return 0;
	}
	return off;
}

uint32_t absolute53_string_at(const struct lua_image *img, uint32_t off)
{
	uint32_t lo = 0;
	uint32_t hi = img->nstrings;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (img->strings[mid].off < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < img->nstrings && img->strings[lo].off == off ? lo : LUA_NONE;
}

/* What the loader wrote for a string is what the file's numbering made of the author's. */
static uint32_t as_written(struct absolute53 *r, const struct rd *rd, uint32_t s, const char *field)
{
	struct lua_image *img = r->img;
	uint32_t fixed;

	if (s < img->ntext || !img->header.fixed_count)
		return s;
	fixed = s - img->ntext;
	if (img->header.fixed_count == FIXED53_COUNT) {
		if (fixed == FIXED53_USERDATA)
			lua_note(img, rd->off - 4, field ? field : "",
				 "the first of two strings \"userdata\", which equals no "
				 "type's name");
		return s;
	}
	fixed = fixed53_from_file(FIXED53_STOCK, fixed);
	if (fixed != LUA_NONE)
		return img->ntext + fixed;
	lua_note(img, rd->off - 4, field ? field : "",
		 "the last of the fixed strings, which no file can mention");
	return s;
}

uint32_t absolute53_string(struct absolute53 *r, struct rd *rd, uint32_t skip, enum lua_use use,
			   const char *field)
{
	uint32_t off = absolute53_address(r, rd, field);
	uint32_t s;

	if (rd_bad(rd) || off == 0)
		return LUA_NONE;
	s = absolute53_string_at(r->img, off - skip);
	if (s == LUA_NONE) {
		rd_fail(rd, ERR_DAMAGED, 4, field, "offset 0x%" PRIx32 " holds no string", off);
		return LUA_NONE;
	}
	s = as_written(r, rd, s, field);
	lua_refer(r->img, s, use);
	return s;
}

/* The bytes behind a TString's head. */
static bool read_string(struct absolute53 *r, struct rd *rd)
{
	struct lua_image *img = r->img;
	uint32_t off = (uint32_t)rd->off;
	const uint8_t *head = rd_take(rd, FLASH53_TSTRING, "head");
	const uint8_t *text;
	uint32_t len;
	uint32_t s;

	if (!head)
		return false;
	if (head[4] != TT_SHORT && head[4] != TT_LONG)
		rd_fail(rd, ERR_DAMAGED, 12, "tt", "%u is not the type of a string", head[4]);
	len = head[4] == TT_SHORT ? head[7] : le32(head + FLASH53_HNEXT);
	if (head[4] == TT_SHORT && len > LUA_SHORT_MAX)
		rd_fail(rd, ERR_DAMAGED, 9, "shrlen", "%" PRIu32 ", but a short string has %d", len,
			LUA_SHORT_MAX);
	if (len > rd->len)
		rd_fail(rd, ERR_DAMAGED, 4, "len", "%" PRIu32 " bytes of text", len);
	text = rd_bad(rd) ? NULL : rd_take(rd, ((size_t)len + 4) & ~(size_t)3, "text");
	if (!text)
		return false;
	s = lua_add_string(img, rd, text, len, off);
	if (s == LUA_NONE)
		return false;
	img->strings[s].hash = le32(head + 8);
	if (head[4] == TT_LONG && len <= LUA_SHORT_MAX)
		lua_note(img, off + 4, "strings", "a long string of %" PRIu32 " bytes", len);
	return true;
}

static bool is_fixed(const struct lua_string *s, uint32_t index)
{
	return s->len == strlen(fixed53[index]) && memcmp(s->text, fixed53[index], s->len) == 0;
}

/*
 * The loader puts its 72 last. Most must be what they should; the others are then damaged, and
 * each is noted. When they are not there at all, none counts as fixed.
 */
static void find_fixed(struct lua_image *img)
{
	uint32_t first = img->nstrings < FIXED53_COUNT ? 0 : img->nstrings - FIXED53_COUNT;
	uint32_t right = 0;

	img->ntext = img->nstrings;
	for (uint32_t i = 0; i < FIXED53_COUNT && first + i < img->nstrings; i++)
		right += is_fixed(&img->strings[first + i], i);
	if (right <= FIXED53_COUNT / 2) {
		lua_note(img, img->header.strings.off, "strings",
			 "the firmware's own strings are not at the end");
		return;
	}
	img->ntext = first;
	for (uint32_t i = 0; i < FIXED53_COUNT; i++) {
		struct lua_string *s = &img->strings[first + i];

		s->uses = LUA_USE_FIXED;
		if (!is_fixed(s, i))
			lua_note(img, s->off, "strings", "not the firmware's \"%s\"", fixed53[i]);
	}
}

/* nROuse counts the file's short strings and the fixed ones as the file's writer counts them. */
static void count_strings(struct lua_image *img)
{
	struct lua_header *h = &img->header;
	uint32_t own = 0;

	for (uint32_t i = 0; i < img->nstrings; i++) {
		uint32_t len = img->strings[i].len;

		if (len > h->max_len)
			h->max_len = len;
		if (len > LUA_SHORT_MAX)
			h->nlong++;
		else if (i < img->ntext)
			own++;
	}
	if (img->ntext == img->nstrings)
		return;
	h->fixed_count = h->nshort - own;
	if (h->fixed_count == FIXED53_STOCK || h->fixed_count == FIXED53_COUNT)
		return;
	lua_note(img, 16, "nROuse",
		 "%" PRIu32 ", but there are %" PRIu32 " short strings and %d or %d fixed ones",
		 h->nshort, own, FIXED53_STOCK, FIXED53_COUNT);
	h->fixed_count = FIXED53_STOCK;
}

void absolute53_strings(struct absolute53 *r, uint32_t end)
{
	struct lua_image *img = r->img;
	struct lua_range *section = &img->header.strings;
	struct diag local = { 0 };
	struct rd_scope scope = { .name = "strings" };
	struct rd rd = r->all;

	rd.diag = &local;
	rd = rd_window(&rd, FLASH53_HEADER, end - FLASH53_HEADER, "strings");
	rd.scope = &scope;
	section->off = FLASH53_HEADER;
	while (rd.len && !rd_bad(&rd)) {
		scope.index = img->nstrings;
		if (!read_string(r, &rd))
			break;
		r->last_text[img->strings[scope.index].len > LUA_SHORT_MAX] =
			img->strings[scope.index].off;
	}
	section->len = (uint32_t)rd.off - section->off;
	absolute53_absorb(r, &local);
	if (!local.code)
		find_fixed(img);
	else
		img->ntext = img->nstrings;
	count_strings(img);
}

/* Follows one bucket; place by place, and no string twice. */
static void read_chain(struct absolute53 *r, struct rd at)
{
	struct lua_image *img = r->img;
	struct rd whole = r->all;
	const struct rd_scope *scope = at.scope;

	whole.diag = at.diag;
	for (uint32_t place = 0;; place++) {
		uint32_t off = absolute53_address(r, &at, "hnext");
		uint32_t s = off ? absolute53_string_at(img, off) : LUA_NONE;
		const char *wrong = NULL;

		if (rd_bad(&at) || off == 0)
			return;
		if (s == LUA_NONE)
			wrong = "holds no string";
		else if (img->strings[s].len > LUA_SHORT_MAX)
			wrong = "holds a long string";
		else if (img->strings[s].chain != LUA_NONE)
			wrong = "stands in two chains or in a cycle";
		if (wrong) {
			rd_fail(&at, ERR_DAMAGED, 4, "hnext", "what is at 0x%" PRIx32 " %s", off,
				wrong);
			return;
		}
		img->strings[s].chain = place;
		at = rd_window(&whole, off + FLASH53_HNEXT, 4, "hnext");
		at.scope = scope;
	}
}

/* Short strings are in one list, long ones in another, each from the last to the first. */
static void check_lists(struct absolute53 *r)
{
	struct lua_image *img = r->img;
	uint32_t before[2] = { 0 };

	for (uint32_t i = 0; i < img->nstrings; i++) {
		uint32_t off = img->strings[i].off;
		uint32_t *last = &before[img->strings[i].len > LUA_SHORT_MAX];
		char path[32];

		if (le32(img->bytes + off) != img->header.base + *last) {
			snprintf(path, sizeof(path), "strings[%" PRIu32 "].next", i);
			lua_note(img, off, path, "does not lead to 0x%" PRIx32, *last);
		}
		*last = off;
	}
}

void absolute53_chains(struct absolute53 *r)
{
	struct lua_image *img = r->img;
	struct diag local = { 0 };
	struct rd_scope scope = { .name = "oROhash" };
	struct rd rd = r->all;

	rd.diag = &local;
	rd = rd_window(&rd, img->header.hash_vector.off, img->header.hash_vector.len, "oROhash");
	rd.scope = &scope;
	for (uint32_t i = 0; i < img->header.buckets && !rd_bad(&rd); i++) {
		scope.index = i;
		read_chain(r, rd);
		rd_take(&rd, 4, "bucket");
	}
	absolute53_absorb(r, &local);
	check_lists(r);
}
