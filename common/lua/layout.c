/* SPDX-License-Identifier: MIT */
#include "common/lua/layout.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "common/lua/flash51.h"
#include "common/lua/flash53.h"
#include "common/lua/layout53.h"

/* What has one size in both versions. */
static_assert((int)FLASH51_TSTRING == FLASH53_TSTRING, "sizes of TStrings differ");

const struct lua_byte_kind_info lua_byte_kinds[LUA_BYTE_KINDS] = {
	[LUA_BYTES_HEADER] = { "header", "header" },
	[LUA_BYTES_HASH] = { "hash_vector", "hash vector" },
	[LUA_BYTES_STRINGS] = { "strings", "strings" },
	[LUA_BYTES_LINEINFO] = { "line_info", "line info" },
	[LUA_BYTES_CONSTANTS] = { "constants", "constants" },
	[LUA_BYTES_CODE] = { "code", "code" },
	[LUA_BYTES_PROTOS] = { "prototypes", "prototype records" },
	[LUA_BYTES_NAMES] = { "names", "local and upvalue names" },
	[LUA_BYTES_MODULES] = { "modules", "module list" },
	[LUA_BYTES_PADDING] = { "padding", "padding" },
};

static const uint8_t part_kinds[LUA_NPARTS] = {
	[LUA_PART_RECORD] = LUA_BYTES_PROTOS,       [LUA_PART_CHILDREN] = LUA_BYTES_PROTOS,
	[LUA_PART_CONSTANTS] = LUA_BYTES_CONSTANTS, [LUA_PART_CODE] = LUA_BYTES_CODE,
	[LUA_PART_LINES] = LUA_BYTES_LINEINFO,      [LUA_PART_LOCALS] = LUA_BYTES_NAMES,
	[LUA_PART_UPVALUES] = LUA_BYTES_NAMES,
};

struct lua_span *lua_layout_add(struct lua_layout *layout, uint32_t off, uint32_t len,
				enum lua_byte_kind kind, enum lua_owner who, uint32_t owner)
{
	struct lua_span *s;

	if (len == 0)
		return NULL;
	s = vec_grow(&layout->spans, &layout->count, &layout->cap, sizeof(*s), 1);
	if (!s) {
		layout->failed = true;
		return NULL;
	}
	*s = (struct lua_span){
		.off = off, .len = len, .kind = (uint8_t)kind, .who = (uint8_t)who, .owner = owner
	};
	return s;
}

void lua_layout_add_part(struct lua_layout *layout, uint32_t proto, enum lua_part part,
			 uint32_t off, uint32_t len)
{
	struct lua_span *s = lua_layout_add(layout, off, len, part_kinds[part], LUA_OWNER_PROTO,
					    proto);

	if (s)
		s->part = (uint8_t)part;
}

enum lua_byte_kind lua_string_bytes_kind(const struct lua_string *s)
{
	if (s->uses == LUA_USE_LINEINFO)
		return LUA_BYTES_LINEINFO;
	if (s->uses && !(s->uses & ~(LUA_USE_UPVALUE | LUA_USE_LOCAL)))
		return LUA_BYTES_NAMES;
	return LUA_BYTES_STRINGS;
}

void lua_layout_add_parts(struct lua_layout *layout, const struct lua_image *img)
{
	for (uint32_t i = 0; i < img->nprotos; i++)
		for (unsigned part = 0; part < LUA_NPARTS; part++)
			lua_layout_add_part(layout, i, part, img->protos[i].parts[part].off,
					    img->protos[i].parts[part].len);
}

uint64_t lua_string_bytes(uint32_t len)
{
	return FLASH51_TSTRING + (((uint64_t)len + 1 + 3) & ~(uint64_t)3);
}

uint32_t *lua_line_owners(const struct lua_image *img)
{
	uint32_t *owners = malloc(((size_t)img->nstrings + 1) * sizeof(*owners));

	for (uint32_t i = 0; owners && i < img->nstrings; i++)
		owners[i] = LUA_NONE;
	for (uint32_t i = img->nprotos; owners && i-- > 0;)
		if (img->protos[i].lineinfo_string < img->nstrings)
			owners[img->protos[i].lineinfo_string] = i;
	return owners;
}

/* Images as they stand in flash: everything has an offset of its own. */
static void lay_image(const struct lua_image *img, struct lua_layout *out)
{
	out->size = (uint32_t)img->flash_size;
	lua_layout_add(out, 0, img->header.size, LUA_BYTES_HEADER, LUA_OWNER_IMAGE, 0);
	lua_layout_add(out, img->header.hash_vector.off, img->header.hash_vector.len,
		       LUA_BYTES_HASH, LUA_OWNER_IMAGE, 0);
	for (uint32_t i = 0; i < img->nstrings; i++) {
		const struct lua_string *s = &img->strings[i];

		lua_layout_add(out, s->off, FLASH51_TSTRING + s->len + 1, lua_string_bytes_kind(s),
			       LUA_OWNER_STRING, i);
	}
	lua_layout_add(out, img->header.modules.off, img->header.modules.len, LUA_BYTES_MODULES,
		       LUA_OWNER_IMAGE, 0);
	lua_layout_add_parts(out, img);
}

/* A chunk is its header and its functions. */
static void lay_chunk(const struct lua_image *img, struct lua_layout *out)
{
	uint32_t first = img->nprotos ? img->protos[0].off : (uint32_t)img->nbytes;

	out->size = (uint32_t)img->nbytes;
	lua_layout_add(out, 0, first, LUA_BYTES_HEADER, LUA_OWNER_IMAGE, 0);
	lua_layout_add_parts(out, img);
}

static int by_offset(const void *x, const void *y)
{
	const struct lua_span *a = x;
	const struct lua_span *b = y;

	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	return a->len < b->len ? 1 : a->len > b->len ? -1 : 0;
}

/* Zeros, but in images of 2018, whose writer left there what was in its memory. */
static bool is_padding(const struct lua_image *img, const struct lua_layout *l, uint32_t off,
		       uint32_t end)
{
	if (end - off > 3)
		return false;
	if (l->computed || (img->traits.version == LUA_51 && img->traits.format == 0))
		return true;
	for (uint32_t i = off; i < end; i++)
		if (i >= img->nbytes || img->bytes[i] != 0)
			return false;
	return true;
}

/* Joins what stands twice, gives gaps to the span before as padding, and finds what is wrong. */
static void settle(const struct lua_image *img, struct lua_layout *l, struct diag *diag)
{
	uint32_t kept = 0;
	uint32_t end = 0;

	l->exact = true;
	for (uint32_t i = 0; i < l->count; i++) {
		struct lua_span s = l->spans[i];
		struct lua_span *last = kept ? &l->spans[kept - 1] : NULL;

		if (last && s.off == last->off && s.len == last->len && s.kind == last->kind)
			continue;
		if (s.off < end) {
			l->exact = false;
			diag_fail_at(diag, ERR_DAMAGED, s.off, lua_byte_kinds[s.kind].name,
				     "stands on bytes that have another owner");
		} else if (last && is_padding(img, l, end, s.off)) {
			last->pad = (uint8_t)(s.off - end);
		} else if (s.off != end) {
			l->exact = false;
			diag_fail_at(diag, ERR_DAMAGED, end, "image",
				     "%" PRIu32 " bytes without owner", s.off - end);
		}
		if (s.off + s.len > end)
			end = s.off + s.len;
		l->spans[kept++] = s;
	}
	l->count = kept;
	if (kept && end <= l->size && is_padding(img, l, end, l->size)) {
		l->spans[kept - 1].pad = (uint8_t)(l->size - end);
	} else if (end != l->size) {
		l->exact = false;
		diag_fail_at(diag, ERR_DAMAGED, end, "image", "the image ends at 0x%" PRIx32,
			     l->size);
	}
}

enum err lua_layout_make(const struct lua_image *img, struct diag *diag, struct lua_layout *out)
{
	*out = (struct lua_layout){ 0 };
	if (img->traits.form == LUA_FORM_CHUNK)
		lay_chunk(img, out);
	else if (img->traits.form == LUA_FORM_PORTABLE)
		lua_layout53(img, diag, out);
	else
		lay_image(img, out);
	if (out->failed)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (out->count)
		qsort(out->spans, out->count, sizeof(*out->spans), by_offset);
	settle(img, out, diag);
	for (uint32_t i = 0; i < out->count; i++) {
		out->sum[out->spans[i].kind] += out->spans[i].len;
		out->sum[LUA_BYTES_PADDING] += out->spans[i].pad;
	}
	return diag->code;
}

void lua_layout_free(struct lua_layout *layout)
{
	free(layout->spans);
	*layout = (struct lua_layout){ 0 };
}

enum err lua_account(struct lua_image *img, struct diag *diag, struct lua_layout *out)
{
	struct diag found = { 0 };

	lua_layout_make(img, &found, out);
	if (img->traits.form == LUA_FORM_PORTABLE)
		img->flash_size = out->size;
	for (uint32_t i = 0; i < out->count; i++) {
		const struct lua_span *s = &out->spans[i];

		if (s->who == LUA_OWNER_PROTO)
			img->protos[s->owner].own_size += s->len + s->pad;
	}
	for (uint32_t i = img->nprotos; i-- > 0;) {
		struct lua_proto *p = &img->protos[i];

		p->total_size += p->own_size;
		if (p->parent != LUA_NONE)
			img->protos[p->parent].total_size += p->total_size;
	}
	if (found.code && !diag->code) {
		found.inflated = img->inflated;
		*diag = found;
	}
	return diag->code;
}
