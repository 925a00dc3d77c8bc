/* SPDX-License-Identifier: MIT */
/*
 * Whether instructions are ones that a compiler can have made. No device looks at them before it
 * runs them. After symbexec() of Lua 5.1's ldebug.c, which checked chunks when they were loaded,
 * until it was given up; for 5.3 the same from what its lvm.c takes for granted.
 */
#include "common/lua/check_code.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More tells nothing new about a prototype. */
enum { FOUND_MAX = 16 };

void code_wrong(struct code_check *c, const char *fmt, ...)
{
	char path[48], cause[100], where[CHECK_WORDS];
	const char *name = c->i.op ? c->i.op->name : "instruction";
	va_list args;

	if (c->found++ >= FOUND_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(cause, sizeof(cause), fmt, args);
	va_end(args);
	snprintf(path, sizeof(path), "proto[%" PRIu32 "].code[%" PRIu32 "]", c->proto, c->pc);
	check_wrong(c->s, check_offset(c->img, c->p->code + 4 * (size_t)c->pc), path, "%s: %s (%s)",
		    name, cause, check_where(c->s, c->proto, c->pc, where));
}

bool code_register(struct code_check *c, uint32_t r)
{
	if (r < c->p->stack)
		return true;
	code_wrong(c, "register %" PRIu32 " of %u", r, c->p->stack);
	return false;
}

bool code_constant(struct code_check *c, uint32_t k)
{
	if (k < c->p->constants.count)
		return true;
	code_wrong(c, "constant %" PRIu32 " of %" PRIu32, k, c->p->constants.count);
	return false;
}

bool code_target(struct code_check *c, int64_t pc)
{
	if (pc < 0 || pc >= c->p->ncode)
		code_wrong(c, "leads out of the function, to instruction %" PRId64 " of %" PRIu32,
			   pc + 1, c->p->ncode);
	else if (c->kinds[pc] != CODE_OWN)
		code_wrong(c, "leads into another instruction, to %" PRId64, pc + 1);
	else
		return true;
	return false;
}

struct lua_insn code_at(const struct code_check *c, int64_t pc)
{
	struct lua_insn none = { 0 };

	if (pc < 0 || pc >= c->p->ncode || c->kinds[pc] != CODE_OWN)
		return none;
	return lua_decode(c->dialect, lua_word(c->p, (uint32_t)pc));
}

bool code_is(const struct lua_insn *i, const char *name)
{
	return i->op && strcmp(i->op->name, name) == 0;
}

static uint32_t upvalue_count(const struct code_check *c)
{
	return c->img->traits.version == LUA_51 ? c->p->nups : c->p->upvalues.count;
}

static void check_operand(struct code_check *c, char name, enum lua_arg arg, uint32_t v)
{
	switch (arg) {
	case LUA_ARG_NONE:
		if (v != 0)
			code_wrong(c, "unused operand %c is %" PRIu32, name, v);
		return;
	case LUA_ARG_NUMBER: return;
	case LUA_ARG_REGISTER: code_register(c, v); return;
	case LUA_ARG_RK:
		if (lua_rk_is_constant((uint16_t)v))
			code_constant(c, v & ~(uint32_t)LUA_RK_BIT);
		else
			code_register(c, v);
		return;
	case LUA_ARG_CONSTANT: code_constant(c, v); return;
	case LUA_ARG_UPVALUE:
		if (v >= upvalue_count(c))
			code_wrong(c, "upvalue %" PRIu32 " of %" PRIu32, v, upvalue_count(c));
		return;
	case LUA_ARG_PROTO:
		if (v >= c->p->children.count)
			code_wrong(c, "function %" PRIu32 " of %" PRIu32, v, c->p->children.count);
		return;
	}
}

static void check_operands(struct code_check *c)
{
	const struct lua_op *op = c->i.op;

	if (op->mode == LUA_AX)
		return; /* its rule knows whose operand it is */
	check_operand(c, 'A', op->a, c->i.a);
	if (op->mode == LUA_ABC) {
		check_operand(c, 'B', op->b, c->i.b);
		check_operand(c, 'C', op->c, c->i.c);
	} else if (op->mode == LUA_ABX) {
		check_operand(c, 'B', op->b, (uint32_t)c->i.bx);
	} else {
		code_target(c, (int64_t)c->pc + 1 + c->i.bx);
	}
}

/* A test skips the jump behind it or takes it. */
static void check_test(struct code_check *c)
{
	struct lua_insn next = code_at(c, (int64_t)c->pc + 1);

	if (!code_is(&next, "JMP"))
		code_wrong(c, "no JMP behind it");
	else
		code_target(c, (int64_t)c->pc + 2);
}

static void check_insn(struct code_check *c)
{
	if (!c->i.op) {
		code_wrong(c, "there is no opcode %u", c->i.opcode);
		return;
	}
	check_operands(c);
	if (c->i.op->test)
		check_test(c);
	if (c->rules[c->i.opcode])
		c->rules[c->i.opcode](c);
}

/* How many words behind the one at pc belong to it, and what they are then. */
static uint32_t count_words(const struct code_check *c, uint32_t pc, uint8_t *kind)
{
	struct lua_insn i = lua_decode(c->dialect, lua_word(c->p, pc));
	uint32_t child;

	*kind = CODE_DATA;
	if (!i.op)
		return 0;
	if (i.op->effect == LUA_EFFECT_LIST)
		return i.c == 0;
	if (i.op->effect == LUA_EFFECT_LOADKX)
		return 1;
	if (i.op->effect != LUA_EFFECT_CLOSURE || c->img->traits.version != LUA_51 ||
	    (uint32_t)i.bx >= c->p->children.count)
		return 0;
	child = c->img->children[c->p->children.first + (uint32_t)i.bx];
	*kind = CODE_CAPTURE;
	return child < c->img->nprotos ? c->img->protos[child].nups : 0;
}

static void sort_words(struct code_check *c)
{
	uint32_t ncode = c->p->ncode;

	memset(c->kinds, CODE_OWN, ncode);
	for (uint32_t pc = 0; pc < ncode; pc++) {
		uint8_t kind;
		uint32_t n = count_words(c, pc, &kind);

		for (; n && pc + 1 < ncode; n--)
			c->kinds[++pc] = kind;
	}
}

static void check_end(struct code_check *c)
{
	uint32_t ncode = c->p->ncode;
	struct lua_insn last = code_at(c, (int64_t)ncode - 1);
	char path[48];

	if (ncode == 0) {
		snprintf(path, sizeof(path), "proto[%" PRIu32 "].sizecode", c->proto);
		check_wrong(c->s, c->p->off, path, "no instructions");
		return;
	}
	c->pc = ncode - 1;
	c->i = last;
	if (!code_is(&last, "RETURN"))
		code_wrong(c, "the function does not end in RETURN");
}

static void check_proto(struct code_check *c)
{
	c->found = 0;
	sort_words(c);
	for (uint32_t pc = 0; pc < c->p->ncode; pc++) {
		if (c->kinds[pc] != CODE_OWN)
			continue;
		c->pc = pc;
		c->i = lua_decode(c->dialect, lua_word(c->p, pc));
		check_insn(c);
	}
	check_end(c);
	if (c->found > FOUND_MAX)
		check_wrong(c->s, CHECK_NO_OFFSET, NULL,
			    "and %" PRIu32 " more in prototype %" PRIu32, c->found - FOUND_MAX,
			    c->proto);
}

void check_code(const struct lua_book *book, struct check_report *r)
{
	struct check_target any = { 0 };
	struct check_scope s = { .book = book, .img = book->img, .target = &any, .r = r };
	struct code_check c = { .s = &s, .img = book->img };
	uint32_t longest = 1;

	if (!c.img || !book->lines)
		return;
	c.dialect = lua_dialect_of(c.img->traits.version);
	for (unsigned i = 0; i < c.dialect->nops; i++)
		c.rules[i] = code_rule_of(&c.dialect->ops[i]);
	for (uint32_t i = 0; i < c.img->nprotos; i++)
		if (c.img->protos[i].ncode > longest)
			longest = c.img->protos[i].ncode;
	c.kinds = malloc(longest);
	if (!c.kinds) {
		s.r->failed = true;
		return;
	}
	for (c.proto = 0; c.proto < c.img->nprotos; c.proto++) {
		c.p = &c.img->protos[c.proto];
		check_proto(&c);
	}
	free(c.kinds);
}
