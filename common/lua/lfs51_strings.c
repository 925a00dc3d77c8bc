/* SPDX-License-Identifier: MIT */
/* Strings of a Lua 5.1 image and the hash vector over them; the bytes are described in lfs51.c. */
#include "common/lua/lfs51_reader.h"

#include <inttypes.h>

/* String whose TString begins at off: they are laid out one after the other. */
static uint32_t string_at(const struct lua_image *img, uint32_t off)
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

uint32_t lfs51_take_string(struct lfs51_reader *r, struct rd *rd, uint32_t skip, enum lua_use use,
			   const char *field)
{
	uint32_t off = lfs51_take_address(r, rd, field);
	uint32_t s;

	if (rd_bad(rd) || off == 0)
		return LUA_NONE;
	s = string_at(r->img, off - skip);
	if (s == LUA_NONE) {
		rd_fail(rd, ERR_DAMAGED, 4, field, "offset 0x%" PRIx32 " holds no string", off);
		return LUA_NONE;
	}
	lua_refer(r->img, s, use);
	return s;
}

void lfs51_read_strings(struct lfs51_reader *r, struct diag *diag, uint32_t count)
{
	struct lua_image *img = r->img;
	struct lua_range *section = &img->header.strings;
	struct rd_scope scope = { .name = "strings" };
	struct rd rd = rd_window(&r->all, section->off, r->all.len - section->off, "strings");

	rd.scope = &scope;
	rd.diag = diag;
	for (uint32_t i = 0; i < count && !rd_bad(&rd); i++) {
		uint32_t off = (uint32_t)rd.off;
		const uint8_t *head;
		uint32_t len;
		const uint8_t *text;

		scope.index = i;
		head = rd_take(&rd, 12, "head");
		len = rd_u32(&rd, "len");
		text = len < UINT32_MAX - 4 ? rd_take(&rd, ((size_t)len + 4) & ~(size_t)3, "text")
					    : NULL;
		if (!text) {
			rd_fail(&rd, ERR_DAMAGED, 4, "len", "%" PRIu32 " bytes of text", len);
			break;
		}
		if (lua_add_string(img, &rd, text, len, off) == LUA_NONE)
			break;
		img->strings[i].hash = le32(head + 8);
		if (i == 0)
			img->traits.old_tags = head[4] == 6;
	}
	section->len = (uint32_t)rd.off - section->off;
}

static void note_string(struct lfs51_reader *r, uint32_t s, uint32_t field, const char *name,
			const char *text)
{
	struct rd_scope scope = { .name = "strings", .index = s };
	struct diag local = { 0 };
	struct rd at = r->all;

	at.scope = &scope;
	at.diag = &local;
	at.off = r->img->strings[s].off + field;
	rd_fail(&at, ERR_DAMAGED, 0, name, "%s", text);
	lfs51_note(r, &local);
}

/* What makes the device miss a string, so that it makes a second one, unequal to the first. */
static void check_strings(struct lfs51_reader *r)
{
	for (uint32_t i = 0; i < r->img->nstrings; i++) {
		const struct lua_string *s = &r->img->strings[i];

		if (lua_hash51(s->text, s->len) != s->hash)
			note_string(r, i, 8, "hash", "not that of the text");
		else if (s->chain == LUA_NONE)
			note_string(r, i, 0, "next", "the string is in no chain");
	}
}

/* The chain of one bucket; at: the bucket. */
static void read_chain(struct lfs51_reader *r, struct rd at, uint32_t bucket)
{
	struct lua_image *img = r->img;

	for (uint32_t place = 0;; place++) {
		uint32_t off = lfs51_take_address(r, &at, "next");
		uint32_t s = off ? string_at(img, off) : LUA_NONE;

		if (rd_bad(&at) || off == 0)
			return;
		if (s == LUA_NONE || img->strings[s].chain != LUA_NONE) {
			rd_fail(&at, ERR_DAMAGED, 4, "next",
				s == LUA_NONE ? "offset 0x%" PRIx32 " holds no string"
					      : "the string at 0x%" PRIx32
						" stands in two chains or in a cycle",
				off);
			return;
		}
		img->strings[s].chain = place;
		if ((img->strings[s].hash & (img->header.buckets - 1)) != bucket)
			note_string(r, s, 8, "hash", "the string is in the chain of another hash");
		at.p = img->bytes + off;
		at.off = off;
		at.len = 4;
	}
}

void lfs51_read_chains(struct lfs51_reader *r, struct diag *diag)
{
	struct lua_image *img = r->img;
	struct rd_scope scope = { .name = "pROhash" };
	struct rd rd = rd_window(&r->all, img->header.hash_vector.off, img->header.hash_vector.len,
				 "pROhash");

	rd.scope = &scope;
	rd.diag = diag;
	for (; scope.index < img->header.buckets && !rd_bad(&rd); scope.index++) {
		read_chain(r, rd, scope.index);
		rd_take(&rd, 4, "next");
	}
	if (!rd_bad(&rd))
		check_strings(r);
}
