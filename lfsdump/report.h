/* SPDX-License-Identifier: MIT */
/*
 * What goes to standard error, and bytes to any stream.
 */
#ifndef LFSDUMP_REPORT_H
#define LFSDUMP_REPORT_H

#include <stdio.h>

#include "common/lua/book.h"

/* "lfsdump: FILE: offset 0x1c4: proto[3].sizek: ...", with nothing in it that moves a cursor. */
void complain(const char *file, const struct diag *d);

/* The same of a file that cannot be read, when the output tells it too, and so lacks nothing. */
void complain_told(const char *file, const struct diag *d);

/* Complains when standard output did not take all that went to it. Returns 1 then, else 0. */
int report_output(void);

/* True after a complaint of memory, reading or writing: the output lacks what is in the files. */
bool report_unfinished(void);
/* The same after what another process has complained of. */
void report_is_unfinished(void);

/* "lfsdump: WHAT: VALUE", of the command line; value is escaped, and may be NULL. */
void complain_usage(const char *what, const char *value);

enum { NOTES_SHOWN = 8 }; /* of one kind; then it is said how many more there are */

/*
 * Complains of what stopped the reading of a file, if anything did, and of the first notes of its
 * damage, of which there are count. Returns 1 when there is any of it, else 0.
 */
int report_notes(const char *file, const struct diag *first, const struct diag *notes,
		 uint32_t count);

/* The same of all that is wrong with a book. */
int report_damage(const struct lua_book *book);

/* Writes what out holds to f and frees it. ERR_MEMORY when out has failed; f tells the rest. */
enum err print_buf(FILE *f, struct buf *out, struct diag *diag);

/* Begins the JSON object that is said of a file: {"schema":1,"file":"FILE" and no comma. */
void json_begin(struct buf *out, const char *file);

#endif
