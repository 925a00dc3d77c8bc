/* SPDX-License-Identifier: MIT */
/*
 * A small view over hostile names, with a column of every type.
 */
#ifndef UTIL_NODES_H
#define UTIL_NODES_H

#include "common/view/view.h"

/* A small tree; nodes are named by their index, children follow their parents. */
struct node {
	const char *name;
	int up; /* -1: root */
	int64_t size;
	double share;
	uint32_t nrefs;
};

#define TEXT_MARK "\xe2\x80\xae" /* U+202E */

#define NNODES 6
extern const struct node nodes[NNODES];

enum {
	C_NAME,
	C_SIZE,
	C_AT,
	C_REAL,
	C_BOOL,
	C_TIME,
	C_SHARE,
	C_BAR,
	C_REFS,
	C_NOTE,
	C_TWIN,
	C_PAIR,
	NCOLUMNS
};

extern const struct view node_tree;

/*
 * The same with the topmost nodes as headings and "at" as their context; columns: room for
 * NCOLUMNS.
 */
struct view node_groups(struct view_column *columns);

/* "a" and "b", with "ax", "ay", "bx", "by" below; "value" is text in some rows. */
extern const struct view pair_tree;

/* Many rows whose columns "int", "real" and "text" order them by many_key, which repeats. */
#define NMANY 20000
extern const struct view many_view;
int64_t many_key(uint64_t row);

/* Rows 0...3 are strings of 100 kB, whose characters begin at other places in each. */
extern const struct view long_view;

#endif
