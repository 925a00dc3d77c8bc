/* SPDX-License-Identifier: MIT */
/*
 * Strings that are there only because somebody asked for strings.
 */
#include <string.h>

#include "common/strings/console.h"
#include "common/strings/lexer.h"
#include "common/strings/rules.h"

/*
 * What the commands that fetch strings intern themselves: the manual's snippet and the ones that
 * print slices. Names that a program is likely to use too are not among them.
 */
static const char *const footprints[] = {
	"=stdin",
	"getstrings",
	"RAM",
	"ROM",
	"%q",
	"local preload=",
	"local preload=%s",
	"__s",
	"__p",
	"N",
	"\\%03d",
	"[^%w]",
	NULL,
};

/*
 * A line that was typed is a string with its line end in 5.1, and one without where it was echoed
 * or run; nobody else has both.
 */
static bool is_typed_line(const struct string_set *set, const uint8_t *p, size_t n)
{
	bool ended = n && p[n - 1] == '\n', other;
	uint8_t line[257];

	if (n < 4 || n > 256 || !(memchr(p, '(', n) || memchr(p, '=', n) || memchr(p, ' ', n)))
		return false;
	memcpy(line, p, n);
	line[n] = '\n';
	other = string_set_find(set, line, ended ? n - 1 : n + 1) != STRING_UNKNOWN;
	return other && !memchr(p, '\n', ended ? n - 1 : n);
}

/* The literals of a line that was typed. */
static void add_literals(struct string_set *typed, const struct lexer_line *l, struct buf *text)
{
	struct lexer lx = { .data = l->p, .len = l->n };

	while (lx.at < l->n) {
		if ((l->p[lx.at] != '"' && l->p[lx.at] != '\'') ||
		    lexer_string(&lx, text) != LEXER_TEXT)
			lx.at++;
		else
			string_set_add(typed, text->data, text->len);
	}
}

/* A name alone is more likely the program's. */
static bool is_name(const struct lexer_line *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (!is_alnum(l->p[i]) && l->p[i] != '_')
			return false;
	return true;
}

bool footprint_read(const struct string_set *set, struct string_set *typed)
{
	const struct buf *all = &set->commands;
	struct buf form = { 0 };
	bool ok;

	for (size_t at = 0; at < all->len;) {
		struct lexer_line l = lexer_line(all->data, all->len, at);

		at = l.next;
		if (is_name(&l))
			continue;
		string_set_add(typed, l.p, l.n);
		form.len = 0;
		buf_put(&form, l.p, l.n);
		buf_byte(&form, '\n');
		string_set_add(typed, form.data, form.len);
		if (l.p[0] == '=') {
			form.len = 0;
			buf_str(&form, "return ");
			buf_put(&form, l.p + 1, l.n - 1);
			string_set_add(typed, form.data, form.len);
		}
		if (console_prints_strings(l.p, l.n))
			add_literals(typed, &l, &form);
	}
	ok = !form.failed && !all->failed;
	buf_free(&form);
	return ok;
}

bool footprint_is(const struct string_set *set, const struct string_set *typed, const uint8_t *p,
		  size_t n)
{
	static const char call[] = "debug.getstrings";

	for (const char *const *f = footprints; *f; f++)
		if (text_begins_exactly(p, n, *f) && strlen(*f) == n)
			return true;
	if (string_set_find(typed, p, n) != STRING_UNKNOWN || is_typed_line(set, p, n))
		return true;
	/* A line of source: 5.1 keeps it whole. */
	for (size_t i = 0; i + sizeof(call) - 1 <= n; i++)
		if (p[i] == 'd' && memcmp(p + i, call, sizeof(call) - 1) == 0)
			return true;
	return false;
}
