/* SPDX-License-Identifier: MIT */
/* Numbers, times, places. */
#include "common/strings/rules.h"

#include <string.h>

bool rule_time(const uint8_t *p, size_t n)
{
	static const char *const shapes[] = {
		"9999-99-99",  "99.99.9999",  "9.9.9999",      "99/99/9999",
		"9999/99/99",  "99:99:99",    "99:99",         "99 AAA 9999",
		"AAA 99 9999", "AAA  9 9999", "9999-99-99T99", NULL,
	};

	static const char *const fixed[] = { "00:00", "00:00:00", "23:59", "24:00", NULL };

	/* A format has other times, too. */
	if (n && memchr(p, '%', n))
		return false;
	for (const char *const *f = fixed; *f; f++)
		if (text_begins_exactly(p, n, *f) && strlen(*f) == n)
			return false;
	return text_has_shape(p, n, shapes);
}

static size_t skip(const uint8_t *p, size_t n, size_t at, const char *any)
{
	while (at < n && p[at] && strchr(any, p[at]))
		at++;
	return at;
}

/* "52.520008, 13.404954", "52.5200 N": three decimals and more are about a hundred metres. */
bool rule_place(const uint8_t *p, size_t n)
{
	for (size_t at = 0; at < n; at++) {
		unsigned decimals, more;
		size_t end, next;

		if ((at && (is_alnum(p[at - 1]) || p[at - 1] == '.')) || !is_digit(p[at]))
			continue;
		end = at + text_number(p + at, n - at, &decimals);
		if (decimals < 3 || end - at > 16)
			continue;
		next = skip(p, n, end, " \xc2\xb0");
		if (next < n && strchr("NSEWnsew", p[next]) && p[next] &&
		    (next + 1 == n || !is_alnum(p[next + 1])))
			return true;
		next = skip(p, n, end, " ,;/");
		if (next > end && text_number(p + next, n - next, &more) && more >= 3)
			return true;
	}
	return false;
}

bool rule_phone(const uint8_t *p, size_t n)
{
	bool plus = false;
	unsigned digits = 0, groups = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_digit(p[i])) {
			groups += i == 0 || !is_digit(p[i - 1]);
			digits++;
		} else if (p[i] == '+' && digits == 0 && !plus) {
			plus = true;
		} else if (!p[i] || !strchr(" ()-/.", p[i])) {
			return false;
		}
	}
	return digits >= 7 && digits <= 15 && (plus || (p[0] == '0' && groups > 1));
}

static const char *const units[] = {
	"%",
	"C",
	"F",
	"K",
	"V",
	"mV",
	"A",
	"mA",
	"uA",
	"W",
	"kW",
	"Wh",
	"kWh",
	"Ah",
	"mAh",
	"Hz",
	"kHz",
	"MHz",
	"s",
	"ms",
	"us",
	"min",
	"h",
	"m",
	"cm",
	"mm",
	"km",
	"Pa",
	"hPa",
	"kPa",
	"bar",
	"mbar",
	"dB",
	"dBm",
	"lx",
	"lux",
	"ppm",
	"ppb",
	"B",
	"KB",
	"kB",
	"bytes",
	"g",
	"kg",
	"l",
	"L",
	"m/s",
	"km/h",
	"rpm",
	"ug/m3",
	"\xc2\xb0"
	"C",
	"\xc2\xb0"
	"F",
	"\xc2\xb0",
	"\xb0"
	"C",
	NULL,
};

static bool is_unit(const uint8_t *p, size_t n)
{
	for (const char *const *u = units; *u; u++)
		if (text_begins_exactly(p, n, *u) && strlen(*u) == n)
			return true;
	return false;
}

/* A number alone, or with its unit. A single digit is as likely a constant of the program. */
bool rule_number(const uint8_t *p, size_t n)
{
	size_t first = skip(p, n, 0, " "), at;
	unsigned decimals;

	while (n > first && p[n - 1] == ' ')
		n--;
	if (n - first < 2)
		return false;
	at = first + text_number(p + first, n - first, &decimals);
	if (at == first || text_is_alphabet(p + first, at - first))
		return false;
	/* "5V": what it runs on. */
	if (!decimals &&
	    ((at - first == 1 && at < n && p[at] != ' ') || (at + 1 == n && p[at] == 'V')))
		return false;
	at = skip(p, n, at, " ");
	return at == n || is_unit(p + at, n - at);
}

/* Parameters of headers that have a fixed value with a decimal point. */
static bool is_fixed(const uint8_t *p, size_t end)
{
	static const char *const names[] = { "q", "v", "version", "level", NULL };

	for (const char *const *w = names; *w; w++) {
		size_t len = strlen(*w);

		if (end >= len && text_begins(p + end - len, len, *w) &&
		    (end == len || !is_letter(p[end - len - 1])))
			return true;
	}
	return false;
}

/* "T:23.5", "{"rssi":-71}": in JSON any number is one, elsewhere those with a decimal point. */
bool rule_reading(const uint8_t *p, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		unsigned decimals;
		size_t at, end;

		if ((p[i] != ':' && p[i] != '=') || is_fixed(p, i))
			continue;
		at = skip(p, n, i + 1, " \"");
		end = at + text_number(p + at, n - at, &decimals);
		if (end == at || (end < n && p[end] == '.'))
			continue;
		if (decimals || (p[i] == ':' && p[i - 1] == '"'))
			return true;
	}
	return false;
}

bool rule_serial(const uint8_t *p, size_t n)
{
	struct text_run run = { 0, 0 };

	while (text_run_next(p, n, is_digit, &run)) {
		const uint8_t *t = p + run.at;

		if (run.len < 6 || text_is_alphabet(t, run.len))
			continue;
		if (run.len == 6 && run.at && t[-1] == '#') /* a colour */
			continue;
		if (run.len < 8 && run.at && is_letter(t[-1])) /* a type: "os128064" */
			continue;
		return true;
	}
	return false;
}
