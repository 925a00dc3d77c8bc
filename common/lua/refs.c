/* SPDX-License-Identifier: MIT */
#include "common/lua/refs.h"

#include <stdlib.h>

/* Five times what the largest image of an ESP8266 could have; 20 bytes of memory each, and more. */
enum { REFS_MAX = 1 << 19 };

/* Where an instruction looks something up: t[key], or the globals. */
struct access {
	struct origin object, key;
	enum lua_ref_kind kind;
};

bool refs_init(struct refs *r, const struct lua_image *img, struct lua_xref *x)
{
	*r = (struct refs){ .img = img, .x = x };
	r->used = calloc((size_t)img->nconstants + 1, 1);
	return r->used && paths_init(&r->paths, img) && flow_init(&r->flow, img, &r->paths);
}

void refs_free(struct refs *r)
{
	flow_free(&r->flow);
	paths_free(&r->paths);
	free(r->used);
	r->used = NULL;
}

static void add_ref(struct refs *r, enum lua_ref_kind kind, uint32_t string, uint32_t proto,
		    uint32_t pc, uint32_t object)
{
	struct lua_ref *ref;

	if (string >= r->img->nstrings)
		return;
	if (r->x->nrefs == REFS_MAX) {
		r->x->cut = true;
		return;
	}
	ref = vec_grow(&r->x->refs, &r->x->nrefs, &r->x->refs_cap, sizeof(*ref), 1);
	if (!ref) {
		r->failed = true;
		return;
	}
	*ref = (struct lua_ref){ string, proto, pc, (uint8_t)kind, object };
}

static void add_require(struct refs *r, enum lua_require_kind kind, uint32_t pc, struct origin name)
{
	struct lua_require *q;

	if (r->x->nrequires == REFS_MAX) {
		r->x->cut = true;
		return;
	}
	q = vec_grow(&r->x->requires, &r->x->nrequires, &r->x->requires_cap, sizeof(*q), 1);
	if (!q) {
		r->failed = true;
		return;
	}
	q->proto = r->flow.proto;
	q->pc = pc;
	q->name = name.kind == ORIGIN_STRING ? name.id : LUA_NONE;
	q->module = LUA_NONE;
	q->kind = (uint8_t)kind;
}

static void mark_used(struct refs *r, int32_t k)
{
	const struct lua_slice *s = &r->img->protos[r->flow.proto].constants;

	if (k >= 0 && (uint32_t)k < s->count)
		r->used[s->first + (uint32_t)k] = 1;
}

static void use_constant(struct refs *r, int32_t k, uint32_t pc)
{
	struct origin o = flow_constant(&r->flow, k);

	mark_used(r, k);
	if (o.kind == ORIGIN_STRING)
		add_ref(r, LUA_REF_CONSTANT, o.id, r->flow.proto, pc, LUA_NONE);
}

static void use_operand(struct refs *r, enum lua_arg arg, int32_t value, uint32_t pc)
{
	if (arg == LUA_ARG_CONSTANT)
		use_constant(r, value, pc);
	else if (arg == LUA_ARG_RK && lua_rk_is_constant((uint16_t)value))
		use_constant(r, value & ~LUA_RK_BIT, pc);
}

/* RK operand as a key: its constant counts as a name, not as a value. */
static struct origin take_key(struct refs *r, uint16_t rk)
{
	if (lua_rk_is_constant(rk))
		mark_used(r, rk & ~LUA_RK_BIT);
	return flow_rk(&r->flow, rk);
}

static struct origin take_name(struct refs *r, int32_t k)
{
	mark_used(r, k);
	return flow_constant(&r->flow, k);
}

/* The lookup that an instruction makes, if any; marks constants used as names. */
static bool access_of(struct refs *r, const struct lua_insn *i, struct access *out)
{
	struct flow *f = &r->flow;

	out->object = (struct origin){ ORIGIN_ENV, 0 };
	out->kind = LUA_REF_FIELD_READ;
	switch ((enum lua_effect)i->op->effect) {
	case LUA_EFFECT_SETGLOBAL: out->kind = LUA_REF_FIELD_WRITE; /* fall through */
	case LUA_EFFECT_GETGLOBAL: out->key = take_name(r, i->bx); return true;
	case LUA_EFFECT_GETTABUP:
		out->object = flow_upvalue(f, i->b);
		out->key = take_key(r, i->c);
		return true;
	case LUA_EFFECT_SELF: out->kind = LUA_REF_METHOD; /* fall through */
	case LUA_EFFECT_GETTABLE:
		out->object = flow_register(f, i->b);
		out->key = take_key(r, i->c);
		return true;
	case LUA_EFFECT_SETTABUP:
		out->object = flow_upvalue(f, i->a);
		out->key = take_key(r, i->b);
		out->kind = LUA_REF_FIELD_WRITE;
		return true;
	case LUA_EFFECT_SETTABLE:
		out->object = flow_register(f, i->a);
		out->key = take_key(r, i->b);
		out->kind = LUA_REF_FIELD_WRITE;
		return true;
	default: return false;
	}
}

/* LFS.name and LFS[name]; the table's own functions are told by their paths' roles. */
static void note_module(struct refs *r, const struct access *a, uint32_t pc)
{
	struct origin value;

	if (a->kind != LUA_REF_FIELD_READ || a->object.kind != ORIGIN_PATH ||
	    paths_role(&r->paths, a->object.id) != PATH_LFS)
		return;
	value = flow_index(&r->flow, a->object, a->key);
	if (value.kind == ORIGIN_PATH && paths_role(&r->paths, value.id) != PATH_PLAIN)
		return;
	add_require(r, LUA_LFS_INDEX, pc, a->key);
}

static void note_access(struct refs *r, const struct access *a, uint32_t pc)
{
	enum lua_ref_kind kind = a->kind;
	uint32_t object = LUA_NONE;

	note_module(r, a, pc);
	if (a->key.kind != ORIGIN_STRING)
		return;
	if (a->object.kind == ORIGIN_ENV && kind == LUA_REF_FIELD_READ)
		kind = LUA_REF_GLOBAL_READ;
	else if (a->object.kind == ORIGIN_ENV && kind == LUA_REF_FIELD_WRITE)
		kind = LUA_REF_GLOBAL_WRITE;
	else if (a->object.kind == ORIGIN_PATH)
		object = paths_text(&r->paths, a->object.id, r->x);
	add_ref(r, kind, a->key.id, r->flow.proto, pc, object);
}

static enum path_role role_at(const struct refs *r, uint32_t reg)
{
	struct origin o = flow_register(&r->flow, reg);

	return o.kind == ORIGIN_PATH ? paths_role(&r->paths, o.id) : PATH_PLAIN;
}

/* require "x" and its like, called directly or by pcall. B: 0 any number of arguments, else + 1. */
static void note_call(struct refs *r, const struct lua_insn *i, uint32_t pc)
{
	enum path_role role = role_at(r, i->a);
	uint32_t fn = i->a, args = i->b ? i->b - 1u : LUA_REGISTERS;
	struct origin name;

	if (role == PATH_PCALL && args > 0) {
		role = role_at(r, ++fn);
		args--;
	}
	if (args == 0)
		return;
	name = flow_register(&r->flow, fn + 1);
	if (role == PATH_REQUIRE)
		add_require(r, LUA_REQUIRE, pc, name);
	else if (role == PATH_DOFILE)
		add_require(r, LUA_DOFILE, pc, name);
	else if (role == PATH_INDEX)
		add_require(r, LUA_LFS_INDEX, pc, name);
}

static void use_extra(struct refs *r, const struct walk *w)
{
	struct lua_insn extra;

	if (w->pc + 1 >= w->p->ncode)
		return;
	extra = lua_decode(w->dialect, lua_word(w->p, w->pc + 1));
	if (extra.op && extra.op->effect == LUA_EFFECT_EXTRA)
		use_constant(r, extra.bx, w->pc);
}

static void note_insn(struct refs *r, const struct walk *w)
{
	const struct lua_insn *i = &w->insn;
	struct access a;

	if (access_of(r, i, &a)) {
		note_access(r, &a, w->pc);
		if (a.kind == LUA_REF_FIELD_WRITE && i->op->mode == LUA_ABC)
			use_operand(r, i->op->c, i->c, w->pc);
		return;
	}
	if (i->op->effect == LUA_EFFECT_CALL)
		note_call(r, i, w->pc);
	else if (i->op->effect == LUA_EFFECT_LOADKX)
		use_extra(r, w);
	else if (i->op->effect == LUA_EFFECT_EXTRA)
		return;
	use_operand(r, i->op->b, i->op->mode == LUA_ABC ? i->b : i->bx, w->pc);
	use_operand(r, i->op->c, i->c, w->pc);
}

static void collect_code(struct refs *r, uint32_t proto)
{
	struct walk w = walk_init(r->img, proto);

	flow_begin(&r->flow, proto);
	while (walk_next(&w)) {
		flow_arrive(&r->flow, &w);
		note_insn(r, &w);
		flow_leave(&r->flow, &w);
	}
}

/* What the prototype refers to apart from its code. */
static void collect_record(struct refs *r, uint32_t proto)
{
	const struct lua_image *img = r->img;
	const struct lua_proto *p = &img->protos[proto];

	for (uint32_t i = 0; i < p->constants.count; i++) {
		const struct lua_const *k = &img->constants[p->constants.first + i];

		if (k->type == LUA_STRING && !r->used[p->constants.first + i])
			add_ref(r, LUA_REF_CONSTANT, k->string, proto, LUA_NONE, LUA_NONE);
	}
	add_ref(r, LUA_REF_SOURCE, p->source, proto, LUA_NONE, LUA_NONE);
	for (uint32_t i = 0; i < p->upvalues.count; i++)
		add_ref(r, LUA_REF_UPVALUE_NAME, img->upvalues[p->upvalues.first + i].name, proto,
			LUA_NONE, i);
	for (uint32_t i = 0; i < p->locals.count; i++)
		add_ref(r, LUA_REF_LOCAL_NAME, img->locals[p->locals.first + i].name, proto,
			LUA_NONE, i);
	add_ref(r, LUA_REF_LINEINFO, p->lineinfo_string, proto, LUA_NONE, LUA_NONE);
}

void refs_collect(struct refs *r)
{
	for (uint32_t i = 0; i < r->img->nprotos; i++) {
		collect_code(r, i);
		collect_record(r, i);
	}
	for (uint32_t i = 0; i < r->img->nmodules; i++)
		add_ref(r, LUA_REF_MODULE_NAME, r->img->modules[i].name, LUA_NONE, LUA_NONE,
			LUA_NONE);
	r->failed = r->failed || r->flow.failed || r->paths.failed;
}
