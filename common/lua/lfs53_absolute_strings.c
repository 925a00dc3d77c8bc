/* SPDX-License-Identifier: MIT */
/* Strings of an absolute Lua 5.3 image; the bytes are described in flash53.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/lua/fixed53.h"
#include "common/lua/lfs53_reader.h"

/* What the loader wrote for a string is what the file's numbering made of the author's. */
uint32_t lfs53_meant_string(struct flash *f, const struct rd *rd, uint32_t s, const char *field)
{
	struct lua_image *img = f->img;
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

/* The bytes behind a TString's head. */
static bool read_string(struct lua_image *img, struct rd *rd)
{
	uint32_t off = (uint32_t)rd->off;
	const uint8_t *head = rd_take(rd, FLASH53_TSTRING, "head");
	const uint8_t *text;
	uint32_t len;
	uint32_t s;
	uint8_t tt;

	if (!head)
		return false;
	tt = head[TSTRING53_TT];
	if (tt != TT53_SHORT && tt != TT53_LONG)
		rd_fail(rd, ERR_DAMAGED, FLASH53_TSTRING - TSTRING53_TT, "tt",
			"%u is not the type of a string", tt);
	len = tt == TT53_SHORT ? head[TSTRING53_SHRLEN] : le32(head + TSTRING53_HNEXT);
	if (tt == TT53_SHORT && len > LUA_SHORT_MAX)
		rd_fail(rd, ERR_DAMAGED, FLASH53_TSTRING - TSTRING53_SHRLEN, "shrlen",
			"%" PRIu32 ", but a short string has %d", len, LUA_SHORT_MAX);
	if (len > rd->len)
		rd_fail(rd, ERR_DAMAGED, 4, "len", "%" PRIu32 " bytes of text", len);
	text = rd_bad(rd) ? NULL : rd_take(rd, ((size_t)len + 4) & ~(size_t)3, "text");
	if (!text)
		return false;
	s = lua_add_string(img, rd, text, len, off);
	if (s == LUA_NONE)
		return false;
	img->strings[s].hash = le32(head + TSTRING53_HASH);
	if (tt == TT53_LONG && len <= LUA_SHORT_MAX)
		lua_note(img, off + TSTRING53_TT, "strings", "a long string of %" PRIu32 " bytes",
			 len);
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
	lua_note(img, HEADER53_NSHORT, "nROuse",
		 "%" PRIu32 ", but there are %" PRIu32 " short strings and %d or %d fixed ones",
		 h->nshort, own, FIXED53_STOCK, FIXED53_COUNT);
	h->fixed_count = FIXED53_STOCK;
}

void lfs53_read_strings(struct lfs53_reader *r, uint32_t end)
{
	struct lua_image *img = r->flash.img;
	struct lua_range *section = &img->header.strings;
	struct diag local = { 0 };
	struct rd_scope scope = { .name = "strings" };
	struct rd rd = flash_at(&r->flash, &local, &scope, FLASH53_HEADER, end - FLASH53_HEADER);

	section->off = FLASH53_HEADER;
	while (rd.len && read_string(img, &rd)) {
		const struct lua_string *s = &img->strings[scope.index];

		r->last_text[s->len > LUA_SHORT_MAX] = s->off;
		scope.index = img->nstrings;
	}
	section->len = (uint32_t)rd.off - section->off;
	flash_absorb(&r->flash, &local);
	if (!local.code)
		find_fixed(img);
	else
		img->ntext = img->nstrings;
	count_strings(img);
}

/* Short strings are in one list, long ones in another, each from the last to the first. */
static void check_lists(struct lfs53_reader *r)
{
	struct lua_image *img = r->flash.img;
	uint32_t before[2] = { 0 };

	for (uint32_t i = 0; i < img->nstrings; i++) {
		uint32_t off = img->strings[i].off;
		uint32_t *last = &before[img->strings[i].len > LUA_SHORT_MAX];
		char path[32];

		if (lfs53_word(r, off) != img->header.base + *last) {
			snprintf(path, sizeof(path), "strings[%" PRIu32 "].next", i);
			lua_note(img, off, path, "does not lead to 0x%" PRIx32, *last);
		}
		*last = off;
	}
}

void lfs53_read_chains(struct lfs53_reader *r)
{
	flash_read_chains(&r->flash);
	check_lists(r);
}
