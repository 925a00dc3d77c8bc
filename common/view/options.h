/* SPDX-License-Identifier: MIT */
/*
 * Command-line options as data: one table of rows gives getopt_long its arrays and makes --help.
 */
#ifndef VIEW_OPTIONS_H
#define VIEW_OPTIONS_H

#include <getopt.h>
#include <stdio.h>

struct option_row {
	const char *name; /* long name; NULL: help is the title of the group that follows */
	char letter;      /* short name, 0: none */
	const char *arg;  /* NULL: no argument; "WHEN", "[WHEN]": optional */
	const char *help; /* a long one is broken into lines; "\n" begins one */
	int id;           /* what options_id() gives for it, 0 or more */
};

enum { OPTIONS_MAX = 80, OPTIONS_LONG = 1000 };

/* getopt_long's two arrays, made of the rows. */
struct options {
	struct option longs[OPTIONS_MAX];
	char shorts[3 * OPTIONS_MAX + 2];
};

/* rows ends with an empty row (name and help NULL). More than OPTIONS_MAX - 1 rows are dropped. */
void options_make(struct options *o, const struct option_row *rows);

/* The id of a row, from what getopt_long returned: a letter, or OPTIONS_LONG + index. -1: none. */
int options_id(const struct option_row *rows, int returned);

/* The options part of --help: aligned, grouped. */
void options_help(FILE *f, const struct option_row *rows);

#endif
