/* SPDX-License-Identifier: MIT */
/*
 * Source: addTS() and LoadAllStrings() of lundump.c. Every short string goes to the head of its
 * bucket's chain, in the order of the file, the fixed strings last; so a chain has the newest
 * first. Long strings have a hash, but no chain.
 */
#include "common/lua/table53.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	const struct lua_string *string;
	uint32_t index;
};

uint32_t table53_buckets(uint32_t nshort)
{
	uint32_t n = 1;

	if (nshort > LUA_FLASH_MAX / 4)
		return 0;
	while (n < nshort)
		n *= 2;
	return n;
}

static int by_text(const void *x, const void *y)
{
	const struct entry *a = x;
	const struct entry *b = y;
	int order;

	if (a->string->len != b->string->len)
		return a->string->len < b->string->len ? -1 : 1;
	order = memcmp(a->string->text, b->string->text, a->string->len);
	if (order)
		return order;
	return a->index < b->index ? -1 : a->index > b->index;
}

static bool same(const struct entry *a, const struct entry *b)
{
	return a->string->len == b->string->len &&
	       memcmp(a->string->text, b->string->text, a->string->len) == 0;
}

/* The loader does not look: a text that stands twice is two strings, which compare unequal. */
static void note_twins(struct stream53 *s, struct entry *entries)
{
	struct lua_image *img = s->img;
	const struct rd_scope *outer = s->rd.scope;

	for (uint32_t i = 0; i < img->nstrings; i++)
		entries[i] = (struct entry){ &img->strings[i], i };
	qsort(entries, img->nstrings, sizeof(*entries), by_text);
	for (uint32_t i = 1; i < img->nstrings; i++) {
		const struct entry *twin = &entries[i - 1];
		struct rd_scope scope = { "strings", twin->index, NULL };

		if (twin->index >= img->ntext || !same(twin, &entries[i]))
			continue;
		s->rd.scope = &scope;
		stream53_note(s, twin->string->off, NULL, "the same text as string %" PRIu32 "%s",
			      entries[i].index,
			      entries[i].index < img->ntext ? "" : ", a fixed one");
	}
	s->rd.scope = outer;
}

static void chain(struct lua_image *img, uint32_t *lengths)
{
	uint32_t mask = img->header.buckets - 1;

	for (uint32_t i = img->nstrings; i-- > 0;) {
		struct lua_string *str = &img->strings[i];

		str->hash = lua_hash53(str->text, str->len, img->header.seed);
		if (str->len <= LUA_SHORT_MAX)
			str->chain = lengths[str->hash & mask]++;
	}
}

void table53_fill(struct stream53 *s)
{
	struct lua_image *img = s->img;
	struct entry *entries;
	uint32_t *lengths;

	if (rd_bad(&s->rd))
		return;
	entries = calloc((size_t)img->nstrings + 1, sizeof(*entries));
	lengths = calloc(img->header.buckets, sizeof(*lengths));
	if (entries && lengths) {
		chain(img, lengths);
		note_twins(s, entries);
	} else {
		diag_fail(s->rd.diag, ERR_MEMORY, "out of memory");
	}
	free(entries);
	free(lengths);
}
