/* SPDX-License-Identifier: MIT */
/* What words around a value, and names of networks, give away. */
#include "common/strings/rules.h"

#include <string.h>

/* "scheme://user:password@host" */
bool rule_login(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 3 < n; i++) {
		bool colon = false;

		if (!text_begins_exactly(p + i, n - i, "://"))
			continue;
		for (i += 3; i < n && p[i] > ' ' && !strchr("/%?#", p[i]); i++) {
			if (p[i] == '@' && colon)
				return true;
			colon |= p[i] == ':';
		}
	}
	return false;
}

enum {
	GLUED = 1,  /* also at the end of a longer word */
	EQUALS = 2, /* only before an equal sign: with a colon it is a message */
};

/* Words beside which a value is a secret. */
static const struct {
	const char *word;
	unsigned how;
} secret_words[] = {
	{ "username", GLUED | EQUALS },
	{ "user", EQUALS },
	{ "login", EQUALS },
	{ "pw", 0 },
	{ "passcode", GLUED },
	{ "password", GLUED },
	{ "passwort", GLUED },
	{ "passwd", GLUED },
	{ "passphrase", GLUED },
	{ "pwd", GLUED },
	{ "psk", GLUED },
	{ "secret", GLUED },
	{ "token", GLUED },
	{ "apikey", GLUED },
	{ "pass", 0 },
	{ "key", 0 },
	{ "auth", 0 },
	{ "pin", 0 },
	{ "session", 0 },
	{ "sid", 0 },
	{ "authorization", 0 },
	{ "ssid", GLUED },
	{ "sessionid", GLUED },
	{ "cookie", 0 },
	{ "credentials", 0 },
};

/* What comes before the secret of an Authorization header. */
static const char *const schemes[] = { "basic", "bearer", "token", "apikey", NULL };

static size_t skip_any(const uint8_t *p, size_t n, size_t at, const char *any)
{
	while (at < n && p[at] && strchr(any, p[at]))
		at++;
	return at;
}

static size_t skip_scheme(const uint8_t *p, size_t n, size_t at)
{
	for (const char *const *s = schemes; *s; s++) {
		size_t end = at + strlen(*s);

		if (text_begins(p + at, n - at, *s) && (end == n || p[end] == ' '))
			return skip_any(p, n, end, " ");
	}
	return at;
}

/* What manuals and messages have for a value. */
static bool is_placeholder(const uint8_t *p, size_t n)
{
	static const char *const words[] = { "value", "val",  "string", "text", "none", "nil",
					     "null",  "true", "false",  "yes",  "no",   "required",
					     "xxx",   "***",  "...",    NULL };
	size_t len = 0;

	while (len < n && p[len] > ' ' && !strchr("\"',;}&)", p[len]))
		len++;
	for (const char *const *w = words; *w; w++)
		if (text_begins(p, len, *w) && strlen(*w) == len)
			return true;
	return false;
}

/* Behind the word: "=abc", ": abc", "":"abc"". No value, or a place for one, is no secret. */
static bool has_value(const uint8_t *p, size_t n, size_t at)
{
	at = skip_any(p, n, at, "\"']");
	at = skip_any(p, n, at, " ");
	if (at == n || (p[at] != ':' && p[at] != '='))
		return false;
	at = skip_any(p, n, at + 1, " \t");
	at = skip_any(p, n, at, "\"'");
	at = skip_scheme(p, n, at);
	return at < n && p[at] > ' ' && !strchr("\"',;}>)&%<{$[(=:", p[at]) &&
	       !is_placeholder(p + at, n - at);
}

/* "Bearer 7Qm2..." without the header's name. */
static bool is_scheme(const uint8_t *p, size_t n, size_t at)
{
	size_t value = skip_scheme(p, n, at), end = value;
	bool coded = false;

	if (value == at)
		return false;
	for (; end < n && p[end] > ' '; end++)
		coded |= is_digit(p[end]) || p[end] == '=';
	return coded && end - value >= 8 && p[value] != '%' && !memchr(p + value, '"', end - value);
}

static uint32_t credential_firsts(void)
{
	uint32_t firsts = 0;

	for (size_t w = 0; w < sizeof(secret_words) / sizeof(secret_words[0]); w++)
		firsts |= text_first((uint8_t)*secret_words[w].word);
	for (const char *const *s = schemes; *s; s++)
		firsts |= text_first((uint8_t) * *s);
	return firsts;
}

bool rule_credential(const uint8_t *p, size_t n)
{
	const uint32_t firsts = credential_firsts();

	for (size_t at = 0; at < n; at++) {
		bool inside = at && is_letter(p[at - 1]);

		if (!is_letter(p[at]) || !(firsts & text_first(p[at])))
			continue;
		for (size_t w = 0; w < sizeof(secret_words) / sizeof(secret_words[0]); w++) {
			const char *word = secret_words[w].word;

			if (inside && !(secret_words[w].how & GLUED))
				continue;
			if (!text_begins(p + at, n - at, word) ||
			    !has_value(p, n, at + strlen(word)))
				continue;
			if (!(secret_words[w].how & EQUALS) || p[at + strlen(word)] == '=' ||
			    p[at + strlen(word)] == '"')
				return true;
		}
		if (!inside && is_scheme(p, n, at))
			return true;
	}
	return false;
}

static bool of_mailbox(uint8_t c)
{
	return is_alnum(c) || (c && strchr("._+-", c));
}

bool rule_email(const uint8_t *p, size_t n)
{
	for (size_t at = 1; at < n; at++) {
		size_t end = at + 1, dot = 0;

		if (p[at] != '@' || !of_mailbox(p[at - 1]))
			continue;
		for (; end < n && (is_alnum(p[end]) || p[end] == '.' || p[end] == '-'); end++)
			if (p[end] == '.' && end + 2 < n && is_letter(p[end + 1]) &&
			    is_letter(p[end + 2]))
				dot = end;
		if (dot > at + 1)
			return true;
	}
	return false;
}

enum where {
	AT_START,
	AT_START_NUMBER, /* and a digit behind it */
	ANYWHERE,
	AT_END, /* of a name that begins with a capital */
};

/* How routers, phones and their owners name networks. */
static const struct {
	const char *text;
	enum where where;
} network_names[] = {
	{ "FRITZ!", AT_START },
	{ "AndroidAP", AT_START },
	{ "DIRECT-", AT_START },
	{ "Freifunk", AT_START },
	{ "eduroam", AT_START },
	{ "WLAN-", AT_START_NUMBER },
	{ "WLAN_", AT_START_NUMBER },
	{ "MagentaWLAN", AT_START_NUMBER },
	{ "Telekom", AT_START_NUMBER },
	{ "Vodafone", AT_START_NUMBER },
	{ "o2-", AT_START_NUMBER },
	{ "O2-", AT_START_NUMBER },
	{ "EasyBox", AT_START_NUMBER },
	{ "KabelBox", AT_START_NUMBER },
	{ "Speedport", AT_START_NUMBER },
	{ "UPC", AT_START_NUMBER },
	{ "Unitymedia", AT_START_NUMBER },
	{ "TP-L", AT_START_NUMBER },
	{ "TP_L", AT_START_NUMBER },
	{ "NETGEAR", AT_START_NUMBER },
	{ "Netgear", AT_START_NUMBER },
	{ "Linksys", AT_START_NUMBER },
	{ "linksys", AT_START_NUMBER },
	{ "D-Link", AT_START_NUMBER },
	{ "dlink", AT_START_NUMBER },
	{ "ASUS_", AT_START },
	{ "HUAWEI-", AT_START },
	{ "Xiaomi_", AT_START },
	{ "Redmi ", AT_START },
	{ "Galaxy ", AT_START },
	{ "Pixel_", AT_START_NUMBER },
	{ "Livebox", AT_START_NUMBER },
	{ "Freebox", AT_START_NUMBER },
	{ "Bbox-", AT_START_NUMBER },
	{ "SFR", AT_START_NUMBER },
	{ "BTHub", AT_START_NUMBER },
	{ "BT-", AT_START_NUMBER },
	{ "SKY", AT_START_NUMBER },
	{ "TALKTALK", AT_START_NUMBER },
	{ "Ziggo", AT_START_NUMBER },
	{ "MOVISTAR", AT_START_NUMBER },
	{ "Orange-", AT_START_NUMBER },
	{ "xfinity", AT_START },
	{ "iPhone von ", ANYWHERE },
	{ "iPhone de ", ANYWHERE },
	{ "iPhone of ", ANYWHERE },
	{ "iPad von ", ANYWHERE },
	{ "'s iPhone", ANYWHERE },
	{ "'s iPad", ANYWHERE },
	{ "'s MacBook", ANYWHERE },
	{ "'s Phone", ANYWHERE },
	{ "'s Galaxy", ANYWHERE },
	{ "\xe2\x80\x99s iPhone", ANYWHERE },
	{ "\xe2\x80\x99s iPad", ANYWHERE },
	{ "\xe2\x80\x99s MacBook", ANYWHERE },
	{ "-WLAN", AT_END },
	{ "_WLAN", AT_END },
	{ "-WiFi", AT_END },
	{ "_WiFi", AT_END },
	{ "-Wifi", AT_END },
	{ "_Wifi", AT_END },
	{ "-Guest", AT_END },
	{ "_Guest", AT_END },
	{ "-Gast", AT_END },
	{ "s WiFi", AT_END },
	{ "s WLAN", AT_END },
	{ "_5G", AT_END },
	{ "-5G", AT_END },
	{ "_2.4G", AT_END },
	{ "-2.4G", AT_END },
};

static bool has_digit(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_digit(p[i]))
			return true;
	return false;
}

/* A network's name has 32 bytes at most. */
bool rule_network(const uint8_t *p, size_t n)
{
	if (n > 32)
		return false;
	for (size_t i = 0; i < sizeof(network_names) / sizeof(network_names[0]); i++) {
		const char *text = network_names[i].text;
		size_t len;

		switch (network_names[i].where) {
		case AT_START:
			if (text_begins_exactly(p, n, text))
				return true;
			break;
		case AT_START_NUMBER:
			if (!text_begins_exactly(p, n, text))
				break;
			len = strlen(text);
			if (has_digit(p + len, n - len))
				return true;
			break;
		case ANYWHERE:
			if (text_holds(p, n, text))
				return true;
			break;
		case AT_END:
			len = strlen(text);
			if (n > len && p[0] >= 'A' && p[0] <= 'Z' &&
			    text_begins_exactly(p + n - len, len, text))
				return true;
			break;
		}
	}
	return false;
}
