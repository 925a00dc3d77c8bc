/* SPDX-License-Identifier: MIT */
/*
 * The conversation with a device's Lua console. One line at a time: it is sent, its echo is checked
 * before the newline makes it count, and what comes is read up to a marker that stands in no echo.
 * Whatever else may be on the line: prompts, what the application prints, boot garbage, a
 * restart, half a statement that somebody left.
 */
#ifndef DEVICE_CONSOLE_H
#define DEVICE_CONSOLE_H

#include "common/device/port.h"

#define CONSOLE_LINE_MAX 250

/* Longest expression for console_get, which puts "return-NNN," before it. */
#define CONSOLE_GET_MAX (CONSOLE_LINE_MAX - 11)

enum console_answer {
	CONSOLE_DONE,    /* the marker came */
	CONSOLE_ERROR,   /* Lua said an error: console.error */
	CONSOLE_MEMORY,  /* "not enough memory" */
	CONSOLE_RESTART, /* the device has restarted */
	CONSOLE_LOST,    /* damaged on the way, or no marker: what came may be of use; ask again */
	CONSOLE_FAILED,  /* diag tells: the port is gone, interrupted, no answer for too long */
};

struct console {
	struct port *port;
	struct buf in; /* what came since the newline that ended the line */
	bool echo;     /* the device echoes */
	bool in_step;  /* it waits for a line */
	unsigned mute; /* answers in a row without an echo */
	/* Errors in a row that may be a damaged line's: there was no echo to check. */
	unsigned doubts;
	unsigned number; /* of the last marker */
	unsigned restarts;
	unsigned connections; /* of the port; another one counts as a restart */
	int64_t patience;     /* after a restart no sign of life is needed until then */
	int64_t formatting;   /* nor while it formats its file system */
	int64_t give_up;      /* without progress until then it is a failure */
	int64_t limit;        /* the same, whatever comes until then; 0: there is none */
	uint32_t wanted;      /* bytes that an allocation failed for, 0: not known */
	char error[160];      /* Lua's last one */
	struct buf banner;    /* last one, as it came */
	bool in_banner;
	size_t scanned;   /* bytes of in that were searched for it */
	uint8_t last[96]; /* what came last */
	size_t nlast;
	uint64_t heard, odd; /* bytes since the last answer; those that are no text */
	bool echoed;         /* an echo was among them */
	bool answers;        /* it was in step when last looked at */
	unsigned settled;    /* restarts by then */
	bool leaving;        /* nothing is worth waiting for any more */
};

/* Zeroes c and finds out what the device does: leaves a state that somebody left, looks for the
 * echo. Free with console_free. */
enum err console_open(struct console *c, struct port *port, struct diag *diag);
void console_free(struct console *c);

/* Until the device is known to wait for a line. */
enum console_answer console_sync(struct console *c, struct diag *diag);

/* Has the device said that it waits for a line? Nothing that an application cannot say, too. */
bool console_at_prompt(const struct console *c);

/* The next minute without progress begins now. */
void console_progress(struct console *c);
/*
 * For work of many lines: something is done that was not done before. Until this is called again,
 * or work is over, 90 seconds may pass, however much is heard meanwhile.
 */
void console_advance(struct console *c);
void console_work_over(struct console *c);

/*
 * Sends a line, a space before it, and waits for a line with the text end in it. The line must be
 * one that may be sent twice.
 */
enum console_answer console_ask(struct console *c, const char *line, const char *end,
				struct diag *diag);

/*
 * Sends a line and waits for no more than the next prompt. CONSOLE_DONE: nothing is known to be
 * wrong; whether it has run must be asked.
 */
enum console_answer console_tell(struct console *c, const char *line, struct diag *diag);

/* console_ask with a marker of its own; asks again up to ten times. */
enum console_answer console_run(struct console *c, const char *line, struct diag *diag);

/*
 * The values of an expression as print shows them, in one line; not checked. CONSOLE_ERROR: it has
 * none. console_value asks until it has heard the same twice in a row.
 */
enum console_answer console_get(struct console *c, const char *expression, struct buf *out,
				struct diag *diag);
enum console_answer console_value(struct console *c, const char *expression, struct buf *out,
				  struct diag *diag);

/*
 * Reads into c->in what comes until the deadline (the port's clock), as soon as something does;
 * returns how many bytes. 0: nothing came, or diag tells.
 */
size_t console_receive(struct console *c, int64_t deadline, struct diag *diag);

/* Lines of the answer, one after the other; *at begins with 0. */
bool console_line(const struct console *c, size_t *at, const uint8_t **line, size_t *n);

/* Where the word stands in n bytes, or NULL. */
const uint8_t *console_find(const uint8_t *p, size_t n, const char *word);

/* The next number of a marker, of three digits. */
unsigned console_number(struct console *c);

/* The sum that the device makes of a string, going on from v. */
uint32_t console_sum(uint32_t v, size_t len, const uint8_t *text, size_t n);

/* Records that there is no answer: what was heard, and what that may mean. */
enum err console_no_answer(const struct console *c, struct diag *diag);

/* CONSOLE_ERROR as an error: what the device said against a line, made printable. */
enum err console_refused(const struct console *c, struct diag *diag);

/*
 * Sets the device's globals _P, _Q and _R to nil and gives their memory back, whatever state the
 * console is in; takes some seconds at most, even when woken.
 */
void console_leave(struct console *c);

/* console_echo.c: has the text come back, with other lines in between perhaps? */
struct console_echo {
	const char *text;
	size_t n;
	bool here[CONSOLE_LINE_MAX + 2]; /* so many characters have come */
	bool away[CONSOLE_LINE_MAX + 2]; /* and now something else, up to the end of its line */
};
void console_echo_begin(struct console_echo *e, const char *text, size_t n);
/* True once all of it has come. */
bool console_echo_take(struct console_echo *e, uint8_t c);

#endif
