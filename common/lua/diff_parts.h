/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the making of a diff share; private to common/lua/diff*.c.
 */
#ifndef LUA_DIFF_PARTS_H
#define LUA_DIFF_PARTS_H

#include "common/lua/diff.h"

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
