/* SPDX-License-Identifier: MIT */
/*
 * Inside of the census: which bytes of a dump are counted, and the objects that lead to others.
 */
#ifndef STRINGS_RAM_CENSUS_H
#define STRINGS_RAM_CENSUS_H

#include "common/strings/ram.h"

struct census {
	struct ram ram;
	const struct ram_table *table;
	struct ram_census *out;
	uint8_t *claimed; /* a bit for each word of the dump */
	uint32_t *todo;   /* addresses that may be objects */
	uint32_t count, cap;
	unsigned value, node; /* bytes of a TValue and of a table's node */
	uint64_t scanned;     /* words, against dumps made to keep us busy */
	bool failed;
	ram_pair pair; /* NULL: nobody wants to know */
	void *ctx;
};

/* Type tags. */
enum { TAG_STRING = 4, TAG_TABLE, TAG_CLOSURE, TAG_USERDATA, TAG_THREAD, TAG_PROTO, TAG_UPVALUE };
#define TAG_LONG   0x14 /* 5.3 */
#define TAG_C_FUNC 0x26 /* 5.3 */

/* Whether the words of a range are in the dump and nobody's so far. */
bool census_is_free(const struct census *c, uint32_t at, uint32_t n);

/* Counts a string of so many bytes of text. */
void census_count_string(struct census *c, uint32_t len);

/* Counts a range for kind, once. False when it is taken or not in the dump. */
bool census_claim(struct census *c, enum ram_kind kind, uint32_t at, uint64_t n);

/* The same, and one more of the kind. */
bool census_claim_object(struct census *c, enum ram_kind kind, uint32_t at, uint64_t n);

/* To be looked at later, if it may be an object that nobody looked at. */
void census_follow(struct census *c, uint32_t at);

/* Counts the object at an address, if it is one, and follows what it leads to. */
void census_take(struct census *c, uint32_t at);

/* Counts a thread with its stack; c->value must be known. */
bool census_take_thread(struct census *c, uint32_t at);

/* Whether a thread of the dump's global_State may be at an address. */
bool census_is_thread(const struct census *c, uint32_t at);

/* Bytes of a TValue as a thread's stack tells, or something else than 8, 12 and 16. */
unsigned census_measure_value(const struct census *c, uint32_t at);

/* A word and a byte of the dump; 0 outside of it. */
static inline uint32_t census_word(const struct census *c, uint32_t at)
{
	return ram_word(&c->ram, at);
}

static inline unsigned census_byte(const struct census *c, uint32_t at)
{
	const uint8_t *p = ram_bytes(&c->ram, at, 1);

	return p ? *p : 0;
}

#endif
