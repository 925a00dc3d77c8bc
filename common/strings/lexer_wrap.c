/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/strings/console.h"
#include "common/strings/lexer.h"

struct lexer_line lexer_line(const uint8_t *data, size_t len, size_t at)
{
	const uint8_t *p = data + at;
	const uint8_t *lf = at < len ? memchr(p, '\n', len - at) : NULL;
	size_t n = lf ? (size_t)(lf - p) : len - at;
	size_t next = at + n + (lf ? 1 : 0);

	while (n && p[n - 1] == '\r')
		n--;
	return (struct lexer_line){ p, n, next };
}

unsigned lexer_columns(const uint8_t *p, size_t n)
{
	unsigned columns = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\t')
			columns += 8 - columns % 8;
		else if ((p[i] & 0xc0) != 0x80)
			columns++;
	}
	return columns;
}

static unsigned blanks_at_end(const struct lexer_line *l)
{
	unsigned k = 0;

	while (k < l->n && l->p[l->n - 1 - k] == ' ')
		k++;
	return k;
}

static unsigned blanks_in_front(const struct lexer_line *l)
{
	unsigned k = 0;

	while (k < l->n && l->p[k] == ' ')
		k++;
	return k;
}

/* The lines of a block are those up to a prompt or a blank line. Gets the longest's width. */
static size_t find_end(const uint8_t *data, size_t len, size_t at, unsigned *width)
{
	bool go_on = at < len;

	while (go_on) {
		struct lexer_line l = lexer_line(data, len, at);
		struct lexer_line next = lexer_line(data, len, l.next);
		unsigned columns = lexer_columns(l.p, l.n);

		*width = columns > *width ? columns : *width;
		at = l.next;
		/* Behind a backslash the literal goes on, whatever it looks like. */
		go_on = at < len && ((l.n && l.p[l.n - 1] == '\\') ||
				     (next.n && !console_prompt(next.p, next.n)));
	}
	return at;
}

size_t lexer_measure(const uint8_t *data, size_t len, size_t at, struct lexer_wrap *out)
{
	struct lexer_wrap w = { 0 };
	size_t end = find_end(data, len, at, &w.width);

	while (at < end) {
		struct lexer_line l = lexer_line(data, len, at);
		struct lexer_line next = lexer_line(data, len, l.next);
		unsigned trail, lead;

		at = l.next;
		if (at >= end || lexer_columns(l.p, l.n) != w.width)
			continue;
		trail = blanks_at_end(&l);
		lead = blanks_in_front(&next);
		w.trail = !w.lines || trail < w.trail ? trail : w.trail;
		w.lead = !w.lines || lead < w.lead ? lead : w.lead;
		w.lines++;
	}
	/* Three are no accident. */
	if (w.lines < 3)
		w.trail = w.lead = 0;
	*out = w;
	return end;
}
