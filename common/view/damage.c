/* SPDX-License-Identifier: MIT */
#include "common/view/damage.h"

#include <string.h>

enum { D_OFFSET, D_FIELD, D_TEXT };

const struct view_column damage_columns[DAMAGE_COLUMNS] = {
	[D_OFFSET] = { "offset", "offset", VIEW_HEX, 0, "byte offset of the guilty field" },
	[D_FIELD] = { "field", "field", VIEW_TEXT, 0, "its path" },
	[D_TEXT] = { "problem", "problem", VIEW_TEXT, VIEW_ELASTIC, "what is wrong" },
};

static bool has_first(const struct damage *d)
{
	return d->first && d->first->code;
}

uint64_t damage_count(const struct damage *d, uint64_t row)
{
	return row == VIEW_ROOT ? (uint64_t)d->count + has_first(d) : 0;
}

void damage_cell(const struct damage *d, uint64_t row, unsigned column, struct view_cell *c)
{
	const struct diag *diag = has_first(d) && row == 0 ? d->first
							   : &d->notes[row - has_first(d)];

	if (column == D_OFFSET && diag->placed)
		view_int(c, (int64_t)diag->off);
	else if (column == D_FIELD)
		view_bytes(c, diag->path, strlen(diag->path));
	else if (column == D_TEXT)
		view_text(c, diag->text);
}
