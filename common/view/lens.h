/* SPDX-License-Identifier: MIT */
/*
 * A view narrowed to some of its rows, which is a view again: every output takes it.
 */
#ifndef VIEW_LENS_H
#define VIEW_LENS_H

#include "common/base/diag.h"
#include "common/view/view.h"

struct lens {
	const struct view *of;
	const void *ctx; /* of it */
	uint64_t parent; /* its children are the rows; VIEW_ROOT: rows is the list of them */
	uint64_t *rows;  /* with all that is below them */
	uint32_t count, cap;
	bool alone;         /* without what is below them */
	bool failed;        /* no memory */
	struct view narrow; /* ctx: the lens */
};

/* Sees nothing yet but the children of parent; VIEW_ROOT: none. */
struct lens lens_make(const struct view *of, const void *ctx, uint64_t parent);
void lens_free(struct lens *l);

/* Adds a row of the top level. */
void lens_add(struct lens *l, uint64_t row);

/* True when no row of a view, narrowed or not, has rows below it. */
bool lens_is_flat(const struct view *v, const void *ctx);

#endif
