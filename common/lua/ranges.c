/* SPDX-License-Identifier: MIT */
#include "common/lua/ranges.h"

#include <stdlib.h>

const char *const lua_part_words[LUA_NPARTS] = {
	[LUA_PART_RECORD] = "record",       [LUA_PART_CHILDREN] = "children",
	[LUA_PART_CONSTANTS] = "constants", [LUA_PART_CODE] = "code",
	[LUA_PART_LINES] = "lines",         [LUA_PART_LOCALS] = "locals",
	[LUA_PART_UPVALUES] = "upvalues",
};

const char *lua_range_kind_words(const struct lua_byte_range *r)
{
	switch (r->kind) {
	case LUA_RANGE_UNKNOWN: return "unknown";
	case LUA_RANGE_FLAGS: return "relocation flags";
	case LUA_RANGE_BEHIND: return "behind the image";
	default: return lua_byte_kinds[r->kind].words;
	}
}

const char *lua_range_part_words(const struct lua_byte_range *r)
{
	return r->part < LUA_NPARTS ? lua_part_words[r->part] : NULL;
}

static struct lua_byte_range *add(struct lua_ranges *r, uint64_t from, uint64_t to, unsigned kind)
{
	struct lua_byte_range *range;

	if (from >= to || to > UINT32_MAX)
		return NULL;
	range = vec_grow(&r->items, &r->count, &r->cap, sizeof(*range), 1);
	if (!range) {
		r->failed = true;
		return NULL;
	}
	range->off = (uint32_t)from;
	range->len = (uint32_t)(to - from);
	range->kind = (uint8_t)kind;
	range->part = LUA_NPARTS;
	return range;
}

static void own(struct lua_byte_range *range, const struct lua_span *s, const uint32_t *owners)
{
	range->who = s->who;
	range->owner = s->owner;
	if (s->who == LUA_OWNER_PROTO)
		range->part = s->part;
	if (s->who == LUA_OWNER_STRING && s->kind == LUA_BYTES_LINEINFO &&
	    owners[s->owner] != LUA_NONE) {
		range->who = LUA_OWNER_PROTO;
		range->owner = owners[s->owner];
		range->part = LUA_PART_LINES;
	}
}

/* gap: the kind of bytes without owner. */
static void add_spans(const struct lua_layout *l, const uint32_t *owners, unsigned gap,
		      struct lua_ranges *r)
{
	uint64_t end = 0;

	for (uint32_t i = 0; i < l->count; i++) {
		const struct lua_span *s = &l->spans[i];
		uint64_t stop = (uint64_t)s->off + s->len;
		struct lua_byte_range *range;

		add(r, end, s->off, gap);
		range = add(r, s->off, stop, s->kind);
		if (range)
			own(range, s, owners);
		add(r, stop, stop + s->pad, LUA_BYTES_PADDING);
		if (stop + s->pad > end)
			end = stop + s->pad;
	}
	add(r, end, l->size, gap);
}

static int by_offset(const void *x, const void *y)
{
	const struct lua_span *a = x;
	const struct lua_span *b = y;

	return a->off < b->off ? -1 : a->off > b->off;
}

/* Header, strings and functions of a 5.3 stream, each with its place in the file. */
static void add_pieces(const struct lua_image *img, struct lua_layout *pieces)
{
	lua_layout_add(pieces, 0, img->header.strings.off, LUA_BYTES_HEADER, LUA_OWNER_IMAGE, 0);
	for (uint32_t i = 0; i < img->ntext && i < img->nstrings; i++) {
		const struct lua_string *s = &img->strings[i];
		uint64_t stop = (uint64_t)(s->text - img->bytes) + s->len;

		lua_layout_add(pieces, s->off, (uint32_t)(stop - s->off), lua_string_bytes_kind(s),
			       LUA_OWNER_STRING, i);
	}
	lua_layout_add_parts(pieces, img);
}

/* In a whole file, what no string and no function has is the list of modules. */
static bool list_stream(const struct lua_image *img, const uint32_t *owners, bool whole,
			struct lua_ranges *r)
{
	struct lua_layout pieces = { .size = (uint32_t)img->nbytes };
	unsigned gap = whole ? (unsigned)LUA_BYTES_MODULES : (unsigned)LUA_RANGE_UNKNOWN;
	bool ok;

	add_pieces(img, &pieces);
	if (pieces.count)
		qsort(pieces.spans, pieces.count, sizeof(*pieces.spans), by_offset);
	add_spans(&pieces, owners, gap, r);
	ok = !pieces.failed;
	lua_layout_free(&pieces);
	return ok;
}

/* What the file has behind the image. */
static void add_tail(const struct lua_image *img, const struct lua_layout *l, struct lua_ranges *r)
{
	bool flags = img->traits.form == LUA_FORM_RELOCATABLE && img->traits.format != 0;

	add(r, l->size, img->nbytes, flags ? LUA_RANGE_FLAGS : LUA_RANGE_BEHIND);
}

bool lua_ranges_make(const struct lua_image *img, const struct lua_layout *layout,
		     struct lua_ranges *flash, struct lua_ranges *stored)
{
	uint32_t *owners = lua_line_owners(img);
	bool stream = img->traits.form == LUA_FORM_PORTABLE;
	bool ok = owners != NULL;

	if (ok && flash)
		add_spans(layout, owners, LUA_RANGE_UNKNOWN, flash);
	if (ok && stored && stream) {
		ok = list_stream(img, owners, layout->exact, stored);
	} else if (ok && stored) {
		add_spans(layout, owners, LUA_RANGE_UNKNOWN, stored);
		add_tail(img, layout, stored);
	}
	free(owners);
	return ok && !(flash && flash->failed) && !(stored && stored->failed);
}

void lua_ranges_free(struct lua_ranges *r)
{
	free(r->items);
	*r = (struct lua_ranges){ 0 };
}
