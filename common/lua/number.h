/* SPDX-License-Identifier: MIT */
/*
 * Numbers as a firmware's own compiler has them: how it reads a numeral and what it makes of an
 * operation between two, whatever the widths of its numbers.
 */
#ifndef LUA_NUMBER_H
#define LUA_NUMBER_H

#include "common/lua/model.h"

struct lua_number {
	bool is_float;
	union {
		int64_t i; /* within the firmware's integers */
		double f;  /* exact, of 32-bit floats too */
	};
};

enum lua_numeral {
	LUA_NUMERAL_READ,
	LUA_NUMERAL_MALFORMED, /* the firmware's compiler says so, too */
	LUA_NUMERAL_UNSURE,    /* its compilers on a PC and on the device read different numbers */
};

/* Reads the numeral of n bytes at text as a firmware with these traits does. */
enum lua_numeral lua_number_read(const struct lua_traits *t, const char *text, size_t n,
				 struct lua_number *out);

enum lua_arith {
	LUA_ADD,
	LUA_SUB,
	LUA_MUL,
	LUA_DIV,
	LUA_MOD,
	LUA_POW,
	LUA_MINUS, /* of the first alone */
	/* 5.3 */
	LUA_IDIV,
	LUA_BAND,
	LUA_BOR,
	LUA_BXOR,
	LUA_SHL,
	LUA_SHR,
	LUA_BNOT, /* of the first alone */
	LUA_NOT_ARITH
};

enum lua_fold {
	LUA_FOLD_DONE, /* the compiler computes it */
	LUA_FOLD_LEFT, /* it leaves the operation to run time */
	LUA_FOLD_CRASH /* integers of 5.1: it is killed by the division */
};

enum lua_fold lua_number_fold(const struct lua_traits *t, enum lua_arith op,
			      const struct lua_number *a, const struct lua_number *b,
			      struct lua_number *out);

/*
 * Appends the number as Lua source that a compiler with doubles (5.3: and 64-bit integers) takes
 * for exactly this number, and as one operand.
 */
void lua_number_write(enum lua_version version, const struct lua_number *n, struct buf *out);

#endif
