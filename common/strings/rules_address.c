/* SPDX-License-Identifier: MIT */
/* Addresses, ids and hosts. */
#include "common/strings/rules.h"

#include <string.h>

/* Length of a dotted quad at p, or 0. */
static size_t quad_length(const uint8_t *p, size_t n)
{
	size_t at = 0;

	for (unsigned part = 0; part < 4; part++) {
		unsigned value = 0, count = 0;

		if (part && (at >= n || p[at++] != '.'))
			return 0;
		for (; at < n && is_digit(p[at]) && count < 4; at++, count++)
			value = value * 10 + (p[at] - '0');
		if (count == 0 || count > 3 || value > 255)
			return 0;
	}
	return at;
}

static bool joins(uint8_t c)
{
	return is_alnum(c) || c == '.' || c == '_';
}

/* "3.0.0.0": a version, or an address that everybody knows. */
static bool is_version(size_t len)
{
	return len == 7;
}

/* "192.168.1.": the start of addresses of one private network. */
static bool is_network(const uint8_t *p, size_t n)
{
	static const char *const shapes[] = { "192.168.9.", "192.168.99.", "192.168.999.",
					      "10.9.9.",    "10.99.9.",    "10.9.99.",
					      "172.99.9.",  "172.99.99.",  NULL };

	return text_begins_shape(p, n, shapes);
}

bool rule_ipv4(const uint8_t *p, size_t n)
{
	for (size_t at = 0; at < n; at++) {
		size_t len;

		if (!is_digit(p[at]) || (at && joins(p[at - 1])))
			continue;
		if (is_network(p + at, n - at))
			return true;
		len = quad_length(p + at, n - at);
		if (is_version(len))
			continue;
		/* A dot may end a sentence, but not go on to a fifth number. */
		if (!len || (at + len < n && is_alnum(p[at + len])))
			continue;
		if (at + len + 1 >= n || p[at + len] != '.' || !is_digit(p[at + len + 1]))
			return true;
	}
	return false;
}

static bool of_ipv6(uint8_t c)
{
	return is_hex(c) || c == ':';
}

/* Groups of one to four digits: eight, or fewer with one gap ("::"), or six and a dotted quad. */
static bool is_ipv6(const uint8_t *p, size_t n, bool quad)
{
	unsigned groups = 0, gaps = 0, digits = 0, width = 0;

	for (size_t i = 0; i < n; i++) {
		digits += is_digit(p[i]);
		if (p[i] != ':') {
			groups += width++ == 0;
			if (width > 4)
				return false;
		} else {
			gaps += i > 0 && p[i - 1] == ':';
			width = 0;
		}
	}
	if (n < 3 || gaps > 1 || (p[0] == ':' && p[1] != ':'))
		return false;
	if (!quad && p[n - 1] == ':' && p[n - 2] != ':')
		return false;
	groups += quad; /* of the quad, its first number is counted already */
	return gaps ? groups > 0 && groups < 8 && digits : groups == 8;
}

bool rule_ipv6(const uint8_t *p, size_t n)
{
	struct text_run run = { 0, 0 };

	while (text_run_next(p, n, of_ipv6, &run)) {
		size_t end = run.at + run.len;
		bool quad = end < n && p[end] == '.';

		if (run.at && is_alnum(p[run.at - 1]))
			continue;
		if (end < n && is_alnum(p[end]))
			continue;
		if (is_ipv6(p + run.at, run.len, quad))
			return true;
	}
	return false;
}

bool rule_mac(const uint8_t *p, size_t n)
{
	static const char *const shapes[] = { "xx:xx:xx:xx:xx:xx",
					      "xx-xx-xx-xx-xx-xx",
					      "xxxx.xxxx.xxxx",
					      "xx xx xx xx xx xx",
					      "xxxxxx-xxxxxx",
					      "xxxxxx:xxxxxx",
					      NULL };

	return text_has_shape(p, n, shapes);
}

bool rule_uuid(const uint8_t *p, size_t n)
{
	static const char *const shapes[] = { "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", NULL };

	return text_has_shape(p, n, shapes);
}

bool rule_pointer(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 8 <= n; i++) {
		size_t end = i + 2;

		if (p[i] != '0' || to_lower(p[i + 1]) != 'x' || (i && is_alnum(p[i - 1])))
			continue;
		while (end < n && is_hex(p[end]))
			end++;
		/* The start of a page is a constant of the program. */
		if (end - i >= 8 && memcmp(p + end - 3, "000", 3) != 0)
			return true;
	}
	return false;
}

/* A run of letters and digits that is a number in hex and not a word. */
static bool is_hex_id(const uint8_t *p, const struct text_run *run)
{
	const uint8_t *t = p + run->at;
	uint8_t before = run->at ? t[-1] : 0;
	size_t digits = 0, turns = 0;

	for (size_t i = 0; i < run->len; i++) {
		if (!is_hex(t[i]))
			return false;
		digits += is_digit(t[i]);
		turns += i && is_digit(t[i]) != is_digit(t[i - 1]);
	}
	if (text_is_alphabet(t, run->len))
		return false;
	if (run->len >= 16)
		return true;
	if (digits == 0 || digits == run->len)
		return false;
	/*
	 * The last half of a MAC, as devices append it to their names; not the "cfb128" of a
	 * cipher.
	 */
	return run->len >= 8 || (run->len == 6 && turns > 1 && (before == '-' || before == '_'));
}

bool rule_hex(const uint8_t *p, size_t n)
{
	struct text_run run = { 0, 0 };

	while (text_run_next(p, n, is_alnum, &run))
		if (is_hex_id(p, &run))
			return true;
	return false;
}

static bool of_host(uint8_t c)
{
	return is_alnum(c) || c == '.' || c == '-';
}

/* Ends of names that only a private network, or somebody's own dynamic address, has. */
static const char *const private_domains[] = {
	".local",      ".lan",         ".home",         ".internal",  ".intranet",
	".corp",       ".localdomain", ".home.arpa",    ".fritz.box", ".myfritz.net",
	".dyndns.org", ".ddns.net",    ".duckdns.org",  ".no-ip.org", ".hopto.org",
	".spdns.de",   ".selfhost.eu", ".selfhost.de",  ".zapto.org", ".dynv6.net",
	".goip.de",    ".dedyn.io",    ".speedport.ip", ".workgroup", NULL,
};

bool rule_host(const uint8_t *p, size_t n)
{
	struct text_run run = { 0, 0 };

	while (text_run_next(p, n, of_host, &run)) {
		if (!memchr(p + run.at, '.', run.len))
			continue;
		for (const char *const *d = private_domains; *d; d++) {
			size_t len = strlen(*d);

			if (run.len > len && is_alnum(p[run.at]) &&
			    text_begins(p + run.at + run.len - len, len, *d))
				return true;
		}
	}
	return false;
}
