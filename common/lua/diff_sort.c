/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "common/lua/diff_parts.h"

/* The biggest change first, then as they came. */

static int64_t change_of(const struct lua_diff_row *r)
{
	return r->size[1] - r->size[0];
}

static int by_change(const struct lua_diff_row *a, const struct lua_diff_row *b)
{
	int64_t x = change_of(a) < 0 ? -change_of(a) : change_of(a);
	int64_t y = change_of(b) < 0 ? -change_of(b) : change_of(b);

	return x > y ? -1 : x < y;
}

/* A merge sort, for qsort is not stable and gives no context. */
static void sort_rows(struct lua_diff_row *rows, size_t n, struct lua_diff_row *spare)
{
	size_t half = n / 2;
	size_t a = 0;
	size_t b = half;

	if (n < 2)
		return;
	sort_rows(rows, half, spare);
	sort_rows(rows + half, n - half, spare);
	for (size_t i = 0; i < n; i++) {
		bool second = a == half || (b < n && by_change(&rows[b], &rows[a]) < 0);

		spare[i] = rows[second ? b++ : a++];
	}
	memcpy(rows, spare, n * sizeof(*rows));
}

static void sort_kinds(struct lua_diff *d)
{
	for (unsigned i = 0; i < LUA_BYTE_KINDS; i++) {
		unsigned at = i;
		int64_t change = (int64_t)d->book[1]->layout.sum[i] - d->book[0]->layout.sum[i];

		for (; at; at--) {
			unsigned k = d->kinds[at - 1];
			int64_t other = (int64_t)d->book[1]->layout.sum[k] -
					d->book[0]->layout.sum[k];

			if (llabs(other) >= llabs(change))
				break;
			d->kinds[at] = d->kinds[at - 1];
		}
		d->kinds[at] = (uint8_t)i;
	}
}

bool diff_sort(struct lua_diff *d, uint32_t nmodules)
{
	struct lua_diff_row *spare = malloc(((size_t)d->nrows + 1) * sizeof(*spare));

	sort_kinds(d);
	d->top = malloc(((size_t)nmodules + 3) * sizeof(*d->top));
	if (!spare || !d->top) {
		free(spare);
		return false;
	}
	for (uint32_t i = 0; i < nmodules; i++)
		sort_rows(d->rows + d->rows[i].first, d->rows[i].count, spare);
	sort_rows(d->rows, (size_t)nmodules + 2, spare);
	for (uint32_t i = 0; i < nmodules + 2; i++)
		if (d->rows[i].status != DIFF_SAME)
			d->top[d->ntop++] = i;
	free(spare);
	return true;
}
