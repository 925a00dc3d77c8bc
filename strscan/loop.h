/* SPDX-License-Identifier: MIT */
/*
 * Images onto a device: each step alone, and all of them in a row.
 */
#ifndef STRSCAN_LOOP_H
#define STRSCAN_LOOP_H

#include <stdbool.h>
#include <stdio.h>

/* Of the command line; NULL and false: not asked for. */
struct loop {
	bool wanted;
	bool optimize, restore, yes;
	const char *upload, *verify; /* files here */
	const char *reload,
		*old;      /* names there; old: what --restore is about, NULL: the only one */
	const char *as;    /* the upload's name there */
	const char *guard; /* a file to write */
};

struct scan;

/*
 * Does what is asked for, in the order upload, reload, verify; the report goes to f
 * (scan->printed). Returns 1 after it said what is wrong, or what it would do if it were allowed
 * to.
 */
int loop_run(struct scan *scan, FILE *f);

#endif
