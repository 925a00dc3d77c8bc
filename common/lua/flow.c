/* SPDX-License-Identifier: MIT */
#include "common/lua/flow.h"

#include <stdlib.h>
#include <string.h>

enum { NO_JUMP = 0x7fffffff };

/* Jumps into an instruction. */
struct flow_jump {
	uint32_t first : 31; /* pc of the first of them, NO_JUMP: none */
	uint32_t loop : 1;   /* one comes from here or further on */
};

struct flow_upvalues {
	uint8_t assigned[LUA_REGISTERS / 8]; /* bit u: by this prototype or one inside it */
	struct lua_slice origins;
	bool known;   /* a closure of it was seen */
	uint8_t seen; /* bits of enum pass */
};

enum pass { PASS_ASSIGNED = 1, PASS_SHARED = 2 };

static bool bit_test(const uint8_t *bits, uint32_t i)
{
	return bits[i / 8] >> i % 8 & 1;
}

static void bit_set(uint8_t *bits, uint32_t i)
{
	bits[i / 8] |= (uint8_t)(1u << i % 8);
}

/*
 * The prototype of CLOSURE, or LUA_NONE. In 5.3 the child itself says what it captures: there is
 * nothing new in a second CLOSURE of it, and going through it again could take forever.
 */
static uint32_t child_once(struct flow *f, const struct walk *w, enum pass pass)
{
	uint32_t child = walk_child(w);
	struct flow_upvalues *u;

	if (child == LUA_NONE || f->img->traits.version == LUA_51)
		return child;
	u = &f->upvalues[child];
	if (u->seen & pass)
		return LUA_NONE;
	u->seen |= (uint8_t)pass;
	return child;
}

/* Upvalues that a closure's upvalues stand for are assigned when those are. */
static void inherit_assigned(struct flow *f, const struct walk *w, uint32_t proto)
{
	uint32_t child = child_once(f, w, PASS_ASSIGNED);
	struct capture c;

	for (uint32_t i = 0; child != LUA_NONE && walk_capture(w, child, i, &c); i++) {
		if (!c.is_register && c.index < LUA_REGISTERS &&
		    bit_test(f->upvalues[child].assigned, i))
			bit_set(f->upvalues[proto].assigned, c.index);
	}
}

static void find_assigned(struct flow *f, uint32_t proto)
{
	struct walk w = walk_init(f->img, proto);

	while (walk_next(&w)) {
		if (w.insn.op->effect == LUA_EFFECT_SETUPVAL && w.insn.b < LUA_REGISTERS)
			bit_set(f->upvalues[proto].assigned, w.insn.b);
		else if (w.insn.op->effect == LUA_EFFECT_CLOSURE)
			inherit_assigned(f, &w, proto);
	}
}

/* In 5.3 the first upvalue of a root is the table of globals, whatever its name. */
static void begin_root(struct flow *f, uint32_t proto)
{
	struct flow_upvalues *u = &f->upvalues[proto];
	struct origin *o;

	if (f->img->traits.version != LUA_53 || f->img->protos[proto].parent != LUA_NONE)
		return;
	u->known = true;
	u->origins.first = f->norigins;
	o = vec_grow(&f->origins, &f->norigins, &f->origins_cap, sizeof(*o), 1);
	if (!o) {
		f->failed = true;
		return;
	}
	u->origins.count = 1;
	if (!bit_test(u->assigned, 0))
		o->kind = ORIGIN_ENV;
}

bool flow_init(struct flow *f, const struct lua_image *img, struct paths *paths)
{
	uint32_t longest = 0;

	*f = (struct flow){ .img = img, .paths = paths };
	for (uint32_t i = 0; i < img->nprotos; i++) {
		if (img->protos[i].ncode > longest)
			longest = img->protos[i].ncode;
	}
	f->jumps = malloc(((size_t)longest + 1) * sizeof(*f->jumps));
	f->upvalues = calloc((size_t)img->nprotos + 1, sizeof(*f->upvalues));
	if (!f->jumps || !f->upvalues)
		return false;
	for (uint32_t i = img->nprotos; i-- > 0;)
		find_assigned(f, i);
	for (uint32_t i = 0; i < img->nprotos; i++)
		begin_root(f, i);
	return !f->failed;
}

void flow_free(struct flow *f)
{
	free(f->upvalues);
	free(f->origins);
	free(f->jumps);
	*f = (struct flow){ 0 };
}

static void add_jump(struct flow *f, const struct walk *w, int64_t target)
{
	struct flow_jump *j;

	if (target < 0 || target >= w->p->ncode)
		return;
	j = &f->jumps[target];
	if (w->pc >= target)
		j->loop = 1;
	else if (w->pc < j->first)
		j->first = w->pc & NO_JUMP;
}

static void find_jumps(struct flow *f, const struct walk *w)
{
	const struct lua_op *op = w->insn.op;

	if (lua_op_jumps(op))
		add_jump(f, w, (int64_t)w->pc + 1 + w->insn.bx);
	if (op->test || (op->effect == LUA_EFFECT_BOOL && w->insn.c))
		add_jump(f, w, (int64_t)w->pc + 2);
}

static void find_shared(struct flow *f, const struct walk *w)
{
	uint32_t child = child_once(f, w, PASS_SHARED);
	struct capture c;

	for (uint32_t i = 0; child != LUA_NONE && walk_capture(w, child, i, &c); i++) {
		if (c.is_register && c.index < LUA_REGISTERS &&
		    bit_test(f->upvalues[child].assigned, i))
			f->shared[c.index] = true;
	}
}

void flow_begin(struct flow *f, uint32_t proto)
{
	struct walk w = walk_init(f->img, proto);
	uint32_t open[LUA_REGISTERS] = { 0 }; /* pc + 1: this register and all above were set */
	uint32_t from, to;

	f->proto = proto;
	f->top = 0;
	memset(f->regs, 0, sizeof(f->regs));
	memset(f->set, 0, sizeof(f->set));
	memset(f->last, 0, sizeof(f->last));
	memset(f->shared, 0, sizeof(f->shared));
	for (uint32_t pc = 0; pc < w.p->ncode; pc++)
		f->jumps[pc] = (struct flow_jump){ .first = NO_JUMP };
	while (walk_next(&w)) {
		find_jumps(f, &w);
		find_shared(f, &w);
		walk_writes(&w, &from, &to);
		if (from < to && to == LUA_REGISTERS)
			open[from] = w.pc + 1;
		else
			for (; from < to; from++)
				f->last[from] = w.pc + 1;
	}
	for (uint32_t r = 0, latest = 0; r < LUA_REGISTERS; r++) {
		latest = open[r] > latest ? open[r] : latest;
		f->last[r] = latest > f->last[r] ? latest : f->last[r];
	}
}

void flow_arrive(struct flow *f, const struct walk *w)
{
	struct flow_jump j = f->jumps[w->pc];

	if (j.first == NO_JUMP && !j.loop)
		return;
	for (uint32_t r = 0; r < f->top; r++) {
		if (f->set[r] > j.first || (j.loop && f->last[r] > w->pc))
			f->regs[r].kind = ORIGIN_UNKNOWN;
	}
}

struct origin flow_register(const struct flow *f, uint32_t r)
{
	return r < f->top ? f->regs[r] : (struct origin){ ORIGIN_UNKNOWN, 0 };
}

struct origin flow_upvalue(const struct flow *f, uint32_t u)
{
	const struct lua_slice *s = &f->upvalues[f->proto].origins;

	return u < s->count ? f->origins[s->first + u] : (struct origin){ ORIGIN_UNKNOWN, 0 };
}

struct origin flow_constant(const struct flow *f, int32_t k)
{
	const struct lua_slice *s = &f->img->protos[f->proto].constants;
	const struct lua_const *c;

	if (k >= 0 && (uint32_t)k < s->count) {
		c = &f->img->constants[s->first + (uint32_t)k];
		if (c->type == LUA_STRING && c->string < f->img->nstrings)
			return (struct origin){ ORIGIN_STRING, c->string };
	}
	return (struct origin){ ORIGIN_UNKNOWN, 0 };
}

struct origin flow_rk(const struct flow *f, uint16_t rk)
{
	return lua_rk_is_constant(rk) ? flow_constant(f, rk & ~LUA_RK_BIT) : flow_register(f, rk);
}

struct origin flow_index(const struct flow *f, struct origin object, struct origin key)
{
	struct origin o = { ORIGIN_UNKNOWN, 0 };

	if (key.kind != ORIGIN_STRING)
		return o;
	if (object.kind == ORIGIN_ENV)
		o.id = paths_field(f->paths, LUA_NONE, key.id);
	else if (object.kind == ORIGIN_PATH)
		o.id = paths_field(f->paths, object.id, key.id);
	else
		return o;
	if (o.id != LUA_NONE)
		o.kind = ORIGIN_PATH;
	return o;
}

/* What R(A) holds afterwards. */
static struct origin result_of(const struct flow *f, const struct walk *w)
{
	static const struct origin env = { ORIGIN_ENV, 0 };
	const struct lua_insn *i = &w->insn;
	struct lua_insn extra;

	switch ((enum lua_effect)i->op->effect) {
	case LUA_EFFECT_MOVE: return flow_register(f, i->b);
	case LUA_EFFECT_LOADK: return flow_constant(f, i->bx);
	case LUA_EFFECT_LOADKX:
		if (w->pc + 1 >= w->p->ncode)
			break;
		extra = lua_decode(w->dialect, lua_word(w->p, w->pc + 1));
		if (extra.op && extra.op->effect == LUA_EFFECT_EXTRA)
			return flow_constant(f, extra.bx);
		break;
	case LUA_EFFECT_GETUPVAL: return flow_upvalue(f, i->b);
	case LUA_EFFECT_GETGLOBAL: return flow_index(f, env, flow_constant(f, i->bx));
	case LUA_EFFECT_GETTABUP: return flow_index(f, flow_upvalue(f, i->b), flow_rk(f, i->c));
	case LUA_EFFECT_SELF:
	case LUA_EFFECT_GETTABLE: return flow_index(f, flow_register(f, i->b), flow_rk(f, i->c));
	default: break;
	}
	return (struct origin){ ORIGIN_UNKNOWN, 0 };
}

static void set_register(struct flow *f, uint32_t r, struct origin o, uint32_t pc)
{
	if (r >= LUA_REGISTERS)
		return;
	if (f->shared[r])
		o.kind = ORIGIN_UNKNOWN;
	if (r >= f->top && o.kind == ORIGIN_UNKNOWN)
		return;
	for (; f->top <= r; f->top++)
		f->regs[f->top].kind = ORIGIN_UNKNOWN;
	f->regs[r] = o;
	f->set[r] = pc + 1;
}

static struct origin captured(const struct flow *f, const struct walk *w, const struct capture *c)
{
	if (!c->is_register)
		return flow_upvalue(f, c->index);
	if (c->index < LUA_REGISTERS && f->last[c->index] <= w->pc)
		return flow_register(f, c->index);
	return (struct origin){ ORIGIN_UNKNOWN, 0 };
}

/* Compilers make one CLOSURE for a child. Of one with more nothing is known. */
static void make_closure(struct flow *f, const struct walk *w)
{
	uint32_t child = walk_child(w);
	struct flow_upvalues *u;
	struct origin *o;
	struct capture c;

	if (child == LUA_NONE)
		return;
	u = &f->upvalues[child];
	u->origins = (struct lua_slice){ f->norigins, 0 };
	for (uint32_t i = 0; !u->known && walk_capture(w, child, i, &c); i++) {
		o = vec_grow(&f->origins, &f->norigins, &f->origins_cap, sizeof(*o), 1);
		if (!o) {
			f->failed = true;
			return;
		}
		*o = captured(f, w, &c);
		u->origins.count++;
	}
	u->known = true;
}

void flow_leave(struct flow *f, const struct walk *w)
{
	struct origin a = result_of(f, w);
	struct origin object = flow_register(f, w->insn.b);
	uint32_t from, to;

	if (w->insn.op->effect == LUA_EFFECT_CLOSURE)
		make_closure(f, w);
	walk_writes(w, &from, &to);
	if (from == to)
		return;
	if (to == LUA_REGISTERS) {
		f->top = from < f->top ? from : f->top;
		return;
	}
	set_register(f, from, a, w->pc);
	for (uint32_t r = from + 1; r < to; r++)
		set_register(f, r, (struct origin){ ORIGIN_UNKNOWN, 0 }, w->pc);
	if (w->insn.op->effect == LUA_EFFECT_SELF)
		set_register(f, w->insn.a + 1u, object, w->pc);
}
