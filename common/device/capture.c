/* SPDX-License-Identifier: MIT */
/*
 * How the device is asked. The code that prints slices is made before the array of strings is, since
 * compiling takes more heap than running. Then garbage is collected and the array takes the place of
 * what made it; of what was said until then nothing is in it but the line that made it, the names
 * of two globals and a pattern.
 */
#include "common/device/capture.h"

#include <stdlib.h>
#include <string.h>

#include "common/device/probe.h"
#include "common/device/slice.h"

enum { STARTS = 4, COUNT_MAX = 100000 };

#define TOOLS "_P={debug.getstrings,collectgarbage}"

struct capture {
	struct console *c;
	const struct capture_watcher *watcher;
	struct slices slices;
	char snapshot[64]; /* the line that made the array */
	int64_t start;
};

/* The array. What makes it cannot be sent twice, so that all begins anew if it was lost. */
static enum console_answer take_snapshot(struct capture *cap, struct diag *diag)
{
	char code[CONSOLE_LINE_MAX + 1], end[16];
	enum console_answer a = console_run(cap->c, TOOLS, diag);
	unsigned number;

	snprintf(code, sizeof(code), SLICE_FUNCTION, (unsigned)cap->slices.size,
		 (unsigned)cap->slices.size);
	if (a == CONSOLE_DONE)
		a = console_run_by(cap->c, code, "p", diag);
	if (a != CONSOLE_DONE)
		return a;
	number = console_number(cap->c);
	snprintf(end, sizeof(end), "-%u\t", number);
	snprintf(cap->snapshot, sizeof(cap->snapshot), "_P[2]()_P=_P[1]()return-%u,#_P", number);
	return console_ask(cap->c, cap->snapshot, end, diag);
}

static void tell(void *ctx, uint32_t done)
{
	struct capture *cap = ctx;
	struct capture_progress p = {
		.done = done,
		.total = cap->slices.count,
		.bytes = cap->slices.bytes,
		.ns = port_now(cap->c->port) - cap->start,
	};

	if (cap->watcher && cap->watcher->tell)
		cap->watcher->tell(cap->watcher->ctx, &p);
}

/* How many strings the array has. */
static enum console_answer ask_count(struct capture *cap, struct diag *diag)
{
	struct buf text = { 0 };
	enum console_answer a = console_value(cap->c, "#_P", &text, diag);
	struct slices *s = &cap->slices;
	unsigned long count;

	buf_byte(&text, 0);
	count = a == CONSOLE_DONE && !text.failed ? strtoul((const char *)text.data, NULL, 10) : 0;
	buf_free(&text);
	if (a != CONSOLE_DONE)
		return a;
	if (count > COUNT_MAX) {
		diag_fail(diag, ERR_LIMIT, "%lu strings are more than any device can hold", count);
		return CONSOLE_FAILED;
	}
	s->strings = calloc(count ? count : 1, sizeof(*s->strings));
	s->count = s->strings ? (uint32_t)count : 0;
	if (!s->strings) {
		diag_fail(diag, ERR_MEMORY, "out of memory");
		return CONSOLE_FAILED;
	}
	return CONSOLE_DONE;
}

static enum console_answer begin(struct capture *cap, struct diag *diag)
{
	struct slices *s = &cap->slices;
	enum console_answer a = CONSOLE_LOST;

	slices_free(s);
	*s = (struct slices){ .console = cap->c, .tell = tell, .ctx = cap };
	s->size = port_is_telnet(cap->c->port) ? TELNET_SLICE : SLICE;
	for (unsigned i = 0; i < 12 && a == CONSOLE_LOST; i++)
		a = take_snapshot(cap, diag);
	s->restarts = cap->c->restarts;
	if (a == CONSOLE_DONE)
		a = ask_count(cap, diag);
	if (a == CONSOLE_DONE)
		console_progress(cap->c);
	return a;
}

static bool is(const struct slice_string *s, const char *text)
{
	return s->len == strlen(text) && memcmp(s->text, text, s->len) == 0;
}

/* Is it there because of this capture alone? */
static bool is_ours(const struct capture *cap, const struct slice_string *s)
{
	static const char *const always[] = { "_P", "_Q", SLICE_PATTERN, "=stdin" };

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (is(s, always[i]))
			return true;
	return is(s, cap->snapshot);
}

static enum err add_all(const struct capture *cap, struct string_set *set, struct diag *diag)
{
	string_set_capture(set);
	for (uint32_t i = 0; i < cap->slices.count; i++) {
		const struct slice_string *s = &cap->slices.strings[i];

		if (!is_ours(cap, s) && string_set_add(set, s->text, s->len) == STRING_UNKNOWN)
			return diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	return ERR_NONE;
}

static enum err no_heap(struct capture *cap, bool listed, struct diag *diag)
{
	struct diag other = { 0 };
	int64_t found;
	unsigned long free_bytes;

	console_run(cap->c, "_P,_Q=nil collectgarbage()", &other);
	found = probe_heap(cap->c, &other);
	free_bytes = found < 0 ? 0 : (unsigned long)found;
	if (listed)
		return diag_fail(
			diag, ERR_IO,
			"not enough memory on the device to read its %u strings: %lu bytes "
			"of heap are free, and about 1,000 more are needed",
			(unsigned)cap->slices.count, free_bytes);
	if (cap->c->wanted > free_bytes)
		return diag_fail(
			diag, ERR_IO,
			"not enough memory on the device: the list of its strings takes %u "
			"bytes of heap at once, %lu are free, %lu are missing",
			(unsigned)cap->c->wanted, free_bytes, cap->c->wanted - free_bytes);
	return diag_fail(
		diag, ERR_IO,
		"not enough memory on the device: %lu bytes of heap are free, and the list "
		"of its strings takes more at once (8 to 16 bytes a string); stop the "
		"application first",
		free_bytes);
}

static enum err lua_error(const struct capture *cap, struct diag *diag)
{
	char text[120];
	size_t n = 0;

	for (const char *p = cap->c->error; *p && n < sizeof(text) - 1; p++)
		text[n++] = *p >= ' ' && *p <= '~' ? *p : ' ';
	text[n] = '\0';
	return diag_fail(diag, ERR_IO, "the device refuses: %s", text);
}

static enum err check_support(struct console *c, struct diag *diag)
{
	struct buf text = { 0 };
	enum console_answer a = console_value(c, "type(debug and debug.getstrings)", &text, diag);

	if (a == CONSOLE_DONE && !(text.len == 8 && memcmp(text.data, "function", 8) == 0))
		diag_fail(diag, ERR_KIND,
			  "this firmware has no debug.getstrings: it needs release 3.0, or a "
			  "build from the dev branch since 2019");
	buf_free(&text);
	/* A restart and the like are seen to later. */
	return diag->code;
}

/* One attempt: all of it, or what went wrong. */
static enum console_answer attempt(struct capture *cap, struct diag *diag)
{
	enum console_answer a;

	cap->start = port_now(cap->c->port);
	a = begin(cap, diag);
	if (a == CONSOLE_DONE)
		a = slices_read(&cap->slices, diag);
	if (a == CONSOLE_MEMORY)
		no_heap(cap, cap->slices.count != 0, diag);
	return a;
}

enum err capture_take(struct console *c, const struct capture_watcher *w, struct string_set *set,
		      struct diag *diag)
{
	struct capture cap = { .c = c, .watcher = w };
	enum console_answer a = CONSOLE_LOST;

	if (check_support(c, diag))
		return diag->code;
	for (unsigned i = 0; i < STARTS && a != CONSOLE_DONE && !diag->code; i++)
		a = attempt(&cap, diag);
	if (a == CONSOLE_DONE)
		add_all(&cap, set, diag);
	else if (a == CONSOLE_RESTART)
		diag_fail(diag, ERR_IO, "the device restarts again and again (%u times)",
			  c->restarts);
	else if (a == CONSOLE_ERROR)
		lua_error(&cap, diag);
	else if (a == CONSOLE_LOST)
		console_no_answer(c, diag);
	slices_free(&cap.slices);
	return diag->code;
}
