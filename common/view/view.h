/* SPDX-License-Identifier: MIT */
/*
 * A view: one kind of table, described once as data. Text, JSON, CSV, TSV and Markdown outputs,
 * sorting, filtering, --columns, help, man page and the terminal browser all come from it.
 *
 * Rows are named by 64-bit ids of the view's own choice; VIEW_ROOT stands for the whole and is no
 * row. A flat view gives children only to VIEW_ROOT. In a grouped view (.heading set) some rows are
 * headings of the rows below them: text prints a heading as a line of its own, machine-readable
 * outputs print only the rows that are none.
 */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

enum view_type {
	VIEW_TEXT,   /* any bytes; escaped on output */
	VIEW_COUNT,  /* integer */
	VIEW_SIZE,   /* integer, bytes; text groups digits: 11,720 */
	VIEW_CHANGE, /* integer, bytes more or less; text has a sign: +1,234, -56, 0 */
	VIEW_HEX,    /* integer; text prints 0x1c4, JSON a number */
	VIEW_REAL,
	VIEW_BOOL,  /* text: yes, no */
	VIEW_TIME,  /* Unix seconds; text and CSV print 2026-11-21 10:39:35 UTC, JSON a number */
	VIEW_SHARE, /* real, 0...1; text prints 12.3 % */
	VIEW_BAR,   /* real, 0...1; text draws a bar; left out of other outputs */
	VIEW_LIST,  /* rows of another view; text prints how many, JSON an array of them */
};

/* What a cell holds. An empty cell prints as nothing and is null in JSON. */
enum view_kind { VIEW_EMPTY, VIEW_BYTES, VIEW_INT, VIEW_DOUBLE, VIEW_BOOLEAN, VIEW_ROWS };

struct view;

struct view_cell {
	enum view_kind kind;
	union {
		struct {
			const uint8_t *p;
			size_t n;
		} bytes; /* valid until the view's next cell is asked for */
		int64_t i;
		double d;
		bool b;
		/* count rows of view with consecutive ids from first. A view with a single
		 * JSON column gives bare values, not objects. */
		struct {
			const struct view *view;
			uint64_t first;
			uint32_t count;
		} rows;
	};
};

enum view_flags {
	VIEW_HIDDEN = 1,     /* not among the default columns of tables (--columns names it) */
	VIEW_NO_JSON = 2,    /* repeats what stands around it; left out of JSON objects */
	VIEW_ELASTIC = 4,    /* text: takes what width is left, cut at the terminal's edge */
	VIEW_TREE = 8,       /* text: indented by depth */
	VIEW_JSON_ONLY = 16, /* only in JSON, unless --columns names it */
	VIEW_CONTEXT = 32,   /* text: left out under a heading that says the same */
	VIEW_SOURCE = 64,    /* Lua source with escapes of its own: backslashes stay single */
	VIEW_IF_ANY = 128,   /* tables: left out when every cell is empty */
	VIEW_MINOR = 256,    /* browser: left out where there is no room, the last one first */
};

struct view_column {
	const char *name;  /* JSON key and --columns name: "line_first" */
	const char *title; /* text heading; NULL: name */
	enum view_type type;
	unsigned flags;
	const char *help;
};

#define VIEW_ROOT UINT64_MAX

struct view {
	const char *name;  /* "strings" */
	const char *title; /* "ROstrings" */
	const char *help;  /* one sentence */
	const struct view_column *columns;
	unsigned ncolumns;
	bool record;      /* few rows, many columns: text prints a row as lines "title  value" */
	const char *sort; /* default order: column name, "-" in front for descending; NULL: as is */
	/*
	 * ctx is what the view is about: the caller's, the same for all views of a family.
	 * scratch is a buffer that a cell may fill and point bytes into.
	 */
	uint64_t (*count)(const void *ctx, uint64_t row);
	uint64_t (*child)(const void *ctx, uint64_t row, uint64_t i);
	void (*cell)(const void *ctx, uint64_t row, unsigned column, struct view_cell *out,
		     struct buf *scratch);
	/* True when row is a heading; its text is appended to out. NULL: no headings. */
	bool (*heading)(const void *ctx, uint64_t row, struct buf *out);
	/*
	 * Tables: a dump of bytes below a row, as many on a line as is told, in lines numbered from
	 * 0; false when there is none. Their text is appended to out. NULL: rows are single lines.
	 */
	bool (*detail)(const void *ctx, uint64_t row, uint64_t line, unsigned bytes,
		       struct buf *out);
};

static inline void view_int(struct view_cell *c, int64_t i)
{
	c->kind = VIEW_INT;
	c->i = i;
}

static inline void view_real(struct view_cell *c, double d)
{
	c->kind = VIEW_DOUBLE;
	c->d = d;
}

static inline void view_bool(struct view_cell *c, bool b)
{
	c->kind = VIEW_BOOLEAN;
	c->b = b;
}

static inline void view_bytes(struct view_cell *c, const void *p, size_t n)
{
	c->kind = VIEW_BYTES;
	c->bytes.p = p;
	c->bytes.n = n;
}

/* The text s; NULL or an empty one leaves the cell as it is. */
void view_text(struct view_cell *c, const char *s);

/* For .child of flat views: rows are their numbers. */
uint64_t view_nth(const void *ctx, uint64_t row, uint64_t i);

/* The count of a view of one row, as of a record. */
uint64_t view_one(const void *ctx, uint64_t row);

/* Index of the column that is called so, by its name or else by its title; ncolumns: none is. */
unsigned view_column_find(const struct view *v, const char *name, size_t n);

#endif
