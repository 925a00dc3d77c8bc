/* SPDX-License-Identifier: MIT */
/*
 * What else may be at the other end of a port, by what it said last to lines that it did not
 * understand.
 */
#include <string.h>

#include "common/device/console_parts.h"

enum where { AT_END, ANYWHERE, WHOLE_LINE };

static const char computer[] = "the login of a computer; name the port that the board is at";
static const char shell[] = "a shell's prompt; name the port that the board is at";

/* Short: what was said stands behind it. */
static const struct guess {
	const char *word;
	enum where where;
	const char *meaning;
} guesses[] = {
	{ ">>> ", AT_END,
	  "the prompt of MicroPython or another Python; flash a NodeMCU firmware, or name another "
	  "port" },
	{ "login: ", ANYWHERE, computer },
	{ "Login incorrect", ANYWHERE, computer },
	{ "$ ", AT_END, shell },
	{ "# ", AT_END, shell },
	{ "ERROR", WHOLE_LINE,
	  "a modem, or Espressif's AT firmware; flash a NodeMCU firmware, or name another port" },
};

/* Nothing else is in the word's line. */
static bool is_line(const struct console *c, const uint8_t *p, size_t n)
{
	const uint8_t *end = c->last + c->nlast;

	return (p == c->last || memchr("\r\n", p[-1], 2)) &&
	       (p + n == end || memchr("\r\n", p[n], 2));
}

static bool is_there(const struct console *c, const struct guess *g)
{
	const uint8_t *p = c->last, *end = c->last + c->nlast;
	size_t n = strlen(g->word);

	if (g->where == AT_END)
		return c->nlast >= n && memcmp(end - n, g->word, n) == 0;
	while ((p = console_find(p, (size_t)(end - p), g->word)) != NULL) {
		if (g->where == ANYWHERE || is_line(c, p, n))
			return true;
		p++;
	}
	return false;
}

const char *console_guess(const struct console *c)
{
	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++)
		if (is_there(c, &guesses[i]))
			return guesses[i].meaning;
	return NULL;
}
