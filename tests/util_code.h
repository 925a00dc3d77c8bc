/* SPDX-License-Identifier: MIT */
/*
 * Images made by hand of one prototype and its words, for code that no compiler writes.
 */
#ifndef UTIL_CODE_H
#define UTIL_CODE_H

#include "common/lua/model.h"

enum { CODE_WORDS_MAX = 2000, CODE_CONSTANTS_MAX = 64, CODE_PROTOS = 2 };

/* Needs no freeing, and must not be moved after code_done. */
struct code {
	struct lua_image img;
	struct lua_proto protos[CODE_PROTOS]; /* the root, and its child without code */
	uint32_t children[1];
	struct lua_const constants[CODE_CONSTANTS_MAX];
	struct lua_string strings[CODE_CONSTANTS_MAX];
	struct lua_upvalue upvalues[2];
	uint8_t bytes[4 * CODE_WORDS_MAX];
	uint32_t ncode, nconstants, nstrings;
};

void code_init(struct code *c, enum lua_version version);
void code_word(struct code *c, uint32_t word);
void code_abc(struct code *c, unsigned op, unsigned a, unsigned b, unsigned n);
void code_abx(struct code *c, unsigned op, unsigned a, uint32_t bx);
void code_ax(struct code *c, unsigned op, uint32_t ax);

/* Constants of the root; equal strings share one record. Return the constant's index. */
uint32_t code_string(struct code *c, const char *text);
uint32_t code_number(struct code *c, double f);

/* Completes the image. */
void code_done(struct code *c);

#endif
