/* SPDX-License-Identifier: MIT */
#include "common/view/view.h"

#include <string.h>

unsigned view_column_find(const struct view *v, const char *name)
{
	unsigned i;

	for (i = 0; i < v->ncolumns; i++)
		if (!strcmp(v->columns[i].name, name))
			break;
	return i;
}
