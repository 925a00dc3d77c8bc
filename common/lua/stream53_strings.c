/* SPDX-License-Identifier: MIT */
/*
 * String section of a portable LFS image of Lua 5.3. Source: DumpLFSstrings() of ldump.c,
 * LoadAllStrings() of lundump.c. Counts and typed integers: stream53.c.
 *
 *	mark       19 's' 's'
 *	maxlen     count: length of the longest string, the fixed ones included (so 17 or more);
 *	           the loader's buffer is made for it
 *	nshort     count: strings of up to 40 bytes, fixed ones included
 *	nlong      count: longer strings
 *	nstrings   count: strings that follow; nshort + nlong - nstrings are the fixed ones: 71 as
 *	           luac.cross counts them, 72 when repaired (fixed53.h)
 *	           for each: typed integer, type 5 up to 40 bytes, 6 above, value length + 1; bytes
 */
#include "common/lua/stream53.h"

#include <inttypes.h>
#include <string.h>

#include "common/lua/fixed53.h"
#include "common/lua/table53.h"

/* Where the counts stand. */
struct places {
	uint64_t maxlen, nshort, nlong;
};

static void read_string(struct stream53 *s)
{
	uint64_t off = s->rd.off;
	struct typed53 t = stream53_typed(s, rd_u8(&s->rd, "length"), "length");
	uint64_t len = t.value - 1;
	const uint8_t *text;
	uint8_t type;

	if (rd_bad(&s->rd))
		return;
	if (t.type == TYPED53_NEGATIVE || t.value == 0) {
		rd_fail(&s->rd, ERR_DAMAGED, t.size, "length",
			"type %u, value %" PRIu64 ": no string", t.type, t.value);
		return;
	}
	type = len > LUA_SHORT_MAX ? TYPED53_LONG : TYPED53_SHORT;
	if (t.type != type) /* the loader goes by the length */
		stream53_note(s, off, "length", "type %u for a string of %" PRIu64 " bytes, not %u",
			      t.type, len, type);
	if (!rd_fits(&s->rd, len, 1, "text"))
		return;
	text = rd_take(&s->rd, (size_t)len, "text");
	lua_add_string(s->img, &s->rd, text, (uint32_t)len, (uint32_t)off);
}

static void add_fixed(struct stream53 *s)
{
	struct lua_image *img = s->img;

	img->ntext = img->nstrings;
	for (uint32_t i = 0; i < FIXED53_COUNT; i++) {
		const char *text = fixed53[i];
		uint32_t string = lua_add_string(img, &s->rd, (const uint8_t *)text,
						 (uint32_t)strlen(text), LUA_NONE);

		if (string == LUA_NONE)
			return;
		img->strings[string].uses = LUA_USE_FIXED;
	}
}

/* Longest string and counts of short and long ones, as a writer should state them. */
static struct lua_header count_strings(const struct lua_image *img, uint32_t fixed)
{
	struct lua_header h = { .max_len = FIXED53_MAX_LEN, .nshort = fixed };

	for (uint32_t i = 0; i < img->ntext && i < img->nstrings; i++) {
		uint32_t len = img->strings[i].len;

		if (len > h.max_len)
			h.max_len = len;
		if (len > LUA_SHORT_MAX)
			h.nlong++;
		else
			h.nshort++;
	}
	return h;
}

static void check_counts(struct stream53 *s, const struct places *at)
{
	struct lua_header *h = &s->img->header;
	bool repaired = h->fixed_count == FIXED53_COUNT;
	struct lua_header want = count_strings(s->img, repaired ? FIXED53_COUNT : FIXED53_STOCK);

	if (h->max_len != want.max_len)
		stream53_note(s, at->maxlen, "maxlen",
			      "%" PRIu32 ", but the longest string has %" PRIu32 " bytes",
			      h->max_len, want.max_len);
	if (h->nshort != want.nshort)
		stream53_note(s, at->nshort, "nshort",
			      "%" PRIu32 ", but there are %" PRIu32 " short strings", h->nshort,
			      want.nshort);
	if (h->nlong != want.nlong)
		stream53_note(s, at->nlong, "nlong",
			      "%" PRIu32 ", but there are %" PRIu32 " long strings", h->nlong,
			      want.nlong);
}

void stream53_strings(struct stream53 *s)
{
	struct lua_header *h = &s->img->header;
	struct rd_scope scope = { "strings", 0, s->rd.scope };
	struct places at;
	uint32_t n;

	stream53_mark(s, STRINGS53_MARK, "strings.mark");
	at.maxlen = s->rd.off;
	h->max_len = stream53_count(s, INT32_MAX, "maxlen");
	at.nshort = s->rd.off;
	h->nshort = stream53_count(s, INT32_MAX, "nshort");
	at.nlong = s->rd.off;
	h->nlong = stream53_count(s, INT32_MAX, "nlong");
	n = stream53_count(s, INT32_MAX, "nstrings");
	h->fixed_count = h->nshort + h->nlong - n;
	h->buckets = table53_buckets(h->nshort);
	h->strings.off = (uint32_t)s->rd.off;
	if (!h->buckets)
		rd_fail(&s->rd, ERR_LIMIT, (size_t)(s->rd.off - at.nshort), "nshort",
			"%" PRIu32 " strings are more than flash can hold", h->nshort);
	if (!rd_fits(&s->rd, n, 1, "nstrings") ||
	    !lua_tally(s->img, &s->rd, 4 * (uint64_t)h->buckets, "nshort"))
		return;
	s->rd.scope = &scope;
	for (; scope.index < n && !rd_bad(&s->rd); scope.index++)
		read_string(s);
	s->rd.scope = scope.up;
	h->strings.len = (uint32_t)s->rd.off - h->strings.off;
	s->img->ntext = s->img->nstrings;
	if (rd_bad(&s->rd))
		return;
	add_fixed(s);
	check_counts(s, &at);
	table53_fill(s);
}

void writer53_strings(struct writer53 *w)
{
	const struct lua_image *img = w->img;
	bool repaired = img->header.fixed_count == FIXED53_COUNT;
	struct lua_header h = count_strings(img, repaired ? FIXED53_COUNT : FIXED53_STOCK);

	buf_str(w->out, STRINGS53_MARK);
	writer53_count(w, h.max_len);
	writer53_count(w, h.nshort);
	writer53_count(w, h.nlong);
	writer53_count(w, img->ntext);
	w->refs = false;
	for (uint32_t i = 0; i < img->ntext; i++)
		writer53_string(w, i);
	w->refs = true;
}
