/* SPDX-License-Identifier: MIT */
/*
 * CSV (RFC 4180, lines end with \n) and TSV. Neither has raw line ends or tabs within a field.
 */
#include <string.h>

#include "common/view/parts.h"

static void header_line(struct printing *p, char separator, bool csv)
{
	unsigned i;

	if (p->style->file)
		buf_str(&p->out, "file");
	for (i = 0; i < p->ncolumns; i++) {
		const char *name = p->v->columns[p->columns[i]].name;

		if (i || p->style->file)
			buf_byte(&p->out, (uint8_t)separator);
		(csv ? escape_csv : escape_text)(&p->out, (const uint8_t *)name, strlen(name));
	}
	buf_byte(&p->out, '\n');
}

static void row_line(struct printing *p, uint64_t row, char separator,
		     const struct cell_style *style)
{
	struct sink to = { .out = &p->out, .f = p->f };
	const char *file = p->style->file;
	bool empty = true;
	struct view_cell cell;
	unsigned i;

	if (file)
		style->escape(&to, (const uint8_t *)file, strlen(file), false);
	for (i = 0; i < p->ncolumns; i++) {
		if (i || file)
			buf_byte(&p->out, (uint8_t)separator);
		cell_get(p->v, p->ctx, row, p->columns[i], &cell, &p->scratch);
		empty &= cell.kind == VIEW_EMPTY || (cell.kind == VIEW_BYTES && !cell.bytes.n);
		cell_text(&to, &p->v->columns[p->columns[i]], &cell, style);
	}
	if (separator == ',' && empty && !file && p->ncolumns < 2)
		buf_str(&p->out, "\"\""); /* an empty line would not be a record */
	buf_byte(&p->out, '\n');
}

void delimited_print(struct printing *p)
{
	bool csv = p->style->form == OUTPUT_CSV;
	const struct cell_style style = { .data = true,
					  .escape = csv ? escape_csv_to : escape_text_to };
	char separator = csv ? ',' : '\t';
	struct rows_row row;

	if (!p->style->no_header)
		header_line(p, separator, csv);
	while (rows_next(&p->rows, &row)) {
		row_line(p, row.id, separator, &style);
		drain(p->f, &p->out, DRAIN_SIZE);
	}
}
