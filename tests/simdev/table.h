/* SPDX-License-Identifier: MIT */
/*
 * The table of strings that debug.getstrings lists: what the application keeps (a recorded table,
 * held in the interpreter for good) and what the session has made since. Left out are the strings
 * that only this machine's interpreter has.
 */
#ifndef SIMDEV_TABLE_H
#define SIMDEV_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lang.h"
#include "common/base/buf.h"

struct table_item {
	const uint8_t *s; /* in texts, once the table is whole */
	size_t off, len;
};

struct table {
	struct buf texts;
	struct table_item *items; /* sorted by bytes */
	uint32_t count, cap;
};

struct table_sums {
	uint32_t count;
	uint64_t bytes;
	uint32_t sum; /* of all bytes' values */
};

/*
 * Loads a table of golden/ram's kind: index, length, text with \ddd; false when it is none.
 * recorded: without what the recording itself needed, which no application keeps.
 */
bool table_load(struct table *t, const char *path, bool recorded);
void table_free(struct table *t);
bool table_has(const struct table *t, const char *s, size_t len);

/* Those of t that other() does not have. */
typedef bool table_other(const void *ctx, const char *s, size_t len);
void table_without(struct table *out, const struct table *t, table_other *other, const void *ctx);

/* Bytes of the device's heap that the strings take, with the vector that finds them. */
size_t table_heap(const struct table *t);

/* Reads the interpreter's table, without strings of skip that are not also in keep. */
void table_read(struct table *t, lua_State *L, const struct table *skip, const struct table *keep);
struct table_sums table_sums(const struct table *t);
void table_print(const struct table *t, FILE *out);

/* Holds all strings in the interpreter. */
void table_anchor(const struct table *t, lua_State *L);
/* Puts them into the array on top. */
void table_fill(const struct table *t, lua_State *L);

#endif
