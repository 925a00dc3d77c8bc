/* SPDX-License-Identifier: MIT */
#include "common/view/view.h"

#include <string.h>

void view_text(struct view_cell *c, const char *s)
{
	if (s && *s)
		view_bytes(c, s, strlen(s));
}

uint64_t view_nth(const void *ctx, uint64_t row, uint64_t i)
{
	(void)ctx;
	(void)row;
	return i;
}

uint64_t view_one(const void *ctx, uint64_t row)
{
	(void)ctx;
	return row == VIEW_ROOT;
}

static bool is_called(const char *text, const char *name, size_t n)
{
	return text && strlen(text) == n && memcmp(text, name, n) == 0;
}

unsigned view_column_find(const struct view *v, const char *name, size_t n)
{
	unsigned i;

	for (i = 0; i < v->ncolumns; i++)
		if (is_called(v->columns[i].name, name, n))
			return i;
	for (i = 0; i < v->ncolumns; i++)
		if (n && is_called(v->columns[i].title, name, n))
			return i;
	return v->ncolumns;
}
