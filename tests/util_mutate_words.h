/* SPDX-License-Identifier: MIT */
/*
 * An image as words, the same for all its forms: addresses as offsets in words, each word with a
 * mark whether it is one. And what is known of its fields.
 */
#ifndef UTIL_MUTATE_WORDS_H
#define UTIL_MUTATE_WORDS_H

#include "tests/util_mutate_parts.h"

enum { WORDS_MAX = 1 << 14, FIELDS_MAX = 1 << 15 };

struct words {
	uint32_t *w;
	uint8_t *address; /* 1: the word is one */
	uint32_t n, base;
	enum mutate_form form;
	bool resized; /* the header's size is to be mended */
	uint8_t tail[4];
	unsigned ntail; /* bytes behind the last word */
};

/* False: no image, or too large. Release with words_free in any case. */
bool words_load(struct words *x, enum mutate_form form, struct bytes in);
void words_save(const struct words *x, struct buf *out);
void words_free(struct words *x);

/* Room for k words at word at, those behind moved and all addresses with them; false: too large. */
bool words_insert(struct words *x, uint32_t at, uint32_t k);
void words_remove(struct words *x, uint32_t at, uint32_t k);

/*
 * Kinds: an upper-case letter is the address of (P)rototype, s(T)ring, constants K, (C)ode,
 * (V)ector of prototypes, (L)ine info, l(O)cal variables, (U)pvalues, (H)ash vector, (R)OTable, its
 * (E)ntries, (N)ext of its kind; the same in lower case is the count that goes with it, s a
 * string's length.
 * Then b four bytes, i an integer, % a hash, x an instruction, # a tag, g a value, z the image's
 * size, $ the signature, a an offset in words, " text and ~ line info.
 */
struct field {
	char kind;
	uint32_t at, len; /* bytes */
};

struct graph {
	const struct words *x;
	struct field *fields;
	uint32_t n;
	uint16_t *seen; /* for each word: a bit for each kind of record that begins there */
};

/* What can be reached from the header. Release with graph_free in any case. */
bool graph_make(struct graph *g, const struct words *x);
void graph_free(struct graph *g);

/* One of the fields whose kind is in kinds, or NULL. */
const struct field *graph_pick(const struct graph *g, struct rng *r, const char *kinds);

#endif
