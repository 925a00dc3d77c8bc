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
	bool colour;	     /* table only */
	bool ascii;	     /* bars and tree lines without UTF-8 drawing characters */
	unsigned width;	     /* of the terminal; 0: do not cut */
	const char *columns; /* "name,size": these, in this order; "+hash": default ones and hash */
	const char *sort;    /* column; "-column": descending; siblings are sorted, trees stay */
	const char *filter;  /* glob, matched against any text cell; "column=glob": that one */
	const char *file;    /* not NULL: CSV, TSV and Markdown get a first column "file" */
	bool no_header;	     /* CSV, TSV: the header has been printed already */
	bool no_title;	     /* table: no title line above */
};

/*
 * Checks that the columns and the sort key named in style exist in v.
 * Otherwise ERR_KIND, and diag names the unknown one and lists those there are.
 */
enum err output_check(const struct view *v, const struct output_style *style, struct diag *diag);

/*
 * Writes v over ctx. JSON: an array of objects in one line, without newline. ERR_MEMORY, or as
 * output_check says; write errors are left to the stream (ferror).
 */
enum err output_view(FILE *f, const struct view *v, const void *ctx,
		     const struct output_style *style, struct diag *diag);

/* JSON pieces for documents that consist of several views; no newline, no separators. */
void output_json_row(struct buf *out, const struct view *v, const void *ctx, uint64_t row);
void output_json_rows(struct buf *out, const struct view *v, const void *ctx);

/* Help on a view's columns, a line each: "  name        text    what it is". */
void output_columns_help(FILE *f, const struct view *v);

#endif
