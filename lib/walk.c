/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/lua/listing.h"
#include "lib/handle.h"

_Static_assert((int)NLFS_NIL == LUA_NIL && (int)NLFS_BOOLEAN == LUA_BOOLEAN &&
		       (int)NLFS_INTEGER == LUA_INTEGER && (int)NLFS_FLOAT == LUA_FLOAT &&
		       (int)NLFS_STRING == LUA_STRING,
	       "types are handed through");
_Static_assert((int)NLFS_ABC == LUA_ABC && (int)NLFS_ABX == LUA_ABX && (int)NLFS_ASBX == LUA_ASBX &&
		       (int)NLFS_AX == LUA_AX,
	       "modes are handed through");
_Static_assert(NLFS_NONE == LUA_NONE, "numbers are handed through");

const struct lua_image *handle_image(const struct nlfs *l)
{
	return l ? l->book.img : NULL;
}

struct nlfs_text handle_text(const struct lua_image *img, uint32_t string)
{
	struct nlfs_text text = { 0 };

	if (string < img->nstrings) {
		text.data = (const char *)img->strings[string].text;
		text.len = img->strings[string].len;
	}
	return text;
}

bool nlfs_module(const struct nlfs *l, uint32_t i, struct nlfs_module *out)
{
	const struct lua_image *img = handle_image(l);

	if (!img || i >= img->nmodules)
		return false;
	*out = (struct nlfs_module){
		.name = handle_text(img, img->modules[i].name),
		.proto = img->modules[i].proto,
		.size = lua_module_size(&l->book, i),
	};
	return true;
}

static const struct lua_proto *find_proto(const struct nlfs *l, uint32_t i)
{
	const struct lua_image *img = handle_image(l);

	return img && i < img->nprotos ? &img->protos[i] : NULL;
}

bool nlfs_proto(const struct nlfs *l, uint32_t i, struct nlfs_proto *out)
{
	const struct lua_proto *p = find_proto(l, i);

	if (!p)
		return false;
	*out = (struct nlfs_proto){
		.parent = p->parent,
		.module = p->module,
		.depth = p->depth,
		.source = handle_text(l->book.img, lua_proto_source(l->book.img, i)),
		.line_first = p->line_first,
		.line_last = p->line_last,
		.params = p->params,
		.vararg = p->vararg,
		.stack = p->stack,
		.used_upvalues = p->nups,
		.instructions = p->ncode,
		.constants = p->constants.count,
		.children = p->children.count,
		.upvalues = p->upvalues.count,
		.locals = p->locals.count,
		.offset = p->off,
		.own_size = p->own_size,
		.total_size = p->total_size,
	};
	return true;
}

uint32_t nlfs_child(const struct nlfs *l, uint32_t proto, uint32_t i)
{
	const struct lua_proto *p = find_proto(l, proto);

	return p && i < p->children.count ? l->book.img->children[p->children.first + i]
					  : NLFS_NONE;
}

bool nlfs_constant(const struct nlfs *l, uint32_t proto, uint32_t i, struct nlfs_constant *out)
{
	const struct lua_proto *p = find_proto(l, proto);
	const struct lua_const *k;

	if (!p || i >= p->constants.count)
		return false;
	k = &l->book.img->constants[p->constants.first + i];
	*out = (struct nlfs_constant){ .type = (enum nlfs_type)k->type, .string = NLFS_NONE };
	switch (k->type) {
	case LUA_NIL: break;
	case LUA_BOOLEAN: out->boolean = k->b; break;
	case LUA_INTEGER: out->integer = k->i; break;
	case LUA_FLOAT: out->number = k->f; break;
	case LUA_STRING: out->string = k->string; break;
	}
	return true;
}

bool nlfs_upvalue(const struct nlfs *l, uint32_t proto, uint32_t i, struct nlfs_upvalue *out)
{
	const struct lua_proto *p = find_proto(l, proto);
	const struct lua_upvalue *u;

	if (!p || i >= p->upvalues.count)
		return false;
	u = &l->book.img->upvalues[p->upvalues.first + i];
	*out = (struct nlfs_upvalue){ handle_text(l->book.img, u->name), u->instack, u->index };
	return true;
}

bool nlfs_local(const struct nlfs *l, uint32_t proto, uint32_t i, struct nlfs_local *out)
{
	const struct lua_proto *p = find_proto(l, proto);
	const struct lua_local *v;

	if (!p || i >= p->locals.count)
		return false;
	v = &l->book.img->locals[p->locals.first + i];
	*out = (struct nlfs_local){ handle_text(l->book.img, v->name), v->start_pc, v->end_pc };
	return true;
}

bool nlfs_instruction(const struct nlfs *l, uint32_t proto, uint32_t pc,
		      struct nlfs_instruction *out)
{
	const struct lua_image *img = handle_image(l);
	const struct lua_proto *p = find_proto(l, proto);
	struct lua_insn i;

	if (!p || pc >= p->ncode)
		return false;
	i = lua_decode(lua_dialect_of(img->traits.version), lua_word(p, pc));
	*out = (struct nlfs_instruction){
		.word = lua_word(p, pc),
		.opcode = i.opcode,
		.a = i.a,
		.b = i.b,
		.c = i.c,
		.bx = i.bx,
		.line = l->book.lines[l->book.code_first[proto] + pc],
		.target = lua_jump_target(img, proto, pc),
		.data = lua_is_extra_word(img, proto, pc),
	};
	if (i.op) {
		out->name = i.op->name;
		out->meaning = i.op->meaning;
		out->mode = (enum nlfs_mode)i.op->mode;
	}
	return true;
}

enum nlfs_code nlfs_instruction_text(const struct nlfs *l, uint32_t proto, uint32_t pc,
				     uint8_t **data, size_t *len, struct nlfs_error *error)
{
	struct nlfs_instruction i;
	struct lua_insn insn;
	struct diag diag = { 0 };
	struct buf text = { 0 };
	size_t words;
	enum nlfs_code code;

	*data = NULL;
	*len = 0;
	if (!nlfs_instruction(l, proto, pc, &i))
		return error_argument(error, "no such instruction");
	if (i.data || !i.name) {
		buf_printf(&text, "%s 0x%08x", i.data ? "data" : "unknown", (unsigned)i.word);
	} else {
		insn = lua_decode(lua_dialect_of(l->book.img->traits.version), i.word);
		buf_printf(&text, "%s ", i.name);
		lua_operands(l->book.img, &insn, &text);
		buf_str(&text, " ; ");
		words = text.len;
		lua_comment(l->book.img, proto, pc, &text);
		if (text.len == words && !text.failed)
			text.len -= strlen(" ; ");
	}
	buf_byte(&text, 0);
	code = handle_give(&text, &diag, data, len, error);
	*len -= code == NLFS_OK;
	return code;
}
