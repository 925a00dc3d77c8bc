/* SPDX-License-Identifier: MIT */
/*
 * Compiled chunk (.lc) of NodeMCU's Lua 5.3. Source: luaU_dump() of ldump.c, luaU_undump() of
 * lundump.c.
 *
 *	offset  size
 *	0       17+N  header (stream53.c), format byte 0a
 *	17+N    1     upvalues of the function
 *	18+N    ...   the function (stream53_function.c), strings in line
 */
#include "common/lua/format.h"

#include <inttypes.h>
#include <string.h>

#include "common/lua/stream53.h"

enum { FORMAT_CHUNK = 0x0a };

static bool probe(const uint8_t *data, size_t len)
{
	return len >= 6 && memcmp(data, "\x1bLua\x53\x0a", 6) == 0;
}

static enum err load(struct lua_image *img, const uint8_t *data, size_t len, struct diag *diag)
{
	struct stream53 s = { .img = img };
	uint64_t off;
	uint32_t root, module;
	uint8_t ups;

	img->traits.version = LUA_53;
	img->traits.form = LUA_FORM_CHUNK;
	if (lua_keep(img, data, len, diag))
		return diag->code;
	s.rd = rd_init(img->bytes, img->nbytes, diag);
	stream53_header(&s, FORMAT_CHUNK);
	off = s.rd.off;
	ups = rd_u8(&s.rd, "header.sizeupvalues");
	module = lua_add_module(img, &s.rd, LUA_NONE, LUA_NONE);
	if (module == LUA_NONE)
		return diag->code;
	root = stream53_function(&s, LUA_NONE, module);
	img->modules[module].proto = root;
	if (root != LUA_NONE && ups != img->protos[root].upvalues.count)
		stream53_note(&s, off, "header.sizeupvalues",
			      "%u, but the function has %" PRIu32 " upvalues", ups,
			      img->protos[root].upvalues.count);
	stream53_end(&s);
	return diag->code;
}

static enum err save(const struct lua_image *img, struct diag *diag, struct buf *out)
{
	struct writer53 w = { .img = img, .diag = diag, .out = out };
	uint32_t root = img->nmodules ? img->modules[0].proto : LUA_NONE;

	writer53_header(&w, FORMAT_CHUNK);
	buf_byte(out, root < img->nprotos ? (uint8_t)img->protos[root].upvalues.count : 0);
	writer53_function(&w, root);
	return writer53_end(&w);
}

const struct lua_format lua_lc53 = { "lc53", probe, load, save,
				     "a compiled chunk (.lc) of Lua 5.3" };
