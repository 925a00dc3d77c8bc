/* SPDX-License-Identifier: MIT */
/* Tokens of Lua 5.1 and 5.3, as far as they matter to lua_source_facts. */
#include "common/lua/source_scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"

enum token { TOKEN_OTHER, TOKEN_NUMBER, TOKEN_OPERATOR };

struct scan {
	const uint8_t *p, *end;
	struct lua_source_facts *facts;
	uint32_t line;
	enum token before; /* and the one before that is a number when .number is set */
	bool number;
	bool failed;
};

static int peek(const struct scan *s, size_t n)
{
	return (size_t)(s->end - s->p) > n ? s->p[n] : -1;
}

static bool is_name(int c)
{
	return c == '_' || (c >= 0 && c < 0x80 && isalnum(c));
}

static void next(struct scan *s)
{
	s->line += *s->p == '\n';
	s->p++;
}

/* Signs between the brackets of [==[, or -1 when there is no long bracket here. */
static int long_bracket(const struct scan *s)
{
	size_t n = 1;

	if (peek(s, 0) != '[')
		return -1;
	while (peek(s, n) == '=')
		n++;
	return peek(s, n) == '[' ? (int)n - 1 : -1;
}

static void skip_long(struct scan *s, int level)
{
	s->p += level + 2;
	while (s->p < s->end) {
		int n = 0;

		if (*s->p == ']') {
			while (peek(s, (size_t)n + 1) == '=')
				n++;
			if (n == level && peek(s, (size_t)n + 1) == ']') {
				s->p += n + 2;
				return;
			}
		}
		next(s);
	}
}

static void skip_comment(struct scan *s)
{
	int level;

	s->p += 2;
	level = long_bracket(s);
	if (level >= 0) {
		skip_long(s, level);
		return;
	}
	while (s->p < s->end && *s->p != '\n')
		s->p++;
}

static void skip_string(struct scan *s)
{
	uint8_t quote = *s->p;

	for (next(s); s->p < s->end && *s->p != quote; next(s))
		if (*s->p == '\\' && s->end - s->p > 1)
			next(s);
	if (s->p < s->end)
		s->p++;
}

static void add_line(struct scan *s, uint32_t **lines, uint32_t *n, uint32_t *cap)
{
	uint32_t *line = vec_grow(lines, n, cap, sizeof(*line), 1);

	if (line)
		*line = s->line;
	else
		s->failed = true;
}

static void take_name(struct scan *s)
{
	struct lua_source_facts *f = s->facts;
	const uint8_t *from = s->p;

	while (is_name(peek(s, 0)))
		s->p++;
	if (s->p - from == 8 && memcmp(from, "function", 8) == 0)
		add_line(s, &f->functions, &f->nfunctions, &f->cap_functions);
}

/* Anything but a plain integer of 31 bits is delicate; so is one that is computed with. */
static void take_number(struct scan *s)
{
	struct lua_source_facts *f = s->facts;
	bool hex = peek(s, 0) == '0' && (peek(s, 1) == 'x' || peek(s, 1) == 'X');
	char text[24];
	size_t n = 0;
	unsigned long long value;

	while (is_name(peek(s, 0)) || peek(s, 0) == '.' ||
	       ((peek(s, 0) == '+' || peek(s, 0) == '-') && !hex && n &&
		(s->p[-1] == 'e' || s->p[-1] == 'E'))) {
		if (n < sizeof(text) - 1)
			text[n] = (char)*s->p;
		n++;
		s->p++;
	}
	text[n < sizeof(text) - 1 ? n : sizeof(text) - 1] = 0;
	value = strtoull(text, NULL, hex ? 16 : 10);
	if (n >= sizeof(text) - 1 || strchr(text, '.') || value > INT32_MAX ||
	    (!hex && strpbrk(text, "eE")) || (s->before == TOKEN_OPERATOR && s->number))
		add_line(s, &f->delicate, &f->ndelicate, &f->cap_delicate);
}

static void take_token(struct scan *s)
{
	int c = peek(s, 0);
	enum token token = TOKEN_OTHER;

	if (isdigit(c) || (c == '.' && isdigit(peek(s, 1)))) {
		take_number(s);
		token = TOKEN_NUMBER;
	} else if (is_name(c)) {
		take_name(s);
	} else if (c == '"' || c == '\'') {
		skip_string(s);
	} else if (long_bracket(s) >= 0) {
		skip_long(s, long_bracket(s));
	} else {
		s->p++;
		if (c == '(' || c == ')') /* (7)/(2) is computed as well */
			return;
		if (c && strchr("+-*/%^&|~<>", c))
			token = TOKEN_OPERATOR;
	}
	if (token != TOKEN_OPERATOR)
		s->number = token == TOKEN_NUMBER;
	s->before = token;
}

bool lua_source_scan(const uint8_t *text, size_t len, struct lua_source_facts *out)
{
	struct scan s = { .p = text, .end = text + len, .facts = out, .line = 1 };

	*out = (struct lua_source_facts){ 0 };
	if (len && *text == '#')
		while (s.p < s.end && *s.p != '\n')
			s.p++;
	while (s.p < s.end && !s.failed) {
		if (*s.p == ' ' || (*s.p >= '\t' && *s.p <= '\r'))
			next(&s);
		else if (*s.p == '-' && peek(&s, 1) == '-')
			skip_comment(&s);
		else
			take_token(&s);
	}
	out->lines = s.line - (len && text[len - 1] == '\n');
	return !s.failed;
}

void lua_source_free(struct lua_source_facts *f)
{
	free(f->functions);
	free(f->delicate);
	*f = (struct lua_source_facts){ 0 };
}
