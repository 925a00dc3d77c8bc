/* SPDX-License-Identifier: MIT */
/*
 * What the opcode tables share with the code that interprets them.
 *
 * In the tables' equations R is a register, K a constant, RK one or the other, U an upvalue, G the
 * globals, P a child prototype; "x ..." runs up to the last value that the previous call or VARARG
 * left, "skip" passes over the next instruction.
 */
#ifndef LUA_OPS_H
#define LUA_OPS_H

#include "common/lua/dialect.h"

/* What stands behind ";" in a listing. */
enum lua_comment_kind {
	LUA_COMMENT_NONE,
	LUA_COMMENT_CONSTANT, /* K(Bx) */
	LUA_COMMENT_GLOBAL,   /* K(Bx) as a bare name */
	LUA_COMMENT_UPVALUE,  /* U(B)'s name */
	LUA_COMMENT_KEY,      /* C when it is a constant */
	LUA_COMMENT_BOTH,     /* B and C when either is a constant */
	LUA_COMMENT_JUMP,
	LUA_COMMENT_CLOSURE,
	LUA_COMMENT_LIST,   /* SETLIST's block */
	LUA_COMMENT_GETTAB, /* U(B)'s name, C when it is a constant */
	LUA_COMMENT_SETTAB, /* U(A)'s name, B and C when they are constants */
	LUA_COMMENT_EXTRA   /* K(Ax) behind LOADKX */
};

/* What an instruction does, seen from whoever follows values through registers. */
enum lua_effect {
	LUA_EFFECT_NONE,  /* reads its operands at most */
	LUA_EFFECT_VALUE, /* R(A) gets a computed value */
	LUA_EFFECT_MOVE,
	LUA_EFFECT_LOADK,
	LUA_EFFECT_LOADKX,
	LUA_EFFECT_BOOL,      /* R(A); may skip */
	LUA_EFFECT_NIL_TO,    /* R(A)...R(B) */
	LUA_EFFECT_NIL_COUNT, /* R(A)...R(A+B) */
	LUA_EFFECT_GETUPVAL,
	LUA_EFFECT_SETUPVAL,
	LUA_EFFECT_GETGLOBAL,
	LUA_EFFECT_SETGLOBAL,
	LUA_EFFECT_GETTABUP,
	LUA_EFFECT_SETTABUP,
	LUA_EFFECT_GETTABLE,
	LUA_EFFECT_SETTABLE,
	LUA_EFFECT_SELF,     /* R(A), R(A+1) */
	LUA_EFFECT_CALL,     /* R(A) and above */
	LUA_EFFECT_LOOP,     /* R(A)...R(A+3); jumps */
	LUA_EFFECT_PREPARE,  /* R(A); jumps */
	LUA_EFFECT_JUMP,     /* jumps, no more */
	LUA_EFFECT_ITERATE2, /* R(A+2) and above */
	LUA_EFFECT_ITERATE3, /* R(A+3) and above */
	LUA_EFFECT_LIST,
	LUA_EFFECT_CLOSURE,
	LUA_EFFECT_VARARG, /* R(A)...R(A+B-2), or R(A) and above */
	LUA_EFFECT_EXTRA   /* no instruction of its own */
};

extern const struct lua_dialect lua_dialect51, lua_dialect53;

/* True for opcodes that go to pc + 1 + sBx. */
static inline bool lua_op_jumps(const struct lua_op *op)
{
	return op->comment == LUA_COMMENT_JUMP;
}

#endif
