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

/* number: 1 first. The file's own strings are the first ntext of the image. */
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

uint32_t stream53_string(struct stream53 *s, uint8_t tag, const char *field)
{
	uint64_t off = s->rd.off - 1;
	struct typed53 t = stream53_typed(s, tag, field);
	uint32_t string;

	if (rd_bad(&s->rd))
		return LUA_NONE;
	if (t.type != TYPED53_SHORT && t.type != TYPED53_LONG) {
		rd_fail(&s->rd, ERR_DAMAGED, t.size, field, "type %u, not a string", t.type);
		return LUA_NONE;
	}
	if (t.value == 0) {
		if (t.type == TYPED53_LONG)
			stream53_note(s, off, field, "no string, and long");
		return LUA_NONE;
	}
	string = s->refs ? resolve(s, t, field) : take_text(s, t, off, field);
	if (string != LUA_NONE &&
	    (t.type == TYPED53_LONG) != (s->img->strings[string].len > LUA_SHORT_MAX))
		stream53_note(s, off, field, "type %u for a string of %" PRIu32 " bytes", t.type,
			      s->img->strings[string].len);
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
