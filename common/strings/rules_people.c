/* SPDX-License-Identifier: MIT */
/* What people choose and where they live: passwords, accounts, streets. */
#include "common/strings/rules.h"

#include <string.h>

#include "common/strings/filter.h"

/* Words that lists of leaked passwords are full of, in English and German. */
static const char *const password_words[] = {
	"password", "passwort",  "passw0rd", "passwd",   "kennwort",   "letmein",   "hunter",
	"qwerty",   "qwertz",    "qwert",    "asdfgh",   "asdf",       "yxcvbn",    "zxcvbn",
	"geheim",   "topsecret", "changeme", "welcome",  "willkommen", "iloveyou",  "monkey",
	"dragon",   "sunshine",  "princess", "football", "fussball",   "baseball",  "superman",
	"batman",   "schatz",    "sommer",   "winter",   "herbst",     "fruehling", "summer",
	"spring",   "autumn",    "berlin",   "hamburg",  "muenchen",   "london",    "liverpool",
	"chelsea",  "michael",   "jennifer", "charlie",  "jessica",    "daniel",    "thomas",
	"abc",      "trustno",   "whatever", "starwars", "computer",   "internet",  "master",
	"admin",    "secret",    "mypass",   "mustang",  "shadow",     "freedom",   "schalke",
	"bayern",   "hallo",     "sesam",    NULL,
};

/* Words that programs number: parts of devices and of protocols. */
static const char *const numbered_words[] = {
	"sensor",   "relay",    "switch",   "button",  "channel", "device",  "level",   "input",
	"output",   "timer",    "field",    "param",   "value",   "table",   "layer",   "stage",
	"group",    "block",    "number",   "zone",    "light",   "motor",   "servo",   "valve",
	"probe",    "floor",    "display",  "screen",  "client",  "server",  "event",   "pixel",
	"strip",    "color",    "colour",   "frame",   "image",   "string",  "version", "module",
	"index",    "atmega",   "attiny",   "serial",  "modbus",  "crypt",   "ripemd",  "blake",
	"camellia", "chacha",   "latin",    "windows", "float",   "double",  "short",   "label",
	"channels", "arduino",  "firmware", "release", "build",   "status",  "error",   "state",
	"topic",    "config",   "option",   "dallas",  "esphome", "nodemcu", "program", "function",
	"argument", "register", "address",  "clock",   "digit",   "segment", "matrix",  "points",
	"salsa",    "sha",      "base",     "room",    "window",  "lamp",    "alarm",   "phase",
	"pulse",    "counter",  "meter",    "scene",   "preset",  "effect",  "volume",  "track",
	"message",  "packet",   "buffer",   "sample",  "point",   "curve",   "model",   "series",
	"chunk",    "sector",   "bank",     "slot",    "stream",  "socket",  "request", "response",
	NULL,
};

static bool is_word(const uint8_t *p, size_t n, const char *const *words)
{
	for (; *words; words++)
		if (text_begins(p, n, *words) && strlen(*words) == n)
			return true;
	return false;
}

/* Digits that are a year of somebody's life. */
static bool is_year(const uint8_t *p, size_t n)
{
	return n == 4 && ((p[0] == '1' && p[1] == '9') || (p[0] == '2' && p[1] == '0'));
}

static bool has_vowel(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strchr("aeiouy", to_lower(p[i])))
			return true;
	return false;
}

/* A word in small letters, or with a capital: no chip and no constant. */
static bool is_plain_word(const uint8_t *p, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (p[i] < 'a' || p[i] > 'z')
			return false;
	return has_vowel(p, n);
}

/* "Sommer2023", "hunter2", "geheim!": a word, digits, and a sign or two. */
bool rule_password(const uint8_t *p, size_t n)
{
	size_t letters = 0, digits = 0, signs = 0;

	while (letters < n && is_letter(p[letters]))
		letters++;
	while (letters + digits < n && is_digit(p[letters + digits]))
		digits++;
	while (letters + digits + signs < n && strchr("!?$#*.@+", p[letters + digits + signs]) &&
	       p[letters + digits + signs])
		signs++;
	if (letters + digits + signs != n || letters < 3 || digits > 6 || signs > 3)
		return false;
	if (is_word(p, letters, password_words))
		return digits || (signs && !(signs == 1 && p[n - 1] == '.'));
	if (letters < 5 || letters > 16 || !is_plain_word(p, letters) ||
	    is_word(p, letters, numbered_words))
		return false;
	return is_year(p + letters, digits) || (digits >= 2 && digits <= 4) || (digits && signs);
}

/* Accounts that every device has. */
static const char *const accounts[] = { "admin", "administrator", "root", "pi",
					"guest", "ubnt",          NULL };

/* "admin:admin", "u=karl&p=abc123" */
bool rule_account(const uint8_t *p, size_t n)
{
	const uint8_t *colon = n ? memchr(p, ':', n) : NULL;
	bool user = false, pass = false;

	if (colon && is_word(p, (size_t)(colon - p), accounts) && colon + 1 < p + n &&
	    is_alnum(colon[1]) && !memchr(p, ' ', n))
		return true;
	for (size_t i = 0; i + 2 < n; i++) {
		bool first = i == 0 || p[i - 1] == '&' || p[i - 1] == '?';

		if (!first || p[i + 1] != '=' || !is_alnum(p[i + 2]))
			continue;
		user |= to_lower(p[i]) == 'u';
		pass |= to_lower(p[i]) == 'p';
	}
	return user && pass;
}

/* How names of streets end, and begin. */
static const char *const streets[] = { "str.",
				       "strasse",
				       "stra\xc3\x9f"
				       "e",
				       "weg",
				       "platz",
				       "gasse",
				       "allee",
				       " street",
				       " st.",
				       " road",
				       " rd.",
				       " avenue",
				       " ave.",
				       " lane",
				       "damm",
				       NULL };

/* "Hauptstr. 12", "80331 Muenchen" behind a comma, "12 Station Road" */
bool rule_address(const uint8_t *p, size_t n)
{
	static const char *const towns[] = { ", 99999 AAA", ", 9999 AAA", ", AA 99999", NULL };
	static const char *const none[] = { NULL };
	uint32_t firsts = 0;
	bool number = n && is_digit(p[0]);

	for (const char *const *s = streets; *s; s++)
		firsts |= text_first((uint8_t) * *s);
	for (size_t at = 1; at < n; at++)
		for (const char *const *s =
			     firsts & text_first(p[at]) && is_letter(p[at - 1]) ? streets : none;
		     *s; s++) {
			size_t end;

			if (!text_begins(p + at, n - at, *s))
				continue;
			end = at + strlen(*s);
			if (end + 1 < n && p[end] == ' ' && is_digit(p[end + 1]))
				return true;
			if (number && **s == ' ' && (end == n || !is_letter(p[end])))
				return true;
		}
	for (size_t at = 0; at + 8 < n; at++)
		if (p[at] == ',' && text_begins_shape(p + at, n - at, towns))
			return true;
	return false;
}

/* Names of values that nobody else should know. */
static const char *const keys[] = { "password", "passwort", "passwd", "passphrase", "pwd",  "psk",
				    "secret",   "token",    "apikey", "api_key",    "ssid", NULL };

static bool ends_with(const uint8_t *p, size_t n, const char *word)
{
	size_t len = strlen(word);

	return n >= len && text_begins(p + n - len, len, word);
}

bool string_is_key(const uint8_t *text, size_t len)
{
	while (len && strchr(":= ", text[len - 1]) && text[len - 1])
		len--;
	if (len > 24 || (len && memchr(text, ' ', len)))
		return false;
	if (len == 4 && text_begins(text, len, "pass"))
		return true;
	for (const char *const *k = keys; *k; k++) {
		size_t n = strlen(*k);

		/* "wifi_pwd", "ssid_hint", "password2" */
		if (ends_with(text, len, *k) ||
		    (text_begins(text, len, *k) && (text[n] == '_' || is_digit(text[n]))))
			return true;
	}
	return false;
}

bool string_is_value(const uint8_t *key, size_t key_len, const uint8_t *text, size_t len)
{
	bool odd = len && text[0] >= 'A' && text[0] <= 'Z';

	if (len < 3 || len > 64 || !string_is_key(key, key_len) || string_is_key(text, len))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '%' || text[i] < ' ')
			return false;
		odd |= !is_letter(text[i]) && text[i] != '_' && text[i] != '.' && text[i] != ':' &&
		       text[i] != '/';
	}
	return odd;
}
