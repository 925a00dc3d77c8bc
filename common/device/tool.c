/* SPDX-License-Identifier: MIT */
#include "common/device/tool.h"

#include <stdlib.h>
#include <string.h>

enum { TRIES = 12, ERRORS = 3, RESTARTS = 8 };

static enum err no_memory(struct diag *diag)
{
	return diag_fail(diag, ERR_IO,
			 "not enough memory on the device; stop its application first");
}

/* What an answer that is none means, after all tries. */
static enum err give_up(const struct console *c, enum console_answer a, struct diag *diag)
{
	if (diag->code)
		return diag->code;
	switch (a) {
	case CONSOLE_ERROR: return console_refused(c, diag);
	case CONSOLE_MEMORY: return no_memory(diag);
	case CONSOLE_RESTART:
		return diag_fail(diag, ERR_IO, "the device restarts again and again (%u times)",
				 c->restarts);
	default: return console_no_answer(c, diag);
	}
}

static enum console_answer make(struct tool *t, struct diag *diag)
{
	enum console_answer a = CONSOLE_DONE;

	for (unsigned i = 0; i < TOOL_LINES && a == CONSOLE_DONE; i++)
		if (t->lines[i][0])
			a = console_run(t->console, t->lines[i], diag);
	if (a != CONSOLE_DONE)
		return a;
	t->made++;
	t->ready = true;
	t->restarts = t->console->restarts;
	return a;
}

/* "12 TAB 34 TAB text" */
static bool parse(const struct buf *text, long long *numbers, unsigned n, struct buf *rest)
{
	const char *p = (const char *)text->data;

	for (unsigned i = 0; i < n; i++) {
		char *end;

		numbers[i] = strtoll(p, &end, 10);
		if (end == p || (*end != '\t' && *end != '\0') || (*end == '\0' && i + 1 < n))
			return false;
		p = end + (*end == '\t');
	}
	if (!rest)
		return *p == '\0';
	rest->len = 0;
	buf_str(rest, p);
	return !rest->failed;
}

static enum console_answer attempt(struct tool *t, const char *expression, struct buf *text,
				   struct diag *diag)
{
	enum console_answer a = CONSOLE_DONE;

	if (!t->ready || t->restarts != t->console->restarts)
		a = make(t, diag);
	if (a == CONSOLE_DONE)
		a = console_get(t->console, expression, text, diag);
	if (a != CONSOLE_DONE && a != CONSOLE_LOST)
		t->ready = false;
	buf_byte(text, 0);
	return text->failed ? CONSOLE_LOST : a;
}

enum err tool_ask(struct tool *t, const char *expression, long long *numbers, unsigned n,
		  struct buf *rest, struct diag *diag)
{
	unsigned count[CONSOLE_FAILED + 1] = { 0 };
	enum console_answer a = CONSOLE_LOST;
	struct buf text = { 0 };

	while (!diag->code && count[CONSOLE_LOST] < TRIES && count[CONSOLE_ERROR] < ERRORS &&
	       count[CONSOLE_MEMORY] < ERRORS && count[CONSOLE_RESTART] < RESTARTS) {
		text.len = 0;
		a = attempt(t, expression, &text, diag);
		if (a == CONSOLE_DONE && parse(&text, numbers, n, rest))
			break;
		a = a == CONSOLE_DONE ? CONSOLE_LOST : a;
		count[a]++;
	}
	buf_free(&text);
	if (a != CONSOLE_DONE)
		return give_up(t->console, a, diag);
	console_progress(t->console);
	return ERR_NONE;
}

bool tool_try(struct tool *t, const char *expression, long long *number, struct diag *diag)
{
	struct buf text = { 0 };
	bool there = attempt(t, expression, &text, diag) == CONSOLE_DONE &&
		     parse(&text, number, 1, NULL);

	buf_free(&text);
	return there;
}

void tool_end(struct tool *t)
{
	struct diag other = { 0 };

	if (t->ready)
		console_run(t->console, TOOL_END, &other);
	t->ready = false;
}

enum err tool_run(struct console *c, const char *line, struct diag *diag)
{
	enum console_answer a = CONSOLE_RESTART;

	for (unsigned i = 0; i < RESTARTS && a == CONSOLE_RESTART; i++)
		a = console_run(c, line, diag);
	if (a == CONSOLE_DONE)
		console_progress(c);
	return a == CONSOLE_DONE ? ERR_NONE : give_up(c, a, diag);
}

enum err tool_value(struct console *c, const char *expression, struct buf *out, struct diag *diag)
{
	enum console_answer a = CONSOLE_RESTART;

	out->len = 0;
	for (unsigned i = 0; i < RESTARTS && a == CONSOLE_RESTART; i++)
		a = console_value(c, expression, out, diag);
	if (a == CONSOLE_ERROR ||
	    (a == CONSOLE_DONE && out->len == 3 && !memcmp(out->data, "nil", 3)))
		out->len = 0;
	else if (a != CONSOLE_DONE)
		return give_up(c, a, diag);
	console_progress(c);
	return out->failed ? diag_fail(diag, ERR_MEMORY, "out of memory") : ERR_NONE;
}

enum err tool_number(struct console *c, const char *expression, long long other, long long *out,
		     struct diag *diag)
{
	struct buf text = { 0 };
	char *end = NULL;

	*out = other;
	if (tool_value(c, expression, &text, diag) == ERR_NONE && text.len) {
		buf_byte(&text, 0);
		if (!text.failed)
			*out = strtoll((const char *)text.data, &end, 10);
		if (text.failed || !end || *end)
			*out = other;
	}
	buf_free(&text);
	return diag->code;
}
