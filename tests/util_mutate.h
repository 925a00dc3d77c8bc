/* SPDX-License-Identifier: MIT */
/*
 * Mutations that know the formats: a changed input of a fuzz target (tests/util_fuzz.h) is harmed
 * in one field or part and whole around it, so that readers get past signature, sizes and CRC.
 * The layouts are the mutator's own. The same seed makes the same mutant.
 */
#ifndef UTIL_MUTATE_H
#define UTIL_MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A mutator that knows nothing: changes data in place, at most max bytes; returns the length. */
typedef size_t mutate_plain(uint8_t *data, size_t len, size_t max);

/* The same for one target's inputs. One in three, and what has no layout, is left to plain. */
size_t mutate_input(const char *target, uint8_t *data, size_t len, size_t max, uint32_t seed,
		    mutate_plain *plain);

/*
 * A mutant of a with a part of b: a subtree of its prototypes, a constant, a string. At most max
 * bytes go to out; returns how many, 0 when the two have no part in common.
 */
size_t mutate_cross(const char *target, const uint8_t *a, size_t alen, const uint8_t *b,
		    size_t blen, uint8_t *out, size_t max, uint32_t seed);

/* Takes an input apart and writes it anew, without a change. False: it has no layout. */
bool mutate_copy(const char *target, const uint8_t *data, size_t len, uint8_t *out, size_t max,
		 size_t *out_len);

#endif
