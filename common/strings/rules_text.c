/* SPDX-License-Identifier: MIT */
#include "common/strings/rules.h"

#include <string.h>

bool text_holds(const uint8_t *p, size_t n, const char *word)
{
	const uint8_t *end = p + n;

	for (; p < end && (p = memchr(p, word[0], (size_t)(end - p))) != NULL; p++)
		if (text_begins_exactly(p, (size_t)(end - p), word))
			return true;
	return false;
}

static size_t shape_length(const uint8_t *p, size_t n, const char *shape)
{
	size_t i;

	for (i = 0; shape[i]; i++) {
		bool fits = i < n && (shape[i] == '9'   ? is_digit(p[i])
				      : shape[i] == 'x' ? is_hex(p[i])
				      : shape[i] == 'A' ? is_letter(p[i])
							: p[i] == (uint8_t)shape[i]);
		if (!fits)
			return 0;
	}
	return i;
}

bool text_begins_shape(const uint8_t *p, size_t n, const char *const *shapes)
{
	for (; *shapes; shapes++)
		if (shape_length(p, n, *shapes))
			return true;
	return false;
}

bool text_has_shape(const uint8_t *p, size_t n, const char *const *shapes)
{
	for (size_t at = 0; at < n; at++) {
		if (at && is_alnum(p[at - 1]))
			continue;
		for (const char *const *s = shapes; *s; s++) {
			size_t len = shape_length(p + at, n - at, *s);

			if (len && (at + len == n || !is_alnum(p[at + len])))
				return true;
		}
	}
	return false;
}

bool text_is_alphabet(const uint8_t *p, size_t n)
{
	size_t steps = 0;

	for (size_t i = 1; i < n; i++)
		steps += p[i] == p[i - 1] + 1;
	return n >= 8 && steps >= n - n / 4;
}

/*
 * Letters that often follow a letter. These pairs make up 97.5 % of all pairs in the words and
 * names of NodeMCU's documentation.
 */
static const char *const followers[26] = {
	"bcdfgiklmnprstuvwxy",
	"aeijlmorsuy",
	"aceghikloprtuy",
	"acdeilorsu",
	"abcdefgilmnpqrstvwx",
	"aefilorstu",
	"aehilnoprsu",
	"aeiortu",
	"abcdefgklmnoprstvxz",
	"e",
	"eis",
	"abdefilostuy",
	"abcdeimopsuw",
	"acdefgilnostuvy",
	"abcdfgilmnoprstuvw",
	"aeiloprstuw",
	"u",
	"acdefgikmnorstuvy",
	"acdehiklopstuwy",
	"acdehilmoprstuwy",
	"abcdefgilmnprst",
	"aeio",
	"aehimorsw",
	"aet",
	"nopst",
	"e",
};

static bool strange(uint8_t a, uint8_t b)
{
	static const char symbols[] = "!$&*?@#^+~";

	if (is_letter(a) && is_letter(b))
		return !strchr(followers[to_lower(a) - 'a'], to_lower(b));
	if (is_alnum(a) && is_alnum(b))
		return is_digit(a) != is_digit(b);
	return (is_alnum(a) && b && strchr(symbols, b)) || (is_alnum(b) && a && strchr(symbols, a));
}

unsigned text_strangeness(const uint8_t *p, size_t n)
{
	size_t count = 0;

	for (size_t i = 1; i < n; i++)
		count += strange(p[i - 1], p[i]);
	return n < 2 ? 0 : (unsigned)(count * 100 / (n - 1));
}

static size_t digits(const uint8_t *p, size_t n, size_t at)
{
	while (at < n && is_digit(p[at]))
		at++;
	return at;
}

size_t text_number(const uint8_t *p, size_t n, unsigned *decimals)
{
	size_t first = n && (p[0] == '-' || p[0] == '+');
	size_t at = digits(p, n, first), end;

	*decimals = 0;
	if (at == first)
		return 0;
	if (at < n && (p[at] == '.' || p[at] == ',')) {
		end = digits(p, n, at + 1);
		*decimals = (unsigned)(end - at - 1);
		if (*decimals)
			at = end;
	}
	if (at < n && to_lower(p[at]) == 'e') {
		end = at + 1 + (at + 1 < n && (p[at + 1] == '-' || p[at + 1] == '+'));
		if (digits(p, n, end) > end)
			at = digits(p, n, end);
	}
	return at;
}
