/* SPDX-License-Identifier: MIT */
/* Prototypes of an absolute Lua 5.3 image; the bytes are described in lfs53_absolute.c. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/lua/lfs53_absolute.h"
#include "common/lua/stream53.h"

enum { TT_PROTO = 9 };

/* Type tags of TValues. */
enum {
	TAG_NIL = 0,
	TAG_BOOLEAN = 1,
	TAG_FLOAT = 3,
	TAG_INTEGER = 0x13,
	TAG_SHORT = 0x44,
	TAG_LONG = 0x54,
};

/* A vector as its Proto has it. */
struct vector {
	uint32_t off; /* 0: none */
	uint32_t count;
	const char *field; /* the count's */
	uint32_t back;     /* from the Proto's end to that field */
};

/* What a Proto says of its vectors. */
struct vectors {
	struct vector upvalues, k, code, lines, p, locals;
};

/* A cursor over the items of size bytes; empty when there are none. */
static struct rd take_vector(struct absolute53 *r, struct rd *rd, const struct vector *from,
			     uint32_t size, struct lua_range *range)
{
	struct rd v = *rd;

	v.len = 0;
	if (rd_bad(rd) || from->count == 0)
		return v;
	if (from->off == 0) {
		rd_fail(rd, ERR_DAMAGED, from->back, from->field,
			"%" PRIu32 " items, but no vector", from->count);
		return v;
	}
	if (from->count > (r->all.len - from->off) / size) {
		rd_fail(rd, ERR_DAMAGED, from->back, from->field,
			"%" PRIu32 " items of %" PRIu32 " bytes do not fit behind 0x%" PRIx32,
			from->count, size, from->off);
		return v;
	}
	v = rd_window(&r->all, from->off, (size_t)from->count * size, from->field);
	v.diag = rd->diag;
	v.scope = rd->scope;
	*range = (struct lua_range){ from->off, from->count * size };
	return v;
}

static double take_float(const struct lua_traits *t, const uint8_t *p)
{
	uint64_t bits;
	double d;

	if (t->float_bytes == 4)
		return stream53_widen(le32(p));
	bits = le64(p);
	memcpy(&d, &bits, sizeof(d));
	return d;
}

static void read_constant(struct absolute53 *r, struct rd *rd, struct lua_const *k)
{
	const struct lua_traits *t = &r->img->traits;
	struct rd value = *rd;
	const uint8_t *p = rd_take(rd, t->tvalue_bytes - 4, "value");
	uint32_t tag = rd_u32(rd, "tag");

	if (rd_bad(rd))
		return;
	switch (tag) {
	case TAG_NIL: return;
	case TAG_BOOLEAN:
		k->type = LUA_BOOLEAN;
		k->b = le32(p) != 0;
		return;
	case TAG_FLOAT:
		k->type = LUA_FLOAT;
		k->f = take_float(t, p);
		return;
	case TAG_INTEGER:
		k->type = LUA_INTEGER;
		k->i = t->integer_bytes == 4 ? (int32_t)le32(p) : (int64_t)le64(p);
		return;
	case TAG_SHORT:
	case TAG_LONG: break;
	default:
		rd_fail(rd, ERR_DAMAGED, 4, "tag", "0x%" PRIx32 " is no type of a constant", tag);
		return;
	}
	k->string = absolute53_string(r, &value, 0, LUA_USE_CONSTANT, "value");
	if (k->string == LUA_NONE) {
		rd_fail(rd, ERR_DAMAGED, t->tvalue_bytes, "value", "a string, but NULL");
		return;
	}
	k->type = LUA_STRING;
	if ((r->img->strings[k->string].len > LUA_SHORT_MAX) != (tag == TAG_LONG))
		rd_fail(rd, ERR_DAMAGED, 4, "tag",
			"0x%" PRIx32 " for a string of %" PRIu32 " bytes", tag,
			r->img->strings[k->string].len);
}

static void read_constants(struct absolute53 *r, struct rd v, uint32_t count, struct lua_slice *out)
{
	struct rd_scope scope = { .name = "k", .up = v.scope };

	v.scope = &scope;
	if (!lua_add_constants(r->img, &v, count, out))
		return;
	for (; scope.index < count && !rd_bad(&v); scope.index++)
		read_constant(r, &v, &r->img->constants[out->first + scope.index]);
}

/* Whether a stripped stream left out the names or a whole one had empty ones: flash has no trace. */
static void read_upvalues(struct absolute53 *r, struct rd v, uint32_t count, struct lua_slice *out)
{
	struct rd_scope scope = { .name = "upvalues", .up = v.scope };

	v.scope = &scope;
	if (!lua_add_upvalues(r->img, &v, count, out))
		return;
	for (; scope.index < count && !rd_bad(&v); scope.index++) {
		struct lua_upvalue *u = &r->img->upvalues[out->first + scope.index];

		u->named = true;
		u->name = absolute53_string(r, &v, 0, LUA_USE_UPVALUE, "name");
		u->instack = rd_u8(&v, "instack");
		u->index = rd_u8(&v, "idx");
		rd_u16(&v, "idx");
	}
}

static void read_locals(struct absolute53 *r, struct rd v, uint32_t count, struct lua_slice *out)
{
	struct rd_scope scope = { .name = "locvars", .up = v.scope };

	v.scope = &scope;
	if (!lua_add_locals(r->img, &v, count, out))
		return;
	for (; scope.index < count && !rd_bad(&v); scope.index++) {
		struct lua_local *l = &r->img->locals[out->first + scope.index];

		l->name = absolute53_string(r, &v, 0, LUA_USE_LOCAL, "varname");
		l->start_pc = rd_u32(&v, "startpc");
		l->end_pc = rd_u32(&v, "endpc");
	}
}

static void read_children(struct absolute53 *r, struct rd v, uint32_t self, uint32_t count)
{
	struct lua_image *img = r->img;
	struct rd_scope scope = { .name = "p", .up = v.scope };
	struct lua_slice kids;

	v.scope = &scope;
	if (!lua_add_children(img, &v, count, &kids))
		return;
	img->protos[self].children = kids;
	for (; scope.index < count; scope.index++) {
		struct diag local = { 0 };
		struct rd at = v;
		uint32_t child;
		uint32_t off;

		if (!rd_take(&v, 4, "address"))
			return;
		at.diag = &local;
		off = absolute53_address(r, &at, NULL);
		if (!off)
			rd_fail(&at, ERR_DAMAGED, 4, NULL, "NULL");
		child = off ? absolute53_proto(r, &at, off, self, img->protos[self].module)
			    : LUA_NONE;
		img->children[kids.first + scope.index] = child;
		absolute53_absorb(r, &local);
	}
}

/* A function inside another has the other's source, and streams do not say it again. */
static void read_source(struct absolute53 *r, struct rd *rd, struct lua_proto *p)
{
	struct lua_image *img = r->img;
	uint32_t string = absolute53_string(r, rd, 0, 0, "source");

	if (p->parent != LUA_NONE && string == lua_proto_source(img, p->parent)) {
		if (string != LUA_NONE)
			img->strings[string].refs--;
		return;
	}
	p->source = string;
	if (string != LUA_NONE)
		img->strings[string].uses |= LUA_USE_SOURCE;
}

static void take_count(struct rd *rd, struct vector *v, const char *field)
{
	v->field = field;
	v->back = (uint32_t)rd->len;
	v->count = rd_u32(rd, field);
}

/* The 76 bytes of a Proto, but for what its vectors hold. */
static struct vectors read_record(struct absolute53 *r, struct rd *rd, uint32_t self)
{
	struct lua_proto *p = &r->img->protos[self];
	struct vectors v = { 0 };
	uint8_t tt;

	rd_u32(rd, "next");
	tt = rd_u8(rd, "tt");
	if (tt != TT_PROTO)
		rd_fail(rd, ERR_DAMAGED, 1, "tt", "%u is not the type of a prototype", tt);
	rd_u8(rd, "marked");
	p->params = rd_u8(rd, "numparams");
	p->vararg = rd_u8(rd, "is_vararg");
	p->stack = rd_u8(rd, "maxstacksize");
	rd_take(rd, 3, "maxstacksize");
	take_count(rd, &v.upvalues, "sizeupvalues");
	take_count(rd, &v.k, "sizek");
	take_count(rd, &v.code, "sizecode");
	take_count(rd, &v.lines, "sizelineinfo");
	take_count(rd, &v.p, "sizep");
	take_count(rd, &v.locals, "sizelocvars");
	p->line_first = rd_u32(rd, "linedefined");
	p->line_last = rd_u32(rd, "lastlinedefined");
	v.k.off = absolute53_address(r, rd, "k");
	v.code.off = absolute53_address(r, rd, "code");
	v.p.off = absolute53_address(r, rd, "p");
	v.lines.off = absolute53_address(r, rd, "lineinfo");
	v.locals.off = absolute53_address(r, rd, "locvars");
	v.upvalues.off = absolute53_address(r, rd, "upvalues");
	read_source(r, rd, p);
	rd_u32(rd, "gclist");
	p->nups = v.upvalues.count < UINT8_MAX ? (uint8_t)v.upvalues.count : UINT8_MAX;
	return v;
}

/* In the order in which streams have them, so that the model's arrays are the same. */
static void read_vectors(struct absolute53 *r, struct rd *rd, uint32_t self,
			 const struct vectors *v)
{
	struct lua_proto p;
	struct lua_range kids = { 0 };
	struct rd at = take_vector(r, rd, &v->p, 4, &kids);

	r->img->protos[self].parts[LUA_PART_CHILDREN] = kids;
	if (at.len)
		read_children(r, at, self, v->p.count);
	p = r->img->protos[self];
	at = take_vector(r, rd, &v->code, 4, &p.parts[LUA_PART_CODE]);
	if (at.len && lua_tally(r->img, &at, at.len, "sizecode")) {
		p.code = at.p;
		p.ncode = v->code.count;
	}
	at = take_vector(r, rd, &v->k, r->img->traits.tvalue_bytes, &p.parts[LUA_PART_CONSTANTS]);
	if (at.len)
		read_constants(r, at, v->k.count, &p.constants);
	at = take_vector(r, rd, &v->upvalues, FLASH53_UPVALUE, &p.parts[LUA_PART_UPVALUES]);
	if (at.len)
		read_upvalues(r, at, v->upvalues.count, &p.upvalues);
	at = take_vector(r, rd, &v->lines, 1, &p.parts[LUA_PART_LINES]);
	if (at.len && lua_tally(r->img, &at, at.len, "sizelineinfo")) {
		p.lineinfo = at.p;
		p.nlineinfo = v->lines.count;
	}
	at = take_vector(r, rd, &v->locals, FLASH53_LOCAL, &p.parts[LUA_PART_LOCALS]);
	if (at.len)
		read_locals(r, at, v->locals.count, &p.locals);
	r->img->protos[self] = p;
}

/* Prototypes are in one list, from the last to the first. */
static void check_list(struct absolute53 *r, uint32_t self, uint32_t off)
{
	struct lua_image *img = r->img;
	char path[32];

	if (!r->first->code && le32(img->bytes + off) != img->header.base + r->last) {
		snprintf(path, sizeof(path), "proto[%" PRIu32 "].next", self);
		lua_note(img, off, path, "does not lead to 0x%" PRIx32, r->last);
	}
	r->last = off;
}

uint32_t absolute53_proto(struct absolute53 *r, struct rd *from, uint32_t off, uint32_t parent,
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
	if (r->all.len - off < FLASH53_PROTO) {
		rd_fail(from, ERR_DAMAGED, 4, NULL,
			"no prototype fits at 0x%" PRIx32 ", 0x%zx bytes from the end", off,
			r->all.len - off);
		return LUA_NONE;
	}
	rd = rd_window(&r->all, off, FLASH53_PROTO, NULL);
	rd.diag = from->diag;
	rd.scope = &scope;
	self = lua_add_proto(r->img, from, parent, module);
	if (self == LUA_NONE)
		return LUA_NONE;
	scope.index = self;
	r->img->protos[self].off = off;
	r->img->protos[self].parts[LUA_PART_RECORD] = (struct lua_range){ off, FLASH53_PROTO };
	v = read_record(r, &rd, self);
	read_vectors(r, &rd, self, &v);
	check_list(r, self, off);
	return self;
}
