/* SPDX-License-Identifier: MIT */
#include "common/device/console.h"

#include <string.h>

#include "common/device/console_parts.h"

enum {
	ECHO_MS = 1000,        /* between two bytes of an echo */
	ANSWER_MS = 2500,      /* between two bytes of an answer */
	PROMPT_MS = 300,       /* silence behind a prompt that says there is no marker */
	MUTE_PROMPT_MS = 1000, /* without echo a prompt may be the one before */
	ERROR_MS = 150,
	TELL_MS = 500,
	STALL_SECONDS = 60,
	WORK_SECONDS = 90,
	ANSWER_SECONDS = 60, /* a whole one */
	CHATTER_SECONDS = 2, /* behind an error */
	ECHO_SECONDS = 20,
	LEAVE_SECONDS = 3, /* a device that did not answer, either */
	LEAVE_MOST = 12,   /* one that did; the line may be bad */
	TRIES = 10,
	DOUBTS = 4,
	IN_MAX = 1 << 18,
};

void console_progress(struct console *c)
{
	c->give_up = port_now(c->port) + STALL_SECONDS * PORT_SECOND;
	c->formatting = 0;
}

void console_advance(struct console *c)
{
	c->limit = port_now(c->port) + WORK_SECONDS * PORT_SECOND;
}

void console_work_over(struct console *c)
{
	c->limit = 0;
}

/* It restarts or formats its file system: that takes its time. */
static bool is_late(const struct console *c)
{
	int64_t now = port_now(c->port);

	return now > c->formatting &&
	       (now > c->give_up || (c->limit && now > c->limit && now > c->patience));
}

/* What comes until the deadline, as soon as something does. */
size_t console_receive(struct console *c, int64_t deadline, struct diag *diag)
{
	uint8_t bytes[512];
	size_t n = port_read(c->port, bytes, sizeof(bytes), deadline, diag);
	size_t keep;

	c->heard += n;
	for (size_t i = 0; i < n; i++)
		c->odd += bytes[i] >= 0x80 ||
			  (bytes[i] < ' ' && !memchr("\t\r\n\b\033", bytes[i], 5));
	keep = n < sizeof(c->last) ? n : sizeof(c->last);
	if (c->nlast + keep > sizeof(c->last)) {
		size_t drop = c->nlast + keep - sizeof(c->last);

		memmove(c->last, c->last + drop, c->nlast - drop);
		c->nlast -= drop;
	}
	if (keep)
		memcpy(c->last + c->nlast, bytes + n - keep, keep);
	c->nlast += keep;
	if (port_connections(c->port) != c->connections)
		text_restarted(c);
	c->connections = port_connections(c->port);
	buf_put(&c->in, bytes, n);
	if (c->in.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	else
		text_scan(c);
	return n;
}

void console_forget(struct console *c)
{
	c->in.len = c->scanned = 0;
}

/* Until nothing comes for so long; 2 s at most, since some applications never stop. */
void console_drain(struct console *c, int quiet_ms, struct diag *diag)
{
	int64_t end = port_now(c->port) + 2 * PORT_SECOND;

	while (port_now(c->port) < end &&
	       console_receive(c, port_now(c->port) + quiet_ms * PORT_MS, diag) > 0)
		if (c->in.len > IN_MAX)
			console_forget(c);
}

/* True when the whole text has come back. */
static bool wait_echo(struct console *c, const char *text, size_t n, struct diag *diag)
{
	int64_t end = port_now(c->port) + ECHO_SECONDS * PORT_SECOND;
	struct console_echo echo;
	size_t seen = 0;

	console_echo_begin(&echo, text, n);
	while (port_now(c->port) < end &&
	       console_receive(c, port_now(c->port) + ECHO_MS * PORT_MS, diag) > 0)
		while (seen < c->in.len)
			if (console_echo_take(&echo, c->in.data[seen++])) {
				c->echoed = true;
				return true;
			}
	return false;
}

/* The end of a line with text in it has come. */
bool console_has_end(const struct console *c, const char *text)
{
	const uint8_t *p = console_find(c->in.data, c->in.len, text);

	return p && memchr(p, '\n', c->in.len - (size_t)(p - c->in.data));
}

static enum console_answer wait_end(struct console *c, const char *end, struct diag *diag)
{
	int64_t start = port_now(c->port), quiet = start, failed = 0;
	unsigned restarts = c->restarts;

	for (;;) {
		enum console_answer error = text_error(c);
		int64_t ms = ANSWER_MS;

		/* An application may never be quiet. */
		if (error && !failed)
			failed = port_now(c->port);
		if (error && port_now(c->port) > failed + CHATTER_SECONDS * PORT_SECOND)
			return error;

		if (console_has_end(c, end))
			return CONSOLE_DONE;
		if (c->restarts != restarts)
			return CONSOLE_RESTART;
		if (console_at_prompt(c))
			ms = error ? ERROR_MS : c->echo ? PROMPT_MS : MUTE_PROMPT_MS;
		if (console_receive(c, quiet + ms * PORT_MS, diag) > 0)
			quiet = port_now(c->port);
		else if (diag->code)
			return CONSOLE_FAILED;
		else if (port_now(c->port) >= quiet + ms * PORT_MS)
			return error ? error : CONSOLE_LOST;
		if (port_now(c->port) > start + ANSWER_SECONDS * PORT_SECOND || c->in.len > IN_MAX)
			return CONSOLE_LOST;
	}
}

static enum console_answer wait_prompt(struct console *c, struct diag *diag)
{
	int64_t end = port_now(c->port) + TELL_MS * PORT_MS;
	unsigned restarts = c->restarts;

	while (port_now(c->port) < end && !console_at_prompt(c) && c->restarts == restarts &&
	       console_receive(c, end, diag) > 0)
		;
	return diag->code                ? CONSOLE_FAILED
	       : c->restarts != restarts ? CONSOLE_RESTART
					 : text_error(c);
}

enum console_answer console_failed(struct console *c, struct diag *diag)
{
	if (!diag->code)
		console_no_answer(c, diag);
	return CONSOLE_FAILED;
}

unsigned console_number(struct console *c)
{
	c->number = c->number < 100 || c->number >= 999 ? 100 : c->number + 1;
	return c->number;
}

/* Marks the end of an answer; what is sent has another look. */
void console_make_marker(struct console *c, const char *print, char *sent, size_t size, char end[8])
{
	unsigned number = console_number(c);

	snprintf(sent, size, "%s\"\\093%u\"", print, number);
	snprintf(end, 8, "]%u", number);
}

enum err console_open(struct console *c, struct port *port, struct diag *diag)
{
	*c = (struct console){ .port = port,
			       .echo = !port_is_telnet(port),
			       .connections = port_connections(port) };
	console_progress(c);
	console_drain(c, 50, diag);
	if (!diag->code)
		console_sync(c, diag);
	return diag->code;
}

void console_free(struct console *c)
{
	buf_free(&c->in);
	buf_free(&c->banner);
}

/*
 * Sends a line that is known to have arrived, as far as that can be known. A doubled first
 * character looks like a prompt in front of the echo: it is a space.
 */
static enum console_answer send_line(struct console *c, const char *line, struct diag *diag)
{
	char text[CONSOLE_LINE_MAX + 2];
	size_t n = (size_t)snprintf(text, sizeof(text), " %s", line);

	if (n >= sizeof(text)) {
		diag_fail(diag, ERR_LIMIT, "too long a line for the console");
		return CONSOLE_FAILED;
	}
	console_forget(c);
	if (port_write(c->port, text, n, diag))
		return CONSOLE_FAILED;
	if (c->echo && !wait_echo(c, text, n, diag)) {
		/* It must not run as it arrived. */
		if (!diag->code)
			port_write(c->port, console_junk, strlen(console_junk), diag);
		console_forget(c);
		return diag->code ? CONSOLE_FAILED : CONSOLE_LOST;
	}
	console_forget(c);
	return port_write(c->port, "\n", 1, diag) ? CONSOLE_FAILED : CONSOLE_DONE;
}

/* end: NULL: none, a prompt will do. */
static enum console_answer ask(struct console *c, const char *line, const char *end,
			       struct diag *diag)
{
	unsigned restarts = c->restarts;
	enum console_answer a;

	if (!c->in_step && console_sync(c, diag) != CONSOLE_DONE)
		return CONSOLE_FAILED;
	if (is_late(c))
		return console_failed(c, diag);
	while (console_receive(c, port_now(c->port), diag) > 0)
		;
	if (diag->code)
		return CONSOLE_FAILED;
	c->in_step = false;
	if (c->restarts != restarts)
		return CONSOLE_RESTART;
	a = send_line(c, line, diag);
	if (a == CONSOLE_DONE)
		a = end ? wait_end(c, end, diag) : wait_prompt(c, diag);
	if (a == CONSOLE_ERROR && !c->echo && !port_is_telnet(c->port) && ++c->doubts < DOUBTS)
		a = CONSOLE_LOST;
	if (a == CONSOLE_DONE) {
		c->doubts = 0;
		c->settled = c->restarts;
		c->heard = c->odd = 0;
		c->echoed = false;
	}
	c->in_step = a == CONSOLE_DONE || a == CONSOLE_ERROR || a == CONSOLE_MEMORY;
	return a;
}

enum console_answer console_ask(struct console *c, const char *line, const char *end,
				struct diag *diag)
{
	return ask(c, line, end, diag);
}

enum console_answer console_tell(struct console *c, const char *line, struct diag *diag)
{
	return ask(c, line, NULL, diag);
}

enum console_answer console_run(struct console *c, const char *line, struct diag *diag)
{
	enum console_answer a = CONSOLE_LOST;
	char text[CONSOLE_LINE_MAX + 1], marker[24], end[8];

	for (unsigned i = 0; i < TRIES && a == CONSOLE_LOST; i++) {
		console_make_marker(c, "print", marker, sizeof(marker), end);
		if (snprintf(text, sizeof(text), "%s %s", line, marker) > CONSOLE_LINE_MAX) {
			diag_fail(diag, ERR_LIMIT, "too long a line for the console");
			return CONSOLE_FAILED;
		}
		a = console_ask(c, text, end, diag);
	}
	return a == CONSOLE_LOST ? console_failed(c, diag) : a;
}

/* What stands behind the marker, in whatever line it is. */
static bool find_value(const struct console *c, const char *marker, struct buf *out)
{
	const uint8_t *p, *found;
	size_t at = 0, n;

	while (console_line(c, &at, &p, &n)) {
		found = console_find(p, n, marker);
		if (!found)
			continue;
		found += strlen(marker);
		out->len = 0;
		buf_put(out, found, (size_t)(p + n - found));
		return !out->failed;
	}
	return false;
}

enum console_answer console_get(struct console *c, const char *expression, struct buf *out,
				struct diag *diag)
{
	char line[CONSOLE_LINE_MAX + 1], marker[8];
	unsigned number = console_number(c);
	enum console_answer a;

	snprintf(marker, sizeof(marker), "-%u\t", number);
	/* "=" would make the device hold the line twice. */
	snprintf(line, sizeof(line), "return-%u,%s", number, expression);
	a = console_ask(c, line, marker, diag);
	if (a != CONSOLE_DONE || find_value(c, marker, out))
		return a;
	if (!out->failed)
		return CONSOLE_LOST;
	diag_fail(diag, ERR_MEMORY, "out of memory");
	return CONSOLE_FAILED;
}

enum console_answer console_value(struct console *c, const char *expression, struct buf *out,
				  struct diag *diag)
{
	enum console_answer a = CONSOLE_LOST;
	struct buf before = { 0 };
	bool same = false, first = true;

	for (unsigned i = 0; i < 2 * TRIES && !same; i++) {
		a = console_get(c, expression, out, diag);
		if (a == CONSOLE_LOST)
			continue;
		if (a != CONSOLE_DONE)
			break;
		same = !first && before.len == out->len &&
		       (!out->len || memcmp(before.data, out->data, out->len) == 0);
		first = false;
		before.len = 0;
		buf_put(&before, out->data, out->len);
		if (before.failed) {
			diag_fail(diag, ERR_MEMORY, "out of memory");
			a = CONSOLE_FAILED;
			break;
		}
	}
	buf_free(&before);
	if (a == CONSOLE_LOST || (a == CONSOLE_DONE && !same))
		return console_failed(c, diag);
	return a;
}

void console_leave(struct console *c)
{
	struct diag diag = { 0 };

	port_end(c->port);
	c->leaving = true;
	c->give_up = port_now(c->port) + (c->in_step ? LEAVE_MOST : LEAVE_SECONDS) * PORT_SECOND;
	c->patience = c->formatting = c->limit = 0;
	/* Heap may be too short for a longer line at first. */
	if (console_tell(c, "_P=nil", &diag) != CONSOLE_FAILED)
		console_run(c, "_P,_Q,_R=nil collectgarbage()", &diag);
}
