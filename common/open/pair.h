/* SPDX-License-Identifier: MIT */
/*
 * Two prototypes' code side by side; private to common/open.
 */
#ifndef OPEN_PAIR_H
#define OPEN_PAIR_H

#include "common/open/open.h"

struct open_pair;

/* proto: LUA_NONE where there is none. NULL: no memory. */
struct open_pair *open_pair_make(const struct lua_book *const book[2], const uint32_t proto[2],
				 struct diag *diag);
void open_pair_free(void *pair);

/* ctx: a struct open_pair. */
extern const struct view open_pair_view;

/* The instruction of a row in the image that has it. */
bool open_pair_follow(const struct open_pair *pair, uint64_t row, struct subject *const side[2],
		      struct subject_place *to);

#endif
