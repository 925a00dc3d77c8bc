/* SPDX-License-Identifier: MIT */
/*
 * What single opcodes need beyond operands in range. Open results: a call or VARARG that leaves as
 * many values as there are sets "top", which only the next instruction can use.
 */
#include "common/lua/check_code.h"

#include <inttypes.h>
#include <string.h>

enum {
	CALL_ROOM = 3,       /* an iterator is called with copies in the three registers above */
	FB_MAX = 255,        /* of a "floating point byte" */
	ITEMS_MAX = 1 << 20, /* in a table at once; no device has memory for them */
	LOOP_REGISTERS = 3,  /* above A in FORLOOP and FORPREP */
	HAS_ARG_ONLY = 4,    /* 5.1: the function has "arg" instead of ... */
	IS_VARARG = 2,       /* 5.1 */
	C_MAX = 511,
};

static void check_flag(struct code_check *c, char name, uint32_t v)
{
	if (v > 1)
		code_wrong(c, "flag %c is %" PRIu32, name, v);
}

static void need_string(struct code_check *c, uint32_t k)
{
	const struct lua_slice *s = &c->p->constants;

	if (k < s->count && c->img->constants[s->first + k].type != LUA_STRING)
		code_wrong(c, "constant %" PRIu32 " is no string", k);
}

static bool leaves_open(const struct lua_insn *i)
{
	if (!i->op)
		return false;
	if (i->op->effect == LUA_EFFECT_CALL)
		return i->c == 0;
	return i->op->effect == LUA_EFFECT_VARARG && i->b == 0;
}

static bool takes_open(const struct lua_insn *i)
{
	return i->op && i->b == 0 &&
	       (i->op->effect == LUA_EFFECT_CALL || i->op->effect == LUA_EFFECT_LIST ||
		code_is(i, "RETURN"));
}

static void need_taker(struct code_check *c)
{
	struct lua_insn next = code_at(c, (int64_t)c->pc + 1);

	if (!takes_open(&next))
		code_wrong(c, "nothing behind it takes its open results");
}

/* RETURN gives the values themselves; the others have a function or a table before them. */
static void need_giver(struct code_check *c)
{
	struct lua_insn before = code_at(c, (int64_t)c->pc - 1);
	uint32_t least = code_is(&c->i, "RETURN") ? c->i.a : c->i.a + 1u;

	if (!leaves_open(&before))
		code_wrong(c, "nothing before it leaves open results");
	else if (before.a < least)
		code_wrong(c, "the open results begin in register %u, below its own", before.a);
}

static void rule_loadbool(struct code_check *c)
{
	check_flag(c, 'B', c->i.b);
	check_flag(c, 'C', c->i.c);
	if (c->i.c)
		code_target(c, (int64_t)c->pc + 2);
}

static void rule_loadnil(struct code_check *c)
{
	if (c->i.op->effect == LUA_EFFECT_NIL_COUNT)
		code_register(c, c->i.a + (uint32_t)c->i.b);
	else if (c->i.b < c->i.a)
		code_wrong(c, "from register %u to %u", c->i.a, c->i.b);
}

static void rule_global(struct code_check *c)
{
	need_string(c, (uint32_t)c->i.bx);
}

static void rule_self(struct code_check *c)
{
	code_register(c, c->i.a + 1u);
	if (lua_rk_is_constant(c->i.c))
		need_string(c, c->i.c & ~(uint32_t)LUA_RK_BIT);
}

static void check_room(struct code_check *c, uint32_t fb)
{
	uint64_t items = fb < 8 ? fb : (uint64_t)((fb & 7) + 8) << ((fb >> 3) - 1);

	if (fb > FB_MAX || items > ITEMS_MAX)
		code_wrong(c, "room for %" PRIu64 " items", items);
}

static void rule_newtable(struct code_check *c)
{
	check_room(c, c->i.b);
	check_room(c, c->i.c);
}

static void rule_concat(struct code_check *c)
{
	if (c->i.b >= c->i.c)
		code_wrong(c, "from register %u to %u", c->i.b, c->i.c);
}

static void rule_compare(struct code_check *c)
{
	check_flag(c, 'A', c->i.a);
}

static void rule_test(struct code_check *c)
{
	check_flag(c, 'C', c->i.c);
}

/* 5.3: closes upvalues from register A - 1 on. */
static void rule_jump(struct code_check *c)
{
	if (c->i.op->a == LUA_ARG_NUMBER && c->i.a)
		code_register(c, c->i.a - 1u);
}

static void check_arguments(struct code_check *c)
{
	if (c->i.b == 0)
		need_giver(c);
	else
		code_register(c, c->i.a + c->i.b - 1u);
}

static void rule_call(struct code_check *c)
{
	check_arguments(c);
	if (c->i.c == 0)
		need_taker(c);
	else if (c->i.c > 1)
		code_register(c, c->i.a + c->i.c - 2u);
}

/* Of a C function the results are returned by the instruction behind it. */
static void rule_tailcall(struct code_check *c)
{
	struct lua_insn next = code_at(c, (int64_t)c->pc + 1);

	check_arguments(c);
	if (c->i.c != 0)
		code_wrong(c, "C is %u, not 0", c->i.c);
	else if (!code_is(&next, "RETURN") || next.b != 0 || next.a != c->i.a)
		code_wrong(c, "no RETURN of its results behind it");
}

static void rule_return(struct code_check *c)
{
	if (c->i.b == 0)
		need_giver(c);
	else if (c->i.b > 1)
		code_register(c, c->i.a + c->i.b - 2u);
}

/* FORPREP and FORLOOP lead to each other. */
static void rule_for(struct code_check *c)
{
	bool prepares = code_is(&c->i, "FORPREP");
	int64_t to = (int64_t)c->pc + 1 + c->i.bx;
	struct lua_insn other = code_at(c, prepares ? to : to - 1);

	code_register(c, c->i.a + (uint32_t)LOOP_REGISTERS);
	if (to < 0 || to >= c->p->ncode)
		return;
	if (!code_is(&other, prepares ? "FORLOOP" : "FORPREP") || other.a != c->i.a)
		code_wrong(c, "does not lead to its %s", prepares ? "FORLOOP" : "FORPREP");
}

static void check_iterator(struct code_check *c)
{
	uint32_t results = c->i.c > CALL_ROOM ? c->i.c : CALL_ROOM;

	if (c->i.c == 0)
		code_wrong(c, "no results");
	code_register(c, c->i.a + 2u + results);
}

static void rule_tforcall(struct code_check *c)
{
	struct lua_insn next = code_at(c, (int64_t)c->pc + 1);

	check_iterator(c);
	if (!code_is(&next, "TFORLOOP") || next.a != c->i.a + 2u)
		code_wrong(c, "no TFORLOOP of its results behind it");
}

static void rule_tforloop(struct code_check *c)
{
	struct lua_insn before = code_at(c, (int64_t)c->pc - 1);

	if (c->i.op->mode == LUA_ABC) { /* 5.1, where it makes the call itself */
		check_iterator(c);
		return;
	}
	code_register(c, c->i.a + 1u);
	if (!code_is(&before, "TFORCALL"))
		code_wrong(c, "no TFORCALL before it");
}

/* Blocks of 50 items, and none without an instruction or two. */
static void check_block(struct code_check *c, uint32_t block)
{
	if (block == 0 || block > c->p->ncode)
		code_wrong(c,
			   "block %" PRIu32 " of items in a function of %" PRIu32 " instructions",
			   block, c->p->ncode);
}

static void rule_setlist(struct code_check *c)
{
	uint32_t word;

	if (c->i.b == 0)
		need_giver(c);
	else
		code_register(c, c->i.a + (uint32_t)c->i.b);
	if (c->i.c) {
		check_block(c, c->i.c);
		return;
	}
	if (c->p->ncode - c->pc < 3) {
		code_wrong(c, "no block and no instruction behind it");
		return;
	}
	word = lua_word(c->p, c->pc + 1);
	if (c->img->traits.version == LUA_53) {
		struct lua_insn extra = lua_decode(c->dialect, word);

		if (!code_is(&extra, "EXTRAARG")) {
			code_wrong(c, "no EXTRAARG behind it");
			return;
		}
		word = (uint32_t)extra.bx;
	}
	if (word <= C_MAX)
		code_wrong(c, "block %" PRIu32 " in a word of its own", word);
	else
		check_block(c, word);
}

static void check_capture(struct code_check *c, uint32_t pc)
{
	struct lua_insn i = lua_decode(c->dialect, lua_word(c->p, pc));
	bool from_register = code_is(&i, "MOVE");
	uint32_t room = from_register ? c->p->stack : c->p->nups;
	uint32_t closure = c->pc;

	c->pc = pc;
	if (!from_register && !code_is(&i, "GETUPVAL"))
		code_wrong(c, "instruction %" PRIu32 " captures no upvalue", pc + 1);
	else if (i.b >= room)
		code_wrong(c, "captures %s %u of %" PRIu32, from_register ? "register" : "upvalue",
			   i.b, room);
	else if (i.a || i.c)
		code_wrong(c, "unused operand of a capture is %u", i.a ? i.a : i.c);
	c->pc = closure;
}

static void rule_closure(struct code_check *c)
{
	uint32_t child, n;

	if (c->img->traits.version != LUA_51 || (uint32_t)c->i.bx >= c->p->children.count)
		return;
	child = c->img->children[c->p->children.first + (uint32_t)c->i.bx];
	if (child >= c->img->nprotos)
		return; /* reading has reported it */
	n = c->img->protos[child].nups;
	if (n >= c->p->ncode - c->pc) {
		code_wrong(c, "%" PRIu32 " captures reach behind the end", n);
		return;
	}
	for (uint32_t i = 1; i <= n; i++)
		check_capture(c, c->pc + i);
}

static void rule_vararg(struct code_check *c)
{
	uint8_t v = c->p->vararg;
	bool takes = c->img->traits.version == LUA_53 ? v != 0
						      : (v & IS_VARARG) && !(v & HAS_ARG_ONLY);

	if (!takes)
		code_wrong(c, "the function has no extra arguments");
	if (c->i.b == 0)
		need_taker(c);
	else if (c->i.b > 1)
		code_register(c, c->i.a + c->i.b - 2u);
}

static void rule_loadkx(struct code_check *c)
{
	struct lua_insn extra = { 0 };

	if (c->p->ncode - c->pc > 1)
		extra = lua_decode(c->dialect, lua_word(c->p, c->pc + 1));
	if (!code_is(&extra, "EXTRAARG"))
		code_wrong(c, "no EXTRAARG behind it");
	else
		code_constant(c, (uint32_t)extra.bx);
}

static void rule_extraarg(struct code_check *c)
{
	code_wrong(c, "belongs to no instruction");
}

static const struct {
	const char *op;
	code_rule *rule;
} rules[] = {
	{ "LOADBOOL", rule_loadbool }, { "LOADNIL", rule_loadnil },   { "GETGLOBAL", rule_global },
	{ "SETGLOBAL", rule_global },  { "SELF", rule_self },         { "NEWTABLE", rule_newtable },
	{ "CONCAT", rule_concat },     { "EQ", rule_compare },        { "LT", rule_compare },
	{ "LE", rule_compare },        { "TEST", rule_test },         { "TESTSET", rule_test },
	{ "JMP", rule_jump },          { "CALL", rule_call },         { "TAILCALL", rule_tailcall },
	{ "RETURN", rule_return },     { "FORLOOP", rule_for },       { "FORPREP", rule_for },
	{ "TFORCALL", rule_tforcall }, { "TFORLOOP", rule_tforloop }, { "SETLIST", rule_setlist },
	{ "CLOSURE", rule_closure },   { "VARARG", rule_vararg },     { "LOADKX", rule_loadkx },
	{ "EXTRAARG", rule_extraarg },
};

code_rule *code_rule_of(const struct lua_op *op)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcmp(rules[i].op, op->name) == 0)
			return rules[i].rule;
	return NULL;
}
