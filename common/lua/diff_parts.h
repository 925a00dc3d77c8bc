/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the making of a diff share; private to common/lua/diff*.c.
 */
#ifndef LUA_DIFF_PARTS_H
#define LUA_DIFF_PARTS_H

#include "common/lua/diff.h"

/* For the matching: hashes of every prototype. deep: with those inside it. */
struct lua_prints {
	uint64_t *own, *deep;           /* everything */
	uint64_t *code_own, *code_deep; /* but lines, names and source */
};
bool lua_prints_make(const struct lua_book *b, struct lua_prints *out);
void lua_prints_free(struct lua_prints *p);

/*
 * Matches the prototypes of two trees: old_of gets for each prototype of the new tree the old one
 * or LUA_NONE, new_of the other way round. Both have an entry for each prototype of their image.
 */
bool lua_match(const struct lua_image *const img[2], const struct lua_prints prints[2],
	       const uint32_t root[2], uint32_t *new_of, uint32_t *old_of);

/* What the making needs and the diff does not keep. */
struct making {
	struct lua_diff *d;
	const struct lua_image *img[2];
	struct lua_prints prints[2];
	uint32_t *partner[2]; /* new_of, old_of */
	bool failed;
};

/*
 * Calls found with the modules, or strings, of the old image and the new one that have the same
 * name, or text; LUA_NONE stands for none. In the order of their bytes; equal ones in pairs.
 */
typedef void diff_found(struct making *m, uint32_t old, uint32_t now);
void diff_pair_modules(struct making *m, diff_found *found);
void diff_pair_strings(struct making *m, diff_found *found);

/* Puts rows below modules, rows of the top level and kinds of bytes in order. */
bool diff_sort(struct lua_diff *d, uint32_t nmodules);

#endif
