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

unsigned view_column_find(const struct view *v, const char *name)
{
	unsigned i;

	for (i = 0; i < v->ncolumns; i++)
		if (!strcmp(v->columns[i].name, name))
			break;
	return i;
}
