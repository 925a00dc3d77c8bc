/* SPDX-License-Identifier: MIT */
/* Prototypes of images in flash: what flash_reader.h has of them. */
#include "common/lua/flash_reader.h"

#include <inttypes.h>

bool flash_visit(struct flash *f, const struct flash_ref *ref)
{
	uint8_t *seen = &f->seen[ref->off / 32];
	uint8_t bit = (uint8_t)(1 << ref->off / 4 % 8);

	if (*seen & bit) {
		rd_fail(ref->from, ERR_DAMAGED, 4, NULL,
			"the prototype at 0x%" PRIx32 " has two parents or is its own", ref->off);
		return false;
	}
	*seen |= bit;
	return true;
}

bool flash_open_proto(struct flash *f, const struct flash_ref *ref, uint32_t size,
		      struct flash_proto *out)
{
	size_t left = f->all.len - ref->off;
	struct lua_proto *p;

	out->scope = (struct rd_scope){ .name = "proto" };
	out->rd = flash_at(f, ref->from->diag, &out->scope, ref->off, left < size ? left : size);
	out->self = lua_add_proto(f->img, ref->from, ref->parent, ref->module);
	if (out->self == LUA_NONE)
		return false;
	out->scope.index = out->self;
	p = &f->img->protos[out->self];
	p->off = ref->off;
	p->parts[LUA_PART_RECORD] = (struct lua_range){ ref->off, size };
	return true;
}

void flash_take_count(struct rd *rd, struct flash_claim *claim, uint32_t size, const char *field)
{
	claim->size = size;
	claim->field = field;
	claim->back = rd->len;
	claim->count = rd_u32(rd, field);
}

/* A cursor over the items; empty when there are none, or when they cannot be. */
static struct rd take_vector(struct flash *f, struct rd *rd, const struct flash_claim *c,
			     struct lua_range *range)
{
	struct rd none = *rd;

	none.len = 0;
	if (rd_bad(rd) || c->count == 0)
		return none;
	if (c->off == 0) {
		rd_fail(rd, ERR_DAMAGED, c->back, c->field, "%" PRIu32 " items, but no vector",
			c->count);
		return none;
	}
	if (c->count > (f->all.len - c->off) / c->size) {
		rd_fail(rd, ERR_DAMAGED, c->back, c->field,
			"%" PRIu32 " items of %" PRIu32 " bytes do not fit behind 0x%" PRIx32,
			c->count, c->size, c->off);
		return none;
	}
	*range = (struct lua_range){ c->off, c->count * c->size };
	return flash_at(f, rd->diag, rd->scope, c->off, range->len);
}

static void read_constant(struct flash *f, struct rd *rd, uint32_t i)
{
	f->ops->constant(f, rd, &f->img->constants[i]);
}

static void read_upvalue(struct flash *f, struct rd *rd, uint32_t i)
{
	f->ops->upvalue(f, rd, &f->img->upvalues[i]);
}

static void read_local(struct flash *f, struct rd *rd, uint32_t i)
{
	struct lua_local *l = &f->img->locals[i];

	l->name = flash_take_string(f, rd, 0, LUA_USE_LOCAL, "varname");
	l->start_pc = rd_u32(rd, "startpc");
	l->end_pc = rd_u32(rd, "endpc");
}

/* The vectors that become items of the model. */
struct kind {
	const char *name;
	bool (*add)(struct lua_image *img, struct rd *rd, uint32_t count, struct lua_slice *out);
	void (*read)(struct flash *f, struct rd *rd, uint32_t i);
};

static const struct kind constants = { "k", lua_add_constants, read_constant };
static const struct kind upvalues = { "upvalues", lua_add_upvalues, read_upvalue };
static const struct kind locals = { "locvars", lua_add_locals, read_local };

static void read_items(struct flash *f, struct rd v, const struct kind *kind, uint32_t count,
		       struct lua_slice *out)
{
	struct rd_scope scope = { .name = kind->name, .up = v.scope };

	v.scope = &scope;
	if (!kind->add(f->img, &v, count, out))
		return;
	for (; scope.index < count && !rd_bad(&v); scope.index++)
		kind->read(f, &v, out->first + scope.index);
}

static uint32_t read_child(struct flash *f, struct rd *rd, uint32_t self, uint32_t i)
{
	const struct lua_proto *p = &f->img->protos[self];
	struct flash_ref ref = { .from = rd, .parent = self, .module = p->module };

	/* 5.1: the functions of the main one are the modules. */
	if (ref.module == LUA_NONE)
		ref.module = i;
	ref.off = f->ops->address(f, rd, NULL);
	if (ref.off == 0)
		rd_fail(rd, ERR_DAMAGED, 4, NULL, "NULL, not a prototype");
	return ref.off ? f->ops->proto(f, &ref) : LUA_NONE;
}

/* One that is damaged does not take the others along. */
static void read_children(struct flash *f, struct rd v, uint32_t self, uint32_t count)
{
	struct lua_image *img = f->img;
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

		if (!rd_take(&v, 4, "address"))
			return;
		at.diag = &local;
		child = read_child(f, &at, self, scope.index);
		img->children[kids.first + scope.index] = child;
		flash_absorb(f, &local);
	}
}

/* Bytes that stay where they are. */
static void read_bytes(struct flash *f, struct rd *v, const struct flash_claim *c,
		       const uint8_t **bytes, uint32_t *count)
{
	if (!lua_tally(f->img, v, v->len, c->field))
		return;
	*bytes = v->p;
	*count = c->count;
}

void flash_read_part(struct flash *f, struct rd *rd, uint32_t self, enum lua_part part,
		     const struct flash_claim *claim)
{
	struct lua_proto *p = &f->img->protos[self];
	struct rd v = take_vector(f, rd, claim, &p->parts[part]);

	if (v.len == 0)
		return;
	switch (part) {
	case LUA_PART_CHILDREN: read_children(f, v, self, claim->count); break;
	case LUA_PART_CONSTANTS: read_items(f, v, &constants, claim->count, &p->constants); break;
	case LUA_PART_UPVALUES: read_items(f, v, &upvalues, claim->count, &p->upvalues); break;
	case LUA_PART_LOCALS: read_items(f, v, &locals, claim->count, &p->locals); break;
	case LUA_PART_CODE: read_bytes(f, &v, claim, &p->code, &p->ncode); break;
	case LUA_PART_LINES: read_bytes(f, &v, claim, &p->lineinfo, &p->nlineinfo); break;
	default: break;
	}
}
