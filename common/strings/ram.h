/* SPDX-License-Identifier: MIT */
/*
 * Inside of the RAM readers: addresses of a dump, and its string table.
 */
#ifndef STRINGS_RAM_H
#define STRINGS_RAM_H

#include "common/strings/input.h"

struct ram {
	const uint8_t *p;
	size_t len;
	uint32_t base;
	int lua;
	bool seeded; /* seed is known (5.1: always, it is none) */
	uint32_t seed;
};

/* struct stringtable, and what its chains hold. */
struct ram_table {
	uint32_t at, hash, nuse, size;
	uint32_t found, faults;
	bool odd; /* nuse cannot be */
};

enum ram_fault {
	RAM_SOUND,
	RAM_OUTSIDE, /* the chain leads out of the dump */
	RAM_CYCLE,   /* it comes back to where it was */
	RAM_STRANGE, /* no string, or one of another bucket */
	RAM_TORN,    /* its text does not fit its hash */
};

/* A string of the table. text is NULL unless it is sound. */
struct ram_string {
	uint32_t bucket, at;
	enum ram_fault fault;
	const uint8_t *text;
	uint32_t len;
};

/* n bytes at an address, or NULL. */
const uint8_t *ram_bytes(const struct ram *r, uint32_t at, size_t n);

/* The word at an address; 0 outside of the dump. */
uint32_t ram_word(const struct ram *r, uint32_t at);

/*
 * Reads the stringtable at an address. False when it cannot be one. given: somebody says that it
 * is, and it is read as far as it can be.
 */
bool ram_table_read(const struct ram *r, uint32_t at, bool given, struct ram_table *out);

/* Calls visit (NULL: nobody) for each string and fault until it returns false; counts them in t. */
typedef bool (*ram_visit)(void *ctx, const struct ram_string *s);
void ram_table_walk(const struct ram *r, struct ram_table *t, ram_visit visit, void *ctx);

/* Finds the seed of 5.3's hashes: fills in r->seed and r->seeded when most strings agree to it. */
void ram_seed(struct ram *r, const struct ram_table *t);

/*
 * Calls visit for each entry of a table in the heap whose key and value are strings of the string
 * table. False: no memory.
 */
typedef void (*ram_pair)(void *ctx, const struct ram_string *key, const struct ram_string *value);
bool ram_pairs(const struct ram *r, const struct ram_table *t, ram_pair visit, void *ctx);

/*
 * Reads the header of a string without asking whether it is one; text is NULL outside of the dump.
 */
struct ram_string ram_string_at(const struct ram *r, uint32_t at);

/* Opens a dump: finds its table, the Lua version and, in 5.3, the seed. */
enum err ram_open(const struct ram_dump *dump, struct diag *diag, struct ram *r,
		  struct ram_table *out);

#endif
