/* SPDX-License-Identifier: MIT */
/*
 * How the device is asked. Garbage is collected and the array takes the place of what made it; of
 * what was said until then nothing is in it but the line that made it and the names of two globals.
 */
#include "common/device/capture.h"

#include <stdlib.h>
#include <string.h>

#include "common/device/console.h"
#include "common/device/probe.h"
#include "common/device/slice.h"

enum { STARTS = 4, COUNT_MAX = 100000 };
/* Bytes. */
enum { STRING_LEAST = 36, STRING_LISTED = 16, HEAP_BESIDE = 1024 };

struct capture {
	struct console *c;
	const struct capture_watcher *watcher;
	struct slices slices;
	int64_t start;
	uint64_t reached; /* by the attempts before, with a table like this one */
};

/* The array. What makes it cannot be sent twice, so that all begins anew if it was lost. */
static enum console_answer take_snapshot(struct capture *cap, struct diag *diag)
{
	enum console_answer a = console_run(cap->c, "_P=debug.getstrings", diag);
	char end[16], line[32];
	unsigned number;

	if (a == CONSOLE_DONE)
		a = console_run(cap->c, "_Q=collectgarbage", diag);
	if (a != CONSOLE_DONE)
		return a;
	number = console_number(cap->c);
	snprintf(end, sizeof(end), "-%u\t", number);
	snprintf(line, sizeof(line), "_Q()_P=_P()return-%u,0", number);
	return console_ask(cap->c, line, end, diag);
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
	*s = (struct slices){
		.console = cap->c, .tell = tell, .ctx = cap, .reached = cap->reached
	};
	for (unsigned i = 0; i < 12 && a == CONSOLE_LOST; i++)
		a = take_snapshot(cap, diag);
	s->restarts = cap->c->restarts;
	if (a == CONSOLE_DONE)
		a = ask_count(cap, diag);
	if (a == CONSOLE_DONE)
		console_progress(cap->c);
	return a;
}

/*
 * Is it there because of this capture alone? The line that made the array is known by what it
 * cannot have done without: some byte of the rest may have been damaged on the way.
 */
static bool is_ours(const struct slice_string *s)
{
	static const char *const always[] = { "_P", "_Q", "=stdin" };

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (s->len == strlen(always[i]) && memcmp(s->text, always[i], s->len) == 0)
			return true;
	return s->len < 32 && console_find(s->text, s->len, "_P=_P()");
}

static enum err add_all(const struct capture *cap, struct string_set *set, struct diag *diag)
{
	string_set_capture(set);
	for (uint32_t i = 0; i < cap->slices.count; i++) {
		const struct slice_string *s = &cap->slices.strings[i];

		if (!is_ours(s) && string_set_add(set, s->text, s->len) == STRING_UNKNOWN)
			return diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	return ERR_NONE;
}

/* A longer line may need too much itself; what has been lost on the way is said again. */
static void make_room(struct console *c, struct diag *diag)
{
	static const char *const lines[] = { "_P=nil", "collectgarbage()" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		for (unsigned n = 0; n < STARTS && !diag->code; n++)
			if (console_tell(c, lines[i], diag) == CONSOLE_DONE)
				break;
}

/*
 * What the list of strings takes at once. The firmware tells when it can; else it is known from the
 * count, or at most as many strings as Lua's memory can hold.
 */
static enum err no_heap(struct capture *cap, bool listed, struct diag *diag)
{
	struct diag other = { 0 };
	unsigned long count = cap->slices.count, free_bytes, most;
	int64_t found, used;

	make_room(cap->c, &other);
	found = probe_heap(cap->c, &other);
	free_bytes = found < 0 ? 0 : (unsigned long)found;
	if (listed)
		return diag_fail(diag, ERR_IO,
				 "not enough memory on the device to read its %lu strings: about "
				 "%lu bytes of heap are needed, %lu are free",
				 count, count * STRING_LISTED + HEAP_BESIDE, free_bytes);
	if (cap->c->wanted > free_bytes)
		return diag_fail(
			diag, ERR_IO,
			"not enough memory on the device: the list of its strings takes %u "
			"bytes of heap at once, %lu are free, %lu are missing",
			(unsigned)cap->c->wanted, free_bytes, cap->c->wanted - free_bytes);
	used = probe_number(cap->c, "collectgarbage'count'", &other);
	most = used < 0 ? 0 : (unsigned long)used * 1024 / STRING_LEAST * STRING_LISTED;
	return diag_fail(diag, ERR_IO,
			 "not enough memory on the device: the list of its strings needs up to "
			 "about %lu bytes of heap at once, %lu are free%s; stop the application "
			 "first",
			 most, free_bytes, most > free_bytes ? "" : ", but not in one piece");
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
	cap->reached = a == CONSOLE_LOST ? cap->slices.reached : 0;
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
	for (unsigned i = 0; i < STARTS && a != CONSOLE_DONE && !diag->code; i++) {
		if (a != CONSOLE_LOST || !i)
			console_advance(c);
		a = attempt(&cap, diag);
	}
	console_work_over(c);
	if (a == CONSOLE_DONE)
		add_all(&cap, set, diag);
	else if (a == CONSOLE_RESTART)
		diag_fail(diag, ERR_IO, "the device restarts again and again (%u times)",
			  c->restarts);
	else if (a == CONSOLE_ERROR)
		console_refused(c, diag);
	else if (a == CONSOLE_LOST)
		console_no_answer(c, diag);
	slices_free(&cap.slices);
	return diag->code;
}
