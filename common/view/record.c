/* SPDX-License-Identifier: MIT */
/*
 * Text of views with few rows and many columns: a line for each cell that is not empty.
 */
#include <string.h>

#include "common/view/parts.h"

#define VALUE_MIN 8 /* columns left to a cut text */

static void value_line(struct printing *p, const struct view_column *column, const struct buf *text,
		       size_t indent)
{
	size_t start = p->out.len, width = p->style->width;
	bool elastic = width && column->flags & VIEW_ELASTIC;

	buf_str(&p->out, column_title(column));
	line_blanks(&p->out, indent - column_title_width(column));
	width = width > indent + VALUE_MIN ? width - indent : VALUE_MIN;
	line_fit(&p->out, text, width, elastic, p->style->ascii);
	line_end(p, start);
}

static void print_row(struct printing *p, uint64_t row, size_t indent, struct buf *text)
{
	unsigned i;

	for (i = 0; i < p->ncolumns; i++) {
		const struct view_column *column = &p->v->columns[p->columns[i]];
		struct view_cell cell;

		cell_get(p->v, p->ctx, row, p->columns[i], &cell, &p->scratch);
		if (cell.kind == VIEW_EMPTY)
			continue;
		text->len = 0;
		output_cell_text(text, column, &cell, p->style->ascii);
		value_line(p, column, text, indent);
	}
}

void record_print(struct printing *p)
{
	size_t indent = titles_width(p->v, p->columns, p->ncolumns) + LINE_GAP;
	struct buf text = { 0 };
	struct rows_row row;
	bool after_row = false;

	if (!p->style->no_title && p->v->title)
		line_bold(p, (const uint8_t *)p->v->title, strlen(p->v->title));
	while (rows_next(&p->rows, &row)) {
		buf_str(&p->out, after_row ? "\n" : "");
		after_row = !row.heading;
		if (row.heading)
			line_bold(p, p->rows.heading.data, p->rows.heading.len);
		else
			print_row(p, row.id, indent, &text);
	}
	p->out.failed |= text.failed;
	buf_free(&text);
}
