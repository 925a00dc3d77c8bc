/* SPDX-License-Identifier: MIT */
/* Prototypes of a Lua 5.1 image; the bytes are described in lfs51.c. */
#include "common/lua/lfs51_reader.h"

#include <inttypes.h>
#include <string.h>

/* A vector of a Proto: where its address says it is, and how many items its count says it has. */
struct vector {
	uint32_t off, count;
	uint8_t size;      /* of an item */
	uint8_t back;      /* of the count, from the end of the record */
	const char *field; /* the count's */
};

/* A cursor over the items; empty when there are none, or when they cannot be. rd: at the record's end. */
static struct rd take_vector(struct lfs51_reader *r, struct rd *rd, const struct vector *v,
			     struct lua_range *range)
{
	struct rd at = *rd;

	at.len = 0;
	if (rd_bad(rd) || v->count == 0)
		return at;
	if (v->off == 0) {
		rd_fail(rd, ERR_DAMAGED, v->back, v->field, "%" PRIu32 " items, but no vector",
			v->count);
		return at;
	}
	if (v->count > (r->all.len - v->off) / v->size) {
		rd_fail(rd, ERR_DAMAGED, v->back, v->field,
			"%" PRIu32 " items of %u bytes do not fit behind 0x%" PRIx32, v->count,
			v->size, v->off);
		return at;
	}
	at = rd_window(&r->all, v->off, (size_t)v->count * v->size, v->field);
	at.diag = rd->diag;
	at.scope = rd->scope;
	*range = (struct lua_range){ v->off, v->count * v->size };
	return at;
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
		if (off == 0)
			rd_fail(&at, ERR_DAMAGED, 4, NULL, "NULL, not a prototype");
		child = off ? lfs51_read_proto(r, &at, off, self, module) : LUA_NONE;
		img->children[kids.first + i] = child;
		lfs51_absorb(r, &local);
	}
}

struct vectors {
	struct vector k, code, p, locals, upvalues;
};

/* The 72 bytes of a Proto, but for what its vectors hold. */
static struct vectors read_record(struct lfs51_reader *r, struct rd *rd, uint32_t self)
{
	struct lua_image *img = r->img;
	struct lua_proto *p = &img->protos[self];
	struct vectors v = {
		.k = { .size = img->traits.tvalue_bytes, .back = 32, .field = "sizek" },
		.code = { .size = 4, .back = 28, .field = "sizecode" },
		.p = { .size = 4, .back = 24, .field = "sizep" },
		.locals = { .size = 12, .back = 20, .field = "sizelocvars" },
		.upvalues = { .size = 4, .back = 36, .field = "sizeupvalues" },
	};
	uint8_t tt;

	rd_u32(rd, "next");
	tt = rd_u8(rd, "tt");
	if (tt != 0 && tt != 9 && tt != 11)
		rd_fail(rd, ERR_DAMAGED, 1, "tt", "%u is not the type of a prototype", tt);
	rd_take(rd, 3, "marked");
	v.k.off = lfs51_take_address(r, rd, "k");
	v.code.off = lfs51_take_address(r, rd, "code");
	v.p.off = lfs51_take_address(r, rd, "p");
	p->lineinfo_string = lfs51_take_string(r, rd, LFS51_TSTRING, LUA_USE_LINEINFO,
					       "packedlineinfo");
	v.locals.off = lfs51_take_address(r, rd, "locvars");
	v.upvalues.off = lfs51_take_address(r, rd, "upvalues");
	p->source = lfs51_take_string(r, rd, 0, LUA_USE_SOURCE, "source");
	v.upvalues.count = rd_u32(rd, "sizeupvalues");
	v.k.count = rd_u32(rd, "sizek");
	v.code.count = rd_u32(rd, "sizecode");
	v.p.count = rd_u32(rd, "sizep");
	v.locals.count = rd_u32(rd, "sizelocvars");
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

/* A vector as above, with a diag of its own: one that is damaged does not take the others along. */
static struct rd open_vector(struct lfs51_reader *r, const struct rd *rd, const struct vector *v,
			     struct lua_range *range, struct diag *diag)
{
	struct rd at = *rd;

	*diag = (struct diag){ 0 };
	at.diag = diag;
	return take_vector(r, &at, v, range);
}

static void read_vectors(struct lfs51_reader *r, struct rd *rd, uint32_t self,
			 const struct vectors *v)
{
	struct lua_proto p = r->img->protos[self];
	struct lua_range *parts = p.parts;
	struct diag diag;
	struct rd at;

	at = open_vector(r, rd, &v->code, &parts[LUA_PART_CODE], &diag);
	if (at.len && lua_tally(r->img, &at, at.len, "sizecode")) {
		p.code = at.p;
		p.ncode = v->code.count;
	}
	lfs51_absorb(r, &diag);
	at = open_vector(r, rd, &v->k, &parts[LUA_PART_CONSTANTS], &diag);
	if (at.len)
		read_constants(r, at, v->k.count, &p.constants);
	lfs51_absorb(r, &diag);
	at = open_vector(r, rd, &v->upvalues, &parts[LUA_PART_UPVALUES], &diag);
	if (at.len)
		read_upvalues(r, at, v->upvalues.count, &p.upvalues);
	lfs51_absorb(r, &diag);
	at = open_vector(r, rd, &v->locals, &parts[LUA_PART_LOCALS], &diag);
	if (at.len)
		read_locals(r, at, v->locals.count, &p.locals);
	lfs51_absorb(r, &diag);
	at = open_vector(r, rd, &v->p, &parts[LUA_PART_CHILDREN], &diag);
	r->img->protos[self] = p;
	if (at.len)
		read_children(r, at, self, v->p.count);
	lfs51_absorb(r, &diag);
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
	if (!rd_bad(&rd))
		read_vectors(r, &rd, self, &v);
	return self;
}
