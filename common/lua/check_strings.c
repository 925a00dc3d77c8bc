/* SPDX-License-Identifier: MIT */
/*
 * String tables in flash. A string is found by its text: the bucket that the text's hash chooses,
 * along the chain, the first of equal length and bytes. One that is not found this way exists a
 * second time in RAM, and the two compare as different. Hashes and chains of 5.1 are checked when
 * the image is read, counts too.
 */
#include "common/lua/check_found.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/fixed53.h"
#include "common/lua/flash51.h"
#include "common/lua/flash53.h"

static const char *path_of(uint32_t string, const char *field, char out[40])
{
	snprintf(out, 40, "strings[%" PRIu32 "].%s", string, field);
	return out;
}

static const uint8_t *head_of(const struct lua_image *img, uint32_t string)
{
	return img->bytes + img->strings[string].off;
}

/* Line info is a string of the table, but nobody looks for it by its text. */
static bool is_sought(const struct lua_string *s)
{
	return s->uses & ~(unsigned)LUA_USE_LINEINFO;
}

static uint32_t hash_of(const struct lua_image *img, const struct lua_string *s)
{
	return lua_hash53(s->text, s->len, img->header.seed);
}

static void check_hash53(const struct check_scope *s, uint32_t string)
{
	const struct lua_string *str = &s->img->strings[string];
	uint32_t hash = hash_of(s->img, str);
	char path[40], text[CHECK_WORDS];

	if (str->hash != hash)
		check_wrong(s, str->off + (uint64_t)TSTRING53_HASH, path_of(string, "hash", path),
			    "0x%08" PRIx32 " is not the hash of %s, 0x%08" PRIx32
			    ": the one or the other is damaged",
			    str->hash, check_quote(s->img, string, text), hash);
}

static void check_text(const struct check_scope *s, uint32_t string)
{
	const struct lua_string *str = &s->img->strings[string];
	char path[40], text[CHECK_WORDS];

	if (str->text[str->len] != 0)
		check_wrong(s, str->off + FLASH51_TSTRING + (uint64_t)str->len,
			    path_of(string, "text", path), "no NUL behind %s: C code reads on",
			    check_quote(s->img, string, text));
}

/* Strings in flash must never be marked: that would be a write to flash. */
static void check_marked(const struct check_scope *s, uint32_t string)
{
	const uint8_t *head = head_of(s->img, string);
	bool old = s->img->traits.version == LUA_51;
	uint64_t at = old ? TSTRING51_MARKED : TSTRING53_MARKED;
	uint8_t bit = old ? MARK51_LFS : MARK53_LFS;
	char path[40];

	if (head[at] & bit && !(old && head[at] & MARK51_WHITE))
		return;
	check_wrong(s, s->img->strings[string].off + at, path_of(string, "marked", path),
		    "0x%02x is not %02x: the garbage collector takes the string for one in RAM",
		    head[at], old ? MARK51_LFS : MARK53_STRING);
}

static uint32_t chain_next(const struct lua_image *img, uint32_t off)
{
	uint32_t word = off <= img->nbytes - 4 ? le32(img->bytes + off) : 0;

	return word ? word - img->header.base : 0;
}

/*
 * The reader has followed the chains before and reported where they lead astray. left: how many
 * strings there are still to meet; with chains that join there is no end otherwise.
 */
static void check_bucket(const struct check_scope *s, uint32_t bucket, uint32_t *left)
{
	const struct lua_image *img = s->img;
	uint32_t off = chain_next(img, img->header.hash_vector.off + 4 * bucket);
	uint32_t mask = img->header.buckets - 1;
	char path[40], text[CHECK_WORDS];

	for (uint32_t place = 0; off && *left; place++, --*left) {
		uint32_t string = lua_string_at(img, off);
		const struct lua_string *str;
		uint32_t home;

		if (string == LUA_NONE || img->strings[string].chain != place)
			return;
		str = &img->strings[string];
		home = hash_of(img, str) & mask;
		/* A damaged text is reported already. */
		if (home != bucket && (str->hash & mask) != bucket)
			check_wrong(s, str->off + (uint64_t)TSTRING53_HNEXT,
				    path_of(string, "hnext", path),
				    "%s stands in bucket %" PRIu32
				    ", where nobody looks for it; its own is %" PRIu32,
				    check_quote(img, string, text), bucket, home);
		off = chain_next(img, str->off + TSTRING53_HNEXT);
	}
}

static void check_chained(const struct check_scope *s, uint32_t string)
{
	const struct lua_string *str = &s->img->strings[string];
	char path[40], text[CHECK_WORDS];

	if (str->len <= LUA_SHORT_MAX && str->chain == LUA_NONE)
		check_wrong(s, str->off + (uint64_t)TSTRING53_HNEXT, path_of(string, "hnext", path),
			    "%s stands in no chain: it is not found by its text",
			    check_quote(s->img, string, text));
}

static void check_chains(const struct check_scope *s)
{
	const struct lua_image *img = s->img;
	uint32_t left = img->nstrings;

	if (img->header.hash_vector.len != (uint64_t)img->header.buckets * 4)
		return;
	/* When the reader has lost its way, what it did not reach is in no chain for it. */
	if (s->book->diag.code == ERR_NONE)
		for (uint32_t i = 0; i < img->nstrings; i++)
			check_chained(s, i);
	for (uint32_t i = 0; i < img->header.buckets; i++)
		check_bucket(s, i, &left);
}

struct entry {
	const struct lua_string *string;
	uint32_t index;
};

static int by_text(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;
	int order;

	if (a->string->len != b->string->len)
		return a->string->len < b->string->len ? -1 : 1;
	order = memcmp(a->string->text, b->string->text, a->string->len);
	if (order == 0)
		order = a->index < b->index ? -1 : a->index > b->index;
	return order;
}

/* 5.3 has "userdata" twice among its fixed strings. */
static bool are_twins(const struct lua_image *img, const struct entry *a, const struct entry *b)
{
	if (a->string->len != b->string->len ||
	    memcmp(a->string->text, b->string->text, a->string->len) != 0)
		return false;
	if (!is_sought(a->string) || !is_sought(b->string))
		return false;
	return img->traits.version == LUA_51 || a->index < img->ntext;
}

static void check_twins(const struct check_scope *s)
{
	const struct lua_image *img = s->img;
	struct entry *entries = calloc((size_t)img->nstrings + 1, sizeof(*entries));
	char path[40], text[CHECK_WORDS];

	if (!entries) {
		s->r->failed = true;
		return;
	}
	for (uint32_t i = 0; i < img->nstrings; i++)
		entries[i] = (struct entry){ &img->strings[i], i };
	qsort(entries, img->nstrings, sizeof(*entries), by_text);
	for (uint32_t i = 1; i < img->nstrings; i++) {
		uint32_t second = entries[i].index;

		if (are_twins(img, &entries[i - 1], &entries[i]))
			check_wrong(s, img->strings[second].off, path_of(second, "text", path),
				    "%s is string %" PRIu32 " too: the two compare as different",
				    check_quote(img, second, text), entries[i - 1].index);
	}
	free(entries);
}

void check_strings51(const struct check_scope *s)
{
	const struct lua_image *img = s->img;

	if (img->nbytes < FLASH51_HEADER)
		return;
	for (uint32_t i = 0; i < img->nstrings; i++) {
		check_marked(s, i);
		check_text(s, i);
	}
	if (img->nstrings)
		check_twins(s);
}

/* Reserved words of the lexer; in long strings: the hash is there already. */
static void check_extra53(const struct check_scope *s, uint32_t string)
{
	const struct lua_image *img = s->img;
	const struct lua_string *str = &img->strings[string];
	uint8_t extra = head_of(img, string)[TSTRING53_EXTRA], want = 0;
	char path[40];

	if (str->len > LUA_SHORT_MAX)
		want = 1;
	else if (string >= img->ntext)
		want = fixed53_extra(string - img->ntext);
	if (extra != want)
		check_wrong(s, str->off + (uint64_t)TSTRING53_EXTRA, path_of(string, "extra", path),
			    "%u, not %u: %s", extra, want,
			    str->len > LUA_SHORT_MAX
				    ? "using it as a key writes to flash"
				    : "the device's compiler mistakes it for another word");
}

void check_strings53(const struct check_scope *s)
{
	const struct lua_image *img = s->img;

	if (img->traits.form != LUA_FORM_ABSOLUTE)
		return; /* the loader makes the table, and reading has compared the counts */
	for (uint32_t i = 0; i < img->nstrings; i++) {
		check_marked(s, i);
		check_extra53(s, i);
		check_hash53(s, i);
		check_text(s, i);
	}
	check_chains(s);
	if (img->nstrings)
		check_twins(s);
}
