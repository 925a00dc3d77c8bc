/* SPDX-License-Identifier: MIT */
/*
 * A view as numbered lines, each formatted when it is asked for: for who shows a part of it at a
 * time. Lines are those that output_view prints as a table, but for these: columns are as wide as
 * what was seen so far needs, values of records are broken into lines, and dumps have as many bytes
 * on a line as fit.
 */
#ifndef VIEW_LINES_H
#define VIEW_LINES_H

#include "common/view/output.h"

enum lines_kind { LINES_ROW, LINES_HEADING, LINES_DETAIL, LINES_FIELD, LINES_BLANK };

struct lines_line {
	enum lines_kind kind;
	uint64_t row;  /* the row, or the one above; VIEW_ROOT: none */
	uint64_t part; /* LINES_DETAIL: line below the row; LINES_FIELD: of all such lines */
	uint64_t tree; /* what is drawn before a row of a tree */
	uint32_t depth;
};

struct lines;

/*
 * style: ascii, columns, sort and width count; ascii: all characters are. v and ctx must live as
 * long. NULL: no memory.
 */
struct lines *lines_open(const struct view *v, const void *ctx, const struct output_style *style);
void lines_close(struct lines *l);

/*
 * Another width to fit into: texts are cut, columns that are empty or matter less left out, and
 * fewer bytes dumped on a line; keep is the number of a line, which may have another then.
 * 0: all is there, and whole, but for texts of many thousand bytes.
 */
void lines_fit(struct lines *l, unsigned width, uint64_t *keep);

/* Line i, 0 first; false when there are fewer. */
bool lines_at(struct lines *l, uint64_t i, struct lines_line *out);

/* How many there are. The first call walks over all rows. */
uint64_t lines_count(struct lines *l);

/*
 * Sorts or walks over so many rows more; false when that is done. Whoever asks for lines before,
 * waits. lines_known: how many lines were walked over.
 */
bool lines_more(struct lines *l, unsigned rows);
uint64_t lines_known(const struct lines *l);

/* True when memory ran out on the way: lines may be missing. */
bool lines_failed(const struct lines *l);

/* The line that a row begins with, or UINT64_MAX. */
uint64_t lines_find(struct lines *l, uint64_t row);

/* Notes how wide the line's cells are: for lines about to be shown, before lines_text. */
void lines_measure(struct lines *l, const struct lines_line *line);

/* The same for n lines from one on; columns that are empty in all of them may be left out. */
void lines_look(struct lines *l, uint64_t from, unsigned n);

/* Appends the text, escaped. lines_head: that of the columns' titles; false: a record has none. */
void lines_text(struct lines *l, const struct lines_line *line, struct buf *out);
bool lines_head(struct lines *l, struct buf *out);

/* The same with whole cells, not cut and not aligned: for who looks for something. */
void lines_whole(struct lines *l, const struct lines_line *line, struct buf *out);

/* Which column of the view is at a place of the head, or ncolumns of the view. */
unsigned lines_column_at(const struct lines *l, size_t x);

/* Replaces what is no ASCII in escaped text by its bytes, \xNN. */
void lines_ascii(struct buf *text);

#endif
