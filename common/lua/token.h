/* SPDX-License-Identifier: MIT */
/*
 * The tokens of a Lua source that Lua's own compiler has accepted; so nothing is reported here.
 */
#ifndef LUA_TOKEN_H
#define LUA_TOKEN_H

#include "common/lua/number.h"

enum lua_token_kind {
	LUA_TOKEN_END,
	LUA_TOKEN_NUMBER,
	LUA_TOKEN_STRING,
	LUA_TOKEN_VALUE,    /* a name, nil, true, false, ... */
	LUA_TOKEN_OPERATOR, /* between two operands or before one */
	LUA_TOKEN_OPEN,     /* ( [ { */
	LUA_TOKEN_CLOSE,
	LUA_TOKEN_FIELD,    /* . : */
	LUA_TOKEN_FUNCTION, /* the word */
	LUA_TOKEN_ENDS,     /* the word end */
	LUA_TOKEN_OTHER,    /* what stands between expressions */
};

/*
 * Precedence of an operator: it takes the operand before it from weaker ones, as lparser.c has it.
 */
struct lua_operator {
	const char *text;
	enum lua_arith arith; /* LUA_NOT_ARITH: never computed by a compiler */
	uint8_t left, right;  /* 0: not between operands */
	uint8_t unary;        /* 0: not before an operand */
	enum lua_arith unary_arith;
};

struct lua_token {
	enum lua_token_kind kind;
	const char *text;
	size_t len;
	uint32_t line;
	const struct lua_operator *op;
};

struct lua_tokens {
	enum lua_version version;
	const char *p, *end;
	uint32_t line;       /* 1 first */
	char after_line_end; /* the half of a line end that was passed last, or 0 */
};

/* The next token; what stands before it is what lies between the last one's end and its text. */
struct lua_token lua_token_next(struct lua_tokens *s);

#endif
