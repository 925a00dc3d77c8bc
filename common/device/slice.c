/* SPDX-License-Identifier: MIT */
#include "common/device/slice.h"
#include "common/device/slice_parts.h"

#include <stdlib.h>
#include <string.h>

enum {
	TEXT_PIECE = 64,
	BYTE_PIECE = 8,
	TRIES = 12,
	ROUNDS = 6,
};

static enum console_answer no_memory(struct diag *diag)
{
	diag_fail(diag, ERR_MEMORY, "out of memory");
	return CONSOLE_FAILED;
}

static enum console_answer too_bad(const struct slices *s, uint32_t i, struct diag *diag)
{
	diag_fail(diag, ERR_IO, "too much is lost on the line: string %u of %u does not come whole",
		  (unsigned)i, (unsigned)s->count);
	return CONSOLE_FAILED;
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

/* True when the device can still be talking of the array that was made. */
static enum console_answer same_array(const struct slices *s, enum console_answer a)
{
	return a == CONSOLE_DONE && s->console->restarts != s->restarts ? CONSOLE_RESTART : a;
}

/* Asks for values; in a careful way when they turned out to be wrong before. */
static enum console_answer get(struct slices *s, const char *expression, bool careful,
			       struct buf *out, struct diag *diag)
{
	enum console_answer a = careful ? console_value(s->console, expression, out, diag)
					: console_get(s->console, expression, out, diag);

	return same_array(s, a);
}

/* Length, and whether it is printable. */
static enum console_answer read_size(struct slices *s, uint32_t i, bool careful, struct buf *out,
				     struct diag *diag)
{
	struct slice_string *str = &s->strings[i - 1];
	char expression[80];

	snprintf(expression, sizeof(expression), "#_P[%u],_P[%u]:find'[^ -~]'", (unsigned)i,
		 (unsigned)i);
	for (unsigned n = 0; n < TRIES; n++) {
		enum console_answer a = get(s, expression, careful, out, diag);

		if (a == CONSOLE_LOST)
			continue;
		if (a != CONSOLE_DONE)
			return a;
		str->sized = slice_size(out, &str->len, &str->binary);
		if (str->sized)
			return CONSOLE_DONE;
	}
	return too_bad(s, i, diag);
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
			console_progress(s->console);
			return CONSOLE_DONE;
		}
	}
	return too_bad(s, i, diag);
}

/* One string of whatever kind. */
static enum console_answer read_string(struct slices *s, uint32_t i, bool careful,
				       struct diag *diag)
{
	struct slice_string *str = &s->strings[i - 1];
	enum console_answer a = CONSOLE_DONE;
	struct buf line = { 0 };
	uint32_t step;

	if (!str->sized || careful)
		a = read_size(s, i, careful, &line, diag);
	if (a == CONSOLE_DONE && !set_text(str, NULL, str->len))
		a = no_memory(diag);
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

/* The strings of an answer that are whole in it; what is known of the others. */
static bool take_strings(struct slices *s, uint32_t first)
{
	struct slice_line line;
	const uint8_t *p;
	size_t at = 0, n;

	while (console_line(s->console, &at, &p, &n)) {
		struct slice_string *str;

		if (!slice_parse(p, n, s->size, &line) || line.index >= s->count - first + 1)
			continue;
		str = &s->strings[first - 1 + line.index];
		forget(str);
		if (line.whole && !set_text(str, line.text, line.len))
			return false;
		/* What is three bytes long may be the word nil. */
		str->sized = line.binary && line.len != 3;
		str->binary = line.binary;
		str->len = line.len;
	}
	return true;
}

static uint32_t slice_end(const struct slices *s, uint32_t first)
{
	return s->count - first + 1 < s->size ? s->count : first + s->size - 1;
}

/* What the device must say. */
static uint32_t sum_of(const struct slices *s, uint32_t first, uint32_t v)
{
	for (uint32_t i = first; i < first + s->size; i++) {
		const struct slice_string *str = i <= s->count ? &s->strings[i - 1] : NULL;

		if (str)
			v = console_sum(v, str->len, str->text, str->len);
		else
			v = console_sum(v, sizeof(SLICE_PATTERN) - 1,
					(const uint8_t *)SLICE_PATTERN, sizeof(SLICE_PATTERN) - 1);
	}
	return v;
}

/* Are all strings of a slice there? */
static bool is_whole(const struct slices *s, uint32_t first)
{
	for (uint32_t i = first; i <= slice_end(s, first); i++)
		if (!s->strings[i - 1].text)
			return false;
	return true;
}

/* A slice as it comes; what is not whole in it is left for later. */
static enum console_answer read_slice(struct slices *s, uint32_t first, uint32_t sums[2],
				      struct diag *diag)
{
	char line[80], marker[24];

	snprintf(line, sizeof(line), "=_Q(%u,%u)", (unsigned)first, (unsigned)sums[0]);
	snprintf(marker, sizeof(marker), "-%u\t", (unsigned)(first + s->size));
	for (unsigned n = 0; n < TRIES; n++) {
		enum console_answer a = same_array(s, console_ask(s->console, line, marker, diag));

		if (a != CONSOLE_DONE && a != CONSOLE_LOST)
			return a;
		if (!take_strings(s, first))
			return no_memory(diag);
		if (a == CONSOLE_DONE && slice_sum(s->console, marker, &sums[1]) &&
		    (!is_whole(s, first) || sum_of(s, first, sums[0]) == sums[1])) {
			console_progress(s->console);
			return CONSOLE_DONE;
		}
	}
	return too_bad(s, first, diag);
}

/* What is missing; then, if the sum is not right, all of it, with care. */
static enum console_answer complete(struct slices *s, uint32_t first, const uint32_t sums[2],
				    struct diag *diag)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (uint32_t i = first; i <= slice_end(s, first); i++) {
			enum console_answer a = CONSOLE_DONE;

			if (!s->strings[i - 1].text || round)
				a = read_string(s, i, round > 0, diag);
			if (a != CONSOLE_DONE)
				return a;
		}
		if (sum_of(s, first, sums[0]) == sums[1])
			return CONSOLE_DONE;
	}
	/* Its sum came damaged, then. */
	return CONSOLE_LOST;
}

static void tell(struct slices *s, uint32_t first)
{
	uint32_t done = 0;

	for (uint32_t i = first; i <= slice_end(s, first); i++)
		s->bytes += s->strings[i - 1].len;
	for (uint32_t i = 1; s->tell && i <= s->count; i++)
		done += s->strings[i - 1].text != NULL;
	if (s->tell)
		s->tell(s->ctx, done);
}

enum console_answer slices_read(struct slices *s, struct diag *diag)
{
	uint32_t n = (s->count + s->size - 1) / s->size, v = 0;
	enum console_answer a = CONSOLE_DONE;

	s->sums = calloc(n ? n : 1, sizeof(*s->sums));
	if (!s->sums)
		return no_memory(diag);
	for (uint32_t k = 0; k < n && a == CONSOLE_DONE; k++) {
		s->sums[k][0] = v;
		a = read_slice(s, k * s->size + 1, s->sums[k], diag);
		v = s->sums[k][1];
		if (a == CONSOLE_DONE)
			tell(s, k * s->size + 1);
	}
	if (a == CONSOLE_DONE)
		a = same_array(s, console_run(s->console, "_Q=nil", diag));
	for (uint32_t k = 0; k < n && a == CONSOLE_DONE; k++) {
		a = complete(s, k * s->size + 1, s->sums[k], diag);
		if (a == CONSOLE_DONE)
			tell(s, k * s->size + 1);
	}
	return a;
}

void slices_free(struct slices *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		free(s->strings[i].text);
	free(s->strings);
	free(s->sums);
	s->strings = NULL;
	s->sums = NULL;
	s->count = 0;
}
