/* SPDX-License-Identifier: MIT */
/*
 * Aligned text. All rows are walked twice: once to measure the columns, once to print.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/view/parts.h"

#define ELASTIC_MIN 8     /* columns left to a cut text */
#define ALIGN_MAX   160   /* longer cells push the rest of their line; others need not follow */
#define LONG_CELL   16384 /* bytes of a text that is wide for sure */
#define TREE_MAX    64    /* levels drawn */

struct table {
	struct printing *p;
	size_t *widths;         /* by place in p->columns */
	uint64_t shown, hidden; /* rows of the top level, by style->limit */
	struct buf cell;
};

static const struct view_column *column_at(const struct table *t, unsigned i)
{
	return &t->p->v->columns[t->p->columns[i]];
}

/* The lines that lead to a row: one piece for every row above it, one for itself. */
static void tree_lines(struct table *t)
{
	const struct buf *last = &t->p->rows.last;
	size_t first = last->len > TREE_MAX ? last->len - TREE_MAX : 1;
	size_t i;

	for (i = first; i < last->len; i++)
		line_tree(&t->cell, i + 1 == last->len, last->data[i], t->p->style->ascii);
}

/* Wider than any column is made, whatever it holds. */
static bool is_long(const struct view_cell *cell)
{
	return cell->kind == VIEW_BYTES && cell->bytes.n > LONG_CELL;
}

static bool is_elastic(const struct table *t, unsigned i)
{
	return t->p->style->width && column_at(t, i)->flags & VIEW_ELASTIC;
}

/* Fills t->cell; of a long text only so much that it is seen to be one. */
static void fill_cell(struct table *t, unsigned i, struct view_cell *cell)
{
	t->cell.len = 0;
	if (is_long(cell))
		cell->bytes.n = LONG_CELL;
	if (column_at(t, i)->flags & VIEW_TREE)
		tree_lines(t);
	output_cell_text(&t->cell, column_at(t, i), cell, t->p->style->ascii);
}

static void get_cell(struct table *t, uint64_t row, unsigned i)
{
	struct view_cell cell;

	cell_get(t->p->v, t->p->ctx, row, t->p->columns[i], &cell, &t->p->scratch);
	fill_cell(t, i, &cell);
}

/* The next row within the limit; those of the top level beyond it are counted. */
static bool next_row(struct table *t, struct rows_row *row)
{
	while (rows_next(&t->p->rows, row)) {
		if (row->level == 0 && t->p->style->limit && t->shown >= t->p->style->limit)
			t->hidden++;
		else if (row->level == 0)
			t->shown++;
		if (!t->hidden)
			return true;
	}
	return false;
}

static void rewind_rows(struct table *t)
{
	t->shown = t->hidden = 0;
	rows_rewind(&t->p->rows);
}

/* Of the columns that are there only for their cells, those without any go. */
static void drop_empty(struct table *t)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < t->p->ncolumns; i++) {
		if (column_at(t, i)->flags & VIEW_IF_ANY && !t->widths[i])
			continue;
		t->widths[kept] = t->widths[i];
		t->p->columns[kept++] = t->p->columns[i];
	}
	t->p->ncolumns = kept;
	for (unsigned i = 0; i < kept; i++) {
		size_t width = column_title_width(column_at(t, i));

		if (width > t->widths[i])
			t->widths[i] = width;
	}
}

/* The last column's width matters only where it is cut, aligned to the right, or may be zero. */
static unsigned columns_to_measure(const struct table *t)
{
	unsigned n = t->p->ncolumns;

	if (t->p->style->width || !n || column_is_right(column_at(t, n - 1)) ||
	    column_at(t, n - 1)->flags & VIEW_IF_ANY)
		return n;
	return n - 1;
}

static void measure(struct table *t)
{
	unsigned measured = columns_to_measure(t);
	struct rows_row row;
	unsigned i;

	while (next_row(t, &row)) {
		for (i = 0; !row.heading && i < measured; i++) {
			size_t width;

			get_cell(t, row.id, i);
			width = text_width(t->cell.data, t->cell.len);
			if (width > t->widths[i])
				t->widths[i] = width;
		}
	}
	rewind_rows(t);
}

/* Width of the line if no elastic column were wider than limit. */
static size_t line_width(const struct table *t, size_t limit)
{
	size_t sum = 0;
	unsigned i;

	for (i = 0; i < t->p->ncolumns; i++) {
		bool cut = column_at(t, i)->flags & VIEW_ELASTIC && t->widths[i] > limit;

		sum += (cut ? limit : t->widths[i]) + (i ? LINE_GAP : 0);
	}
	return sum;
}

/* Cuts elastic columns to what the terminal has room for, the widest first. */
static void fit(struct table *t)
{
	size_t width = t->p->style->width, limit;
	unsigned i;

	for (limit = width; limit > ELASTIC_MIN && line_width(t, limit) > width;)
		limit--;
	for (i = 0; i < t->p->ncolumns; i++) {
		bool elastic = is_elastic(t, i);

		if (elastic && t->widths[i] > limit)
			t->widths[i] = limit;
		else if (!elastic && t->widths[i] > ALIGN_MAX)
			t->widths[i] = ALIGN_MAX;
	}
}

/* Appends t->cell to the line as column i. */
static void put_cell(struct table *t, unsigned i)
{
	const struct view_column *column = column_at(t, i);
	const struct output_style *style = t->p->style;
	struct buf *out = &t->p->out;
	bool elastic = is_elastic(t, i);
	bool right = column_is_right(column);
	size_t width = 0;

	if (right)
		width = text_width(t->cell.data, t->cell.len);
	if (right && width < t->widths[i])
		line_blanks(out, t->widths[i] - width);
	width = line_fit(out, &t->cell, t->widths[i], elastic, style->ascii);
	if (i + 1 == t->p->ncolumns)
		return;
	line_blanks(out, (!right && width < t->widths[i] ? t->widths[i] - width : 0) + LINE_GAP);
}

static void header_line(struct table *t)
{
	size_t start = t->p->out.len;
	unsigned i;

	for (i = 0; i < t->p->ncolumns; i++) {
		t->cell.len = 0;
		buf_str(&t->cell, column_title(column_at(t, i)));
		put_cell(t, i);
	}
	line_end(t->p, start);
}

/* A text that is not cut may be as long as a file: it does not wait for its end. */
static void stream_cell(struct table *t, unsigned i, const struct view_cell *cell)
{
	const struct cell_style style = { .ascii = t->p->style->ascii, .escape = escape_text_to };
	struct sink to = { .out = &t->p->out, .f = t->p->f };

	t->cell.len = 0;
	if (column_at(t, i)->flags & VIEW_TREE)
		tree_lines(t);
	buf_put(to.out, t->cell.data, t->cell.len);
	cell_text(&to, column_at(t, i), cell, &style);
	if (i + 1 < t->p->ncolumns)
		line_blanks(&t->p->out, LINE_GAP);
}

static void row_line(struct table *t, uint64_t row)
{
	size_t start = t->p->out.len;
	struct view_cell cell;
	unsigned i;

	for (i = 0; i < t->p->ncolumns; i++) {
		cell_get(t->p->v, t->p->ctx, row, t->p->columns[i], &cell, &t->p->scratch);
		if (is_long(&cell) && !is_elastic(t, i)) {
			stream_cell(t, i, &cell);
			continue;
		}
		fill_cell(t, i, &cell);
		put_cell(t, i);
	}
	line_end(t->p, start);
}

static void detail_lines(struct table *t, uint64_t row)
{
	const struct view *v = t->p->v;
	uint64_t line = 0;

	t->cell.len = 0;
	while (v->detail && v->detail(t->p->ctx, row, line++, DETAIL_BYTES, &t->cell)) {
		size_t start = t->p->out.len;

		line_blanks(&t->p->out, LINE_DETAIL);
		escape_text_to(&(struct sink){ .out = &t->p->out }, t->cell.data, t->cell.len,
			       true);
		line_end(t->p, start);
		t->cell.len = 0;
	}
}

static void print_rows(struct table *t)
{
	bool after_row = false;
	struct rows_row row;

	while (next_row(t, &row)) {
		if (!row.heading) {
			row_line(t, row.id);
			detail_lines(t, row.id);
		} else {
			buf_str(&t->p->out, after_row ? "\n" : "");
			line_bold(t->p, t->p->rows.heading.data, t->p->rows.heading.len);
		}
		after_row = !row.heading;
	}
	if (t->hidden)
		buf_printf(&t->p->out, "... and %" PRIu64 " more\n", t->hidden);
}

void table_print(struct printing *p)
{
	struct table t = { .p = p };

	t.widths = calloc(p->ncolumns + 1, sizeof(*t.widths));
	if (!t.widths) {
		p->out.failed = true;
		return;
	}
	measure(&t);
	drop_empty(&t);
	fit(&t);
	if (!p->style->no_title && p->v->title)
		line_bold(p, (const uint8_t *)p->v->title, strlen(p->v->title));
	header_line(&t);
	print_rows(&t);
	if (!t.shown)
		buf_str(&p->out, "(none)\n");
	p->out.failed |= t.cell.failed;
	free(t.widths);
	buf_free(&t.cell);
}
