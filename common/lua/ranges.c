/* SPDX-License-Identifier: MIT */
#include "common/lua/ranges.h"

#include <stdlib.h>

const char *const lua_part_words[LUA_NPARTS] = {
	[LUA_PART_RECORD] = "record",       [LUA_PART_CHILDREN] = "children",
	[LUA_PART_CONSTANTS] = "constants", [LUA_PART_CODE] = "code",
	[LUA_PART_LINES] = "lines",         [LUA_PART_LOCALS] = "locals",
	[LUA_PART_UPVALUES] = "upvalues",
};

static struct lua_byte_range *add(struct lua_ranges *r, uint64_t from, uint64_t to,
				  const char *kind)
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
	range->kind = kind;
	range->part = "";
	return range;
}

/* Whose the packed line info of 5.1 is: for each string the prototype, or LUA_NONE. */
static uint32_t *line_owners(const struct lua_image *img)
{
	uint32_t *owners = malloc(((size_t)img->nstrings + 1) * sizeof(*owners));

	for (uint32_t i = 0; owners && i < img->nstrings; i++)
		owners[i] = LUA_NONE;
	for (uint32_t i = img->nprotos; owners && i-- > 0;)
		if (img->protos[i].lineinfo_string < img->nstrings)
			owners[img->protos[i].lineinfo_string] = i;
	return owners;
}

static void own(struct lua_byte_range *range, const struct lua_span *s, const uint32_t *owners)
{
	range->who = s->who;
	range->owner = s->owner;
	if (s->who == LUA_OWNER_PROTO)
		range->part = lua_part_words[s->part];
	if (s->who == LUA_OWNER_STRING && s->kind == LUA_BYTES_LINEINFO &&
	    owners[s->owner] != LUA_NONE) {
		range->who = LUA_OWNER_PROTO;
		range->owner = owners[s->owner];
		range->part = lua_part_words[LUA_PART_LINES];
	}
}

/* Bytes without owner are called gap. */
static void add_spans(const struct lua_layout *l, const uint32_t *owners, const char *gap,
		      struct lua_ranges *r)
{
	const char *padding = lua_byte_kinds[LUA_BYTES_PADDING].words;
	uint64_t end = 0;

	for (uint32_t i = 0; i < l->count; i++) {
		const struct lua_span *s = &l->spans[i];
		uint64_t stop = (uint64_t)s->off + s->len;
		struct lua_byte_range *range;

		add(r, end, s->off, gap);
		range = add(r, s->off, stop, lua_byte_kinds[s->kind].words);
		if (range)
			own(range, s, owners);
		add(r, stop, stop + s->pad, padding);
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
	for (uint32_t i = 0; i < img->nprotos; i++)
		for (unsigned part = 0; part < LUA_NPARTS; part++)
			lua_layout_add_part(pieces, i, part, img->protos[i].parts[part].off,
					    img->protos[i].parts[part].len);
}

/* In a whole file, what no string and no function has is the list of modules. */
static bool list_stream(const struct lua_image *img, const uint32_t *owners, bool whole,
			struct lua_ranges *r)
{
	struct lua_layout pieces = { .size = (uint32_t)img->nbytes };
	const char *gap = whole ? lua_byte_kinds[LUA_BYTES_MODULES].words : "unknown";

	add_pieces(img, &pieces);
	if (pieces.count)
		qsort(pieces.spans, pieces.count, sizeof(*pieces.spans), by_offset);
	add_spans(&pieces, owners, gap, r);
	lua_layout_free(&pieces);
	return !pieces.failed;
}

/* What the file has behind the image. */
static void add_tail(const struct lua_image *img, const struct lua_layout *l, struct lua_ranges *r)
{
	bool flags = img->traits.form == LUA_FORM_RELOCATABLE && img->traits.format != 0;

	add(r, l->size, img->nbytes, flags ? "relocation flags" : "behind the image");
}

bool lua_ranges_make(const struct lua_image *img, const struct lua_layout *layout,
		     struct lua_ranges *flash, struct lua_ranges *stored)
{
	uint32_t *owners = line_owners(img);
	bool stream = img->traits.form == LUA_FORM_PORTABLE;
	bool ok = owners != NULL;

	if (ok && flash)
		add_spans(layout, owners, "unknown", flash);
	if (ok && stored && stream) {
		ok = list_stream(img, owners, layout->exact, stored);
	} else if (ok && stored) {
		add_spans(layout, owners, "unknown", stored);
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
