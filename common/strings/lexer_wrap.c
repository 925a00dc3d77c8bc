/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/strings/console.h"
#include "common/strings/lexer.h"

struct lexer_line lexer_line(const uint8_t *data, size_t len, size_t at)
{
	const uint8_t *p = at ? data + at : data;
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

bool lexer_is_full(const struct lexer *lx, const uint8_t *p, size_t n)
{
	if (!lx->wrap.width || n < lx->wrap.width / 8)
		return false;
	return n == lx->wrap.width || lexer_columns(p, n) == lx->wrap.width;
}

size_t lexer_separator(const uint8_t *p, size_t n)
{
	if (n && (*p == ',' || *p == ';'))
		return 1;
	return n >= 4 && !memcmp(p, "and ", 4) ? 4 : 0;
}

/* Behind the rest of an open literal; n: it goes on in the next line; n + 1: it cannot. */
static size_t skip_literal(const struct lexer *lx, const uint8_t *p, size_t n, size_t at,
			   uint8_t quote)
{
	for (; at < n; at++) {
		if (p[at] == quote)
			return at + 1;
		if (p[at] == '\\' && ++at == n)
			return n;
	}
	return lexer_is_full(lx, p, n) || console_alloc_tail(p, n) ? n : n + 1;
}

static bool is_end(const uint8_t *p, size_t n)
{
	return *p == '}' || *p == ')' || (n >= 3 && !memcmp(p, "end", 3)) ||
	       (n >= 2 && !memcmp(p, "--", 2));
}

bool lexer_line_fits(const struct lexer *lx, const uint8_t *p, size_t n, size_t at,
		     enum lexer_state state, uint8_t quote)
{
	size_t k;

	while (at < n) {
		if (state == LEXER_IN_LITERAL) {
			k = skip_literal(lx, p, n, at, quote);
			if (k >= n)
				return k == n;
			at = k;
			state = LEXER_AT_SEPARATOR;
			continue;
		}
		if (p[at] == ' ' || p[at] == '\t') {
			at++;
			continue;
		}
		if (is_end(p + at, n - at))
			return true;
		k = lexer_separator(p + at, n - at);
		if ((state == LEXER_AT_SEPARATOR) != (k > 0))
			return false;
		if (!k && p[at] == '[')
			return n - at > 1 && (p[at + 1] == '[' || p[at + 1] == '=');
		if (!k && p[at] != '"' && p[at] != '\'')
			return false;
		quote = p[at];
		at += k ? k : 1;
		state = k ? LEXER_AT_LITERAL : LEXER_IN_LITERAL;
	}
	return state != LEXER_IN_LITERAL || lexer_is_full(lx, p, n);
}

/* Lines wider than this are no terminal's. */
#define WIDTH_MAX 1024

/* Of the lines of a block: how many have each width, the greatest, and how long the longest is. */
struct widths {
	uint32_t count[WIDTH_MAX + 1];
	unsigned longest;
	size_t bytes; /* of the longest, or its columns, whichever is less */
};

/* Gets the width of a line that another one follows. */
static void count_width(struct widths *w, const struct lexer_line *l)
{
	unsigned columns = lexer_columns(l->p, l->n);
	size_t least = columns < l->n ? columns : l->n;

	w->longest = columns > w->longest ? columns : w->longest;
	w->bytes = least > w->bytes ? least : w->bytes;
	if (columns <= WIDTH_MAX)
		w->count[columns]++;
}

/*
 * The lines of a block are those up to a prompt or a blank line. What looks like a prompt behind
 * two full lines and more is more likely a string that was wrapped there.
 */
static size_t find_end(const uint8_t *data, size_t len, size_t at, struct widths *w)
{
	bool go_on = at < len;

	while (go_on) {
		struct lexer_line l = lexer_line(data, len, at);
		struct lexer_line next = lexer_line(data, len, l.next);
		unsigned columns = lexer_columns(l.p, l.n);

		count_width(w, &l);
		at = l.next;
		/* Behind a backslash the literal goes on, whatever it looks like. */
		go_on = at < len && next.n &&
			(!console_prompt(next.p, next.n) ||
			 (columns == w->longest && columns <= WIDTH_MAX && w->count[columns] > 1 &&
			  lexer_columns(next.p, next.n) <= columns && memchr(next.p, '"', next.n)));
		go_on |= at < len && l.n && l.p[l.n - 1] == '\\';
	}
	return at;
}

/* The width that most lines have; the longest one's when no two are equally long. */
static unsigned usual_width(const struct widths *w)
{
	unsigned best = 0;

	for (unsigned i = 1; i <= WIDTH_MAX; i++)
		if (w->count[i] > 1 && w->count[i] >= w->count[best])
			best = i;
	return best ? best : w->longest;
}

/* Terminals are seldom otherwise. */
static bool is_usual_terminal(unsigned width)
{
	return width == 80 || width == 100 || width == 120 || width == 132;
}

size_t lexer_measure(const uint8_t *data, size_t len, size_t at, struct lexer_wrap *out)
{
	struct lexer_wrap w = { 0 };
	struct widths widths = { .longest = 0 };
	size_t end = find_end(data, len, at, &widths);

	w.width = usual_width(&widths);
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
	w.sure = (w.lines > 1 || is_usual_terminal(w.width)) && widths.bytes <= w.width;
	/* Three are no accident. */
	if (w.lines < 3)
		w.trail = w.lead = 0;
	*out = w;
	return end;
}
