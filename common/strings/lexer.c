/* SPDX-License-Identifier: MIT */
/*
 * Literals: llex.c of Lua 5.1 and 5.3 (read_string, read_long_string), lstrlib.c (addquoted) for
 * what %q writes: 5.1 leaves control bytes raw but for \r and \000; both write a line break as a
 * backslash and a line break.
 */
#include "common/base/hex.h"
#include "common/strings/lexer.h"

#include <string.h>

#include "common/strings/console.h"

size_t lexer_newline(const uint8_t *p, size_t n)
{
	size_t k = 0;

	while (k < n && k < 2 && p[k] == '\r')
		k++;
	if (k < n && p[k] == '\n')
		return k + 1 + (k == 0 && n > 1 && p[1] == '\r' && (n < 3 || p[2] != '\n'));
	return k ? 1 : 0;
}

#define NOTE(lx, off, ...) \
	do { \
		if ((lx)->set) \
			string_set_note((lx)->set, off, "text", __VA_ARGS__); \
	} while (0)

static bool is_wrap(const struct lexer *lx)
{
	return lexer_is_full(lx, lx->data + lx->line, lx->at - lx->line);
}

/* Moves behind the line break of n bytes at the cursor. */
static void next_line(struct lexer *lx, size_t n)
{
	lx->at += n;
	lx->line = lx->at;
}

static void skip_lead(struct lexer *lx)
{
	for (unsigned i = 0; i < lx->wrap.lead && lx->at < lx->len; i++)
		if (lx->data[lx->at] == ' ')
			lx->at++;
}

/* The next byte of an escape, or -1. It may stand behind a wrap. */
static int escape_peek(struct lexer *lx)
{
	size_t n = lexer_newline(lx->data + lx->at, lx->len - lx->at);

	if (n && is_wrap(lx)) {
		lx->doubtful |= !lx->wrap.sure;
		next_line(lx, n);
		skip_lead(lx);
	}
	return lx->at < lx->len ? lx->data[lx->at] : -1;
}

static bool read_decimal(struct lexer *lx, struct buf *out)
{
	unsigned v = 0;
	int c;

	for (int i = 0; i < 3 && (c = escape_peek(lx)) >= '0' && c <= '9'; i++) {
		v = v * 10 + (unsigned)(c - '0');
		lx->at++;
	}
	if (v > 255)
		return false;
	buf_byte(out, (uint8_t)v);
	return true;
}

static bool read_hex(struct lexer *lx, struct buf *out)
{
	int high, low;

	lx->at++;
	high = hex_digit(escape_peek(lx));
	if (high < 0)
		return false;
	lx->at++;
	low = hex_digit(escape_peek(lx));
	if (low < 0)
		return false;
	lx->at++;
	buf_byte(out, (uint8_t)(high << 4 | low));
	return true;
}

/* Lua writes any number up to 7fffffff, as UTF-8 once was. */
static void put_utf8(struct buf *out, uint32_t code)
{
	uint8_t text[6];
	unsigned n = 0;
	uint32_t first = 0x3f;

	if (code < 0x80) {
		buf_byte(out, (uint8_t)code);
		return;
	}
	do {
		text[5 - n++] = (uint8_t)(0x80 | (code & 0x3f));
		code >>= 6;
		first >>= 1;
	} while (code > first);
	text[5 - n++] = (uint8_t)(~first << 1 | code);
	buf_put(out, text + 6 - n, n);
}

static bool read_utf8(struct lexer *lx, struct buf *out)
{
	uint32_t code = 0;
	unsigned digits = 0;
	int v;

	lx->at++;
	if (escape_peek(lx) != '{')
		return false;
	for (lx->at++; (v = hex_digit(escape_peek(lx))) >= 0; lx->at++, digits++) {
		if (code > 0x7ffffff)
			return false;
		code = code << 4 | (unsigned)v;
	}
	if (!digits || escape_peek(lx) != '}')
		return false;
	lx->at++;
	put_utf8(out, code);
	return true;
}

/* \z: white space up to the next character is nothing. */
static void skip_white(struct lexer *lx)
{
	lx->at++;
	while (lx->at < lx->len) {
		size_t n = lexer_newline(lx->data + lx->at, lx->len - lx->at);

		if (n)
			next_line(lx, n);
		else if (memchr(" \t\v\f", lx->data[lx->at], 4))
			lx->at++;
		else
			break;
	}
}

/*
 * A backslash in the last column: of a line break in the text, or of an escape that a terminal
 * wrapped? The next line tells, when it can be read to its end in one of the two ways alone.
 */
static bool is_wrapped_escape(struct lexer *lx, size_t n, uint8_t quote)
{
	struct lexer_line next = lexer_line(lx->data, lx->len, lx->at + n);
	size_t lead = 0;
	bool line_break, escape;

	while (lead < lx->wrap.lead && lead < next.n && next.p[lead] == ' ')
		lead++;
	if (lead == next.n || !memchr("abfnrtvxzu0123456789\\\"'", next.p[lead], 23))
		return false;
	line_break = lexer_line_fits(lx, next.p, next.n, lead, LEXER_IN_LITERAL, quote);
	escape = lexer_line_fits(lx, next.p, next.n, lead + 1, LEXER_IN_LITERAL, quote);
	if (line_break != escape)
		return escape;
	NOTE(lx, lx->at, "a backslash in the last column: a line break, or part of an escape?");
	lx->doubtful = true;
	return next.p[lead] != 'r' && !(next.p[lead] >= 'a' && next.p[lead] <= 'z');
}

/* The escape whose backslash is at the cursor. False: it is none that Lua knows. */
static bool read_escape(struct lexer *lx, struct buf *out, uint8_t quote)
{
	static const char named[] = "n\nr\rt\ta\ab\bf\fv\v\\\\\"\"''";
	size_t n = lexer_newline(lx->data + lx->at + 1, lx->len - lx->at - 1);
	int c;

	lx->at++;
	if (n && !(lx->wrap.sure && is_wrap(lx) && is_wrapped_escape(lx, n, quote))) {
		next_line(lx, n);
		buf_byte(out, '\n');
		return true;
	}
	c = escape_peek(lx);
	if (c >= '0' && c <= '9')
		return read_decimal(lx, out);
	if (c == 'x')
		return read_hex(lx, out);
	if (c == 'u')
		return read_utf8(lx, out);
	if (c == 'z') {
		skip_white(lx);
		return true;
	}
	for (size_t i = 0; named[i]; i += 2)
		if (c == named[i]) {
			buf_byte(out, (uint8_t)named[i + 1]);
			lx->at++;
			return true;
		}
	if (c < 0)
		return false;
	buf_byte(out, (uint8_t)c); /* as 5.1 does with all others */
	lx->at++;
	return true;
}

/* Blanks at the end of a line that a terminal does not copy. */
static void pad_to_width(const struct lexer *lx, struct buf *out)
{
	unsigned columns = lexer_columns(lx->data + lx->line, lx->at - lx->line);

	for (unsigned i = columns; i < lx->wrap.width && lx->wrap.width - columns <= 8; i++)
		buf_byte(out, ' ');
}

/* Behind the line break: the rest of the line that a wrap tore. */
static void join_wrap(struct lexer *lx, struct buf *out, size_t n)
{
	for (unsigned i = 0; i < lx->wrap.trail; i++)
		if (out->len && out->data[out->len - 1] == ' ')
			out->len--;
	next_line(lx, n);
	skip_lead(lx);
}

/* Other output that may stand between two pieces of a literal, in lines. */
#define PASSED_MAX 8

/*
 * Where the line begins that goes on with the open literal, from the one at next on; lx->len: none
 * does. What a terminal wraps goes on with the very next line.
 */
static size_t find_rest(const struct lexer *lx, size_t next, bool wrap, uint8_t quote)
{
	for (unsigned passed = 0; passed <= PASSED_MAX && next < lx->len; passed++) {
		struct lexer_line l = lexer_line(lx->data, lx->len, next);
		bool fits = lexer_line_fits(lx, l.p, l.n, 0, LEXER_IN_LITERAL, quote);

		if (console_prompt(l.p, l.n))
			return fits && wrap && !passed ? next : lx->len;
		if (fits && (wrap || !console_noise(l.p, l.n)))
			return next;
		if (lx->alone)
			break;
		next = l.next;
	}
	return lx->len;
}

/*
 * False when the next line may be indented, or lost blanks, as no other line tells. No terminal
 * prints a tab at the start of a line.
 */
static bool is_sure(const struct lexer *lx, size_t n)
{
	size_t next = lx->at + n;
	uint8_t first = next < lx->len ? lx->data[next] : 0;

	if (!lx->wrap.sure || lx->wrap.lead == 1 || first == '\t')
		return false;
	return first != ' ' || lx->wrap.lead || lx->wrap.lines >= 3;
}

/* A message of the allocator of n bytes tore the literal: it goes on behind the line break. */
static void take_out_message(struct lexer *lx, struct buf *out, size_t message, size_t newline)
{
	if (lx->set)
		string_set_remark(lx->set, "text",
				  "a message of the allocator inside a string: taken out");
	out->len -= message;
	next_line(lx, newline);
}

/* An unescaped line break of n bytes at the cursor. False: the literal cannot go on behind it. */
static bool join_lines(struct lexer *lx, struct buf *out, size_t n, uint8_t quote)
{
	size_t stray = console_alloc_tail(out->data, out->len), next;
	bool wrap = is_wrap(lx), sure;

	if (stray) {
		take_out_message(lx, out, stray, n);
		return true;
	}
	if (!lx->wrap.width || (lx->alone && (!wrap || !(lx->wrap.sure || lx->wrap.width >= 40))))
		return false;
	next = find_rest(lx, lx->at + n, wrap, quote);
	if (next == lx->len)
		return false;
	sure = wrap && next == lx->at + n && is_sure(lx, n);
	if (!sure && !lx->doubtful)
		NOTE(lx, lx->at, "a line break inside a string: joined, it may be wrong");
	lx->doubtful |= !sure;
	if (wrap) {
		join_wrap(lx, out, next - lx->at);
	} else {
		pad_to_width(lx, out);
		next_line(lx, next - lx->at);
	}
	return true;
}

static enum lexer_found broken(struct lexer *lx, size_t start)
{
	NOTE(lx, start, "this string has no end");
	return LEXER_BROKEN;
}

static enum lexer_found read_quoted(struct lexer *lx, struct buf *out)
{
	size_t start = lx->at, run;
	uint8_t quote = lx->data[lx->at++];

	while (lx->at < lx->len) {
		const uint8_t *p = lx->data + lx->at;
		size_t left = lx->len - lx->at, mark = out->len;

		for (run = 0; run < left; run++)
			if (p[run] == quote || p[run] == '\\' || p[run] == '\n' || p[run] == '\r')
				break;
		buf_put(out, p, run);
		lx->at += run;
		if (run == left)
			break;
		if (p[run] == quote) {
			lx->at++;
			return LEXER_TEXT;
		}
		if (p[run] != '\\') {
			if (!join_lines(lx, out, lexer_newline(p + run, left - run), quote))
				return broken(lx, start);
		} else if (!read_escape(lx, out, quote)) {
			NOTE(lx, (size_t)(p - lx->data) + run, "no escape of Lua: kept as written");
			out->len = mark + run;
			buf_put(out, p + run, (size_t)(lx->data + lx->at - p) - run);
		}
	}
	return broken(lx, start);
}

/* Equal signs between the two brackets at the cursor, or -1. */
static int bracket_level(const struct lexer *lx)
{
	size_t at = lx->at + 1;

	if (lx->at >= lx->len || lx->data[lx->at] != '[')
		return -1;
	while (at < lx->len && lx->data[at] == '=' && at - lx->at <= 32)
		at++;
	if (at >= lx->len || lx->data[at] != '[' || at - lx->at > 32)
		return -1;
	return (int)(at - lx->at - 1);
}

static bool closes(const struct lexer *lx, size_t level)
{
	const uint8_t *p = lx->data + lx->at;

	if (lx->len - lx->at < level + 2 || p[0] != ']' || p[level + 1] != ']')
		return false;
	for (size_t i = 1; i <= level; i++)
		if (p[i] != '=')
			return false;
	return true;
}

static enum lexer_found read_long(struct lexer *lx, struct buf *out, size_t level)
{
	size_t start = lx->at, line = lx->line;

	if (lx->open >> level & 1)
		return LEXER_NONE;
	lx->at += level + 2;
	lx->at += lexer_newline(lx->data + lx->at, lx->len - lx->at);
	while (lx->at < lx->len) {
		size_t n = lexer_newline(lx->data + lx->at, lx->len - lx->at);

		if (closes(lx, level)) {
			lx->at += level + 2;
			return LEXER_TEXT;
		}
		buf_byte(out, n ? '\n' : lx->data[lx->at]);
		if (n)
			next_line(lx, n);
		else
			lx->at++;
	}
	lx->open |= 1u << level;
	lx->at = start + 1;
	lx->line = line;
	return broken(lx, start);
}

bool lexer_at_string(const struct lexer *lx)
{
	return lx->at < lx->len &&
	       (lx->data[lx->at] == '"' || lx->data[lx->at] == '\'' || bracket_level(lx) >= 0);
}

enum lexer_found lexer_string(struct lexer *lx, struct buf *out)
{
	int level = bracket_level(lx);

	out->len = 0;
	lx->doubtful = false;
	if (!lexer_at_string(lx))
		return LEXER_NONE;
	return level >= 0 ? read_long(lx, out, (size_t)level) : read_quoted(lx, out);
}
