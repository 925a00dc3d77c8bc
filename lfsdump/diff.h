/* SPDX-License-Identifier: MIT */
/*
 * lfsdump --diff: two files against each other.
 */
#ifndef LFSDUMP_DIFF_H
#define LFSDUMP_DIFF_H

#include <stdio.h>

#include "lfsdump/settings.h"

/* The view that shows in a comparison what v shows of a file; NULL: there is none. */
const struct view *diff_view(const struct view *v);

/* The same of firmwares. */
const struct view *firmware_diff_view(const char *name);

/* Compares the two files of s. Returns the exit status: 0 the same content, else 1. */
int diff_files(FILE *f, const struct settings *s);

#endif
