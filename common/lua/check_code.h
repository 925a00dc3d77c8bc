/* SPDX-License-Identifier: MIT */
/*
 * The state of the check of one prototype's instructions, between check_code.c (operands, order)
 * and check_rules.c (what single opcodes need). Nobody else includes this.
 */
#ifndef LUA_CHECK_CODE_H
#define LUA_CHECK_CODE_H

#include "common/lua/check_found.h"
#include "common/lua/ops.h"

/* What a word is, besides an instruction of its own. */
enum { CODE_OWN, CODE_DATA, CODE_CAPTURE };

enum { CODE_OPCODES = 64 };

struct code_check;
typedef void code_rule(struct code_check *c);

struct code_check {
	const struct check_scope *s;
	const struct lua_image *img;
	const struct lua_dialect *dialect;
	code_rule *rules[CODE_OPCODES];
	uint8_t *kinds; /* of the prototype's words, as above; room for the longest prototype */

	const struct lua_proto *p;
	uint32_t proto;
	uint32_t pc;
	struct lua_insn i;
	uint32_t found; /* in this prototype */
};

/* Reports what is wrong with the instruction at hand. */
void code_wrong(struct code_check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A register, a jump's target, a constant: true when there is such a one, else it is reported. */
bool code_register(struct code_check *c, uint32_t r);
bool code_target(struct code_check *c, int64_t pc);
bool code_constant(struct code_check *c, uint32_t k);

/* The word at pc decoded; .op is NULL behind the end and for words that are no instructions. */
struct lua_insn code_at(const struct code_check *c, int64_t pc);

/* Whether the instruction has that name; false without one. */
bool code_is(const struct lua_insn *i, const char *name);

/* Rules of an opcode that go beyond what the table of the dialect says; NULL: none. */
code_rule *code_rule_of(const struct lua_op *op);

#endif
