/* SPDX-License-Identifier: MIT */
/*
 * Strings that are numbered one after the other, as `for k, v in pairs(t) do print(k, v) end` and
 * its like print them:
 *
 *	7 TAB config     1 config     1: config     [1] = config     [1]="config",     1=config
 */
#include <string.h>

#include "common/strings/console.h"
#include "common/strings/text.h"

/* What may stand between a number and its string; the longest that fits counts. */
static const char *const betweens[] = { " = ", "\t= ", "\t", ": ", ":", "=", " " };

/* Moves over a number, with its brackets. */
static bool read_number(const struct lexer_line *l, size_t *at, bool bracket, uint32_t *v)
{
	size_t start;

	*at = 0;
	while (*at < l->n && l->p[*at] == ' ')
		++*at;
	if (bracket && (*at == l->n || l->p[(*at)++] != '['))
		return false;
	*v = 0;
	for (start = *at; *at < l->n && *at - start < 7 && l->p[*at] >= '0' && l->p[*at] <= '9';)
		*v = *v * 10 + (uint32_t)(l->p[(*at)++] - '0');
	if (*at == start)
		return false;
	return !bracket || (*at < l->n && l->p[(*at)++] == ']');
}

static bool find_between(const struct lexer_line *l, size_t at, struct text_index *out)
{
	for (size_t i = 0; i < sizeof(betweens) / sizeof(betweens[0]); i++) {
		size_t n = strlen(betweens[i]);

		if (l->n - at >= n && !memcmp(l->p + at, betweens[i], n)) {
			out->len = (uint8_t)n;
			memcpy(out->between, betweens[i], n);
			return true;
		}
	}
	return false;
}

/* Moves behind the number and what follows it. */
static bool split(const struct lexer_line *l, const struct text_index *index, size_t *at,
		  uint32_t *number)
{
	if (!read_number(l, at, index->bracket, number) || l->n - *at < index->len ||
	    memcmp(l->p + *at, index->between, index->len) != 0)
		return false;
	*at += index->len;
	return true;
}

/* Lines of this form, one number after the other, are more than two thirds of those that count. */
static bool is_usual(const uint8_t *data, size_t len, const struct text_index *index)
{
	uint32_t lines = 0, steps = 0, fitting = 0, number, before = 0;
	size_t at;

	for (size_t next = 0; next < len;) {
		struct lexer_line l = lexer_line(data, len, next);

		next = l.next;
		if (console_prompt(l.p, l.n) || console_noise(l.p, l.n))
			continue;
		lines++;
		if (!split(&l, index, &at, &number))
			continue;
		steps += fitting && number == before + 1;
		fitting++;
		before = number;
	}
	return fitting >= 2 && steps + 1 >= fitting - fitting / 8 &&
	       (uint64_t)fitting * 3 > (uint64_t)lines * 2;
}

bool text_find_index(const uint8_t *data, size_t len, struct text_index *out)
{
	unsigned tries = 0;

	for (size_t next = 0; next < len && tries < 8;) {
		struct lexer_line l = lexer_line(data, len, next);
		uint32_t number;
		size_t at;

		next = l.next;
		*out = (struct text_index){ .bracket = false };
		if (!read_number(&l, &at, false, &number)) {
			out->bracket = true;
			if (!read_number(&l, &at, true, &number))
				continue;
		}
		if (!find_between(&l, at, out))
			continue;
		if (is_usual(data, len, out))
			return true;
		tries++;
	}
	return false;
}

/* A literal up to the end of the line, but for a comma. */
static bool read_literal(struct text *t, const struct lexer_line *l, size_t at)
{
	struct lexer lx = { .data = l->p, .len = l->n, .at = at };

	if (at == l->n || (l->p[at] != '"' && l->p[at] != '\'') ||
	    lexer_string(&lx, &t->word) != LEXER_TEXT)
		return false;
	lx.at += lexer_separator(l->p + lx.at, l->n - lx.at);
	while (lx.at < l->n && l->p[lx.at] == ' ')
		lx.at++;
	return lx.at == l->n;
}

bool text_read_indexed(struct text *t, const struct lexer_line *l)
{
	uint32_t number;
	size_t at;

	if (!split(l, t->index, &at, &number))
		return false;
	if (read_literal(t, l, at))
		text_emit(t, t->word.data, t->word.len, false);
	else
		text_emit(t, l->p + at, l->n - at, false);
	return true;
}
