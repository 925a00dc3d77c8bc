/* SPDX-License-Identifier: MIT */
/*
 * Images made by hand of a few prototypes and their words, for code that the golden data lacks.
 */
#ifndef UTIL_CODE_H
#define UTIL_CODE_H

#include "common/lua/model.h"

enum {
	CODE_WORDS_MAX = 2000,
	CODE_CONSTANTS_MAX = 64,
	CODE_PROTOS_MAX = 8,
	CODE_UPVALUES_MAX = 32
};

/* Needs no freeing; must not be moved after code_done. */
struct code {
	struct lua_image img;
	struct lua_proto protos[CODE_PROTOS_MAX];
	uint32_t children[CODE_PROTOS_MAX];
	struct lua_const constants[CODE_CONSTANTS_MAX];
	struct lua_string strings[CODE_CONSTANTS_MAX];
	struct lua_upvalue upvalues[CODE_UPVALUES_MAX];
	struct lua_module modules[CODE_PROTOS_MAX];
	uint8_t bytes[4 * CODE_WORDS_MAX];
	uint32_t nwords;
};

void code_init(struct code *c, enum lua_version version);

/* Begins a prototype, LUA_NONE: a root. What follows belongs to it. */
void code_proto(struct code *c, uint32_t parent);

void code_word(struct code *c, uint32_t word);
void code_abc(struct code *c, unsigned op, unsigned a, unsigned b, unsigned n);
void code_abx(struct code *c, unsigned op, unsigned a, uint32_t bx);
void code_ax(struct code *c, unsigned op, uint32_t ax);

/* Equal strings share one record. */
void code_string(struct code *c, const char *text);
void code_number(struct code *c, double f);

/* 5.1 only counts them. */
void code_upvalue(struct code *c, bool instack, uint8_t index);

/* A module of the image, without a prototype. */
void code_module(struct code *c, const char *name);

/* Completes the image. */
void code_done(struct code *c);

/* A function as a compiler left it, for code_compiled. */
struct code_function {
	uint32_t parent, nups, nconstants, ncode;
	uint8_t upvalues[4][2];    /* instack, index */
	const char *constants[32]; /* "": a number */
	uint32_t code[80];
};

/* An image of functions, complete but for code_done. */
void code_compiled(struct code *c, enum lua_version version, const struct code_function *f,
		   size_t n);

#endif
