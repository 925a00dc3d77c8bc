/* SPDX-License-Identifier: MIT */
/*
 * Chunks of this machine and of the device, made into each other.
 */
#include "stock.h"

#include <string.h>

#include "common/lua/convert.h"
#include "common/lua/stock.h"

bool stock_strip_names(const void *chunk, size_t len, struct buf *out)
{
	struct diag diag = { 0 };
	struct lua_image *img;
	bool ok = lua_stock_load(chunk, len, NULL, &diag, &img) == ERR_NONE &&
		  stock_put_chunk(img, false, out);

	lua_image_free(img);
	return ok;
}

bool stock_from_device(const void *chunk, size_t len, struct buf *out)
{
	struct diag diag = { 0 };
	struct lua_image *img;
	bool ok = lua_image_load(chunk, len, &diag, &img) == ERR_NONE &&
		  img->traits.form == LUA_FORM_CHUNK && stock_put_chunk(img, true, out);

	lua_image_free(img);
	return ok;
}

/* What no integer of the device can be has no meaning there. */
static int64_t whole(double d)
{
	return d >= INT32_MIN && d <= INT32_MAX ? (int64_t)d : INT32_MIN;
}

/* Numbers have the widths of the device's. */
static void set_traits(struct lua_image *img, const char *variant)
{
	bool integers = !strcmp(variant, "51i");

	if (img->traits.version == LUA_53) {
		img->traits.integer_bytes = img->traits.float_bytes = 4;
		for (uint32_t i = 0; i < img->nupvalues; i++)
			img->upvalues[i].named = true;
		return;
	}
	img->traits.integer_bytes = integers ? 4 : 0;
	img->traits.float_bytes = integers ? 0 : 8;
	for (uint32_t i = 0; integers && i < img->nconstants; i++) {
		struct lua_const *k = &img->constants[i];

		if (k->type == LUA_FLOAT)
			*k = (struct lua_const){ .type = LUA_INTEGER, .i = whole(k->f) };
	}
}

static void strip_proto(struct lua_image *img, struct lua_proto *p, int strip)
{
	bool v53 = img->traits.version == LUA_53;

	p->locals.count = 0;
	if (!v53) {
		p->upvalues.count = 0;
		p->source = LUA_NONE;
	}
	for (uint32_t i = 0; i < p->upvalues.count; i++)
		img->upvalues[p->upvalues.first + i].named = false;
	if (!v53 || strip > 1) {
		p->lineinfo = NULL;
		p->nlineinfo = 0;
	}
}

bool stock_to_device(const char *variant, const void *chunk, size_t len, int strip, struct buf *out)
{
	struct diag diag = { 0 };
	struct lua_image *img;
	bool ok;

	if (lua_stock_load(chunk, len, NULL, &diag, &img) != ERR_NONE)
		return false;
	set_traits(img, variant);
	for (uint32_t i = 0; strip > 0 && i < img->nprotos; i++)
		strip_proto(img, &img->protos[i], strip);
	ok = lua_format_of(&img->traits)->save(img, &diag, out) == ERR_NONE;
	lua_image_free(img);
	return ok;
}
