/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "common/lua/convert.h"
#include "common/lua/extract.h"
#include "common/lua/link.h"
#include "lib/handle.h"

_Static_assert((int)NLFS_STRIP_NONE == LUA_STRIP_NONE &&
		       (int)NLFS_STRIP_LOCALS == LUA_STRIP_LOCALS &&
		       (int)NLFS_STRIP_ALL == LUA_STRIP_ALL,
	       "stripping is handed through");

static enum lua_form loadable(const struct lua_traits *traits)
{
	return traits->version == LUA_51 ? LUA_FORM_RELOCATABLE : LUA_FORM_PORTABLE;
}

/* Read without failure; what a device would make of another one, nobody knows. */
static enum err whole(const struct nlfs *l, struct diag *diag)
{
	const struct lua_image *img = l->book.img;

	if (l->book.diag.code)
		*diag = l->book.diag;
	else if (img->note_count)
		*diag = img->notes[0];
	return diag->code;
}

enum nlfs_code nlfs_write_image(const struct nlfs *l, uint32_t base, uint8_t **data, size_t *len,
				struct nlfs_error *error)
{
	const struct lua_image *img = handle_image(l);
	struct lua_image *made = NULL;
	struct diag diag = { 0 };
	struct buf bytes = { 0 };

	*data = NULL;
	*len = 0;
	if (!l || base % 4)
		return error_argument(error, l ? "the address is no multiple of 4" : "no handle");
	if (whole(l, &diag) == ERR_NONE) {
		if (img->traits.form == LUA_FORM_CHUNK)
			diag_fail(&diag, ERR_KIND, "a chunk, not an LFS image");
		else if (lua_image_convert(img, base ? LUA_FORM_ABSOLUTE : loadable(&img->traits),
					   base, &diag, &made) == ERR_NONE)
			made->format->save(made, &diag, &bytes);
	}
	lua_image_free(made);
	return handle_give(&bytes, &diag, data, len, error);
}

enum nlfs_code nlfs_write_chunk(const struct nlfs *l, uint32_t module, uint8_t **data, size_t *len,
				struct nlfs_error *error)
{
	const struct lua_image *img = handle_image(l);
	struct diag diag = { 0 };
	struct buf bytes = { 0 };

	*data = NULL;
	*len = 0;
	if (!l || (img && module >= img->nmodules))
		return error_argument(error, l ? "no such module" : "no handle");
	if (l->book.diag.code)
		diag = l->book.diag;
	else if (img->traits.form != LUA_FORM_CHUNK)
		lua_extract(img, module, &diag, &bytes);
	else if (whole(l, &diag) == ERR_NONE)
		img->format->save(img, &diag, &bytes);
	return handle_give(&bytes, &diag, data, len, error);
}

/* What is wrong with an input is told in diag. Returns the caller's fault; NULL: there is none. */
static const char *take_input(const struct nlfs_input *in, struct lua_link_input *out,
			      struct diag *diag)
{
	if (!in->from)
		return "no handle";
	if (whole(in->from, diag))
		return NULL;
	if (in->module >= in->from->book.img->nmodules)
		return "no such module";
	*out = lua_link_module(in->from->book.img, in->module);
	if (in->name.data) {
		if (in->name.len > UINT32_MAX)
			diag_fail(diag, ERR_LIMIT, "a name longer than an image");
		out->name = (const uint8_t *)in->name.data;
		out->name_len = (uint32_t)in->name.len;
	}
	return NULL;
}

static bool same_kind(const struct lua_link_input *in, uint32_t n, const struct lua_image *like)
{
	const struct lua_traits *t = &like->traits;

	for (uint32_t i = 0; i < n; i++) {
		const struct lua_traits *has = &in[i].img->traits;

		if (has->version != t->version || has->integer_bytes != t->integer_bytes ||
		    has->float_bytes != t->float_bytes)
			return false;
	}
	return true;
}

/* Returns the caller's fault, as take_input. */
static const char *link_inputs(const struct lua_link_input *in, uint32_t n,
			       const struct lua_image *like, struct lua_link_options *options,
			       struct diag *diag, struct buf *out)
{
	struct lua_image *img = NULL;

	options->traits = like->traits;
	options->traits.form = loadable(&like->traits);
	options->seed = like->header.seed;
	options->fix_fixed = like->traits.version == LUA_53 && lua_link_wants_fix(in, n);
	if (lua_link(in, n, options, diag, &img) == ERR_NONE)
		img->format->save(img, diag, out);
	lua_image_free(img);
	/* Where it is not for their kind, it is for how many they are or what they are called. */
	return diag->code == ERR_KIND && same_kind(in, n, like) ? diag->text : NULL;
}

static const char *wrong_argument(const struct nlfs_input *in, uint32_t n, const struct nlfs *like,
				  enum nlfs_strip strip)
{
	const struct lua_image *img = handle_image(like);

	if (!img || img->traits.form == LUA_FORM_CHUNK)
		return "what the image shall be like is no LFS image";
	if (n && !in)
		return "no modules";
	return (unsigned)strip > NLFS_STRIP_ALL ? "no such way to strip" : NULL;
}

enum nlfs_code nlfs_link(const struct nlfs_input *in, uint32_t n, const struct nlfs *like,
			 enum nlfs_strip strip, int64_t time, uint8_t **data, size_t *len,
			 struct nlfs_error *error)
{
	struct lua_link_options options = {
		.time = time,
		.strip = (enum lua_strip)strip,
		.share = true,
	};
	struct lua_link_input *inputs;
	struct diag diag = { 0 };
	struct buf bytes = { 0 };
	const char *wrong = wrong_argument(in, n, like, strip);

	*data = NULL;
	*len = 0;
	if (wrong)
		return error_argument(error, wrong);
	inputs = calloc((size_t)n + 1, sizeof(*inputs));
	if (!inputs)
		diag_fail(&diag, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < n && !wrong && !diag.code; i++)
		wrong = take_input(&in[i], &inputs[i], &diag);
	if (!wrong && !diag.code)
		wrong = link_inputs(inputs, n, like->book.img, &options, &diag, &bytes);
	free(inputs);
	if (!wrong)
		return handle_give(&bytes, &diag, data, len, error);
	buf_free(&bytes);
	return error_argument(error, wrong);
}
