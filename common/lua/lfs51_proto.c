/* SPDX-License-Identifier: MIT */
/* Prototypes of a Lua 5.1 image; the bytes are described in lfs51.c. */
#include "common/lua/lfs51_reader.h"

#include <inttypes.h>
#include <string.h>

/* A cursor over count items of size bytes at the address word of field; empty when there are none. */
static struct rd take_vector(struct lfs51_reader *r, struct rd *rd, uint32_t off, uint32_t count,
			     uint32_t size, const char *field, struct lua_range *range)
{
	struct rd v = *rd;

	v.len = 0;
	if (rd_bad(rd) || count == 0)
		return v;
	if (off == 0) {
		rd_fail(rd, ERR_DAMAGED, 0, field, "%" PRIu32 " items, but no vector", count);
		return v;
	}
	if (count > (r->all.len - off) / size) {
		rd_fail(rd, ERR_DAMAGED, 0, field,
			"%" PRIu32 " items of %" PRIu32 " bytes do not fit behind 0x%" PRIx32,
			count, size, off);
		return v;
	}
	v = rd_window(&r->all, off, (size_t)count * size, field);
	v.diag = rd->diag;
	v.scope = rd->scope;
	*range = (struct lua_range){ off, count * size };
	return v;
}

static void read_constant(struct lfs51_reader *r, struct rd *rd, struct lua_const *k)
{
	const struct lua_traits *t = &r->img->traits;
	size_t value_bytes = t->float_bytes ? 8 : 4;
	struct rd value = *rd;
	uint32_t tag;

	rd_take(rd, value_bytes, "value");
	tag = rd_u32(rd, "tag");
	rd_take(rd, t->tvalue_bytes - value_bytes - 4, "tag");
	if (rd_bad(rd))
		return;
	if (tag == (t->old_tags ? 5u : 3u)) {
		k->type = t->float_bytes ? LUA_FLOAT : LUA_INTEGER;
		if (t->float_bytes) {
			uint64_t bits = le64(value.p);

			memcpy(&k->f, &bits, sizeof(k->f));
		} else {
			k->i = (int32_t)le32(value.p);
		}
	} else if (tag == (t->old_tags ? 6u : 4u)) {
		k->type = LUA_STRING;
		k->string = lfs51_take_string(r, &value, 0, LUA_USE_CONSTANT, "value");
		if (k->string == LUA_NONE)
			rd_fail(rd, ERR_DAMAGED, t->tvalue_bytes, "value", "a string, but NULL");
	} else if (tag == 1) {
		k->type = LUA_BOOLEAN;
		k->b = le32(value.p) != 0;
	} else if (tag != 0) {
		rd_fail(rd, ERR_DAMAGED, t->tvalue_bytes - value_bytes, "tag",
			"%" PRIu32 " is no type of a constant", tag);
	}
}

static void read_constants(struct lfs51_reader *r, struct rd v, uint32_t count,
			   struct lua_slice *out)
{
	struct rd_scope scope = { .name = "k", .up = v.scope };

	v.scope = &scope;
	if (!lua_add_constants(r->img, &v, count, out))
		return;
	for (uint32_t i = 0; i < count && !rd_bad(&v); i++) {
		scope.index = i;
		read_constant(r, &v, &r->img->constants[out->first + i]);
	}
}

static void read_upvalues(struct lfs51_reader *r, struct rd v, uint32_t count,
			  struct lua_slice *out)
{
	struct rd_scope scope = { .name = "upvalues", .up = v.scope };

	v.scope = &scope;
	if (!lua_add_upvalues(r->img, &v, count, out))
		return;
	for (uint32_t i = 0; i < count && !rd_bad(&v); i++) {
		uint32_t name;

		scope.index = i;
		name = lfs51_take_string(r, &v, 0, LUA_USE_UPVALUE, "name");
		r->img->upvalues[out->first + i].name = name;
	}
}

static void read_locals(struct lfs51_reader *r, struct rd v, uint32_t count, struct lua_slice *out)
{
	struct rd_scope scope = { .name = "locvars", .up = v.scope };

	v.scope = &scope;
	if (!lua_add_locals(r->img, &v, count, out))
		return;
	for (uint32_t i = 0; i < count && !rd_bad(&v); i++) {
		struct lua_local *l = &r->img->locals[out->first + i];

		scope.index = i;
		l->name = lfs51_take_string(r, &v, 0, LUA_USE_LOCAL, "varname");
		l->start_pc = rd_u32(&v, "startpc");
		l->end_pc = rd_u32(&v, "endpc");
	}
}

/* Children of the main prototype are the modules, numbered in order. */
static void read_children(struct lfs51_reader *r, struct rd v, uint32_t self, uint32_t count)
{
	struct lua_image *img = r->img;
	struct rd_scope scope = { .name = "p", .up = v.scope };
	struct lua_slice kids;

	v.scope = &scope;
	if (!lua_add_children(img, &v, count, &kids))
		return;
	img->protos[self].children = kids;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t module = self == 0 ? i : img->protos[self].module;
		struct diag local = { 0 };
		struct rd at = v;
		uint32_t child;
		uint32_t off;

		if (!rd_take(&v, 4, "address"))
			return;
		scope.index = i;
		at.diag = &local;
		off = lfs51_take_address(r, &at, NULL);
		child = off ? lfs51_read_proto(r, &at, off, self, module) : LUA_NONE;
		img->children[kids.first + i] = child;
		lfs51_absorb(r, &local);
	}
}

struct vectors {
	uint32_t k, code, p, locals, upvalues;
	uint32_t nk, ncode, np, nlocals, nupvalues;
};

/* The 72 bytes of a Proto, but for what its vectors hold. */
static struct vectors read_record(struct lfs51_reader *r, struct rd *rd, uint32_t self)
{
	struct lua_image *img = r->img;
	struct lua_proto *p = &img->protos[self];
	struct vectors v = { 0 };
	uint8_t tt;

	rd_u32(rd, "next");
	tt = rd_u8(rd, "tt");
	if (tt != 0 && tt != 9 && tt != 11)
		rd_fail(rd, ERR_DAMAGED, 1, "tt", "%u is not the type of a prototype", tt);
	rd_take(rd, 3, "marked");
	v.k = lfs51_take_address(r, rd, "k");
	v.code = lfs51_take_address(r, rd, "code");
	v.p = lfs51_take_address(r, rd, "p");
	p->lineinfo_string = lfs51_take_string(r, rd, LFS51_TSTRING, LUA_USE_LINEINFO,
					       "packedlineinfo");
	v.locals = lfs51_take_address(r, rd, "locvars");
	v.upvalues = lfs51_take_address(r, rd, "upvalues");
	p->source = lfs51_take_string(r, rd, 0, LUA_USE_SOURCE, "source");
	v.nupvalues = rd_u32(rd, "sizeupvalues");
	v.nk = rd_u32(rd, "sizek");
	v.ncode = rd_u32(rd, "sizecode");
	v.np = rd_u32(rd, "sizep");
	v.nlocals = rd_u32(rd, "sizelocvars");
	p->line_first = rd_u32(rd, "linedefined");
	p->line_last = rd_u32(rd, "lastlinedefined");
	rd_u32(rd, "gclist");
	p->nups = rd_u8(rd, "nups");
	p->params = rd_u8(rd, "numparams");
	p->vararg = rd_u8(rd, "is_vararg");
	p->stack = rd_u8(rd, "maxstacksize");
	if (p->lineinfo_string != LUA_NONE) {
		p->lineinfo = img->strings[p->lineinfo_string].text;
		p->nlineinfo = img->strings[p->lineinfo_string].len;
	}
	return v;
}

/* Vectors are read from the back of the record, so that what is whole stays when one is not. */
static void read_vectors(struct lfs51_reader *r, struct rd *rd, uint32_t self,
			 const struct vectors *v)
{
	struct lua_proto p = r->img->protos[self];
	struct lua_range *parts = p.parts;
	struct rd at;

	at = take_vector(r, rd, v->code, v->ncode, 4, "sizecode", &parts[LUA_PART_CODE]);
	if (at.len && lua_tally(r->img, &at, at.len, "sizecode")) {
		p.code = at.p;
		p.ncode = v->ncode;
	}
	at = take_vector(r, rd, v->k, v->nk, r->img->traits.tvalue_bytes, "sizek",
			 &parts[LUA_PART_CONSTANTS]);
	if (at.len)
		read_constants(r, at, v->nk, &p.constants);
	at = take_vector(r, rd, v->upvalues, v->nupvalues, 4, "sizeupvalues",
			 &parts[LUA_PART_UPVALUES]);
	if (at.len)
		read_upvalues(r, at, v->nupvalues, &p.upvalues);
	at = take_vector(r, rd, v->locals, v->nlocals, 12, "sizelocvars", &parts[LUA_PART_LOCALS]);
	if (at.len)
		read_locals(r, at, v->nlocals, &p.locals);
	at = take_vector(r, rd, v->p, v->np, 4, "sizep", &parts[LUA_PART_CHILDREN]);
	r->img->protos[self] = p;
	if (at.len)
		read_children(r, at, self, v->np);
}

uint32_t lfs51_read_proto(struct lfs51_reader *r, struct rd *from, uint32_t off, uint32_t parent,
			  uint32_t module)
{
	struct rd_scope scope = { .name = "proto" };
	struct vectors v;
	struct rd rd;
	uint32_t self;

	if (r->seen[off / 32] >> (off / 4 % 8) & 1) {
		rd_fail(from, ERR_DAMAGED, 4, NULL,
			"the prototype at 0x%" PRIx32 " has two parents or is its own", off);
		return LUA_NONE;
	}
	r->seen[off / 32] |= (uint8_t)(1 << off / 4 % 8);
	rd = rd_window(&r->all, off,
		       r->all.len - off < LFS51_PROTO ? r->all.len - off : LFS51_PROTO, NULL);
	rd.diag = from->diag;
	rd.scope = &scope;
	self = lua_add_proto(r->img, from, parent, module);
	if (self == LUA_NONE)
		return LUA_NONE;
	scope.index = self;
	r->img->protos[self].off = off;
	r->img->protos[self].parts[LUA_PART_RECORD] = (struct lua_range){ off, LFS51_PROTO };
	v = read_record(r, &rd, self);
	read_vectors(r, &rd, self, &v);
	return self;
}
