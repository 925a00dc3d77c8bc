/* SPDX-License-Identifier: MIT */
/* Strings of a Lua 5.1 image and the hash vector over them; flash51.h describes the bytes. */
#include "common/lua/lfs51_reader.h"

#include <inttypes.h>

/* The string at the cursor. */
static bool read_string(struct lua_image *img, struct rd *rd)
{
	uint32_t off = (uint32_t)rd->off;
	const uint8_t *head = rd_take(rd, TSTRING51_LEN, "head");
	uint32_t len = rd_u32(rd, "len");
	const uint8_t *text = NULL;
	uint32_t s;

	if (len < UINT32_MAX - 4)
		text = rd_take(rd, ((size_t)len + 4) & ~(size_t)3, "text");
	if (!text) {
		rd_fail(rd, ERR_DAMAGED, 4, "len", "%" PRIu32 " bytes of text", len);
		return false;
	}
	s = lua_add_string(img, rd, text, len, off);
	if (s == LUA_NONE)
		return false;
	img->strings[s].hash = le32(head + TSTRING51_HASH);
	if (s == 0)
		img->traits.old_tags = head[TSTRING51_TT] == TAG51_STRING + TAG51_OLD;
	return true;
}

void lfs51_read_strings(struct lfs51_reader *r, uint32_t count)
{
	struct lua_image *img = r->flash.img;
	struct lua_range *section = &img->header.strings;
	struct rd_scope scope = { .name = "strings" };
	struct diag local = { 0 };
	struct rd rd = flash_at(&r->flash, &local, &scope, section->off,
				r->flash.all.len - section->off);

	for (; scope.index < count; scope.index++)
		if (!read_string(img, &rd))
			break;
	section->len = (uint32_t)rd.off - section->off;
	flash_absorb(&r->flash, &local);
}

static void note_string(struct flash *f, uint32_t s, uint32_t field, const char *name,
			const char *text)
{
	struct rd_scope scope = { .name = "strings", .index = s };
	struct diag local = { 0 };
	struct rd at = flash_at(f, &local, &scope, f->img->strings[s].off + field, 0);

	rd_fail(&at, ERR_DAMAGED, 0, name, "%s", text);
	lua_note_diag(f->img, &local);
}

void lfs51_string_chained(struct flash *f, uint32_t s, uint32_t bucket)
{
	const struct lua_image *img = f->img;

	if ((img->strings[s].hash & (img->header.buckets - 1)) != bucket)
		note_string(f, s, TSTRING51_HASH, "hash",
			    "the string is in the chain of another hash");
}

/* What makes the device miss a string, so that it makes a second one, unequal to the first. */
static void check_strings(struct flash *f)
{
	for (uint32_t i = 0; i < f->img->nstrings; i++) {
		const struct lua_string *s = &f->img->strings[i];

		if (lua_hash51(s->text, s->len) != s->hash)
			note_string(f, i, TSTRING51_HASH, "hash", "not that of the text");
		else if (s->chain == LUA_NONE)
			note_string(f, i, TSTRING51_NEXT, "next", "the string is in no chain");
	}
}

void lfs51_read_chains(struct lfs51_reader *r)
{
	if (flash_read_chains(&r->flash))
		check_strings(&r->flash);
}
