/* SPDX-License-Identifier: MIT */
/*
 * Writing views: aligned text, JSON, CSV, TSV, Markdown, from the same description.
 */
#ifndef VIEW_OUTPUT_H
#define VIEW_OUTPUT_H

#include <stdio.h>

#include "common/base/diag.h"
#include "common/view/view.h"

enum output_form { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_CSV, OUTPUT_TSV, OUTPUT_MARKDOWN };

/* How to write; zero is plain text with the view's defaults. */
struct output_style {
	enum output_form form;
	bool colour;         /* table only */
	bool ascii;          /* bars and tree lines without UTF-8 drawing characters */
	unsigned width;      /* of the terminal; 0: do not cut */
	unsigned height;     /* of the terminal, for who chooses what to print; 0: no terminal */
	const char *columns; /* "name,size": these, in this order; "+hash": default ones and hash */
	const char *sort;    /* column; "-column": descending; siblings are sorted, trees stay */
	/*
	 * Glob for a whole text cell, as printed; "column=glob": for that column's, of any type.
	 * Tables keep the rows and headings above a match, the other forms matches alone.
	 */
	const char *filter;
	const char *file; /* not NULL: CSV, TSV and Markdown get a first column "file" */
	unsigned limit; /* table: rows shown at the top level; "... and 38 more" follows; 0: all */
	bool no_header; /* CSV, TSV, Markdown: the header has been printed already */
	bool no_title;  /* table: no title line above */
};

/*
 * Checks that the columns and the sort key named in style exist in v.
 * Otherwise ERR_KIND, and diag names the unknown one and lists those there are.
 */
enum err output_check(const struct view *v, const struct output_style *style, struct diag *diag);

/*
 * Writes v over ctx. JSON: an array of objects in one line, without newline. Lines of all other
 * forms, CSV too, end with \n. Trees are flattened but in tables. VIEW_HIDDEN columns are left out
 * of tables and Markdown, VIEW_JSON_ONLY ones of all but JSON. Memory does not grow with the rows,
 * but for 16 bytes a row while they are sorted and one while a table is filtered. ERR_MEMORY, or as
 * output_check says; write errors are left to the stream (ferror).
 */
enum err output_view(FILE *f, const struct view *v, const void *ctx,
		     const struct output_style *style, struct diag *diag);

/*
 * A row as a JSON object, for documents that consist of several views; no newline, no separators.
 * A failed allocation is seen in out.
 */
void output_json_row(struct buf *out, const struct view *v, const void *ctx, uint64_t row);

/* Appends a cell as tables print it, escaped; nothing for an empty one. ascii: bars of #. */
void output_cell_text(struct buf *out, const struct view_column *column,
		      const struct view_cell *cell, bool ascii);

/* Help on a view's columns, a line each: "  name        text    what it is". */
void output_columns_help(FILE *f, const struct view *v);

#endif
