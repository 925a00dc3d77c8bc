/* SPDX-License-Identifier: MIT */
#include <fnmatch.h>
#include <string.h>

#include "common/view/parts.h"

void filter_init(struct filter *f, const struct view *v, const void *ctx, const char *pattern)
{
	const char *equals = pattern ? strchr(pattern, '=') : NULL;

	*f = (struct filter){ .v = v, .ctx = ctx, .glob = pattern, .column = v->ncolumns };
	if (equals)
		f->column = view_column_find(v, pattern, (size_t)(equals - pattern));
	if (f->column < v->ncolumns)
		f->glob = equals + 1;
}

void filter_free(struct filter *f)
{
	buf_free(&f->scratch);
	buf_free(&f->text);
}

/* Escaped text holds no NUL; its backslashes are characters like any other. */
static bool text_match(struct filter *f, const struct view_column *column,
		       const struct view_cell *cell, bool data)
{
	const struct cell_style style = { .data = data, .escape = escape_text_to };

	int r;

	f->text.len = 0;
	cell_text(&(struct sink){ .out = &f->text }, column, cell, &style);
	buf_byte(&f->text, 0);
	if (f->text.failed)
		return false;
	r = fnmatch(f->glob, (const char *)f->text.data, FNM_NOESCAPE);
	f->failed |= r != 0 && r != FNM_NOMATCH;
	return r == 0;
}

static bool column_match(struct filter *f, uint64_t row, unsigned i)
{
	const struct view_column *column = &f->v->columns[i];
	struct view_cell cell;

	cell_get(f->v, f->ctx, row, i, &cell, &f->scratch);
	return text_match(f, column, &cell, false) ||
	       (cell.kind != VIEW_BYTES && text_match(f, column, &cell, true));
}

bool filter_match(struct filter *f, uint64_t row)
{
	unsigned i;

	if (!f->glob)
		return true;
	if (f->column < f->v->ncolumns)
		return column_match(f, row, f->column);
	for (i = 0; i < f->v->ncolumns; i++)
		if (f->v->columns[i].type == VIEW_TEXT && column_match(f, row, i))
			return true;
	return false;
}
