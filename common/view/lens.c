/* SPDX-License-Identifier: MIT */
#include "common/view/lens.h"

#include <stdlib.h>

static uint64_t count(const void *ctx, uint64_t row)
{
	const struct lens *l = ctx;

	if (row != VIEW_ROOT)
		return l->alone ? 0 : l->of->count(l->ctx, row);
	return l->parent == VIEW_ROOT ? l->count : l->of->count(l->ctx, l->parent);
}

static uint64_t child(const void *ctx, uint64_t row, uint64_t i)
{
	const struct lens *l = ctx;

	if (row != VIEW_ROOT)
		return l->of->child(l->ctx, row, i);
	return l->parent == VIEW_ROOT ? l->rows[i] : l->of->child(l->ctx, l->parent, i);
}

static void cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *out,
		 struct buf *scratch)
{
	const struct lens *l = ctx;

	l->of->cell(l->ctx, row, column, out, scratch);
}

static bool heading(const void *ctx, uint64_t row, struct buf *out)
{
	const struct lens *l = ctx;

	return l->of->heading(l->ctx, row, out);
}

static bool detail(const void *ctx, uint64_t row, uint64_t line, unsigned bytes, struct buf *out)
{
	const struct lens *l = ctx;

	return l->of->detail(l->ctx, row, line, bytes, out);
}

struct lens lens_make(const struct view *of, const void *ctx, uint64_t parent)
{
	struct lens l = { .of = of, .ctx = ctx, .parent = parent, .narrow = *of };

	l.narrow.count = count;
	l.narrow.child = child;
	l.narrow.cell = cell;
	l.narrow.heading = of->heading ? heading : NULL;
	l.narrow.detail = of->detail ? detail : NULL;
	return l;
}

void lens_free(struct lens *l)
{
	free(l->rows);
	*l = (struct lens){ 0 };
}

void lens_add(struct lens *l, uint64_t row)
{
	uint64_t *to = vec_grow(&l->rows, &l->count, &l->cap, sizeof(*to), 1);

	if (to)
		*to = row;
	else
		l->failed = true;
}

bool lens_is_flat(const struct view *v, const void *ctx)
{
	return v->child == view_nth ||
	       (v->child == child && ((const struct lens *)ctx)->of->child == view_nth);
}
