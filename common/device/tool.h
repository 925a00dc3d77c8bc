/* SPDX-License-Identifier: MIT */
/*
 * A function on the device, and asking it. Its globals are those of the console (console_leave): _P
 * for what it works on, _Q for itself. Made again whenever the device has lost it.
 */
#ifndef DEVICE_TOOL_H
#define DEVICE_TOOL_H

#include "common/device/console.h"

enum { TOOL_LINES = 3 };

struct tool {
	struct console *console;
	char lines[TOOL_LINES][CONSOLE_LINE_MAX + 1]; /* that make it; they may run twice */
	unsigned made;                                /* how often they were run */
	bool ready;
	unsigned restarts; /* of the console by then */
};

/*
 * A file that was left open by somebody who was stopped is closed before. It is named: the one that
 * was opened last may be the application's.
 */
#define TOOL_FILE "if _P then pcall(file.close,_P)end _P=file.open('%s','%s')"
#define TOOL_END  "if _P then pcall(file.close,_P)end _P,_Q=nil"

/*
 * Asks for the values of an expression with _Q: at most n integers, and what stands behind them.
 * Returns when they are there. ERR_IO: the device refuses, or restarts again and again.
 */
enum err tool_ask(struct tool *t, const char *expression, long long *numbers, unsigned n,
		  struct buf *rest, struct diag *diag);

/* One attempt to ask for one integer; false when it was not heard. */
bool tool_try(struct tool *t, const char *expression, long long *number, struct diag *diag);

/* Ends it; a failure is of no consequence. */
void tool_end(struct tool *t);

/* A value of the device's, asked for until it was heard the same twice; empty: it has none. */
enum err tool_value(struct console *c, const char *expression, struct buf *out, struct diag *diag);
/* The same as a number; or other, when it is none. */
enum err tool_number(struct console *c, const char *expression, long long other, long long *out,
		     struct diag *diag);
/* Runs a line that may run twice. */
enum err tool_run(struct console *c, const char *line, struct diag *diag);

#endif
