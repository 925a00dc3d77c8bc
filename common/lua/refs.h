/* SPDX-License-Identifier: MIT */
/*
 * What each instruction, and each prototype as a whole, refers to. Collected in the order of
 * prototypes and instructions; xref.c sorts.
 */
#ifndef LUA_REFS_H
#define LUA_REFS_H

#include "common/lua/flow.h"

struct refs {
	const struct lua_image *img;
	struct lua_xref *x;
	struct paths paths;
	struct flow flow;
	uint8_t *used; /* by constant of the image */
	bool failed;   /* no memory */
};

bool refs_init(struct refs *r, const struct lua_image *img, struct lua_xref *x);
void refs_free(struct refs *r);

/* Appends to x->refs and x->requires (whose modules are not looked up yet). */
void refs_collect(struct refs *r);

#endif
