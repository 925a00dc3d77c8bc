/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/view/parts.h"

static void put_title(struct buf *out, const char *title)
{
	buf_str(out, " ");
	escape_markdown(out, (const uint8_t *)title, strlen(title));
	buf_str(out, " |");
}

static void header_lines(struct printing *p)
{
	const struct view_column *c;
	unsigned i;

	buf_byte(&p->out, '|');
	if (p->style->file)
		put_title(&p->out, "file");
	for (i = 0; i < p->ncolumns; i++) {
		c = &p->v->columns[p->columns[i]];
		put_title(&p->out, column_title(c));
	}
	buf_str(&p->out, p->style->file ? "\n| --- |" : "\n|");
	for (i = 0; i < p->ncolumns; i++)
		buf_str(&p->out,
			column_is_right(&p->v->columns[p->columns[i]]) ? " ---: |" : " --- |");
	buf_byte(&p->out, '\n');
}

void markdown_print(struct printing *p)
{
	const struct cell_style style = { .ascii = p->style->ascii, .escape = escape_markdown_to };
	struct sink to = { .out = &p->out, .f = p->f };
	const char *file = p->style->file;
	struct view_cell cell;
	struct rows_row row;
	unsigned i;

	if (!p->style->no_header)
		header_lines(p);
	while (rows_next(&p->rows, &row)) {
		buf_byte(&p->out, '|');
		if (file)
			put_title(&p->out, file);
		for (i = 0; i < p->ncolumns; i++) {
			buf_byte(&p->out, ' ');
			cell_get(p->v, p->ctx, row.id, p->columns[i], &cell, &p->scratch);
			cell_text(&to, &p->v->columns[p->columns[i]], &cell, &style);
			buf_str(&p->out, " |");
		}
		buf_byte(&p->out, '\n');
		drain(p->f, &p->out, DRAIN_SIZE);
	}
}
