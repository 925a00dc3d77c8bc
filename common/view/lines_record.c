/* SPDX-License-Identifier: MIT */
/* Records as lines: "title  value", long values broken at blanks. */
#include <string.h>

#include "common/view/lines_parts.h"

enum { VALUE_MIN = 16, ROWS_MAX = 1000, VALUE_MAX = 65536 };

static void add_field(struct lines *l, uint64_t row, size_t start, bool heading)
{
	struct lines_field *f = vec_grow(&l->fields, &l->nfields, &l->fields_cap, sizeof(*f), 1);

	if (f)
		*f = (struct lines_field){ row, start, l->text.len - start, heading };
	else
		l->failed = true;
}

/* Bytes of text that make a line: up to the last blank that fits, or as many as fit. */
static size_t piece(const uint8_t *p, size_t n, size_t width)
{
	size_t fits = text_cut(p, n, width);

	if (fits == n)
		return n;
	for (size_t i = fits; i > fits / 2; i--)
		if (p[i] == ' ')
			return i;
	return fits ? fits : n;
}

static void add_value(struct lines *l, uint64_t row, const char *title, size_t indent)
{
	const uint8_t *value = l->cell.len ? l->cell.data : (const uint8_t *)"";
	size_t width = l->style.width > indent + VALUE_MIN ? l->style.width - indent : VALUE_MIN;
	size_t at = 0;

	if (!l->style.width)
		width = SIZE_MAX;
	do {
		size_t start = l->text.len;
		size_t n = piece(value + at, l->cell.len - at, width);

		buf_str(&l->text, at ? "" : title);
		line_blanks(&l->text,
			    indent - (at ? 0 : text_width((const uint8_t *)title, strlen(title))));
		buf_put(&l->text, value + at, n);
		add_field(l, row, start, false);
		at += n;
		while (at < l->cell.len && value[at] == ' ')
			at++;
	} while (at < l->cell.len);
}

static void add_row(struct lines *l, uint64_t row, size_t indent)
{
	for (unsigned i = 0; i < l->ncolumns; i++) {
		const struct view_column *column = &l->v->columns[l->columns[i]];
		struct view_cell cell;

		cell_get(l->v, l->ctx, row, l->columns[i], &cell, &l->scratch);
		if (cell.kind == VIEW_EMPTY)
			continue;
		if (cell.kind == VIEW_BYTES && cell.bytes.n > VALUE_MAX)
			cell.bytes.n = VALUE_MAX;
		l->cell.len = 0;
		output_cell_text(&l->cell, column, &cell, l->style.ascii);
		if (l->style.ascii)
			lines_ascii(&l->cell);
		add_value(l, row, column_title(column), indent);
	}
}

static void add_heading(struct lines *l, uint64_t row)
{
	size_t start = l->text.len;

	escape_text(&l->text, l->rows.heading.data, l->rows.heading.len);
	add_field(l, row, start, true);
}

void lines_make_fields(struct lines *l)
{
	size_t indent = titles_width(l->v, l->columns, l->ncolumns) + LINE_GAP;
	struct rows_row row;
	bool after_row = false;

	l->nfields = 0;
	l->text.len = 0;
	rows_init(&l->rows, l->v, l->ctx, &l->style, false);
	for (unsigned i = 0; i < ROWS_MAX && rows_next(&l->rows, &row); i++) {
		if (after_row)
			add_field(l, row.id, l->text.len, false);
		after_row = !row.heading;
		if (row.heading)
			add_heading(l, row.id);
		else
			add_row(l, row.id, indent);
	}
	l->failed |= rows_failed(&l->rows);
	rows_free(&l->rows);
	l->nlines = l->nfields;
	l->complete = true;
	l->fitted = true;
}
