/* SPDX-License-Identifier: MIT */
/*
 * A report: one HTML file that needs nothing but itself. The page is built in the browser from
 * JSON, of which every block is one report; without JavaScript the plain tables are there.
 *
 * Bytes of files stand in it as tables print them (escape_text), so that nothing hidden is left in
 * them. A content security policy lets no script run but our own, and lets nothing be loaded.
 */
#ifndef VIEW_HTML_H
#define VIEW_HTML_H

#include <stdio.h>

#include "common/base/diag.h"
#include "common/view/view.h"

/* The page around reports. Its title is any bytes. ERR_MEMORY; write errors are left to f. */
enum err html_begin(FILE *f, const char *title, struct diag *diag);
void html_end(FILE *f);

/* Appends any bytes as tables print them, between tags. */
void html_text(struct buf *out, const uint8_t *p, size_t n);
/* Appends a JSON string for use inside <script>, of any bytes, as tables print them. */
void html_string(struct buf *out, const uint8_t *p, size_t n);

/* A plain table of the first rows of the top level, for <noscript>. ERR_MEMORY. */
enum err html_table(FILE *f, const struct view *v, const void *ctx, struct diag *diag);

/* Where a row leads to: the row of that id in another view, or all that have the row's text. */
struct html_link {
	const char *view; /* its name */
	uint64_t row;     /* VIEW_ROOT: those of one text */
};

/* What the view does not know itself. */
struct html_extra {
	const struct buf *heading; /* "heading": what it is the view of; NULL: all */
	bool (*follow)(void *arg, uint64_t row, struct html_link *to); /* NULL: nowhere */
	void *arg;
};

/*
 * A view as a JSON object: "name", "title", "help", "record", "columns" (name, title, type, flags,
 * help) and "rows", in the order of tables. A row is an array of cells: numbers, booleans and null
 * as they are; all other cells are indexes into "texts". A heading is the index of its text alone.
 * "ids", "levels" and "links" (view, id) have an item a row, and are there when they say anything.
 * ERR_MEMORY.
 */
enum err html_view(FILE *f, const struct view *v, const void *ctx, const struct html_extra *extra,
		   struct diag *diag);

#endif
