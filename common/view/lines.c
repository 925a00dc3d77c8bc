/* SPDX-License-Identifier: MIT */
/* Which line is what: an entry for each row walked over so far. */
#include "common/view/lines.h"

#include <stdlib.h>

#include "common/view/lens.h"
#include "common/view/lines_parts.h"

enum {
	MEASURED = 400,  /* lines looked at before the first is shown */
	SORT_STEPS = 40, /* take as long as walking over one row */
};

/* Lines below a row: doubled until there is none, then halved. */
static uint64_t count_details(struct lines *l, uint64_t row)
{
	uint64_t have = 0; /* so many are there */
	uint64_t end = 1;  /* line end - 1 is not known yet */

	while (end < UINT32_MAX &&
	       (l->cell.len = 0, l->v->detail(l->ctx, row, end - 1, l->bytes, &l->cell))) {
		have = end;
		end *= 2;
	}
	end--;
	while (have < end) {
		uint64_t middle = have + (end - have) / 2;

		l->cell.len = 0;
		if (l->v->detail(l->ctx, row, middle, l->bytes, &l->cell))
			have = middle + 1;
		else
			end = middle;
	}
	return have;
}

/* Of the rows above and the row itself: is it the last of its siblings? The lowest 64 levels. */
static uint64_t tree_bits(const struct buf *last)
{
	uint64_t bits = 0;

	for (size_t i = last->len > 64 ? last->len - 64 : 0; i < last->len; i++)
		bits = bits << 1 | last->data[i];
	return bits;
}

static void add_entry(struct lines *l, const struct rows_row *row)
{
	struct lines_entry *e = vec_grow(&l->entries, &l->count, &l->cap, sizeof(*e), 1);

	if (!e) {
		l->complete = l->failed = true;
		return;
	}
	*e = (struct lines_entry){ .row = row->id, .first = l->nlines, .depth = row->depth };
	e->heading = row->heading;
	e->blank = row->heading && l->after_row;
	e->tree = row->heading ? 0 : tree_bits(&l->rows.last);
	l->after_row = !row->heading;
	l->nlines += 1u + e->blank;
	if (l->v->detail && !row->heading)
		l->nlines += count_details(l, row->id);
}

/* Walks until line i is known, or all are. */
static void extend(struct lines *l, uint64_t i)
{
	struct rows_row row;

	while (!l->complete && l->nlines <= i) {
		if (rows_next(&l->rows, &row))
			add_entry(l, &row);
		else
			l->complete = true;
	}
}

static const struct lines_entry *entry_of(const struct lines *l, uint64_t i)
{
	uint32_t from = 0;
	uint32_t to = l->count;

	while (to - from > 1) {
		uint32_t middle = from + (to - from) / 2;

		if (l->entries[middle].first <= i)
			from = middle;
		else
			to = middle;
	}
	return &l->entries[from];
}

static uint64_t direct_row(const struct lines *l, uint64_t i)
{
	return l->v->child(l->ctx, VIEW_ROOT, l->order ? l->order[i].index : i);
}

/* Looks at the first lines, so that columns do not move while those are read. */
static void measure(struct lines *l)
{
	struct lines_line line;

	for (uint64_t i = 0; i < MEASURED && lines_at(l, i, &line); i++)
		lines_measure(l, &line);
}

static void sort_some(struct lines *l, uint64_t steps)
{
	if (sorting_step(&l->sorting, steps))
		return;
	l->unsorted = false;
	l->order = sorting_end(&l->sorting);
	measure(l);
}

bool lines_at(struct lines *l, uint64_t i, struct lines_line *out)
{
	const struct lines_entry *e;

	*out = (struct lines_line){ .row = VIEW_ROOT };
	if (l->unsorted)
		sort_some(l, UINT64_MAX);
	extend(l, i);
	if (i >= l->nlines)
		return false;
	if (l->v->record) {
		out->kind = l->fields[i].heading ? LINES_HEADING
			    : l->fields[i].len   ? LINES_FIELD
						 : LINES_BLANK;
		out->row = l->fields[i].row;
		out->part = i;
		return true;
	}
	if (l->direct) {
		out->row = direct_row(l, i);
		return true;
	}
	e = entry_of(l, i);
	*out = (struct lines_line){ .row = e->row, .tree = e->tree, .depth = e->depth };
	if (e->heading)
		out->kind = e->blank && i == e->first ? LINES_BLANK : LINES_HEADING;
	else if (i > e->first) {
		out->kind = LINES_DETAIL;
		out->part = i - e->first - 1;
	}
	return true;
}

uint64_t lines_count(struct lines *l)
{
	extend(l, UINT64_MAX - 1);
	return l->nlines;
}

bool lines_more(struct lines *l, unsigned rows)
{
	if (l->unsorted)
		sort_some(l, (uint64_t)rows * SORT_STEPS);
	for (unsigned i = 0; i < rows && !l->complete; i++)
		extend(l, l->nlines);
	return l->unsorted || !l->complete;
}

uint64_t lines_known(const struct lines *l)
{
	return l->nlines;
}

bool lines_failed(const struct lines *l)
{
	return l->failed || l->text.failed || l->scratch.failed || l->cell.failed ||
	       l->sort.failed || l->sort.scratch.failed || l->sort.held.failed ||
	       rows_failed(&l->rows);
}

static uint64_t find_field(const struct lines *l, uint64_t row)
{
	for (uint64_t i = 0; i < l->nlines; i++)
		if (l->fields[i].row == row)
			return i;
	return UINT64_MAX;
}

static uint64_t find_direct(const struct lines *l, uint64_t row)
{
	for (uint64_t i = 0; i < l->nlines; i++)
		if (direct_row(l, i) == row)
			return i;
	return UINT64_MAX;
}

uint64_t lines_find(struct lines *l, uint64_t row)
{
	if (l->v->record)
		return find_field(l, row);
	if (l->unsorted)
		sort_some(l, UINT64_MAX);
	if (l->direct)
		return find_direct(l, row);
	for (uint32_t i = 0;; i++) {
		if (i == l->count)
			extend(l, l->nlines);
		if (i >= l->count)
			return UINT64_MAX;
		if (l->entries[i].row == row)
			return l->entries[i].first + l->entries[i].blank;
	}
}

static bool choose_columns(struct lines *l)
{
	struct diag diag = { 0 };

	if (columns_select(l->v, &l->style, &diag, &l->columns, &l->ncolumns))
		return false;
	l->natural = calloc(l->ncolumns + 1, sizeof(*l->natural));
	l->shown = calloc(l->ncolumns + 1, sizeof(*l->shown));
	return l->natural && l->shown;
}

static void begin(struct lines *l)
{
	l->direct = lens_is_flat(l->v, l->ctx) && !l->v->detail && !l->v->heading;
	if (l->direct) {
		l->nlines = l->v->count(l->ctx, VIEW_ROOT);
		l->complete = true;
		sort_init(&l->sort, l->v, l->ctx, l->style.sort ? l->style.sort : l->v->sort);
		l->unsorted = sorting_begin(&l->sorting, &l->sort, VIEW_ROOT, l->nlines);
	} else {
		rows_init(&l->rows, l->v, l->ctx, &l->style, false);
	}
	if (!l->unsorted)
		measure(l);
}

/* "00000420  00 00 00 00 04 40 00 00  .....@.." and its indent: so many bytes on a line. */
static unsigned bytes_that_fit(unsigned width)
{
	unsigned n = DETAIL_BYTES;

	while (width && n > 4 && LINE_DETAIL + 11 + n * 4 + (n - 1) / 8 > width)
		n /= 2;
	return n;
}

struct lines *lines_open(const struct view *v, const void *ctx, const struct output_style *style)
{
	struct lines *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->v = v;
	l->ctx = ctx;
	l->style = *style;
	l->style.form = OUTPUT_TABLE;
	l->style.filter = NULL;
	l->filled = UINT64_MAX;
	l->bytes = bytes_that_fit(style->width);
	if (!choose_columns(l)) {
		lines_close(l);
		return NULL;
	}
	if (v->record)
		lines_make_fields(l);
	else
		begin(l);
	return l;
}

/* Walks anew, with other lines below the rows; keep stays at the same bytes. */
static void renumber(struct lines *l, unsigned bytes, uint64_t *keep)
{
	struct lines_line at;
	bool there = lines_at(l, *keep, &at);
	unsigned before = l->bytes;
	uint64_t line;

	rows_free(&l->rows);
	rows_init(&l->rows, l->v, l->ctx, &l->style, false);
	l->bytes = bytes;
	l->count = 0;
	l->nlines = 0;
	l->complete = l->after_row = false;
	line = there ? lines_find(l, at.row) : UINT64_MAX;
	if (line == UINT64_MAX)
		return;
	*keep = line + (at.kind == LINES_DETAIL ? 1 + at.part * before / bytes : 0);
}

void lines_fit(struct lines *l, unsigned width, uint64_t *keep)
{
	unsigned bytes = width ? bytes_that_fit(width) : l->bytes;

	if (l->style.width == width)
		return;
	l->style.width = width;
	if (l->v->detail && bytes != l->bytes)
		renumber(l, bytes, keep);
	if (l->v->record)
		lines_make_fields(l);
	l->fitted = false;
}

void lines_close(struct lines *l)
{
	if (!l)
		return;
	if (!l->direct && !l->v->record && l->rows.v)
		rows_free(&l->rows);
	sort_free(&l->sort);
	free(sorting_end(&l->sorting));
	free(l->order);
	free(l->entries);
	free(l->columns);
	free(l->natural);
	free(l->shown);
	free(l->fields);
	buf_free(&l->text);
	buf_free(&l->scratch);
	buf_free(&l->cell);
	free(l);
}
