/* SPDX-License-Identifier: MIT */
/* Keys and tokens that stand alone. */
#include "common/strings/rules.h"

#include <string.h>

bool rule_pem(const uint8_t *p, size_t n)
{
	return text_holds(p, n, "-----BEGIN ") || text_holds(p, n, "ssh-rsa AAAA") ||
	       text_holds(p, n, "ssh-ed25519 AAAA");
}

static bool of_base64(uint8_t c)
{
	return is_alnum(c) || c == '+' || c == '/' || c == '-' || c == '_';
}

static bool of_jwt(uint8_t c)
{
	return of_base64(c) || c == '.';
}

/* Three parts, the first of which is an object in JSON: {" is eyJ in base64. */
bool rule_jwt(const uint8_t *p, size_t n)
{
	struct text_run run = { 0, 0 };

	while (text_run_next(p, n, of_jwt, &run)) {
		const uint8_t *t = p + run.at;
		unsigned dots = 0;

		for (size_t i = 0; i < run.len; i++)
			dots += t[i] == '.';
		if (dots >= 2 && run.len >= 20 && text_begins_exactly(t, run.len, "eyJ"))
			return true;
	}
	return false;
}

/* How the tokens of well-known services begin, and how many characters follow at least. */
static const struct {
	const char *head;
	unsigned more;
} heads[] = {
	{ "AIza", 16 },    { "AKIA", 12 },    { "ghp_", 12 },    { "gho_", 12 },  { "glpat-", 12 },
	{ "sk_live_", 8 }, { "sk_test_", 8 }, { "pk_live_", 8 }, { "xoxb-", 10 }, { "xoxp-", 10 },
	{ "sk-", 20 },     { "aio_", 16 },    { "SG.", 20 },     { "hf_", 16 },   { "dop_v1_", 16 },
};

bool rule_token(const uint8_t *p, size_t n)
{
	struct text_run run = { 0, 0 };

	while (text_run_next(p, n, of_jwt, &run))
		for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
			if (text_begins_exactly(p + run.at, run.len, heads[i].head) &&
			    run.len >= strlen(heads[i].head) + heads[i].more)
				return true;
	return false;
}

struct mix {
	size_t upper, lower, digits;
};

static struct mix mix_of(const uint8_t *p, size_t n)
{
	struct mix m = { 0, 0, 0 };

	for (size_t i = 0; i < n; i++) {
		m.digits += is_digit(p[i]);
		m.upper += p[i] >= 'A' && p[i] <= 'Z';
		m.lower += p[i] >= 'a' && p[i] <= 'z';
	}
	return m;
}

bool rule_base64(const uint8_t *p, size_t n)
{
	struct text_run run = { 0, 0 };

	while (text_run_next(p, n, of_base64, &run)) {
		const uint8_t *t = p + run.at;
		struct mix m = mix_of(t, run.len);
		unsigned strange = text_strangeness(t, run.len);
		size_t end = run.at + run.len, fill = 0;

		while (end + fill < n && p[end + fill] == '=')
			fill++;
		if (text_is_alphabet(t, run.len) || !m.upper || !m.lower)
			continue;
		if (run.len >= 16 && m.digits && strange >= 40)
			return true;
		/* Long keys need not look strange: "wJalrXUtnFEMI/K7MDENG/…" */
		if (run.len >= 32 && m.digits && m.upper >= run.len / 5 && m.lower >= run.len / 5 &&
		    strange >= 25)
			return true;
		if (run.len >= 10 && (fill == 1 || fill == 2) && (run.len + fill) % 4 == 0 &&
		    strange >= 30)
			return true;
	}
	return false;
}

static bool is_upper(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_symbol(uint8_t c)
{
	return c && strchr("!$&*?@#^+~", c);
}

/* Pieces as people make names of: "getUTF8Width" has get, UTF, 8, Width. */
static size_t count_pieces(const uint8_t *p, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		uint8_t before = i ? p[i - 1] : 0, after = i + 1 < n ? p[i + 1] : 0;

		if (is_digit(p[i]))
			count += !is_digit(before);
		else if (is_upper(p[i]))
			count += !is_upper(before) || (is_letter(after) && !is_upper(after));
		else if (is_letter(p[i]))
			count += !is_letter(before);
		else
			count += is_symbol(p[i]);
	}
	return count;
}

/*
 * Letters of both cases mixed with digits or symbols as in no name: "Tr0ub4dor&3". Names of chips
 * and settings mix them too ("l3g4200d", "CPU160MHZ"), but into longer pieces and with pairs of
 * letters that words have.
 */
bool rule_random(const uint8_t *p, size_t n)
{
	struct mix m = mix_of(p, n);
	size_t symbols = 0, groups = 0;
	unsigned strange;

	if (n < 8 || n > 64)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (p[i] <= ' ' || p[i] >= 0x7f || strchr("%\\(){}<>|/", p[i]))
			return false;
		groups += is_digit(p[i]) && (i == 0 || !is_digit(p[i - 1]));
		symbols += is_symbol(p[i]);
	}
	strange = text_strangeness(p, n);
	if (text_is_alphabet(p, n))
		return false;
	if (m.upper && m.lower && (m.digits || symbols))
		return strange >= 35 && count_pieces(p, n) * 5 >= n * 2;
	return groups >= 3 && m.upper + m.lower && strange >= 50;
}
