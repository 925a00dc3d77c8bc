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
	const struct lua_image *img = l->book.img;
	struct lua_image *made = NULL;
	struct diag diag = { 0 };
	struct buf bytes = { 0 };

	*data = NULL;
	*len = 0;
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
	const struct lua_image *img = l->book.img;
	struct diag diag = { 0 };
	struct buf bytes = { 0 };

	*data = NULL;
	*len = 0;
	if (img && module >= img->nmodules)
		return error_argument(error, "no such module");
	if (l->book.diag.code)
		diag = l->book.diag;
	else if (img->traits.form != LUA_FORM_CHUNK)
		lua_extract(img, module, &diag, &bytes);
	else if (whole(l, &diag) == ERR_NONE)
		img->format->save(img, &diag, &bytes);
	return handle_give(&bytes, &diag, data, len, error);
}

/* False: there is no such module. A damaged one is told in diag. */
static bool take_input(const struct nlfs_input *in, struct lua_link_input *out, struct diag *diag)
{
	if (whole(in->from, diag))
		return true;
	if (in->module >= in->from->book.img->nmodules)
		return false;
	*out = lua_link_module(in->from->book.img, in->module);
	if (in->name.data) {
		if (in->name.len > UINT32_MAX)
			diag_fail(diag, ERR_LIMIT, "a name longer than an image");
		out->name = (const uint8_t *)in->name.data;
		out->name_len = (uint32_t)in->name.len;
	}
	return true;
}

static void link_inputs(const struct lua_link_input *in, uint32_t n, const struct lua_image *like,
			enum nlfs_strip strip, int64_t time, struct diag *diag, struct buf *out)
{
	struct lua_link_options options = {
		.traits = like->traits,
		.time = time,
		.seed = like->header.seed,
		.strip = (enum lua_strip)strip,
		.share = true,
	};
	struct lua_image *img = NULL;

	options.traits.form = loadable(&like->traits);
	options.fix_fixed = like->traits.version == LUA_53 && lua_link_wants_fix(in, n);
	if (lua_link(in, n, &options, diag, &img) == ERR_NONE)
		img->format->save(img, diag, out);
	lua_image_free(img);
}

enum nlfs_code nlfs_link(const struct nlfs_input *in, uint32_t n, const struct nlfs *like,
			 enum nlfs_strip strip, int64_t time, uint8_t **data, size_t *len,
			 struct nlfs_error *error)
{
	struct lua_link_input *inputs;
	struct diag diag = { 0 };
	struct buf bytes = { 0 };
	bool found = true;

	*data = NULL;
	*len = 0;
	if (!like->book.img || like->book.img->traits.form == LUA_FORM_CHUNK)
		return error_argument(error, "what the image shall be like is no LFS image");
	inputs = calloc((size_t)n + 1, sizeof(*inputs));
	if (!inputs)
		diag_fail(&diag, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < n && found && !diag.code; i++)
		found = take_input(&in[i], &inputs[i], &diag);
	if (found && !diag.code)
		link_inputs(inputs, n, like->book.img, strip, time, &diag, &bytes);
	free(inputs);
	return found ? handle_give(&bytes, &diag, data, len, error)
		     : error_argument(error, "no such module");
}
