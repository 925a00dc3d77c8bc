/* SPDX-License-Identifier: MIT */
/*
 * Reading what came; for the console's own files.
 */
#ifndef DEVICE_CONSOLE_PARTS_H
#define DEVICE_CONSOLE_PARTS_H

#include "common/device/console.h"

/* Looks at the new lines of c->in: banners, failed allocations. */
void text_scan(struct console *c);

/* The device has restarted; it may take a while. */
void text_restarted(struct console *c);

/* Is an error of Lua among the lines of c->in? Then it is in c->error. CONSOLE_DONE: no. */
enum console_answer text_error(struct console *c);

/* Ends what somebody left: half a line, half a statement, a string. It never compiles. */
extern const char console_junk[];

/* Empties c->in. */
void console_forget(struct console *c);
/* Until nothing comes for so long; 2 s at most, since some applications never stop. */
void console_drain(struct console *c, int quiet_ms, struct diag *diag);
/* Has the end of a line with text in it come? */
bool console_has_end(const struct console *c, const char *text);
/* The call that prints a marker, and the marker; what is sent has another look. */
void console_make_marker(struct console *c, const char *print, char *sent, size_t size,
			 char end[8]);
/* console_guess.c: what is there instead of a NodeMCU, and what to do; NULL: not known. */
const char *console_guess(const struct console *c);
/* CONSOLE_FAILED, with a reason if there is none yet. */
enum console_answer console_failed(struct console *c, struct diag *diag);

#endif
