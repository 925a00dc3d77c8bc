/* SPDX-License-Identifier: MIT */
/* Prototypes of an absolute Lua 5.3 image; the bytes are described in flash53.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/lua/lfs53_reader.h"
#include "common/lua/stream53.h"

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

static void read_string_constant(struct flash *f, struct rd *rd, struct rd value, uint32_t tag,
				 struct lua_const *k)
{
	const struct lua_image *img = f->img;

	k->string = flash_take_string(f, &value, 0, LUA_USE_CONSTANT, "value");
	if (k->string == LUA_NONE) {
		rd_fail(rd, ERR_DAMAGED, img->traits.tvalue_bytes, "value", "a string, but NULL");
		return;
	}
	k->type = LUA_STRING;
	if ((img->strings[k->string].len > LUA_SHORT_MAX) != (tag == TAG53_LONG))
		rd_fail(rd, ERR_DAMAGED, 4, "tag",
			"0x%" PRIx32 " for a string of %" PRIu32 " bytes", tag,
			img->strings[k->string].len);
}

void lfs53_read_constant(struct flash *f, struct rd *rd, struct lua_const *k)
{
	const struct lua_traits *t = &f->img->traits;
	struct rd value = *rd;
	const uint8_t *p = rd_take(rd, t->tvalue_bytes - 4, "value");
	uint32_t tag = rd_u32(rd, "tag");

	if (rd_bad(rd))
		return;
	switch (tag) {
	case TAG53_NIL: break;
	case TAG53_BOOLEAN:
		k->type = LUA_BOOLEAN;
		k->b = le32(p) != 0;
		break;
	case TAG53_FLOAT:
		k->type = LUA_FLOAT;
		k->f = take_float(t, p);
		break;
	case TAG53_INTEGER:
		k->type = LUA_INTEGER;
		k->i = t->integer_bytes == 4 ? (int32_t)le32(p) : (int64_t)le64(p);
		break;
	case TAG53_SHORT:
	case TAG53_LONG: read_string_constant(f, rd, value, tag, k); break;
	default: rd_fail(rd, ERR_DAMAGED, 4, "tag", "0x%" PRIx32 " is no type of a constant", tag);
	}
}

/* Whether a stripped stream left out the names or a whole one had empty ones: no trace of it. */
void lfs53_read_upvalue(struct flash *f, struct rd *rd, struct lua_upvalue *u)
{
	u->named = true;
	u->name = flash_take_string(f, rd, 0, LUA_USE_UPVALUE, "name");
	u->instack = rd_u8(rd, "instack");
	u->index = rd_u8(rd, "idx");
	rd_u16(rd, "idx");
}

/* A function inside another has the other's source, and streams do not say it again. */
static void read_source(struct flash *f, struct rd *rd, struct lua_proto *p)
{
	struct lua_image *img = f->img;
	uint32_t string = flash_take_string(f, rd, 0, 0, "source");

	if (p->parent != LUA_NONE && string == lua_proto_source(img, p->parent)) {
		if (string != LUA_NONE)
			img->strings[string].refs--;
		return;
	}
	p->source = string;
	if (string != LUA_NONE)
		img->strings[string].uses |= LUA_USE_SOURCE;
}

/* A Proto's record, but for what its vectors hold. */
static void read_record(struct flash *f, struct rd *rd, struct lua_proto *p,
			struct flash_claim claims[LUA_NPARTS])
{
	uint32_t nups;
	uint8_t tt;

	rd_u32(rd, "next");
	tt = rd_u8(rd, "tt");
	if (tt != TT53_PROTO)
		rd_fail(rd, ERR_DAMAGED, 1, "tt", "%u is not the type of a prototype", tt);
	rd_u8(rd, "marked");
	p->params = rd_u8(rd, "numparams");
	p->vararg = rd_u8(rd, "is_vararg");
	p->stack = rd_u8(rd, "maxstacksize");
	rd_take(rd, 3, "maxstacksize");
	flash_take_count(rd, &claims[LUA_PART_UPVALUES], FLASH53_UPVALUE, "sizeupvalues");
	flash_take_count(rd, &claims[LUA_PART_CONSTANTS], f->img->traits.tvalue_bytes, "sizek");
	flash_take_count(rd, &claims[LUA_PART_CODE], 4, "sizecode");
	flash_take_count(rd, &claims[LUA_PART_LINES], 1, "sizelineinfo");
	flash_take_count(rd, &claims[LUA_PART_CHILDREN], 4, "sizep");
	flash_take_count(rd, &claims[LUA_PART_LOCALS], FLASH53_LOCAL, "sizelocvars");
	p->line_first = rd_u32(rd, "linedefined");
	p->line_last = rd_u32(rd, "lastlinedefined");
	claims[LUA_PART_CONSTANTS].off = f->ops->address(f, rd, "k");
	claims[LUA_PART_CODE].off = f->ops->address(f, rd, "code");
	claims[LUA_PART_CHILDREN].off = f->ops->address(f, rd, "p");
	claims[LUA_PART_LINES].off = f->ops->address(f, rd, "lineinfo");
	claims[LUA_PART_LOCALS].off = f->ops->address(f, rd, "locvars");
	claims[LUA_PART_UPVALUES].off = f->ops->address(f, rd, "upvalues");
	read_source(f, rd, p);
	rd_u32(rd, "gclist");
	nups = claims[LUA_PART_UPVALUES].count;
	p->nups = nups < UINT8_MAX ? (uint8_t)nups : UINT8_MAX;
}

/* Prototypes are in one list, from the last to the first. */
static void check_list(struct lfs53_reader *r, uint32_t self, uint32_t off)
{
	struct lua_image *img = r->flash.img;
	char path[32];

	if (!r->flash.first->code && lfs53_word(r, off) != img->header.base + r->last) {
		snprintf(path, sizeof(path), "proto[%" PRIu32 "].next", self);
		lua_note(img, off, path, "does not lead to 0x%" PRIx32, r->last);
	}
	r->last = off;
}

uint32_t lfs53_read_proto(struct flash *f, const struct flash_ref *ref)
{
	/* In the order of streams, so that the model's arrays are the same. */
	static const uint8_t order[] = { LUA_PART_CHILDREN, LUA_PART_CODE,  LUA_PART_CONSTANTS,
					 LUA_PART_UPVALUES, LUA_PART_LINES, LUA_PART_LOCALS };
	struct flash_claim claims[LUA_NPARTS] = { 0 };
	struct flash_proto p;

	if (!flash_visit(f, ref))
		return LUA_NONE;
	if (f->all.len - ref->off < FLASH53_PROTO) {
		rd_fail(ref->from, ERR_DAMAGED, 4, NULL,
			"no prototype fits at 0x%" PRIx32 ", 0x%zx bytes from the end", ref->off,
			f->all.len - ref->off);
		return LUA_NONE;
	}
	if (!flash_open_proto(f, ref, FLASH53_PROTO, &p))
		return LUA_NONE;
	read_record(f, &p.rd, &f->img->protos[p.self], claims);
	for (size_t i = 0; i < sizeof(order); i++)
		flash_read_part(f, &p.rd, p.self, order[i], &claims[order[i]]);
	check_list((struct lfs53_reader *)f, p.self, ref->off);
	return p.self;
}
