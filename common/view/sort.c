/* SPDX-License-Identifier: MIT */
/*
 * A stable merge sort of siblings. Rows are held as 8 bytes each: their index and the first 32
 * bits of what they sort by, numbers before texts; only when these are equal are cells compared.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/view/parts.h"

void sort_init(struct sort *s, const struct view *v, const void *ctx, const char *key)
{
	*s = (struct sort){ .v = v, .ctx = ctx, .column = v->ncolumns };
	if (!key)
		return;
	s->descending = key[0] == '-';
	s->column = view_column_find(v, key + s->descending, strlen(key + s->descending));
}

void sort_free(struct sort *s)
{
	buf_free(&s->scratch);
	buf_free(&s->held);
}

/* Bits that order as the number does; NaN comes last. */
static uint64_t number_key(double d)
{
	uint64_t bits;

	if (isnan(d))
		return UINT64_MAX;
	d += 0.0; /* -0 and 0 are equal */
	memcpy(&bits, &d, sizeof(bits));
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double cell_number(const struct view_cell *cell)
{
	switch (cell->kind) {
	case VIEW_INT: return (double)cell->i;
	case VIEW_DOUBLE: return cell->d;
	case VIEW_BOOLEAN: return cell->b;
	case VIEW_ROWS: return cell->rows.count;
	default: return 0;
	}
}

static uint32_t cell_key(const struct view_cell *cell)
{
	uint32_t key = 0;
	size_t i;

	if (cell->kind != VIEW_BYTES)
		return (uint32_t)(number_key(cell_number(cell)) >> 33);
	for (i = 0; i < 4; i++)
		key = key << 8 | (i < cell->bytes.n ? cell->bytes.p[i] : 0);
	return key >> 1 | UINT32_C(1) << 31;
}

static int compare_bytes(const struct buf *a, const struct view_cell *b)
{
	size_t n = a->len < b->bytes.n ? a->len : b->bytes.n;
	int order = n ? memcmp(a->data, b->bytes.p, n) : 0;

	return order ? order : (a->len > b->bytes.n) - (a->len < b->bytes.n);
}

/* Both cells are texts or both are not, since their keys are equal. */
static int compare_cells(struct sort *s, uint64_t a, uint64_t b)
{
	struct view_cell x, y;
	uint64_t m, n;

	cell_get(s->v, s->ctx, a, s->column, &x, &s->scratch);
	if (x.kind == VIEW_BYTES) {
		s->held.len = 0;
		buf_put(&s->held, x.bytes.p, x.bytes.n);
	}
	cell_get(s->v, s->ctx, b, s->column, &y, &s->scratch);
	if (x.kind == VIEW_BYTES && y.kind == VIEW_BYTES)
		return compare_bytes(&s->held, &y);
	if (x.kind == VIEW_INT && y.kind == VIEW_INT)
		return (x.i > y.i) - (x.i < y.i);
	m = number_key(cell_number(&x));
	n = number_key(cell_number(&y));
	return (m > n) - (m < n);
}

/* True when b must come before a, which stands before it now. */
static bool is_before(struct sort *s, uint64_t parent, const struct sort_item *b,
		      const struct sort_item *a)
{
	int order = (b->key > a->key) - (b->key < a->key);

	if (!order)
		order = compare_cells(s, s->v->child(s->ctx, parent, b->index),
				      s->v->child(s->ctx, parent, a->index));
	return s->descending ? order > 0 : order < 0;
}

/* Merges from[0...half) and from[half...n) into to. */
static void merge(struct sort *s, uint64_t parent, const struct sort_item *from, size_t half,
		  size_t n, struct sort_item *to)
{
	size_t a = 0, b = half, i;

	for (i = 0; i < n; i++) {
		bool second = a >= half || (b < n && is_before(s, parent, &from[b], &from[a]));

		to[i] = from[second ? b++ : a++];
	}
}

static void sort_items(struct sort *s, uint64_t parent, struct sort_item *items, size_t n,
		       struct sort_item *spare)
{
	size_t width, at;

	for (width = 1; width < n; width *= 2) {
		for (at = 0; at < n; at += 2 * width) {
			size_t left = n - at, length = left < 2 * width ? left : 2 * width;

			merge(s, parent, items + at, length < width ? length : width, length,
			      spare + at);
		}
		memcpy(items, spare, n * sizeof(*items));
	}
}

/*
 * Sorts the rows from first on, up to a heading or the end, which is returned. Rows with an empty
 * cell wait in spare and are put behind the others.
 */
static uint64_t sort_run(struct sort *s, uint64_t parent, uint64_t first, uint64_t count,
			 struct sort_item *items, struct sort_item *spare)
{
	size_t nfull = 0, nempty = 0;
	uint64_t i;

	for (i = first; i < count; i++) {
		uint64_t row = s->v->child(s->ctx, parent, i);
		struct sort_item item = { .index = (uint32_t)i };
		struct view_cell cell;

		s->held.len = 0;
		if (s->v->heading && s->v->heading(s->ctx, row, &s->held))
			break;
		cell_get(s->v, s->ctx, row, s->column, &cell, &s->scratch);
		if (cell.kind == VIEW_EMPTY) {
			spare[nempty++] = item;
			continue;
		}
		item.key = cell_key(&cell);
		items[first + nfull++] = item;
	}
	if (nempty)
		memcpy(items + first + nfull, spare, nempty * sizeof(*items));
	sort_items(s, parent, items + first, nfull, spare);
	return i;
}

struct sort_item *sort_children(struct sort *s, uint64_t parent, uint64_t count)
{
	struct sort_item *items, *spare;
	uint64_t i = 0;

	if (s->column >= s->v->ncolumns || count < 2)
		return NULL;
	if (count > UINT32_MAX || count > SIZE_MAX / sizeof(*items)) {
		s->failed = true;
		return NULL;
	}
	items = malloc((size_t)count * sizeof(*items));
	spare = malloc((size_t)count * sizeof(*spare));
	if (!items || !spare) {
		free(items);
		items = NULL;
		s->failed = true;
	}
	while (items && i < count) {
		i = sort_run(s, parent, i, count, items, spare);
		if (i < count) {
			items[i] = (struct sort_item){ .index = (uint32_t)i }; /* a heading */
			i++;
		}
	}
	free(spare);
	return items;
}
