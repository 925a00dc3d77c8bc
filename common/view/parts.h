/* SPDX-License-Identifier: MIT */
/*
 * What the output forms share; private to common/view.
 */
#ifndef VIEW_PARTS_H
#define VIEW_PARTS_H

#include "common/view/escape.h"
#include "common/view/output.h"

/* What escape_json writes between the quotes. */
void escape_json_body(struct buf *out, const uint8_t *p, size_t n);

/* Where escaped text goes: to out, and from there, while a long text is escaped, on to f. */
struct sink {
	struct buf *out;
	FILE *f; /* NULL: all stays in out */
};

/* source: the bytes are Lua source with escapes of its own, whose backslashes stay single. */
typedef void escape_fn(struct sink *to, const uint8_t *p, size_t n, bool source);
escape_fn escape_text_to, escape_csv_to, escape_markdown_to;

/* Asks the view for a cell, with an empty scratch and an empty cell to fill. */
void cell_get(const struct view *v, const void *ctx, uint64_t row, unsigned column,
	      struct view_cell *cell, struct buf *scratch);

struct cell_style {
	bool data;  /* for programs: no digit groups, shares as 0.1234 */
	bool ascii; /* bars of # */
	escape_fn *escape;
};

/* Appends a cell as text; nothing for an empty one. */
void cell_text(struct sink *to, const struct view_column *column, const struct view_cell *cell,
	       const struct cell_style *style);

/* Appends the shortest form that reads back the same, whatever the locale; nan, inf, -inf. */
void double_text(struct buf *out, double d);

/* Which columns to print: indexes into v->columns, released with free(). */
enum err columns_select(const struct view *v, const struct output_style *style, struct diag *diag,
			unsigned **columns, unsigned *ncolumns);
bool column_in_json(const struct view_column *column);
bool column_is_right(const struct view_column *column); /* aligned so, as numbers are */
const char *column_title(const struct view_column *column);
size_t column_title_width(const struct view_column *column);
const char *column_type_word(const struct view_column *column); /* "text", "count" */
/* Of records: the widest title of those columns. */
size_t titles_width(const struct view *v, const unsigned *columns, unsigned ncolumns);

/* Sorts siblings: column is an index into the view's columns. */
struct sort {
	const struct view *v;
	const void *ctx;
	unsigned column; /* v->ncolumns: leave rows as they are */
	bool descending;
	bool failed; /* no memory */
	struct buf scratch, held;
};

/* One sibling: its place among its parent's children, and the first bits of what it sorts by. */
struct sort_item {
	uint32_t index, key;
};

/* key: "size", "-size" or NULL; a column that does not exist leaves rows as they are. */
void sort_init(struct sort *s, const struct view *v, const void *ctx, const char *key);
void sort_free(struct sort *s);
/* The order of parent's children, released with free(); NULL: as they are. Headings stay put. */
struct sort_item *sort_children(struct sort *s, uint64_t parent, uint64_t count);

/* The same bit by bit: begin (false: they stay as they are), step until false, end. */
struct sorting {
	struct sort *sort;
	uint64_t parent, count;
	uint64_t next;  /* the child to take in next */
	uint64_t first; /* of the run between two headings */
	struct sort_item *items, *spare;
	size_t nfull, nempty;          /* taken in, by what their cells are */
	size_t width, at, left, right; /* of the merging; width 0: it has not begun */
};
bool sorting_begin(struct sorting *g, struct sort *s, uint64_t parent, uint64_t count);
bool sorting_step(struct sorting *g, uint64_t items);
/* What sort_children returns, if that was the last step; released with free() in any case. */
struct sort_item *sorting_end(struct sorting *g);

/* A glob for text cells, or for a column's text. */
struct filter {
	const struct view *v;
	const void *ctx;
	const char *glob; /* NULL: all rows match */
	unsigned column;  /* v->ncolumns: any text */
	bool failed;      /* no memory */
	struct buf scratch, text;
};

void filter_init(struct filter *f, const struct view *v, const void *ctx, const char *pattern);
void filter_free(struct filter *f);
bool filter_match(struct filter *f, uint64_t row);

struct rows_frame {
	uint64_t parent, count, next;
	struct sort_item *order;
	uint32_t depth;
};

/* All rows of a view in the order of output, depth first. */
struct rows {
	const struct view *v;
	const void *ctx;
	bool flat; /* no headings; rows that only lead to matches are left out */
	bool failed;
	struct sort sort;
	struct filter filter;
	struct rows_frame *frames;
	uint32_t nframes, frames_cap;
	uint64_t index;     /* of the next row, in walking order */
	struct buf marks;   /* one byte a row when a tree is filtered */
	struct buf heading; /* text of the heading just walked over */
	struct buf last;    /* of the row just walked over and those above: last of its siblings? */
};

struct rows_row {
	uint64_t id;
	uint32_t level; /* rows above, headings included */
	uint32_t depth; /* rows above that are no headings */
	bool heading, last;
};

void rows_init(struct rows *r, const struct view *v, const void *ctx,
	       const struct output_style *style, bool flat);
void rows_free(struct rows *r);
void rows_rewind(struct rows *r);
bool rows_next(struct rows *r, struct rows_row *row);
/* Ask when all is walked: true when memory ran out on the way. */
bool rows_failed(const struct rows *r);

/* A running output_view. */
struct printing {
	FILE *f;
	const struct view *v;
	const void *ctx;
	const struct output_style *style;
	unsigned *columns, ncolumns;
	struct rows rows;
	struct buf out, scratch;
};

#define DRAIN_SIZE 65536 /* bytes collected before they are written */

/* Writes what out holds to f and empties it, when it is at least size bytes. */
void drain(FILE *f, struct buf *out, size_t size);

void table_print(struct printing *p);
void record_print(struct printing *p);
void delimited_print(struct printing *p);
void markdown_print(struct printing *p);
void json_print(struct printing *p);

enum {
	LINE_GAP = 2,      /* blanks between columns */
	LINE_DETAIL = 2,   /* before lines below a row */
	DETAIL_BYTES = 16, /* on such a line, where there is room */
};

/* Appends text, cut when wider than width and elastic. Returns its width. */
size_t line_fit(struct buf *out, const struct buf *text, size_t width, bool elastic, bool ascii);
void line_blanks(struct buf *out, size_t n);
/* What leads to a row of a tree, a piece for each level: own for that of the row itself. */
void line_tree(struct buf *out, bool own, bool last, bool ascii);
/* Ends the line that began at start of p->out, without blanks at its end. */
void line_end(struct printing *p, size_t start);
/* A line of bytes that are to be escaped. */
void line_bold(struct printing *p, const uint8_t *text, size_t n);

#endif
