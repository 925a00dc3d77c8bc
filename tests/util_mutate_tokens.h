/* SPDX-License-Identifier: MIT */
/*
 * A chunk or portable image as tokens: one for each field, with the items that begin there. Written
 * anew, tokens that were not changed give the bytes they came from.
 */
#ifndef UTIL_MUTATE_TOKENS_H
#define UTIL_MUTATE_TOKENS_H

#include "tests/util_mutate_parts.h"

enum { TOKENS_MAX = 1 << 15, TEXT_MAX = 1 << 12 };

enum token_coding {
	TOKEN_BYTE,
	TOKEN_WORD,  /* 32 bits, little-endian */
	TOKEN_MBE,   /* groups of 7 bits, high ones first */
	TOKEN_TYPED, /* a type with a number */
	TOKEN_RAW,
	TOKEN_PAD, /* zeros up to a multiple of 4 */
};

/*
 * Kinds: n a count, l the length of the raw bytes behind it (plus less bytes), i an integer, b a
 * byte, x an instruction, r a typed reference or constant, # a tag, g a number's bytes, " text,
 * ~ line info, h the header, ? what was not understood.
 */
struct token {
	enum token_coding coding;
	char kind;
	uint8_t type; /* typed: 0 to 7 */
	uint8_t less;
	bool dirty, longer; /* longer: an MBE number with a group too many */
	uint64_t value;
	const uint8_t *raw;
	size_t len;
	/* Begins here: F function, K constant, S string, U upvalue, O local, x instruction. */
	char item;
	uint32_t span, count; /* its tokens; the token that counts it and its like */
};

struct tokens {
	struct token *t;
	uint32_t n, cap;
};

/* What is not understood becomes one raw token at the end. False: the header already was not. */
bool tokens_read(struct tokens *t, enum mutate_form form, struct bytes in);
void tokens_write(const struct tokens *t, struct buf *out);
void tokens_free(struct tokens *t);

/* One of the tokens whose kind (or item) is in kinds, or NULL. */
struct token *tokens_pick(const struct tokens *t, struct rng *r, const char *kinds);
struct token *tokens_pick_item(const struct tokens *t, struct rng *r, const char *items);

/* n tokens of from before token at; false: too many. Removes n tokens from at. */
bool tokens_insert(struct tokens *t, uint32_t at, const struct token *from, uint32_t n);
void tokens_remove(struct tokens *t, uint32_t at, uint32_t n);

#endif
