/* SPDX-License-Identifier: MIT */
/* Source: llex.c and lparser.c of Lua 5.1 and 5.3. */
#include "common/lua/token.h"

#include <string.h>

#define NO LUA_NOT_ARITH

static const struct lua_operator operators51[] = {
	{ "+", LUA_ADD, 6, 6, 0, NO }, { "-", LUA_SUB, 6, 6, 8, LUA_MINUS },
	{ "*", LUA_MUL, 7, 7, 0, NO }, { "/", LUA_DIV, 7, 7, 0, NO },
	{ "%", LUA_MOD, 7, 7, 0, NO }, { "^", LUA_POW, 10, 9, 0, NO },
	{ "..", NO, 5, 4, 0, NO },     { "==", NO, 3, 3, 0, NO },
	{ "~=", NO, 3, 3, 0, NO },     { "<=", NO, 3, 3, 0, NO },
	{ ">=", NO, 3, 3, 0, NO },     { "<", NO, 3, 3, 0, NO },
	{ ">", NO, 3, 3, 0, NO },      { "and", NO, 2, 2, 0, NO },
	{ "or", NO, 1, 1, 0, NO },     { "not", NO, 0, 0, 8, NO },
	{ "#", NO, 0, 0, 8, NO },      { NULL, NO, 0, 0, 0, NO },
};

static const struct lua_operator operators53[] = {
	{ "+", LUA_ADD, 10, 10, 0, NO },
	{ "-", LUA_SUB, 10, 10, 12, LUA_MINUS },
	{ "*", LUA_MUL, 11, 11, 0, NO },
	{ "/", LUA_DIV, 11, 11, 0, NO },
	{ "//", LUA_IDIV, 11, 11, 0, NO },
	{ "%", LUA_MOD, 11, 11, 0, NO },
	{ "^", LUA_POW, 14, 13, 0, NO },
	{ "&", LUA_BAND, 6, 6, 0, NO },
	{ "~", LUA_BXOR, 5, 5, 12, LUA_BNOT },
	{ "|", LUA_BOR, 4, 4, 0, NO },
	{ "<<", LUA_SHL, 7, 7, 0, NO },
	{ ">>", LUA_SHR, 7, 7, 0, NO },
	{ "..", NO, 9, 8, 0, NO },
	{ "==", NO, 3, 3, 0, NO },
	{ "~=", NO, 3, 3, 0, NO },
	{ "<=", NO, 3, 3, 0, NO },
	{ ">=", NO, 3, 3, 0, NO },
	{ "<", NO, 3, 3, 0, NO },
	{ ">", NO, 3, 3, 0, NO },
	{ "and", NO, 2, 2, 0, NO },
	{ "or", NO, 1, 1, 0, NO },
	{ "not", NO, 0, 0, 12, NO },
	{ "#", NO, 0, 0, 12, NO },
	{ NULL, NO, 0, 0, 0, NO },
};

/* Words that are neither operators nor values. */
static const char *const words[] = { "break", "do",     "else",   "elseif", "for",   "if",   "in",
				     "local", "repeat", "return", "then",   "until", "while" };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static char at(const struct lua_tokens *s, size_t i)
{
	return i < (size_t)(s->end - s->p) ? s->p[i] : '\0';
}

/* Moves on, and counts line ends: \n, \r and both of them in either order are one. */
static void advance(struct lua_tokens *s, size_t n)
{
	for (; n && s->p < s->end; n--, s->p++) {
		char c = *s->p;
		char before = s->after_line_end;

		if ((c == '\n' || c == '\r') && (before == 0 || before == c)) {
			s->line++;
			s->after_line_end = c;
		} else {
			s->after_line_end = 0;
		}
	}
}

/* Length of the opening of a long string or comment at the cursor, 0 when there is none. */
static size_t long_opening(const struct lua_tokens *s)
{
	size_t n = 1;

	if (at(s, 0) != '[')
		return 0;
	while (at(s, n) == '=')
		n++;
	return at(s, n) == '[' ? n + 1 : 0;
}

static void skip_long(struct lua_tokens *s, size_t opening)
{
	advance(s, opening);
	while (s->p < s->end) {
		size_t n = 1;

		while (at(s, 0) == ']' && at(s, n) == '=')
			n++;
		if (at(s, 0) == ']' && at(s, n) == ']' && n + 1 == opening) {
			advance(s, opening);
			return;
		}
		advance(s, 1);
	}
}

static void skip_comment(struct lua_tokens *s)
{
	size_t opening;

	advance(s, 2);
	opening = long_opening(s);
	if (opening) {
		skip_long(s, opening);
		return;
	}
	while (s->p < s->end && *s->p != '\n' && *s->p != '\r')
		advance(s, 1);
}

static void skip_blank(struct lua_tokens *s)
{
	while (s->p < s->end) {
		if (at(s, 0) == '-' && at(s, 1) == '-')
			skip_comment(s);
		else if (*s->p == ' ' || (*s->p >= '\t' && *s->p <= '\r'))
			advance(s, 1);
		else
			return;
	}
}

static void skip_quoted(struct lua_tokens *s)
{
	char quote = *s->p;

	advance(s, 1);
	while (s->p < s->end && *s->p != quote)
		advance(s, *s->p == '\\' ? 2 : 1);
	advance(s, 1);
}

static size_t numeral51(const struct lua_tokens *s)
{
	size_t n = 0;

	while (is_digit(at(s, n)) || at(s, n) == '.')
		n++;
	if (at(s, n) == 'e' || at(s, n) == 'E')
		n += at(s, n + 1) == '+' || at(s, n + 1) == '-' ? 2 : 1;
	while (is_digit(at(s, n)) || is_letter(at(s, n)))
		n++;
	return n;
}

static size_t numeral53(const struct lua_tokens *s)
{
	bool hex = at(s, 0) == '0' && (at(s, 1) == 'x' || at(s, 1) == 'X');
	char exponent = hex ? 'p' : 'e';
	size_t n = hex ? 2 : 0;

	for (;;) {
		if ((at(s, n) | 0x20) == exponent)
			n += at(s, n + 1) == '+' || at(s, n + 1) == '-' ? 2 : 1;
		if (!is_hex(at(s, n)) && at(s, n) != '.')
			return n;
		n++;
	}
}

static bool is_word(const struct lua_token *t, const char *word)
{
	return t->len == strlen(word) && memcmp(t->text, word, t->len) == 0;
}

static const struct lua_operator *find_operator(const struct lua_tokens *s,
						const struct lua_token *t)
{
	const struct lua_operator *op = s->version == LUA_51 ? operators51 : operators53;

	for (; op->text; op++)
		if (is_word(t, op->text))
			return op;
	return NULL;
}

static void take_word(struct lua_tokens *s, struct lua_token *t)
{
	while (is_letter(at(s, t->len)) || is_digit(at(s, t->len)))
		t->len++;
	t->op = find_operator(s, t);
	t->kind = t->op ? LUA_TOKEN_OPERATOR : LUA_TOKEN_VALUE;
	if (is_word(t, "function"))
		t->kind = LUA_TOKEN_FUNCTION;
	else if (is_word(t, "end"))
		t->kind = LUA_TOKEN_ENDS;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_word(t, words[i]))
			t->kind = LUA_TOKEN_OTHER;
	if (s->version == LUA_53 && is_word(t, "goto"))
		t->kind = LUA_TOKEN_OTHER;
}

static void take_sign(struct lua_tokens *s, struct lua_token *t)
{
	char c = at(s, 0);

	t->len = 3;
	if (c == '.' && at(s, 1) == '.' && at(s, 2) == '.') {
		t->kind = LUA_TOKEN_VALUE;
		return;
	}
	for (t->len = 2; t->len; t->len--) {
		t->op = t->len <= (size_t)(s->end - s->p) ? find_operator(s, t) : NULL;
		if (t->op) {
			t->kind = LUA_TOKEN_OPERATOR;
			return;
		}
	}
	t->len = 1;
	if (c == '(' || c == '[' || c == '{')
		t->kind = LUA_TOKEN_OPEN;
	else if (c == ')' || c == ']' || c == '}')
		t->kind = LUA_TOKEN_CLOSE;
	else
		t->kind = c == '.' || c == ':' ? LUA_TOKEN_FIELD : LUA_TOKEN_OTHER;
	if (c == ':' && at(s, 1) == ':') {
		t->kind = LUA_TOKEN_OTHER;
		t->len = 2;
	}
}

struct lua_token lua_token_next(struct lua_tokens *s)
{
	struct lua_token t = { 0 };
	const char *from;

	skip_blank(s);
	t.text = from = s->p;
	if (s->p == s->end) {
		t.line = s->line;
		return t;
	}
	if (*s->p == '"' || *s->p == '\'' || long_opening(s)) {
		t.kind = LUA_TOKEN_STRING;
		if (*s->p == '[')
			skip_long(s, long_opening(s));
		else
			skip_quoted(s);
		t.len = (size_t)(s->p - from);
	} else if (is_digit(*s->p) || (*s->p == '.' && is_digit(at(s, 1)))) {
		t.kind = LUA_TOKEN_NUMBER;
		t.len = s->version == LUA_51 ? numeral51(s) : numeral53(s);
		advance(s, t.len);
	} else {
		if (is_letter(*s->p))
			take_word(s, &t);
		else
			take_sign(s, &t);
		advance(s, t.len);
	}
	t.line = s->line;
	return t;
}
