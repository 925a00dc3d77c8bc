/* SPDX-License-Identifier: MIT */
#include "common/device/slice.h"
#include "common/device/slice_parts.h"

#include <stdlib.h>
#include <string.h>

enum {
	TEXT_PIECE = 64,
	BYTE_PIECE = 8,
	TRIES = 12,
	SIZE_FIRST = 16,
	SIZE_MAX_STRINGS = 64,
	SLICE_MS = 250,  /* a slice should take no longer */
	PRINTED = 99,    /* a longer string is read alone */
	TELNET_SIZE = 4, /* output piles up in RAM there */
	TELNET_PRINTED = 40,
};

/* It has something unprintable in it itself, so that it ends the loop as well. */
#define ODD "'[^ -~]\\127?'"

static enum console_answer no_memory(struct diag *diag)
{
	diag_fail(diag, ERR_MEMORY, "out of memory");
	return CONSOLE_FAILED;
}

enum console_answer slice_too_bad(const struct slices *s, uint32_t i, struct diag *diag)
{
	diag_fail(diag, ERR_IO, "too much is lost on the line: string %u of %u does not come whole",
		  (unsigned)i, (unsigned)s->count);
	return CONSOLE_FAILED;
}

enum console_answer slice_same_array(const struct slices *s, enum console_answer a)
{
	return a != CONSOLE_FAILED && s->console->restarts != s->restarts ? CONSOLE_RESTART : a;
}

void slice_reached(struct slices *s, uint32_t i, uint32_t at)
{
	uint64_t now = (uint64_t)s->stage << 40 | (uint64_t)i << 20 | at;

	console_progress(s->console);
	if (now <= s->reached)
		return;
	s->reached = now;
	console_advance(s->console);
}

static void forget(struct slice_string *str)
{
	free(str->text);
	str->text = NULL;
}

static bool set_text(struct slice_string *str, const uint8_t *text, uint32_t len)
{
	forget(str);
	str->text = malloc(len ? len : 1);
	str->len = len;
	if (str->text && text)
		memcpy(str->text, text, len);
	return str->text != NULL;
}

/* Asks for values; in a careful way when they turned out to be wrong before. */
static enum console_answer get(struct slices *s, const char *expression, bool careful,
			       struct buf *out, struct diag *diag)
{
	enum console_answer a = careful ? console_value(s->console, expression, out, diag)
					: console_get(s->console, expression, out, diag);

	return slice_same_array(s, a);
}

/* Length, and whether it is printable. */
static enum console_answer read_size(struct slices *s, uint32_t i, struct buf *out,
				     struct diag *diag)
{
	struct slice_string *str = &s->strings[i - 1];
	char expression[80];

	snprintf(expression, sizeof(expression), "#_P[%u],_P[%u]:find'[^ -~]'", (unsigned)i,
		 (unsigned)i);
	for (unsigned n = 0; n < TRIES; n++) {
		/* A wrong one would make us ask for pieces that are not there. */
		enum console_answer a = get(s, expression, true, out, diag);

		if (a == CONSOLE_LOST)
			continue;
		if (a != CONSOLE_DONE)
			return a;
		str->sized = slice_size(out, &str->len, &str->binary);
		if (str->sized)
			return CONSOLE_DONE;
	}
	return slice_too_bad(s, i, diag);
}

static enum console_answer read_piece(struct slices *s, uint32_t i, uint32_t from, uint32_t n,
				      bool careful, struct buf *out, struct diag *diag)
{
	struct slice_string *str = &s->strings[i - 1];
	char expression[80];

	snprintf(expression, sizeof(expression), "_P[%u]:%s(%u,%u)", (unsigned)i,
		 str->binary ? "byte" : "sub", (unsigned)from + 1, (unsigned)(from + n));
	for (unsigned k = 0; k < TRIES; k++) {
		enum console_answer a = get(s, expression, careful, out, diag);

		if (a != CONSOLE_DONE && a != CONSOLE_LOST)
			return a;
		if (a == CONSOLE_DONE && slice_piece(out, str->binary, str->text + from, n)) {
			slice_reached(s, i, from);
			return CONSOLE_DONE;
		}
	}
	return slice_too_bad(s, i, diag);
}

enum console_answer slice_read_string(struct slices *s, uint32_t i, bool careful, struct diag *diag)
{
	struct slice_string *str = &s->strings[i - 1];
	enum console_answer a = CONSOLE_DONE;
	struct buf line = { 0 };
	uint32_t step;

	if (!str->sized || careful)
		a = read_size(s, i, &line, diag);
	if (a == CONSOLE_DONE && !set_text(str, NULL, str->len))
		a = no_memory(diag);
	careful = careful || str->len > SLICE_LONG;
	step = !str->binary ? TEXT_PIECE : s->byte_piece ? s->byte_piece : BYTE_PIECE;
	for (uint32_t at = 0; at < str->len && a == CONSOLE_DONE; at += step) {
		uint32_t n = str->len - at < step ? str->len - at : step;

		a = read_piece(s, i, at, n, careful, &line, diag);
	}
	if (a != CONSOLE_DONE)
		forget(str);
	buf_free(&line);
	return a;
}

static enum console_answer set_cursor(struct slices *s, uint32_t at, struct diag *diag)
{
	char line[24];

	if (s->cursor == at)
		return CONSOLE_DONE;
	snprintf(line, sizeof(line), "_Q=%u", (unsigned)at);
	return console_tell(s->console, line, diag);
}

/* The next string behind at that a loop ends at. */
static enum console_answer find_next(struct slices *s, const char *loop, uint32_t at,
				     uint32_t *next, struct diag *diag)
{
	struct buf text = { 0 };
	enum console_answer a = CONSOLE_LOST;
	uint32_t heard[2];

	for (unsigned n = 0; n < TRIES && a == CONSOLE_LOST; n++) {
		a = set_cursor(s, at, diag);
		s->cursor = UINT32_MAX;
		if (a == CONSOLE_DONE)
			a = console_tell(s->console, loop, diag);
		if (a == CONSOLE_DONE)
			a = console_get(s->console, "_Q,0", &text, diag);
		a = slice_same_array(s, a);
		if (a == CONSOLE_DONE &&
		    !(slice_numbers(&text, heard) && heard[0] > at && heard[0] <= s->count + 1))
			a = CONSOLE_LOST;
	}
	buf_free(&text);
	if (a == CONSOLE_LOST)
		return slice_too_bad(s, at + 1, diag);
	if (a == CONSOLE_DONE)
		s->cursor = *next = heard[0];
	return a;
}

/* Which strings are to be read alone? What is heard wrong here costs time at most. */
static enum console_answer find_apart(struct slices *s, const char *loop, struct diag *diag)
{
	enum console_answer a = CONSOLE_DONE;

	for (uint32_t at = 0; at < s->count && a == CONSOLE_DONE;) {
		a = find_next(s, loop, at, &at, diag);
		if (a == CONSOLE_DONE && at <= s->count)
			s->strings[at - 1].apart = true;
		if (a == CONSOLE_DONE)
			slice_reached(s, at, 0);
	}
	return a;
}

/* The strings of an answer that are whole in it. */
static bool take_strings(struct slices *s, uint32_t first, uint32_t last, uint32_t modulus)
{
	struct slice_line line;
	const uint8_t *p;
	size_t at = 0, n;

	while (console_line(s->console, &at, &p, &n)) {
		uint32_t i;

		if (!slice_parse(p, n, modulus, &line))
			continue;
		i = first + (line.index + modulus - first % modulus) % modulus;
		if (i <= last && !set_text(&s->strings[i - 1], line.text, line.len))
			return false;
	}
	return true;
}

/* What the next slice should have; the line's rate and the device's are not known. */
static void fit_size(struct slices *s, uint32_t strings, int64_t ns)
{
	int64_t most = ns > 0 ? (int64_t)strings * SLICE_MS * PORT_MS / ns : SIZE_MAX_STRINGS;

	while (s->size > 1 && s->size > most)
		s->size /= 2;
	if (!port_is_telnet(s->console->port) && s->size < SIZE_MAX_STRINGS && most / 2 >= s->size)
		s->size *= 2;
}

/* Prints the strings from first to last; what is not whole then is left for later. */
static enum console_answer read_slice(struct slices *s, uint32_t first, uint32_t last,
				      struct diag *diag)
{
	uint32_t modulus = last % s->size && last != s->count ? last : s->size;
	char line[100], marker[24];

	snprintf(line, sizeof(line),
		 last == s->count ? "repeat _Q=_Q+1 print(_Q%%%u,#_P[_Q],_P[_Q])until _Q==#_P "
				    "return-_Q,_Q"
				  : "repeat _Q=_Q+1 print(_Q%%%u,#_P[_Q],_P[_Q])until _Q%%%u<1 "
				    "return-_Q,_Q",
		 (unsigned)modulus, (unsigned)modulus);
	snprintf(marker, sizeof(marker), "-%u\t%u", (unsigned)last, (unsigned)last);
	for (unsigned n = 0; n < TRIES; n++) {
		int64_t start;
		enum console_answer a = set_cursor(s, first - 1, diag);

		start = port_now(s->console->port);
		if (a == CONSOLE_DONE)
			a = console_ask(s->console, line, marker, diag);
		a = slice_same_array(s, a);
		s->cursor = a == CONSOLE_DONE ? last : UINT32_MAX;
		if (a != CONSOLE_DONE && a != CONSOLE_LOST)
			return a;
		if (!take_strings(s, first, last, modulus))
			return no_memory(diag);
		if (a == CONSOLE_DONE) {
			fit_size(s, last - first + 1, port_now(s->console->port) - start);
			slice_reached(s, last, 0);
			return CONSOLE_DONE;
		}
	}
	return slice_too_bad(s, first, diag);
}

/* Up to the next multiple of the slices' size, if nothing stands apart before. */
static uint32_t slice_end(const struct slices *s, uint32_t first)
{
	uint32_t last = first;

	while (last < s->count && last % s->size && !s->strings[last].apart)
		last++;
	return last;
}

static void tell(struct slices *s)
{
	uint32_t done = 0;

	s->bytes = 0;
	for (uint32_t i = 1; i <= s->count; i++)
		if (s->strings[i - 1].text) {
			done++;
			s->bytes += s->strings[i - 1].len;
		}
	if (s->tell)
		s->tell(s->ctx, done);
}

/* All that can be printed at once. */
static enum console_answer read_slices(struct slices *s, struct diag *diag)
{
	enum console_answer a = CONSOLE_DONE;
	uint32_t last;

	for (uint32_t first = 1; first <= s->count && a == CONSOLE_DONE; first = last + 1) {
		last = first;
		if (s->strings[first - 1].apart)
			continue;
		last = slice_end(s, first);
		a = read_slice(s, first, last, diag);
		if (a == CONSOLE_MEMORY && s->size > 1) {
			s->size = s->size < 8 ? 1 : s->size / 8;
			last = first - 1;
			a = console_run(s->console, "collectgarbage()", diag);
		}
		tell(s);
	}
	return a;
}

enum console_answer slices_read(struct slices *s, struct diag *diag)
{
	bool telnet = port_is_telnet(s->console->port);
	enum console_answer a;
	char loop[64];

	s->size = telnet ? TELNET_SIZE : SIZE_FIRST;
	s->cursor = UINT32_MAX;
	if (s->count)
		s->strings[0].apart = true;
	snprintf(loop, sizeof(loop), "repeat _Q=_Q+1 until not _P[_Q]or#_P[_Q]>%u",
		 telnet ? (unsigned)TELNET_PRINTED : (unsigned)PRINTED);
	s->stage = STAGE_LONG;
	a = find_apart(s, loop, diag);
	s->stage = STAGE_ODD;
	if (a == CONSOLE_DONE)
		a = find_apart(s, "repeat _Q=_Q+1 until(_P[_Q]or" ODD "):find" ODD, diag);
	s->stage = STAGE_SLICES;
	if (a == CONSOLE_DONE)
		a = read_slices(s, diag);
	s->stage = STAGE_ALONE;
	for (uint32_t i = 1; i <= s->count && a == CONSOLE_DONE; i++)
		if (!s->strings[i - 1].text) {
			a = slice_read_string(s, i, i == 1, diag);
			tell(s);
		}
	return a == CONSOLE_DONE ? slice_check(s, diag) : a;
}

void slices_free(struct slices *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		free(s->strings[i].text);
	free(s->strings);
	s->strings = NULL;
	s->count = 0;
}
