/* SPDX-License-Identifier: MIT */
#include "common/lua/model.h"

#include <stdlib.h>

#include "common/lua/format.h"
#include "common/lua/layout.h"
#include "common/lua/shown.h"

static const struct lua_format *probe(const uint8_t *data, size_t len)
{
	for (unsigned i = 0; i < lua_format_count; i++)
		if (lua_formats[i]->probe(data, len))
			return lua_formats[i];
	return NULL;
}

enum err lua_image_lay_out(const uint8_t *data, size_t len, struct diag *diag,
			   struct lua_image **out, struct lua_layout *layout)
{
	const struct lua_format *format = probe(data, len);
	const char *advice;
	const char *kind;
	struct lua_image *img;

	*out = NULL;
	*layout = (struct lua_layout){ 0 };
	if (!format) {
		kind = lua_kind_of(data, len, &advice);
		return diag_fail(diag, ERR_KIND, "%s; %s", kind, advice);
	}
	img = calloc(1, sizeof(*img));
	if (!img)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	img->format = format;
	img->file_size = len;
	img->header.main = LUA_NONE;
	*out = img;
	format->load(img, data, len, diag);
	free(img->string_index);
	img->string_index = NULL;
	img->string_slots = 0;
	lua_account(img, diag, layout);
	lua_limit_shown(img);
	return diag->code;
}

enum err lua_image_load(const uint8_t *data, size_t len, struct diag *diag, struct lua_image **out)
{
	struct lua_layout layout;

	lua_image_lay_out(data, len, diag, out, &layout);
	lua_layout_free(&layout);
	return diag->code;
}

void lua_image_clear(struct lua_image *img)
{
	free(img->strings);
	free(img->protos);
	free(img->constants);
	free(img->upvalues);
	free(img->locals);
	free(img->modules);
	free(img->children);
	free(img->string_index);
	buf_free(&img->store);
}

void lua_image_free(struct lua_image *img)
{
	if (!img)
		return;
	lua_image_clear(img);
	free(img);
}

/* They are laid out one after the other. */
uint32_t lua_string_at(const struct lua_image *img, uint32_t off)
{
	uint32_t low = 0;
	uint32_t high = img->nstrings;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (img->strings[mid].off < off)
			low = mid + 1;
		else
			high = mid;
	}
	return low < img->nstrings && img->strings[low].off == off ? low : LUA_NONE;
}

uint32_t lua_proto_source(const struct lua_image *img, uint32_t proto)
{
	const struct lua_proto *p = &img->protos[proto];

	if (img->traits.version == LUA_51 && img->traits.form != LUA_FORM_CHUNK)
		return p->source;
	while (p->source == LUA_NONE && p->parent != LUA_NONE)
		p = &img->protos[p->parent];
	return p->source;
}

/* Both hashes: h ^= (h << 5) + (h >> 2) + byte, from the end, every step-th byte. */
static uint32_t hash(const uint8_t *text, size_t len, uint32_t h)
{
	size_t step = (len >> 5) + 1;

	for (size_t i = len; i >= step; i -= step)
		h ^= (h << 5) + (h >> 2) + text[i - 1];
	return h;
}

uint32_t lua_hash51(const uint8_t *text, size_t len)
{
	return hash(text, len, (uint32_t)len);
}

uint32_t lua_hash53(const uint8_t *text, size_t len, uint32_t seed)
{
	return hash(text, len, seed ^ (uint32_t)len);
}

static const char *number_words(const struct lua_traits *t)
{
	if (t->version == LUA_51)
		return t->float_bytes ? "double numbers" : "integer numbers";
	return NULL;
}

void lua_format_words(const struct lua_image *img, struct buf *out)
{
	static const char *const forms[] = {
		[LUA_FORM_CHUNK] = "compiled chunk (.lc)",
		[LUA_FORM_RELOCATABLE] = "LFS image, relocatable",
		[LUA_FORM_PORTABLE] = "LFS image, portable",
		[LUA_FORM_ABSOLUTE] = "LFS image, absolute",
	};
	const struct lua_traits *t = &img->traits;

	buf_printf(out, "Lua %u.%u %s", t->version / 10, t->version % 10, forms[t->form]);
	if (number_words(t))
		buf_printf(out, ", %s", number_words(t));
	else
		buf_printf(out, ", %u-bit integers, %u-bit floats", 8u * t->integer_bytes,
			   8u * t->float_bytes);
	if (t->version == LUA_51 && t->form != LUA_FORM_CHUNK && t->float_bytes)
		buf_str(out, t->packed ? ", packed" : ", unpacked");
	if (t->old_tags)
		buf_str(out, ", type tags of before April 2020");
}
