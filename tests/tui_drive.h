/* SPDX-License-Identifier: MIT */
/*
 * The browser without a terminal: keys in, screens as text out. What fails ends the running test.
 */
#ifndef TUI_DRIVE_H
#define TUI_DRIVE_H

#include "tui/app.h"

struct drive {
	struct subject *subjects[4 + SUBJECT_DIFFS];
	unsigned n;
	struct app app;
	struct screen screen;
	char *text; /* of the screen */
};

/* paths ends with NULL. They are related as subject_relate() does. */
void drive_begin(struct drive *d, const char *const *paths, int rows, int cols, bool ascii);
/* The same on 24 rows of 80 columns; second: NULL or another file. */
void drive_files(struct drive *d, const char *first, const char *second);
void drive_end(struct drive *d);

void drive_size(struct drive *d, int rows, int cols);
/*
 * Keys as in a string; "\n" is Enter, "\t" Tab, "\b" Backspace, "\033" Esc. Searches are finished.
 */
void drive_keys(struct drive *d, const char *keys);
void drive_key(struct drive *d, uint32_t key);
void drive_mouse(struct drive *d, enum mouse what, int y, int x);

/* The text must be on the screen, or must not. */
void drive_sees(struct drive *d, const char *text);
void drive_misses(struct drive *d, const char *text);

/* Appends the rows of a screen as lines of text, without blanks at their ends. */
void drive_text(const struct screen *s, struct buf *out);

/* Row y of the screen, to be freed. */
char *drive_row(struct drive *d, int y);

/* The look of a cell. */
enum look drive_look(const struct drive *d, int y, int x);

#endif
