/* SPDX-License-Identifier: MIT */
#include "common/view/output.h"

#include <stdlib.h>

#include "common/view/parts.h"

void drain(FILE *f, struct buf *out, size_t size)
{
	if (out->len < size)
		return;
	if (out->len)
		fwrite(out->data, 1, out->len, f);
	out->len = 0;
}

static void print(struct printing *p)
{
	switch (p->style->form) {
	case OUTPUT_TABLE: (p->v->record ? record_print : table_print)(p); break;
	case OUTPUT_JSON: json_print(p); break;
	case OUTPUT_CSV:
	case OUTPUT_TSV: delimited_print(p); break;
	case OUTPUT_MARKDOWN: markdown_print(p); break;
	}
}

enum err output_view(FILE *f, const struct view *v, const void *ctx,
		     const struct output_style *style, struct diag *diag)
{
	struct printing p = { .f = f, .v = v, .ctx = ctx, .style = style };
	enum err err = output_check(v, style, diag);

	if (!err)
		err = columns_select(v, style, diag, &p.columns, &p.ncolumns);
	if (err)
		return err;
	rows_init(&p.rows, v, ctx, style, style->form != OUTPUT_TABLE);
	if (!p.rows.failed)
		print(&p);
	drain(f, &p.out, 0);
	if (rows_failed(&p.rows) || p.out.failed || p.scratch.failed)
		err = diag_fail(diag, ERR_MEMORY, "out of memory");
	rows_free(&p.rows);
	free(p.columns);
	buf_free(&p.out);
	buf_free(&p.scratch);
	return err;
}
