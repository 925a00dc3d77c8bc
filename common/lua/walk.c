/* SPDX-License-Identifier: MIT */
#include "common/lua/walk.h"

struct walk walk_init(const struct lua_image *img, uint32_t proto)
{
	return (struct walk){ .img = img,
			      .p = &img->protos[proto],
			      .dialect = lua_dialect_of(img->traits.version) };
}

static struct lua_insn decode_at(const struct walk *w, uint32_t pc)
{
	return lua_decode(w->dialect, lua_word(w->p, pc));
}

uint32_t walk_child(const struct walk *w)
{
	uint32_t i = (uint32_t)w->insn.bx, child;

	if (w->insn.op->effect != LUA_EFFECT_CLOSURE || i >= w->p->children.count)
		return LUA_NONE;
	child = w->img->children[w->p->children.first + i];
	return child < w->img->nprotos ? child : LUA_NONE;
}

static bool capture51(const struct walk *w, uint32_t child, uint32_t i, struct capture *out)
{
	struct lua_insn insn;

	if (i >= w->img->protos[child].nups || i >= w->p->ncode - w->pc - 1)
		return false;
	insn = decode_at(w, w->pc + 1 + i);
	if (!insn.op)
		return false;
	out->is_register = insn.op->effect == LUA_EFFECT_MOVE;
	out->index = insn.b;
	return out->is_register || insn.op->effect == LUA_EFFECT_GETUPVAL;
}

static bool capture53(const struct walk *w, uint32_t child, uint32_t i, struct capture *out)
{
	const struct lua_slice *ups = &w->img->protos[child].upvalues;
	const struct lua_upvalue *u;

	if (i >= ups->count || i >= LUA_UPVALUES_MAX)
		return false;
	u = &w->img->upvalues[ups->first + i];
	out->is_register = u->instack;
	out->index = u->index;
	return true;
}

bool walk_capture(const struct walk *w, uint32_t child, uint32_t i, struct capture *out)
{
	if (w->img->traits.version == LUA_51)
		return capture51(w, child, i, out);
	return capture53(w, child, i, out);
}

/* How many words behind this instruction belong to it. */
static uint32_t data_words(const struct walk *w)
{
	const struct lua_insn *insn = &w->insn;
	struct capture unused;
	uint32_t child, n = 0;

	if (!insn->op || w->img->traits.version != LUA_51)
		return 0;
	if (insn->op->effect == LUA_EFFECT_LIST)
		return insn->c == 0;
	child = walk_child(w);
	while (child != LUA_NONE && capture51(w, child, n, &unused))
		n++;
	return n;
}

bool walk_next(struct walk *w)
{
	while (w->next < w->p->ncode) {
		w->pc = w->next;
		w->insn = decode_at(w, w->pc);
		w->next += 1 + data_words(w);
		if (w->insn.op)
			return true;
	}
	return false;
}

static void write_range(const struct lua_insn *insn, uint32_t *from, uint32_t *to)
{
	uint32_t a = insn->a;

	*from = a;
	*to = insn->op->writes_a ? a + 1 : a;
	switch ((enum lua_effect)insn->op->effect) {
	case LUA_EFFECT_NIL_TO: *to = insn->b + 1u; return;
	case LUA_EFFECT_NIL_COUNT: *to = a + insn->b + 1; return;
	case LUA_EFFECT_SELF: *to = a + 2; return;
	case LUA_EFFECT_LOOP: *to = a + 4; return;
	case LUA_EFFECT_CALL: *to = LUA_REGISTERS; return;
	case LUA_EFFECT_VARARG: *to = insn->b ? a + insn->b - 1 : LUA_REGISTERS; return;
	case LUA_EFFECT_ITERATE2:
		*from = a + 2;
		*to = LUA_REGISTERS;
		return;
	case LUA_EFFECT_ITERATE3:
		*from = a + 3;
		*to = LUA_REGISTERS;
		return;
	default: return;
	}
}

void walk_writes(const struct walk *w, uint32_t *from, uint32_t *to)
{
	write_range(&w->insn, from, to);
	if (*to > LUA_REGISTERS)
		*to = LUA_REGISTERS;
	if (*from > *to)
		*from = *to;
}
