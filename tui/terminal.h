/* SPDX-License-Identifier: MIT */
/*
 * The terminal: the only file that knows ncurses. Whatever ends the program, it is left as it was
 * found.
 */
#ifndef TUI_TERMINAL_H
#define TUI_TERMINAL_H

#include "common/base/diag.h"
#include "tui/keys.h"
#include "tui/screen.h"
#include "tui/theme.h"

/* Takes the terminal over. ascii: draws with ASCII alone. */
enum err terminal_open(const struct theme *theme, bool ascii, struct diag *diag);
void terminal_close(void);

void terminal_size(int *rows, int *cols);

/* Shows the screen; anew: whatever was there before. */
void terminal_show(const struct screen *s, bool anew);

enum terminal_news {
	TERMINAL_EVENT,   /* *e is set */
	TERMINAL_NOTHING, /* none came */
	TERMINAL_RESIZED,
	TERMINAL_WOKEN,     /* the descriptor other is readable */
	TERMINAL_STOP,      /* Ctrl-Z: call terminal_stop */
	TERMINAL_CONTINUED, /* it was stopped by another signal: call terminal_resume */
	TERMINAL_END,       /* a signal says so, or the terminal is gone */
};

/* Waits for something, so many milliseconds at most (-1: as long as it takes). other: -1: none. */
enum terminal_news terminal_wait(int timeout_ms, int other, struct event *e);

/* Gives the terminal back until the program is continued. */
void terminal_stop(void);

/* Takes the terminal again, whoever had it meanwhile. */
void terminal_resume(void);

/* The signal that said to end, or 0. */
int terminal_signal(void);

/* Hands bytes to the clipboard, CLIPBOARD_MAX at most. */
void terminal_copy(const uint8_t *data, size_t n);

#endif
