/* SPDX-License-Identifier: MIT */
/*
 * Mentions of strings in the streams of Lua 5.3. Source: DumpString() of ldump.c, LoadString_() of
 * lundump.c.
 *
 * In line (chunks): a typed integer, value length + 1, then the bytes without a NUL.
 * By reference (LFS): a typed integer, value is the string's number, 1 first: the file's own
 * strings, then the fixed ones (fixed53.h).
 * Either way the type is 5 for up to 40 bytes and 6 above, and value 0 is "no string" (byte 50).
 */
#include "common/lua/stream53.h"

#include <inttypes.h>

#include "common/lua/fixed53.h"

/* A number counts from 1. The file's own strings are the first ntext of the image. */
static uint32_t resolve(struct stream53 *s, struct typed53 t, const char *field)
{
	const struct lua_image *img = s->img;
	uint32_t fixed;

	if (t.value <= img->ntext)
		return (uint32_t)t.value - 1;
	fixed = fixed53_from_file(img->header.fixed_count, t.value - 1 - img->ntext);
	if (fixed == LUA_NONE) {
		rd_fail(&s->rd, ERR_DAMAGED, t.size, field,
			"string %" PRIu64 " of %" PRIu32 " and the fixed ones", t.value,
			img->ntext);
		return LUA_NONE;
	}
	if (fixed == FIXED53_USERDATA && img->header.fixed_count == FIXED53_COUNT)
		stream53_note(s, s->rd.off - t.size, field,
			      "the first of two strings \"userdata\", which equals no type's name");
	return img->ntext + fixed;
}

static uint32_t take_text(struct stream53 *s, struct typed53 t, uint64_t off, const char *field)
{
	uint64_t len = t.value - 1;
	const uint8_t *text;

	if (!rd_fits(&s->rd, len, 1, field))
		return LUA_NONE;
	text = rd_take(&s->rd, (size_t)len, field);
	return lua_intern(s->img, &s->rd, text, (uint32_t)len, (uint32_t)off);
}

/* As the loader has it: only a negative number and 0 are "no string", whatever the type. */
static uint32_t take_mention(struct stream53 *s, struct typed53 t, uint64_t off, const char *field)
{
	if (rd_bad(&s->rd) || t.type == TYPED53_NEGATIVE || t.value == 0)
		return LUA_NONE;
	return s->refs ? resolve(s, t, field) : take_text(s, t, off, field);
}

uint32_t stream53_string(struct stream53 *s, uint8_t tag, const char *field)
{
	uint64_t off = s->rd.off - 1;
	struct typed53 t = stream53_typed(s, tag, field);
	uint32_t string = take_mention(s, t, off, field);
	uint32_t len = 0;
	uint8_t type;

	if (string != LUA_NONE)
		len = s->img->strings[string].len;
	type = len > LUA_SHORT_MAX ? TYPED53_LONG : TYPED53_SHORT;
	if (t.type != type)
		stream53_note(s, off, field, "type %u for %s of %" PRIu32 " bytes, not %u", t.type,
			      string == LUA_NONE ? "no string" : "a string", len, type);
	return string;
}

void writer53_string(struct writer53 *w, uint32_t string)
{
	const struct lua_image *img = w->img;
	const struct lua_string *str;
	enum typed53_type type;

	if (string >= img->nstrings) {
		writer53_typed(w, TYPED53_SHORT, 0);
		return;
	}
	str = &img->strings[string];
	type = str->len > LUA_SHORT_MAX ? TYPED53_LONG : TYPED53_SHORT;
	if (!w->refs) {
		writer53_typed(w, type, (uint64_t)str->len + 1);
		buf_put(w->out, str->text, str->len);
		return;
	}
	if (string >= img->ntext)
		string = img->ntext + fixed53_to_file(img->header.fixed_count, string - img->ntext);
	writer53_typed(w, type, (uint64_t)string + 1);
}
