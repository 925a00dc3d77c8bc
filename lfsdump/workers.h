/* SPDX-License-Identifier: MIT */
/*
 * Many files by several processes. What they print and complain of comes out as one process would
 * have it: byte for byte, in the order of the files.
 */
#ifndef LFSDUMP_WORKERS_H
#define LFSDUMP_WORKERS_H

#include <stdbool.h>
#include <stdio.h>

enum { WORKERS_MAX = 256 };

/*
 * Works on file number index, prints to f, complains on standard error. Returns 1: there was
 * something wrong, or 0.
 */
typedef int (*work_fn)(FILE *f, void *ctx, int index);

/*
 * Number n of nfiles goes to worker n modulo count. None gets further ahead than what a pipe holds;
 * nothing is kept in memory. A worker that dies is told of with the name of its file, and another
 * goes on behind it. Files of workers that cannot be started are worked on here. Returns 1 when
 * anything was wrong, else 0.
 */
int workers_run(FILE *f, unsigned count, char **files, int nfiles, work_fn work, void *ctx);

/* The number that --jobs takes, or of processors for "auto" and 0. False: it is none. */
bool workers_count(const char *arg, unsigned *out);

#endif
