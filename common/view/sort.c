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

/* Takes the next child in. True: it is a heading, which ends the run. */
static bool take_item(struct sorting *g)
{
	struct sort *s = g->sort;
	uint64_t row = s->v->child(s->ctx, g->parent, g->next);
	struct sort_item item = { .index = (uint32_t)g->next };
	struct view_cell cell;

	s->held.len = 0;
	if (s->v->heading && s->v->heading(s->ctx, row, &s->held))
		return true;
	cell_get(s->v, s->ctx, row, s->column, &cell, &s->scratch);
	g->next++;
	if (cell.kind == VIEW_EMPTY) {
		g->spare[g->nempty++] = item;
		return false;
	}
	item.key = cell_key(&cell);
	g->items[g->first + g->nfull++] = item;
	return false;
}

/* Rows with an empty cell waited in spare and are put behind the others. */
static void begin_merging(struct sorting *g)
{
	if (g->nempty)
		memcpy(g->items + g->first + g->nfull, g->spare, g->nempty * sizeof(*g->spare));
	g->width = 1;
	g->at = g->left = g->right = 0;
}

/*
 * Of two neighbours of width items each, merged into spare at the same place, the next item; left
 * and right of them are there already. False: all is merged.
 */
static bool merge_item(struct sorting *g)
{
	const struct sort_item *from = g->items + g->first + g->at;
	size_t rest = g->nfull - g->at;
	size_t half = rest < g->width ? rest : g->width;
	size_t n = rest < 2 * g->width ? rest : 2 * g->width;
	size_t done = g->left + g->right;

	if (g->width >= g->nfull)
		return false;
	if (done < n) {
		bool second =
			g->left >= half ||
			(half + g->right < n &&
			 is_before(g->sort, g->parent, &from[half + g->right], &from[g->left]));

		g->spare[g->at + done] = from[second ? half + g->right++ : g->left++];
		return true;
	}
	g->at += n;
	g->left = g->right = 0;
	if (g->at == g->nfull) {
		memcpy(g->items + g->first, g->spare, g->nfull * sizeof(*g->spare));
		g->width *= 2;
		g->at = 0;
	}
	return true;
}

/* A heading stays where it is. */
static void next_run(struct sorting *g)
{
	if (g->next < g->count) {
		g->items[g->next] = (struct sort_item){ .index = (uint32_t)g->next };
		g->next++;
	}
	g->first = g->next;
	g->nfull = g->nempty = g->width = 0;
}

bool sorting_begin(struct sorting *g, struct sort *s, uint64_t parent, uint64_t count)
{
	*g = (struct sorting){ .sort = s, .parent = parent, .count = count };
	if (s->column >= s->v->ncolumns || count < 2)
		return false;
	if (count <= UINT32_MAX && count <= SIZE_MAX / sizeof(*g->items)) {
		g->items = malloc((size_t)count * sizeof(*g->items));
		g->spare = malloc((size_t)count * sizeof(*g->spare));
	}
	if (g->items && g->spare)
		return true;
	free(sorting_end(g));
	s->failed = true;
	return false;
}

bool sorting_step(struct sorting *g, uint64_t items)
{
	while (items-- > 0 && g->first < g->count) {
		if (!g->width && (g->next == g->count || take_item(g)))
			begin_merging(g);
		else if (g->width && !merge_item(g))
			next_run(g);
	}
	return g->first < g->count;
}

struct sort_item *sorting_end(struct sorting *g)
{
	struct sort_item *items = g->items;

	free(g->spare);
	*g = (struct sorting){ 0 };
	return items;
}

struct sort_item *sort_children(struct sort *s, uint64_t parent, uint64_t count)
{
	struct sorting g;

	if (sorting_begin(&g, s, parent, count))
		while (sorting_step(&g, UINT64_MAX))
			continue;
	return sorting_end(&g);
}
