/* SPDX-License-Identifier: MIT */
/*
 * Opcodes of Lua 5.1 in the order of lopcodes.h.
 */
#include "common/lua/ops.h"

#include <assert.h>

#define NON LUA_ARG_NONE
#define NUM LUA_ARG_NUMBER
#define REG LUA_ARG_REGISTER
#define RK  LUA_ARG_RK
#define CON LUA_ARG_CONSTANT
#define UPV LUA_ARG_UPVALUE
#define PRO LUA_ARG_PROTO

/* A row: name, equation, mode, what A, B (or Bx) and C are, assigns R(A), test, comment, effect. */
#define OP(name, mode, a, b, c, writes, test, comment, effect, meaning) \
	{ \
		name, meaning, LUA_##mode, a, b, c, writes, test, LUA_COMMENT_##comment, \
			LUA_EFFECT_##effect \
	}

/* clang-format off */
static const struct lua_op ops[] = {
	OP("MOVE", ABC, REG, REG, NON, 1, 0, NONE, MOVE,
	   "R(A) := R(B)"),
	OP("LOADK", ABX, REG, CON, NON, 1, 0, CONSTANT, LOADK,
	   "R(A) := K(Bx)"),
	OP("LOADBOOL", ABC, REG, NUM, NUM, 1, 0, NONE, BOOL,
	   "R(A) := (B ~= 0); skip if C ~= 0"),
	OP("LOADNIL", ABC, REG, REG, NON, 1, 0, NONE, NIL_TO,
	   "R(A), ..., R(B) := nil"),
	OP("GETUPVAL", ABC, REG, UPV, NON, 1, 0, UPVALUE, GETUPVAL,
	   "R(A) := U(B)"),
	OP("GETGLOBAL", ABX, REG, CON, NON, 1, 0, GLOBAL, GETGLOBAL,
	   "R(A) := G[K(Bx)]"),
	OP("GETTABLE", ABC, REG, REG, RK, 1, 0, KEY, GETTABLE,
	   "R(A) := R(B)[RK(C)]"),
	OP("SETGLOBAL", ABX, REG, CON, NON, 0, 0, GLOBAL, SETGLOBAL,
	   "G[K(Bx)] := R(A)"),
	OP("SETUPVAL", ABC, REG, UPV, NON, 0, 0, UPVALUE, SETUPVAL,
	   "U(B) := R(A)"),
	OP("SETTABLE", ABC, REG, RK, RK, 0, 0, BOTH, SETTABLE,
	   "R(A)[RK(B)] := RK(C)"),
	OP("NEWTABLE", ABC, REG, NUM, NUM, 1, 0, NONE, VALUE,
	   "R(A) := {} with room for B items and C keys"),
	OP("SELF", ABC, REG, REG, RK, 1, 0, KEY, SELF,
	   "R(A+1) := R(B); R(A) := R(B)[RK(C)]"),
	OP("ADD", ABC, REG, RK, RK, 1, 0, BOTH, VALUE,
	   "R(A) := RK(B) + RK(C)"),
	OP("SUB", ABC, REG, RK, RK, 1, 0, BOTH, VALUE,
	   "R(A) := RK(B) - RK(C)"),
	OP("MUL", ABC, REG, RK, RK, 1, 0, BOTH, VALUE,
	   "R(A) := RK(B) * RK(C)"),
	OP("DIV", ABC, REG, RK, RK, 1, 0, BOTH, VALUE,
	   "R(A) := RK(B) / RK(C)"),
	OP("MOD", ABC, REG, RK, RK, 1, 0, NONE, VALUE,
	   "R(A) := RK(B) % RK(C)"),
	OP("POW", ABC, REG, RK, RK, 1, 0, BOTH, VALUE,
	   "R(A) := RK(B) ^ RK(C)"),
	OP("UNM", ABC, REG, REG, NON, 1, 0, NONE, VALUE,
	   "R(A) := - R(B)"),
	OP("NOT", ABC, REG, REG, NON, 1, 0, NONE, VALUE,
	   "R(A) := not R(B)"),
	OP("LEN", ABC, REG, REG, NON, 1, 0, NONE, VALUE,
	   "R(A) := # R(B)"),
	OP("CONCAT", ABC, REG, REG, REG, 1, 0, NONE, VALUE,
	   "R(A) := R(B) .. ... .. R(C)"),
	OP("JMP", ASBX, NON, REG, NON, 0, 0, JUMP, JUMP,
	   "pc += sBx"),
	OP("EQ", ABC, NUM, RK, RK, 0, 1, BOTH, NONE,
	   "skip if (RK(B) == RK(C)) ~= (A == 1)"),
	OP("LT", ABC, NUM, RK, RK, 0, 1, BOTH, NONE,
	   "skip if (RK(B) < RK(C)) ~= (A == 1)"),
	OP("LE", ABC, NUM, RK, RK, 0, 1, BOTH, NONE,
	   "skip if (RK(B) <= RK(C)) ~= (A == 1)"),
	OP("TEST", ABC, REG, REG, NUM, 0, 1, NONE, NONE,
	   "skip if (R(A) is true) ~= (C == 1)"),
	OP("TESTSET", ABC, REG, REG, NUM, 1, 1, NONE, VALUE,
	   "if (R(B) is true) == (C == 1) then R(A) := R(B) else skip"),
	OP("CALL", ABC, REG, NUM, NUM, 1, 0, NONE, CALL,
	   "R(A), ..., R(A+C-2) := R(A)(R(A+1), ..., R(A+B-1)); C, B = 0: up to the last"),
	OP("TAILCALL", ABC, REG, NUM, NUM, 1, 0, NONE, CALL,
	   "return R(A)(R(A+1), ..., R(A+B-1)); B = 0: up to the last"),
	OP("RETURN", ABC, REG, NUM, NON, 0, 0, NONE, NONE,
	   "return R(A), ..., R(A+B-2); B = 0: up to the last"),
	OP("FORLOOP", ASBX, REG, REG, NON, 1, 0, JUMP, LOOP,
	   "R(A) += R(A+2); if R(A) is within R(A+1) then R(A+3) := R(A), pc += sBx"),
	OP("FORPREP", ASBX, REG, REG, NON, 1, 0, JUMP, PREPARE,
	   "R(A) -= R(A+2); pc += sBx"),
	OP("TFORLOOP", ABC, REG, NON, NUM, 0, 1, NONE, ITERATE2,
	   "R(A+3), ..., R(A+2+C) := R(A)(R(A+1), R(A+2)); if R(A+3) ~= nil then R(A+2) "
	   ":= R(A+3) else skip"),
	OP("SETLIST", ABC, REG, NUM, NUM, 0, 0, LIST, LIST,
	   "R(A)[50 * (C-1) + i] := R(A+i) for i = 1, ..., B; B = 0: up to the last; C = "
	   "0: in the next word"),
	OP("CLOSE", ABC, REG, NON, NON, 0, 0, NONE, NONE,
	   "upvalues over R(A) and above get values of their own"),
	OP("CLOSURE", ABX, REG, PRO, NON, 1, 0, CLOSURE, CLOSURE,
	   "R(A) := function P(Bx) over its upvalues, one MOVE or GETUPVAL behind this "
	   "for each"),
	OP("VARARG", ABC, REG, NUM, NON, 1, 0, NONE, VARARG,
	   "R(A), ..., R(A+B-2) := the extra arguments; B = 0: all"),
};
/* clang-format on */

enum { NOPS = sizeof(ops) / sizeof(ops[0]) };
static_assert(NOPS == 38, "Lua 5.1 has 38 opcodes");

const struct lua_dialect lua_dialect51 = { "5.1", ops, NOPS };
