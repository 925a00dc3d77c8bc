/* SPDX-License-Identifier: MIT */
#include "common/lua/extract.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/format.h"

static void *copy(const void *items, uint32_t count, size_t size)
{
	void *p = malloc((size_t)count * size + 1);

	if (p && count)
		memcpy(p, items, (size_t)count * size);
	return p;
}

/* A reader that met damage leaves a hole, or a function without instructions. */
static bool is_whole(const struct lua_image *img, uint32_t proto)
{
	const struct lua_proto *p;

	if (proto >= img->nprotos)
		return false;
	p = &img->protos[proto];
	for (uint32_t i = 0; i < p->children.count; i++)
		if (!is_whole(img, img->children[p->children.first + i]))
			return false;
	if (img->traits.version == LUA_51 && p->lineinfo && p->lineinfo[p->nlineinfo] != 0)
		return false;
	return p->ncode != 0;
}

/* A chunk names the source once: a function inside another has the other's. */
static void inherit_sources(struct lua_image *img)
{
	for (uint32_t i = img->nprotos; i-- > 0;) {
		struct lua_proto *p = &img->protos[i];

		if (p->parent != LUA_NONE && p->source == img->protos[p->parent].source)
			p->source = LUA_NONE;
	}
}

/* In a chunk of 5.1 the NUL that ends packed lines counts; in LFS it is the string's. */
static void end_lines(struct lua_image *img)
{
	for (uint32_t i = 0; i < img->nprotos; i++)
		img->protos[i].nlineinfo += img->protos[i].lineinfo != NULL;
}

/* In LFS _ENV comes with the closure; the loader of a chunk sets it as if it stood on the stack. */
static void set_environment(struct lua_image *img, uint32_t root)
{
	const struct lua_slice *up = &img->protos[root].upvalues;

	if (up->count)
		img->upvalues[up->first].instack = 1;
}

static enum err save(struct lua_image *chunk, struct diag *diag, struct buf *out)
{
	uint32_t root = chunk->modules[0].proto;

	chunk->protos[root].parent = LUA_NONE;
	inherit_sources(chunk);
	if (chunk->traits.version == LUA_53)
		set_environment(chunk, root);
	else
		end_lines(chunk);
	return (chunk->traits.version == LUA_51 ? &lua_lc51 : &lua_lc53)->save(chunk, diag, out);
}

enum err lua_extract(const struct lua_image *img, uint32_t module, struct diag *diag,
		     struct buf *out)
{
	struct lua_image chunk = *img;
	struct lua_module only;
	enum err e;

	if (img->traits.form == LUA_FORM_CHUNK)
		return diag_fail(diag, ERR_KIND, "a chunk already, not an LFS image");
	if (module >= img->nmodules || !is_whole(img, img->modules[module].proto))
		return diag_fail(diag, ERR_DAMAGED, "module %" PRIu32 " is not whole", module);
	only = img->modules[module];
	chunk.modules = &only;
	chunk.nmodules = 1;
	chunk.protos = copy(img->protos, img->nprotos, sizeof(*img->protos));
	chunk.upvalues = copy(img->upvalues, img->nupvalues, sizeof(*img->upvalues));
	e = chunk.protos && chunk.upvalues ? save(&chunk, diag, out)
					   : diag_fail(diag, ERR_MEMORY, "out of memory");
	free(chunk.protos);
	free(chunk.upvalues);
	return e;
}
