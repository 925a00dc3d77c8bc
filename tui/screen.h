/* SPDX-License-Identifier: MIT */
/*
 * What is to be seen, as a grid of cells: drawn without a terminal, read as text by tests, brought
 * to the terminal by terminal.c.
 */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

/* What a cell is; the theme says how that looks. */
enum look {
	LOOK_TEXT,
	LOOK_DIM,
	LOOK_TITLE,      /* headings in views */
	LOOK_HEAD,       /* titles of columns */
	LOOK_TAB,        /* a view's name */
	LOOK_TAB_ON,     /* of the view shown */
	LOOK_BAR,        /* sizes drawn */
	LOOK_CURSOR,     /* the line that keys act on */
	LOOK_CURSOR_OFF, /* the same in the pane that has not the focus */
	LOOK_MATCH,      /* found by a search */
	LOOK_MARK,       /* a marked or new string */
	LOOK_STATUS,
	LOOK_ERROR,
	LOOK_KEY, /* a key in the key bar */
	LOOK_KEY_TEXT,
	LOOK_FRAME, /* dividers and frames */
	LOOK_POPUP,
	LOOKS
};

enum { CELL_CHARS = 4 };

struct cell {
	uint32_t chars[CELL_CHARS]; /* a character and those that combine with it; 0 ends them */
	uint8_t width;              /* 2: the next cell is its other half, which has width 0 */
	uint8_t look;               /* enum look */
};

struct screen {
	int rows, cols;
	bool ascii; /* nothing else goes to the terminal */
	struct cell *cells;
	int cursor_y, cursor_x; /* of a prompt; -1: not shown */
};

/* Blanks of another size. False: no memory. */
bool screen_resize(struct screen *s, int rows, int cols);
void screen_free(struct screen *s);
void screen_clear(struct screen *s);

/* A rectangle of blanks. */
void screen_fill(struct screen *s, int y, int x, int width, enum look look);

/*
 * Puts escaped text from column x on, cut at width columns, of which skip are left out before.
 * What is no printable character is shown as ?. Returns the columns that were used.
 */
int screen_put(struct screen *s, int y, int x, int width, unsigned skip, enum look look,
	       const void *text, size_t n);
int screen_puts(struct screen *s, int y, int x, int width, enum look look, const char *text);

/* Gives cells another look. */
void screen_paint(struct screen *s, int y, int x, int width, enum look look);

/* Appends a character in UTF-8. */
void screen_utf8(struct buf *out, uint32_t c);

#endif
