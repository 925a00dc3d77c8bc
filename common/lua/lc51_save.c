/* SPDX-License-Identifier: MIT */
/* Writes what lc51.c describes. */
#include "common/lua/lc51_save.h"

#include <string.h>

static void pad(struct buf *out, size_t start)
{
	while (!out->failed && (out->len - start) % 4 != 0)
		buf_byte(out, 0);
}

static void save_string(const struct lua_image *img, uint32_t s, struct buf *out)
{
	if (s == LUA_NONE) {
		buf_u32(out, 0);
		return;
	}
	buf_u32(out, img->strings[s].len + 1);
	buf_put(out, img->strings[s].text, img->strings[s].len);
	buf_byte(out, 0);
}

static void save_constant(const struct lua_image *img, const struct lua_const *k, struct buf *out)
{
	const struct lua_traits *t = &img->traits;
	uint64_t bits;

	switch (k->type) {
	case LUA_NIL: buf_byte(out, 0); break;
	case LUA_BOOLEAN:
		buf_byte(out, 1);
		buf_byte(out, k->b);
		break;
	case LUA_INTEGER:
		buf_byte(out, t->old_tags ? 5 : 3);
		buf_u32(out, (uint32_t)k->i);
		break;
	case LUA_FLOAT:
		buf_byte(out, t->old_tags ? 5 : 3);
		memcpy(&bits, &k->f, sizeof(bits));
		buf_u64(out, bits);
		break;
	case LUA_STRING:
		buf_byte(out, t->old_tags ? 6 : 4);
		save_string(img, k->string, out);
		break;
	}
}

static void save_function(const struct lua_image *img, uint32_t self, struct diag *diag,
			  struct buf *out, size_t start)
{
	const struct lua_proto *p;

	if (self >= img->nprotos) {
		diag_fail(diag, ERR_DAMAGED, "a function is missing");
		return;
	}
	p = &img->protos[self];
	save_string(img, p->source, out);
	buf_u32(out, p->line_first);
	buf_u32(out, p->line_last);
	buf_byte(out, p->nups);
	buf_byte(out, p->params);
	buf_byte(out, p->vararg);
	buf_byte(out, p->stack);
	buf_u32(out, p->ncode);
	pad(out, start);
	buf_put(out, p->code, 4 * (size_t)p->ncode);
	buf_u32(out, p->constants.count);
	for (uint32_t i = 0; i < p->constants.count; i++)
		save_constant(img, &img->constants[p->constants.first + i], out);
	buf_u32(out, p->children.count);
	for (uint32_t i = 0; i < p->children.count; i++)
		save_function(img, img->children[p->children.first + i], diag, out, start);
	buf_u32(out, p->nlineinfo);
	pad(out, start);
	buf_put(out, p->lineinfo, p->nlineinfo);
	buf_u32(out, p->locals.count);
	for (uint32_t i = 0; i < p->locals.count; i++) {
		const struct lua_local *l = &img->locals[p->locals.first + i];

		save_string(img, l->name, out);
		buf_u32(out, l->start_pc);
		buf_u32(out, l->end_pc);
	}
	buf_u32(out, p->upvalues.count);
	for (uint32_t i = 0; i < p->upvalues.count; i++)
		save_string(img, img->upvalues[p->upvalues.first + i].name, out);
}

enum err lc51_save(const struct lua_image *img, struct diag *diag, struct buf *out)
{
	uint32_t root = img->nmodules ? img->modules[0].proto : LUA_NONE;
	size_t start = out->len;

	buf_put(out, "\033LuaQ\0\1\4\4\4", 10);
	buf_byte(out, img->traits.float_bytes ? 8 : 4);
	buf_byte(out, !img->traits.float_bytes);
	save_function(img, root, diag, out, start);
	return out->failed ? diag_fail(diag, ERR_MEMORY, "out of memory") : diag->code;
}
