/* SPDX-License-Identifier: MIT */
/*
 * Lines of the console that are no strings. Source: app/lua/lua.c and app/user/user_main.c of the
 * firmware, and recordings.
 */
#include "common/strings/console.h"

#include <stdio.h>
#include <string.h>

static bool begins(const uint8_t *line, size_t n, const char *with)
{
	size_t k = strlen(with);

	return n >= k && !memcmp(line, with, k);
}

/* Where text begins in the line, or NULL. */
static const uint8_t *find(const uint8_t *line, size_t n, const char *text)
{
	size_t k = strlen(text);

	for (; n >= k; line++, n--)
		if (!memcmp(line, text, k))
			return line;
	return NULL;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

size_t console_prompt(const uint8_t *line, size_t n)
{
	size_t at = 0;

	while (at < n && line[at] == '>') {
		size_t k = at + 1 < n && line[at + 1] == '>' ? 2 : 1;

		if (at + k < n && line[at + k] != ' ')
			break;
		at += at + k < n ? k + 1 : k;
	}
	return at;
}

size_t console_alloc_tail(const uint8_t *line, size_t n)
{
	size_t at = n;

	while (at && is_digit(line[at - 1]))
		at--;
	if (at == n || at < 4 || memcmp(line + at - 4, "E:M ", 4) != 0)
		return 0;
	return n - at + 4;
}

/* "I (123) wifi: …" of ESP-IDF, with or without colour. */
static bool is_idf(const uint8_t *line, size_t n)
{
	if (n && line[0] == 0x1b)
		return true;
	return n > 4 && memchr("EWIDV", line[0], 5) && !memcmp(line + 1, " (", 2) &&
	       is_digit(line[3]);
}

bool console_noise(const uint8_t *line, size_t n)
{
	static const char *const starts[] = { "Lua error: ", "stack traceback:", "stdin:",
					      "lua: ",       "\tstdin:",         "\t[C]: in" };
	size_t at = 0;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (begins(line, n, starts[i]))
			return true;
	while (at < n && (line[at] == ' ' || line[at] == '\t'))
		at++;
	return at == n || is_idf(line, n) || console_alloc_tail(line, n) == n;
}

static void read_detail(const uint8_t *line, size_t n, struct string_device *device)
{
	const uint8_t *powered = find(line, n, "powered by Lua ");
	const uint8_t *type = find(line, n, "build type: ");

	if (powered && (size_t)(powered - line) + 18 <= n) {
		const uint8_t *v = powered + 15;

		if (!memcmp(v, "5.1", 3) || !memcmp(v, "5.3", 3))
			device->lua = v[2] == '1' ? 51 : 53;
	}
	if (type) {
		const uint8_t *word = type + 12;
		size_t k = 0;

		while (word + k < line + n && word[k] >= 'a' && word[k] <= 'z')
			k++;
		snprintf(device->number, sizeof(device->number), "%.*s", (int)(k < 16 ? k : 0),
			 (const char *)word);
	}
}

bool console_banner(const uint8_t *line, size_t n, bool in_banner, struct string_device *device)
{
	if (begins(line, n, "NodeMCU ")) {
		while (n && (line[n - 1] == ' ' || line[n - 1] == '\t'))
			n--;
		if (device)
			snprintf(device->banner, sizeof(device->banner), "%.*s", (int)n,
				 (const char *)line);
		return true;
	}
	if (!in_banner || !(begins(line, n, "\t") || begins(line, n, " build ")))
		return false;
	if (device)
		read_detail(line, n, device);
	return true;
}

/* Words of the commands that print strings. */
bool console_prints_strings(const uint8_t *p, size_t n)
{
	static const char *const words[] = { "getstrings", "preload", "%q",
					     "pairs(",     "concat",  "for " };

	for (size_t i = 0; i < n; i++)
		for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
			if (n - i >= strlen(words[w]) && !memcmp(p + i, words[w], strlen(words[w])))
				return true;
	return false;
}
