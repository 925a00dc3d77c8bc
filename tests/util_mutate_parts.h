/* SPDX-License-Identifier: MIT */
/*
 * Inside the mutator: chance, values that often break readers, and one pair of functions for images
 * (words and addresses) and one for streams (tokens).
 */
#ifndef UTIL_MUTATE_PARTS_H
#define UTIL_MUTATE_PARTS_H

#include "common/base/buf.h"

enum mutate_form {
	MUTATE_RELOCATABLE, /* 5.1: word offsets, a bitmap of addresses behind */
	MUTATE_CHAINED,     /* 5.1 of 2018: word offsets in a chain */
	MUTATE_ABSOLUTE51,
	MUTATE_ABSOLUTE53,
	MUTATE_CHUNK51, /* from here on: streams */
	MUTATE_CHUNK53,
	MUTATE_PORTABLE,
};

struct rng {
	uint64_t state;
};

/* 0 … n - 1; 0 when n is 0. */
uint32_t rng_below(struct rng *r, uint32_t n);
bool rng_one_in(struct rng *r, uint32_t n);

/* Another count, number, instruction (as other, in part) or text. */
uint32_t vary_count(struct rng *r, uint32_t value);
uint32_t vary_word(struct rng *r, uint32_t value);
uint32_t vary_instruction(struct rng *r, uint32_t word, uint32_t other);
uint8_t vary_byte(struct rng *r, uint8_t value);
void vary_bytes(struct rng *r, uint8_t *p, size_t n);

struct bytes {
	const uint8_t *p;
	size_t len;
};

/* What happens is one row of a table: how often, and to which kinds of fields (letters). */
struct mutate_op {
	unsigned weight;
	const char *kinds;
};

/* The index of a row, by weight. */
unsigned mutate_choose(struct rng *r, const struct mutate_op *ops, unsigned count);

/*
 * Appends a mutant of in to out, with a part of other when there is one. Rounds is how often
 * something is changed; 0 writes it as it is. False: not understood, or nothing to change.
 */
bool mutate_image(enum mutate_form form, struct rng *r, struct bytes in, const struct bytes *other,
		  unsigned rounds, struct buf *out);
bool mutate_stream(enum mutate_form form, struct rng *r, struct bytes in, const struct bytes *other,
		   unsigned rounds, struct buf *out);

#endif
