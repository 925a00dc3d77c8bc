/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with a file, as the rows of a view: what stopped its reading, then the notes.
 */
#ifndef VIEW_DAMAGE_H
#define VIEW_DAMAGE_H

#include "common/base/diag.h"
#include "common/view/view.h"

struct damage {
	const struct diag *first; /* NULL or an empty one: nothing stopped it */
	const struct diag *notes; /* as many as are kept */
	uint32_t count;
};

enum { DAMAGE_COLUMNS = 3 };
extern const struct view_column damage_columns[DAMAGE_COLUMNS];

/* For a view's .count and .cell; its rows are their numbers (view_nth). */
uint64_t damage_count(const struct damage *d, uint64_t row);
void damage_cell(const struct damage *d, uint64_t row, unsigned column, struct view_cell *c);

#endif
