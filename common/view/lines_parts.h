/* SPDX-License-Identifier: MIT */
/*
 * Inside of struct lines; private to common/view.
 */
#ifndef VIEW_LINES_PARTS_H
#define VIEW_LINES_PARTS_H

#include "common/view/lines.h"
#include "common/view/parts.h"

/* A row walked over. */
struct lines_entry {
	uint64_t row, first; /* its first line */
	uint64_t tree;
	uint32_t depth;
	bool heading, blank; /* a blank line stands before it */
};

/* A line of a record, made beforehand: there are few. */
struct lines_field {
	uint64_t row;
	size_t text, len; /* in lines.text */
	bool heading;
};

struct lines {
	const struct view *v;
	const void *ctx;
	struct output_style style;
	unsigned *columns, ncolumns;
	size_t *natural, *shown;        /* widths by place in columns: as seen, as they fit */
	uint64_t filled, seen, dropped; /* columns, as bits by place: lines_look, fit */
	bool fitted;
	bool direct; /* line i is the row that is child i, or is sorted to there, and that is all */
	bool unsorted; /* order is still in the making */
	bool complete; /* all rows were walked over */
	bool failed;   /* no memory */
	bool after_row;
	uint64_t nlines; /* so far */
	unsigned bytes;  /* on a line of details */
	struct sort sort;
	struct sorting sorting;
	struct sort_item *order; /* NULL: as they are */
	struct rows rows;
	struct lines_entry *entries;
	uint32_t count, cap;
	struct lines_field *fields;
	uint32_t nfields, fields_cap;
	struct buf text, scratch, cell;
};

/* Makes the lines of a record anew. */
void lines_make_fields(struct lines *l);

#endif
