/* SPDX-License-Identifier: MIT */
/*
 * Fixed strings of Lua 5.3: the lexer's tokens, names of events and types, which no image carries
 * because every firmware knows them and its loader puts them into flash behind the file's own.
 *
 * They are numbered in two ways. The loader lays out 72: it drops the second "nil" and the second
 * "function", but keeps "userdata" twice. luac.cross drops all three and so counts 71; what it
 * writes for "thread" and "proto" reads as the string before them on the device. A file's count
 * tells which numbering it uses.
 */
#ifndef LUA_FIXED53_H
#define LUA_FIXED53_H

#include "common/lua/model.h"

enum {
	FIXED53_COUNT = 72,     /* as the loader has them; indexes here are the loader's */
	FIXED53_STOCK = 71,     /* as luac.cross counts them */
	FIXED53_RESERVED = 22,  /* the first ones are reserved words */
	FIXED53_USERDATA = 65,  /* the first copy of "userdata" */
	FIXED53_USERDATA2 = 69, /* the second copy; the one that type() returns */
	FIXED53_MAX_LEN = 17,   /* of "not enough memory" */
};

extern const char *const fixed53[FIXED53_COUNT];

/* The TString's field "extra": 1-based index of a reserved word, else 0. */
uint8_t fixed53_extra(uint32_t index);

/* Index of the string that a file of fixed_count strings numbers number (0 first), or LUA_NONE. */
uint32_t fixed53_from_file(uint32_t fixed_count, uint64_t number);

/* The number (0 first) under which such a file mentions the string. */
uint32_t fixed53_to_file(uint32_t fixed_count, uint32_t index);

#endif
