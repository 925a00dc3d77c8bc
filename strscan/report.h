/* SPDX-License-Identifier: MIT */
/*
 * What the program says on standard error.
 */
#ifndef STRSCAN_REPORT_H
#define STRSCAN_REPORT_H

#include <stdio.h>

#include "common/strings/filter.h"

/* "strscan: FILE: offset 0x1c4: ...", with nothing in it that moves a cursor. */
void report(const char *file, const struct diag *d);

/* "strscan: FILE: out of memory" */
void report_no_memory(const char *file);

/* Complains when standard output did not take all that went to it. Returns 1 then, else 0. */
int report_output(void);

/* "strscan: FILE: note: ...": nothing is wrong. */
void report_remark(const char *file, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The notes that set got since it had `from` of them. Returns 1 when any is about damage. */
int report_notes(const char *file, const struct string_set *set, uint32_t from);

/* One or two lines, each behind head: what is kept, what is left out. False: out of memory. */
bool report_totals(const struct string_set *set, FILE *f, const char *head);

/* What may be wrong with the question: too few captures, an image of another Lua. */
void report_doubts(const struct string_set *set, const struct string_filter *filter);

/* Names of files among the strings ("x.lua", "@x.lua", "x.lc") that are no modules of the image. */
void report_missing(const struct string_set *set, const struct lua_image *img);

#endif
