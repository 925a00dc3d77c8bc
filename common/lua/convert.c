/* SPDX-License-Identifier: MIT */
#include "common/lua/convert.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/lua/flash53.h"
#include "common/lua/table53.h"

const struct lua_format *lua_format_of(const struct lua_traits *traits)
{
	bool v51 = traits->version == LUA_51;

	switch (traits->form) {
	case LUA_FORM_CHUNK: return v51 ? &lua_lc51 : &lua_lc53;
	case LUA_FORM_RELOCATABLE:
		return !v51 ? NULL : traits->format ? &lua_lfs51 : &lua_lfs51_2018;
	case LUA_FORM_PORTABLE: return v51 ? NULL : &lua_lfs53;
	case LUA_FORM_ABSOLUTE:
		return !v51 ? &lua_lfs53_absolute : traits->format ? &lua_lfs51_absolute : NULL;
	}
	return NULL;
}

uint32_t lua_signature53(const struct lua_traits *traits, bool esp32)
{
	uint32_t sig = FLASH53_SIG;

	if (esp32 && traits->integer_bytes == 8)
		sig |= FLASH53_INT64;
	if (esp32 && traits->float_bytes == 8)
		sig |= FLASH53_FLOAT64;
	return sig;
}

void lua_image_set_time(struct lua_image *img, uint32_t time)
{
	uint32_t main = img->header.main;
	struct lua_const *k;

	img->has_time = true;
	img->build_time = time;
	if (img->traits.version == LUA_53 || main >= img->nprotos ||
	    !img->protos[main].constants.count)
		return;
	k = &img->constants[img->protos[main].constants.first + img->protos[main].constants.count -
			    1];
	if (k->type == LUA_FLOAT)
		k->f = (double)time;
	else if (k->type == LUA_INTEGER)
		k->i = (int32_t)time;
}

static int by_value(const void *x, const void *y)
{
	const uint32_t *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

bool lua_image_shares(const struct lua_image *img, struct diag *diag)
{
	uint32_t *offs = calloc((size_t)img->nprotos + 1, sizeof(*offs));
	bool shares = false;

	if (!offs)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	for (int part = LUA_PART_CONSTANTS; offs && !shares && part < LUA_NPARTS; part++) {
		uint32_t n = 0;

		for (uint32_t i = 0; i < img->nprotos; i++)
			if (img->protos[i].parts[part].len)
				offs[n++] = img->protos[i].parts[part].off;
		qsort(offs, n, sizeof(*offs), by_value);
		for (uint32_t i = 1; i < n; i++)
			shares |= offs[i] == offs[i - 1];
	}
	free(offs);
	return shares;
}

enum err lua_image_settle(const struct lua_image *img, struct diag *diag, struct lua_image **out)
{
	struct lua_image draft = *img;
	struct buf bytes = { 0 };

	*out = NULL;
	draft.draft = true;
	if (img->format->save(&draft, diag, &bytes) == ERR_NONE &&
	    img->traits.form == LUA_FORM_ABSOLUTE && bytes.len > UINT32_MAX - img->header.base)
		diag_fail(diag, ERR_LIMIT,
			  "an image of %zu bytes at 0x%08" PRIx32 " does not end below 4 GiB",
			  bytes.len, img->header.base);
	if (!diag->code)
		lua_image_load(bytes.data, bytes.len, diag, out);
	buf_free(&bytes);
	if (diag->code) {
		lua_image_free(*out);
		*out = NULL;
	} else {
		(*out)->share = img->share; /* it is written again as it is */
	}
	return diag->code;
}

bool lua_base_is_esp32(const struct lua_traits *t, uint32_t base)
{
	return base < LUA_BASE_ESP8266 || base >= LUA_BASE_ESP8266_END ||
	       t->integer_bytes != t->float_bytes;
}

enum err lua_image_convert(const struct lua_image *img, enum lua_form form, uint32_t base,
			   struct diag *diag, struct lua_image **out)
{
	struct lua_image copy = *img;
	bool absolute = img->traits.form == LUA_FORM_ABSOLUTE;
	bool esp32 = lua_base_is_esp32(&img->traits, base);

	*out = NULL;
	copy.traits.form = form;
	copy.format = lua_format_of(&copy.traits);
	if (img->traits.form == LUA_FORM_CHUNK || form == LUA_FORM_CHUNK || !copy.format)
		return diag_fail(diag, ERR_KIND, "there is no such form of this image");
	if (form == LUA_FORM_ABSOLUTE && base % 4 != 0)
		return diag_fail(diag, ERR_DAMAGED, "the address is no multiple of 4");
	copy.header.base = base;
	if (img->traits.version == LUA_53 &&
	    (!absolute || esp32 != lua_base_is_esp32(&img->traits, img->header.base)))
		copy.header.signature = lua_signature53(&img->traits, esp32);
	return lua_image_settle(&copy, diag, out);
}
