/* SPDX-License-Identifier: MIT */
/*
 * Reading what came; private to the console's files.
 */
#ifndef DEVICE_CONSOLE_PARTS_H
#define DEVICE_CONSOLE_PARTS_H

#include "common/device/console.h"

/* Where word stands in n bytes, or NULL. */
const uint8_t *text_find(const uint8_t *p, size_t n, const char *word);

/* Looks at the new lines of c->in: banners, failed allocations. */
void text_scan(struct console *c);

/* The device has restarted; it may take a while. */
void text_restarted(struct console *c);

/* Has the device said that it waits for a line? Nothing that an application cannot say, too. */
bool text_at_prompt(const struct console *c);

/* Is an error of Lua among the lines of c->in? Then it is in c->error. CONSOLE_DONE: no. */
enum console_answer text_error(struct console *c);

/* Ends what somebody left: half a line, half a statement, a string. It never compiles. */
extern const char console_junk[];

/* What comes until the deadline, as soon as something does; returns how much. */
size_t console_receive(struct console *c, int64_t deadline, struct diag *diag);
/* Empties c->in. */
void console_forget(struct console *c);
/* Until nothing comes for so long; 2 s at most, since some applications never stop. */
void console_drain(struct console *c, int quiet_ms, struct diag *diag);
/* Has the end of a line with text in it come? */
bool console_has_end(const struct console *c, const char *text);
/* The call that prints a marker, and the marker; what is sent has another look. */
void console_make_marker(struct console *c, const char *print, char *sent, size_t size,
			 char end[8]);
/* CONSOLE_FAILED, with a reason if there is none yet. */
enum console_answer console_failed(struct console *c, struct diag *diag);

/* Until the device is known to wait for a line. */
enum console_answer console_sync(struct console *c, struct diag *diag);

#endif
