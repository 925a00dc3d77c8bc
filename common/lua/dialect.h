/* SPDX-License-Identifier: MIT */
/*
 * Instructions of Lua 5.1 and 5.3 as data: one table per version, one decoder for both.
 * Numbering and encodings: lopcodes.h of Lua 5.1.5 and 5.3.6 (6-bit opcode, A 8, C 9, B 9 bits;
 * Bx 18; sBx excess 131071; Ax 26).
 */
#ifndef LUA_DIALECT_H
#define LUA_DIALECT_H

#include "common/lua/model.h"

enum lua_op_mode { LUA_ABC, LUA_ABX, LUA_ASBX, LUA_AX };

/* What an operand means. */
enum lua_arg {
	LUA_ARG_NONE,     /* not used; must be 0 */
	LUA_ARG_NUMBER,   /* a count, flag or upvalue index */
	LUA_ARG_REGISTER, /* register; for sBx: a jump */
	LUA_ARG_RK,       /* register, or constant when bit 8 is set */
	LUA_ARG_CONSTANT, /* Bx: constant */
	LUA_ARG_UPVALUE,
	LUA_ARG_PROTO, /* Bx: child prototype */
};

struct lua_op {
	const char *name;    /* "GETTABLE" */
	const char *meaning; /* "R(A) := R(B)[RK(C)]" */
	enum lua_op_mode mode;
	enum lua_arg a, b, c; /* b stands for Bx and sBx too */
	uint8_t writes_a;     /* R(A) is assigned */
	uint8_t test;         /* the next instruction must be a JMP */
	uint8_t comment;      /* how luac comments it; private to listing.c */
	uint8_t effect;       /* what a tracker of registers sees; enum lua_effect in ops.h */
};

struct lua_dialect {
	const char *name; /* "5.1" */
	const struct lua_op *ops;
	unsigned nops;
};

const struct lua_dialect *lua_dialect_of(enum lua_version version);

struct lua_insn {
	const struct lua_op *op; /* NULL: no such opcode */
	uint8_t opcode;
	uint8_t a;
	uint16_t b, c;
	int32_t bx; /* Bx, sBx or Ax, as the mode says */
};

struct lua_insn lua_decode(const struct lua_dialect *d, uint32_t word);

/* RK operands: is it a constant, and which. */
#define LUA_RK_BIT 256
static inline bool lua_rk_is_constant(uint16_t rk)
{
	return rk & LUA_RK_BIT;
}

/*
 * Lines of instructions, decoded from the packed bytes (FORMAT: sequence of line steps and counts).
 * Writes ncode lines to out (0 where unknown) and returns how many instructions the bytes covered;
 * fewer than ncode, or more (bytes left over), means damage. 5.1 counts 1...126 and 00 or 7f ends;
 * 5.3 counts 1...127 and 00 ends.
 */
uint32_t lua_lines(const struct lua_image *img, const struct lua_proto *p, uint32_t *out);

#endif
