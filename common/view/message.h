/* SPDX-License-Identifier: MIT */
/*
 * Lines for standard error.
 */
#ifndef VIEW_MESSAGE_H
#define VIEW_MESSAGE_H

#include <stdio.h>

#include "common/base/buf.h"

/*
 * "HEAD: FIRST: SECOND"; second may be NULL. Both are escaped (see escape_text), head is not. When
 * there is no memory for that, the line comes with ? for all but ASCII, and with a long FIRST cut.
 */
void message_line(FILE *f, const char *head, const char *first, const char *second);

/* Ends a line with \n, writes and frees it. Without memory for it: "PROGRAM: out of memory". */
void message_end(FILE *f, const char *program, struct buf *line);

#endif
