/* SPDX-License-Identifier: MIT */
/*
 * What a terminal reports of its mouse, character by character. ncurses knows one of the forms
 * only, the one that the terminal's description names, and joins what comes quickly; terminals send
 * the form that they were told to, or the older one.
 *   ESC [ < b ; x ; y M   SGR: decimal numbers; m at the end: released
 *   ESC [ M b x y         older: one character each, 32 more than the number
 * b: 0 the first button, 3 released (older), 64 and 65 the wheel; 32 more: moved. x, y: from 1.
 */
#ifndef TUI_MOUSE_H
#define TUI_MOUSE_H

#include "tui/keys.h"

#define MOUSE_SGR   "\033[<"
#define MOUSE_OLDER "\033[M"

struct mouse_report {
	bool under_way, sgr;
	unsigned numbers[3], n;
};

/* One of the two strings above has come. */
void mouse_begin(struct mouse_report *r, bool sgr);

enum mouse_step {
	MOUSE_MORE,    /* the report goes on */
	MOUSE_TOLD,    /* *e is set */
	MOUSE_IGNORED, /* the report is whole, and of nothing that counts here */
	MOUSE_BROKEN,  /* that is no report; the character is none of it */
};
enum mouse_step mouse_take(struct mouse_report *r, uint32_t c, struct event *e);

#endif
