/* SPDX-License-Identifier: MIT */
#include "common/view/escape.h"

#include <stdbool.h>
#include <string.h>

#include "common/view/parts.h"

static const char hex[] = "0123456789abcdef";

enum { RUN_MAX = 16384 }; /* bytes escaped before the sink may drain */

/* Bytes of the printable character at p, or 0. */
static unsigned printable_length(const uint8_t *p, size_t n)
{
	uint32_t code = 0;
	unsigned length = utf8_length(p, n, &code);

	return length && utf8_printable(code) ? length : 0;
}

static bool is_ascii(uint8_t c)
{
	return c >= 0x20 && c < 0x7f;
}

static void put_run(struct sink *to, const uint8_t *p, size_t n)
{
	buf_put(to->out, p, n);
	if (to->f)
		drain(to->f, to->out, DRAIN_SIZE);
}

static void text_byte(struct buf *out, uint8_t c)
{
	static const char named[] = "\nn\rr\tt\\\\";
	uint8_t text[4] = { '\\', 'x', (uint8_t)hex[c >> 4], (uint8_t)hex[c & 15] };
	size_t i;

	for (i = 0; i + 1 < sizeof(named); i += 2)
		if (c == (uint8_t)named[i])
			text[1] = (uint8_t)named[i + 1];
	buf_put(out, text, text[1] == 'x' ? 4 : 2);
}

void escape_text_to(struct sink *to, const uint8_t *p, size_t n, bool source)
{
	size_t at = 0, start = 0;

	while (at < n) {
		bool double_it = p[at] == '\\' && !source;
		unsigned length = double_it         ? 0
				  : is_ascii(p[at]) ? 1
						    : printable_length(p + at, n - at);

		if (length) {
			at += length;
			if (at - start < RUN_MAX)
				continue;
		}
		put_run(to, p + start, at - start);
		if (!length)
			text_byte(to->out, p[at++]);
		start = at;
	}
	if (n)
		put_run(to, p + start, n - start);
}

void escape_text(struct buf *out, const uint8_t *p, size_t n)
{
	escape_text_to(&(struct sink){ .out = out }, p, n, false);
}

void escape_words(const uint8_t *p, size_t n, char *out, size_t size)
{
	struct buf text = { 0 };
	size_t fits;

	escape_text(&text, p, n < size ? n : size);
	fits = text.failed ? 0 : text_head(text.data, text.len, size - 1);
	if (fits)
		memcpy(out, text.data, fits);
	out[fits] = '\0';
	buf_free(&text);
}

static void json_u16(struct buf *out, uint32_t v)
{
	uint8_t text[6] = { '\\',
			    'u',
			    (uint8_t)hex[v >> 12 & 15],
			    (uint8_t)hex[v >> 8 & 15],
			    (uint8_t)hex[v >> 4 & 15],
			    (uint8_t)hex[v & 15] };

	buf_put(out, text, sizeof(text));
}

/* A character that must not stand in a string as it is: quotes, controls, formats. */
static void json_char(struct buf *out, uint32_t code)
{
	static const char named[] = "\nn\rr\tt\"\"\\\\";
	const char *name = code < 0x80 && code ? strchr(named, (int)code) : NULL;

	if (name && (name - named) % 2 == 0) {
		buf_byte(out, '\\');
		buf_byte(out, (uint8_t)name[1]);
	} else if (code > 0xffff) {
		json_u16(out, 0xd800 + ((code - 0x10000) >> 10));
		json_u16(out, 0xdc00 + (code & 0x3ff));
	} else {
		json_u16(out, code);
	}
}

/* A byte that is no text: the character U+EFNN. */
static void json_byte(struct buf *out, uint8_t c)
{
	uint8_t text[3] = { 0xee, (uint8_t)(0xbc | c >> 6), (uint8_t)(0x80 | (c & 0x3f)) };

	buf_put(out, text, sizeof(text));
}

void escape_json_body(struct buf *out, const uint8_t *p, size_t n)
{
	size_t at = 0, start = 0;

	if (!n)
		return;
	while (at < n) {
		uint32_t code = 0;
		unsigned length;
		bool byte;

		if (is_ascii(p[at]) && p[at] != '"' && p[at] != '\\') {
			at++;
			continue;
		}
		length = utf8_length(p + at, n - at, &code);
		byte = !length || (code >= 0xef80 && code <= 0xefff);
		if (!byte && code != '"' && code != '\\' && utf8_printable(code)) {
			at += length;
			continue;
		}
		buf_put(out, p + start, at - start);
		if (byte)
			json_byte(out, p[at++]);
		else
			json_char(out, code);
		if (!byte)
			at += length;
		start = at;
	}
	buf_put(out, p + start, n - start);
}

void escape_json(struct buf *out, const uint8_t *p, size_t n)
{
	buf_byte(out, '"');
	escape_json_body(out, p, n);
	buf_byte(out, '"');
}

static size_t digits_length(const uint8_t *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] >= '0' && p[i] <= '9')
		i++;
	return i;
}

/* [+-]digits[.digits][e[+-]digits], the numbers that spreadsheets read as such. */
static bool is_number(const uint8_t *p, size_t n)
{
	size_t at = n && (p[0] == '+' || p[0] == '-') ? 1 : 0;
	size_t digits = digits_length(p + at, n - at);

	at += digits;
	if (!digits)
		return false;
	if (at < n && p[at] == '.') {
		digits = digits_length(p + at + 1, n - at - 1);
		at += 1 + digits;
	}
	if (digits && at < n && (p[at] == 'e' || p[at] == 'E')) {
		at++;
		if (at < n && (p[at] == '+' || p[at] == '-'))
			at++;
		digits = digits_length(p + at, n - at);
		at += digits;
	}
	return digits && at == n;
}

static bool must_quote(const uint8_t *p, size_t n)
{
	return n && (memchr(p, ',', n) || memchr(p, '"', n) || p[0] == ' ' || p[n - 1] == ' ');
}

void escape_csv_to(struct sink *to, const uint8_t *p, size_t n, bool source)
{
	bool formula = n && memchr("=+-@", p[0], 4) && !is_number(p, n);
	const uint8_t *quote;

	if (!formula && !must_quote(p, n)) {
		escape_text_to(to, p, n, source);
		return;
	}
	buf_str(to->out, formula ? "\"'" : "\"");
	while ((quote = memchr(p, '"', n))) {
		size_t head = (size_t)(quote - p) + 1;

		escape_text_to(to, p, head, source);
		buf_byte(to->out, '"');
		p += head;
		n -= head;
	}
	escape_text_to(to, p, n, source);
	buf_byte(to->out, '"');
}

void escape_csv(struct buf *out, const uint8_t *p, size_t n)
{
	escape_csv_to(&(struct sink){ .out = out }, p, n, false);
}

/* True for a character that begins markup where it stands: at of the n bytes of text. */
static bool is_markup(const uint8_t *text, size_t n, size_t at)
{
	switch (text[at]) {
	case '`':
	case '*':
	case '_':
	case '{':
	case '}':
	case '[':
	case ']':
	case '<':
	case '>':
	case '&':
	case '|':
	case '~':
	case '$': return true;
	case ':': return n - at >= 3 && !memcmp(text + at, "://", 3);
	case '.': return at >= 3 && !memcmp(text + at - 3, "www", 3);
	default: return false;
	}
}

/*
 * What is no part of a run: markup and what escape_text writes with a backslash, each behind one.
 */
static void markdown_byte(struct buf *out, uint8_t c, bool source)
{
	buf_byte(out, '\\');
	if (c == '\\')
		buf_str(out, source ? "\\" : "\\\\\\");
	else if (is_ascii(c))
		buf_byte(out, c);
	else
		text_byte(out, c);
}

void escape_markdown_to(struct sink *to, const uint8_t *p, size_t n, bool source)
{
	size_t at = 0, start = 0;

	while (at < n) {
		bool plain = is_ascii(p[at]) && p[at] != '\\' && !is_markup(p, n, at);
		unsigned length = plain             ? 1
				  : is_ascii(p[at]) ? 0
						    : printable_length(p + at, n - at);

		if (length) {
			at += length;
			if (at - start < RUN_MAX)
				continue;
		}
		put_run(to, p + start, at - start);
		if (!length)
			markdown_byte(to->out, p[at++], source);
		start = at;
	}
	if (n)
		put_run(to, p + start, n - start);
}

void escape_markdown(struct buf *out, const uint8_t *p, size_t n)
{
	escape_markdown_to(&(struct sink){ .out = out }, p, n, false);
}
