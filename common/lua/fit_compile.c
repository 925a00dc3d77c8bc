/* SPDX-License-Identifier: MIT */
#include "common/lua/fit.h"

/* The firmware's numbers are not those of stock Lua. */
static bool needs_fit(const struct lua_traits *traits)
{
	if (traits->version == LUA_51)
		return !traits->float_bytes;
	return traits->integer_bytes != 8 || traits->float_bytes != 8;
}

/* Constants are such already that they fit; those of 5.1 are doubles still. */
static bool fit_constant(const struct lua_traits *t, struct lua_const *k)
{
	if (k->type == LUA_FLOAT && t->version == LUA_51) {
		if (!(k->f >= INT32_MIN && k->f <= INT32_MAX))
			return false;
		k->type = LUA_INTEGER;
		k->i = (int64_t)k->f;
	}
	if (k->type == LUA_FLOAT)
		k->f = lua_fit_restore(t, k->f);
	if (k->type == LUA_INTEGER && t->integer_bytes == 4)
		return k->i >= INT32_MIN && k->i <= INT32_MAX;
	if (k->type == LUA_FLOAT && t->float_bytes == 4)
		return (double)(float)k->f == k->f;
	return true;
}

static enum err fit_image(const struct lua_traits *traits, struct lua_image *img, struct diag *diag)
{
	img->traits.integer_bytes = traits->integer_bytes;
	img->traits.float_bytes = traits->float_bytes;
	img->traits.tvalue_bytes = traits->tvalue_bytes;
	for (uint32_t i = 0; needs_fit(traits) && i < img->nconstants; i++)
		if (!fit_constant(traits, &img->constants[i]))
			return diag_fail(
				diag, ERR_KIND,
				"a number does not fit; compile this file with luac.cross");
	return ERR_NONE;
}

/* Lua sees the source as it is first: its words are about what the author wrote. */
static enum err compile(const struct lua_compiler *c, const struct lua_traits *traits,
			const uint8_t *text, size_t len, struct diag *diag, struct lua_image **out)
{
	struct buf fitted = { 0 };

	if (lua_compile(c, text, len, diag, out) || !needs_fit(traits))
		return diag->code;
	lua_image_free(*out);
	*out = NULL;
	if (lua_fit_source(traits, text, len, diag, &fitted) == ERR_NONE)
		lua_compile(c, fitted.data, fitted.len, diag, out);
	buf_free(&fitted);
	return diag->code;
}

enum err lua_compile_for(const struct lua_compiler *c, const struct lua_traits *traits,
			 const uint8_t *text, size_t len, struct diag *diag, struct lua_image **out)
{
	*out = NULL;
	if (c->version != traits->version)
		return diag_fail(diag, ERR_KIND, "the compiler is for another Lua");
	if (compile(c, traits, text, len, diag, out) || fit_image(traits, *out, diag)) {
		lua_image_free(*out);
		*out = NULL;
	}
	return diag->code;
}
