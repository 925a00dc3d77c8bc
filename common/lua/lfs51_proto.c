/* SPDX-License-Identifier: MIT */
/* Prototypes of a Lua 5.1 image; the bytes are described in flash51.h. */
#include "common/lua/lfs51_reader.h"

#include <inttypes.h>
#include <string.h>

static void take_number(const struct lua_traits *t, const uint8_t *p, struct lua_const *k)
{
	uint64_t bits;

	if (!t->float_bytes) {
		k->type = LUA_INTEGER;
		k->i = (int32_t)le32(p);
		return;
	}
	k->type = LUA_FLOAT;
	bits = le64(p);
	memcpy(&k->f, &bits, sizeof(k->f));
}

void lfs51_read_constant(struct flash *f, struct rd *rd, struct lua_const *k)
{
	const struct lua_traits *t = &f->img->traits;
	size_t value_bytes = t->float_bytes ? 8 : 4;
	struct rd value = *rd;
	uint32_t tag;

	rd_take(rd, value_bytes, "value");
	tag = rd_u32(rd, "tag");
	rd_take(rd, t->tvalue_bytes - value_bytes - 4, "tag");
	if (rd_bad(rd))
		return;
	if (tag == flash51_tag(t->old_tags, TAG51_NUMBER)) {
		take_number(t, value.p, k);
	} else if (tag == flash51_tag(t->old_tags, TAG51_STRING)) {
		k->string = flash_take_string(f, &value, 0, LUA_USE_CONSTANT, "value");
		if (k->string == LUA_NONE)
			rd_fail(rd, ERR_DAMAGED, t->tvalue_bytes, "value", "a string, but NULL");
		else
			k->type = LUA_STRING;
	} else if (tag == TAG51_BOOLEAN) {
		k->type = LUA_BOOLEAN;
		k->b = le32(value.p) != 0;
	} else if (tag != TAG51_NIL) {
		rd_fail(rd, ERR_DAMAGED, t->tvalue_bytes - value_bytes, "tag",
			"%" PRIu32 " is no type of a constant", tag);
	}
}

void lfs51_read_upvalue(struct flash *f, struct rd *rd, struct lua_upvalue *u)
{
	u->name = flash_take_string(f, rd, 0, LUA_USE_UPVALUE, "name");
}

static void read_lines(struct flash *f, struct rd *rd, struct lua_proto *p)
{
	p->lineinfo_string = flash_take_string(f, rd, FLASH51_TSTRING, LUA_USE_LINEINFO,
					       "packedlineinfo");
	if (p->lineinfo_string == LUA_NONE)
		return;
	p->lineinfo = f->img->strings[p->lineinfo_string].text;
	p->nlineinfo = f->img->strings[p->lineinfo_string].len;
}

/* A Proto's record, but for what its vectors hold. */
static void read_record(struct flash *f, struct rd *rd, struct lua_proto *p,
			struct flash_claim claims[LUA_NPARTS])
{
	uint8_t tt;

	rd_u32(rd, "next");
	tt = rd_u8(rd, "tt");
	if (tt != 0 && tt != TAG51_PROTO && tt != TAG51_PROTO + TAG51_OLD)
		rd_fail(rd, ERR_DAMAGED, 1, "tt", "%u is not the type of a prototype", tt);
	rd_take(rd, 3, "marked");
	claims[LUA_PART_CONSTANTS].off = f->ops->address(f, rd, "k");
	claims[LUA_PART_CODE].off = f->ops->address(f, rd, "code");
	claims[LUA_PART_CHILDREN].off = f->ops->address(f, rd, "p");
	read_lines(f, rd, p);
	claims[LUA_PART_LOCALS].off = f->ops->address(f, rd, "locvars");
	claims[LUA_PART_UPVALUES].off = f->ops->address(f, rd, "upvalues");
	p->source = flash_take_string(f, rd, 0, LUA_USE_SOURCE, "source");
	flash_take_count(rd, &claims[LUA_PART_UPVALUES], FLASH51_UPVALUE, "sizeupvalues");
	flash_take_count(rd, &claims[LUA_PART_CONSTANTS], f->img->traits.tvalue_bytes, "sizek");
	flash_take_count(rd, &claims[LUA_PART_CODE], 4, "sizecode");
	flash_take_count(rd, &claims[LUA_PART_CHILDREN], 4, "sizep");
	flash_take_count(rd, &claims[LUA_PART_LOCALS], FLASH51_LOCAL, "sizelocvars");
	p->line_first = rd_u32(rd, "linedefined");
	p->line_last = rd_u32(rd, "lastlinedefined");
	rd_u32(rd, "gclist");
	p->nups = rd_u8(rd, "nups");
	p->params = rd_u8(rd, "numparams");
	p->vararg = rd_u8(rd, "is_vararg");
	p->stack = rd_u8(rd, "maxstacksize");
}

uint32_t lfs51_read_proto(struct flash *f, const struct flash_ref *ref)
{
	static const uint8_t order[] = { LUA_PART_CODE, LUA_PART_CONSTANTS, LUA_PART_UPVALUES,
					 LUA_PART_LOCALS, LUA_PART_CHILDREN };
	struct flash_claim claims[LUA_NPARTS] = { 0 };
	struct flash_proto p;

	if (!flash_visit(f, ref) || !flash_open_proto(f, ref, FLASH51_PROTO, &p))
		return LUA_NONE;
	read_record(f, &p.rd, &f->img->protos[p.self], claims);
	if (rd_bad(&p.rd))
		return p.self;
	/* One that is damaged does not take the others along. */
	for (size_t i = 0; i < sizeof(order); i++) {
		struct diag local = { 0 };
		struct rd at = p.rd;

		at.diag = &local;
		flash_read_part(f, &at, p.self, order[i], &claims[order[i]]);
		flash_absorb(f, &local);
	}
	return p.self;
}
