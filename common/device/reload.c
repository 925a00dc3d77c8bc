/* SPDX-License-Identifier: MIT */
#include "common/device/reload.h"

#include <string.h>

#include "common/device/console.h"

enum {
	TRIES = 5,
	RESTART_SECONDS = 40, /* until it has restarted */
	BOOT_SECONDS = 20,    /* until the console answers */
	QUIET_MS = 3000,      /* that may mean that it is done */
	ERASE_MS = 8000,      /* 5.3: while it erases */
	HEARD_MAX = 1 << 16,
};

/* Set before, and gone with the restart. */
#define MARK "_Q=1"

struct reload {
	struct console *c;
	struct reload_report *out;
	unsigned restarts;
	bool announced;   /* it said that it restarts */
	struct buf heard; /* since the command */
};

static void keep_heard(struct reload *r)
{
	if (r->heard.len < HEARD_MAX)
		buf_put(&r->heard, r->c->in.data, r->c->in.len);
	buf_byte(&r->heard, '\n');
}

/* Until there is a prompt behind a restart, or nothing has come for a while. */
static void listen(struct reload *r, struct diag *diag)
{
	struct console *c = r->c;
	int64_t end = port_now(c->port) + RESTART_SECONDS * PORT_SECOND, quiet = port_now(c->port);
	size_t before = c->in.len;

	while (!diag->code && port_now(c->port) < end) {
		int64_t ms = c->restarts != r->restarts ? QUIET_MS
			     : r->announced             ? ERASE_MS
							: QUIET_MS;

		/* A new session has no prompt. */
		if (c->restarts != r->restarts && (console_at_prompt(c) || port_is_telnet(c->port)))
			break;
		/* Without a banner: a prompt after all else. */
		if (console_at_prompt(c) && c->in.len > before + 8)
			ms = QUIET_MS / 2;
		if (console_receive(c, quiet + ms * PORT_MS, diag) > 0)
			quiet = port_now(c->port);
		else if (port_now(c->port) >= quiet + ms * PORT_MS)
			break;
	}
	keep_heard(r);
}

/* The loader's words among all that was heard. */
static void find_said(struct reload *r)
{
	struct console text = { .in = r->heard };
	const uint8_t *p;
	size_t at = 0, n;

	while (!r->out->meaning && console_line(&text, &at, &p, &n)) {
		snprintf(r->out->said, sizeof(r->out->said), "%.*s", (int)(n < 119 ? n : 119), p);
		r->out->meaning = reload_meaning(r->out->said);
	}
	if (!r->out->meaning)
		r->out->said[0] = '\0';
}

/* Has it restarted? -1: not known. */
static int has_restarted(struct console *c, struct diag *diag)
{
	enum console_answer a = CONSOLE_LOST;
	struct buf text = { 0 };
	int answer = -1;

	for (unsigned i = 0; i < TRIES && answer < 0 && !diag->code; i++) {
		a = console_get(c, "_Q", &text, diag);
		if (a == CONSOLE_DONE && text.len == 1 && text.data[0] == '1')
			answer = 0;
		if (a == CONSOLE_DONE && text.len == 3 && memcmp(text.data, "nil", 3) == 0)
			answer = 1;
		if (a == CONSOLE_RESTART)
			answer = 1;
	}
	buf_free(&text);
	return answer;
}

/* A session whose other end has gone without a word; that is found out once. */
static void connect_again(struct reload *r, struct diag *diag)
{
	struct console *c = r->c;

	if (!diag->code || strcmp(diag->text, "interrupted") == 0 || !port_is_telnet(c->port) ||
	    c->restarts != r->restarts)
		return;
	*diag = (struct diag){ 0 };
	if (port_connect(c->port, diag) == ERR_NONE)
		console_progress(c);
}

/* Waits for it to come back. False when it never went, so that the command may be given again. */
static bool wait_back(struct reload *r, struct diag *diag)
{
	struct console *c = r->c;
	int64_t end = port_now(c->port) + RESTART_SECONDS * PORT_SECOND;
	int gone = 0;

	while (!diag->code && !gone && port_now(c->port) < end) {
		listen(r, diag);
		find_said(r);
		c->patience = port_now(c->port) +
			      (r->out->meaning ? 2 : BOOT_SECONDS) * PORT_SECOND;
		console_progress(c);
		if (!diag->code && console_sync(c, diag) == CONSOLE_DONE)
			gone = has_restarted(c, diag);
		connect_again(r, diag);
		/* It answers before it goes. */
		if (gone == 0 && !r->announced)
			return false;
	}
	if (!diag->code)
		r->out->end = gone > 0 ? RELOAD_BACK : RELOAD_REFUSED;
	else if (strcmp(diag->text, "interrupted") == 0)
		return true;
	else
		r->out->end = RELOAD_SILENT;
	*diag = (struct diag){ 0 };
	return true;
}

/* What the device answered, printable. */
static void set_said(struct reload_report *out, const uint8_t *p, size_t n)
{
	size_t used = 0;

	for (size_t i = 0; i < n && used < sizeof(out->said) - 1; i++)
		out->said[used++] = p[i] >= ' ' && p[i] <= '~' ? (char)p[i] : ' ';
	out->said[used] = '\0';
	out->meaning = reload_meaning(out->said);
}

/* The command; true when the end is known. */
static bool command(struct reload *r, const char *name, struct diag *diag)
{
	struct console *c = r->c;
	char line[CONSOLE_LINE_MAX + 1], end[16];
	unsigned number = console_number(c);
	const uint8_t *p = NULL;
	size_t at = 0, n;

	snprintf(line, sizeof(line),
		 "return-%u,(node.LFS and node.LFS.reload or node.flashreload)'%s'", number, name);
	snprintf(end, sizeof(end), "-%u\t", number);
	r->restarts = c->restarts;
	switch (console_ask(c, line, end, diag)) {
	case CONSOLE_DONE:
		while (console_line(c, &at, &p, &n) && !console_find(p, n, end))
			;
		r->out->end = RELOAD_REFUSED;
		p = p ? console_find(p, n, end) : NULL;
		if (p)
			set_said(r->out, p + strlen(end),
				 (size_t)(c->in.data + at - p) - strlen(end));
		return true;
	case CONSOLE_ERROR:
		r->announced = strstr(c->error, "restarting") != NULL;
		if (r->announced)
			break;
		/* fall through */
	case CONSOLE_MEMORY:
		r->out->end = RELOAD_REFUSED;
		set_said(r->out, (const uint8_t *)c->error, strlen(c->error));
		return true;
	default: break;
	}
	keep_heard(r);
	return wait_back(r, diag);
}

enum err reload_run(struct console *c, const char *name, struct reload_report *out,
		    struct diag *diag)
{
	struct reload r = { .c = c, .out = out };
	bool known = false;

	*out = (struct reload_report){ .end = RELOAD_REFUSED };
	for (unsigned i = 0; i < TRIES && !known && !diag->code; i++) {
		enum console_answer a = console_run(c, MARK, diag);

		if (a == CONSOLE_DONE)
			known = command(&r, name, diag);
	}
	buf_free(&r.heard);
	if (!known && !diag->code)
		console_no_answer(c, diag);
	return diag->code;
}
