/* SPDX-License-Identifier: MIT */
#include "common/strings/rules.h"

#include <string.h>

#include "common/strings/filter.h"

/* Known from where a string stood. */
static bool no_text(const uint8_t *p, size_t n)
{
	(void)p;
	(void)n;
	return false;
}

/* The first that matches is the reason, so the more telling ones stand first. */
const struct string_rule string_rules[] = {
	{ "none", "", STRING_KEPT, NULL },
	{ "beside", "value of a key such as password", STRING_PRIVATE, no_text },
	{ "pem", "key or certificate (PEM)", STRING_PRIVATE, rule_pem },
	{ "jwt", "signed web token (JWT)", STRING_PRIVATE, rule_jwt },
	{ "token", "access token of a known service", STRING_PRIVATE, rule_token },
	{ "login", "user and password in a URL", STRING_PRIVATE, rule_login },
	{ "credential", "value beside a word such as password or key", STRING_PRIVATE,
	  rule_credential },
	{ "account", "name of a user, perhaps with a password", STRING_PRIVATE, rule_account },
	{ "password", "a word as passwords are made of", STRING_PRIVATE, rule_password },
	{ "email", "e-mail address", STRING_PRIVATE, rule_email },
	{ "uuid", "UUID", STRING_VOLATILE, rule_uuid },
	{ "mac", "MAC address", STRING_VOLATILE, rule_mac },
	{ "ipv6", "IPv6 address", STRING_VOLATILE, rule_ipv6 },
	{ "ipv4", "IPv4 address or netmask", STRING_VOLATILE, rule_ipv4 },
	{ "address", "street or town", STRING_PRIVATE, rule_address },
	{ "place", "geographic coordinates", STRING_PRIVATE, rule_place },
	{ "time", "date or time", STRING_VOLATILE, rule_time },
	{ "host", "host of a private network", STRING_PRIVATE, rule_host },
	{ "network", "name of a network or phone", STRING_PRIVATE, rule_network },
	{ "number", "number or reading", STRING_VOLATILE, rule_number },
	{ "phone", "telephone number", STRING_PRIVATE, rule_phone },
	{ "pointer", "address in memory", STRING_VOLATILE, rule_pointer },
	{ "hex", "long hexadecimal number or id", STRING_VOLATILE, rule_hex },
	{ "reading", "name with a reading", STRING_VOLATILE, rule_reading },
	{ "serial", "long number", STRING_VOLATILE, rule_serial },
	{ "base64", "base64", STRING_VOLATILE, rule_base64 },
	{ "random", "looks random, as passwords and keys do", STRING_PRIVATE, rule_random },
	{ NULL, NULL, STRING_KEPT, NULL },
};

/* Constants of protocols, which look like ids and keys. */
static const char *const known[] = {
	"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", /* WebSocket, RFC 6455 */
	"dGhlIHNhbXBsZSBub25jZQ==",             /* and its example */
	"00000000-0000-0000-0000-000000000000", /* the nil UUID */
	"00001000-0000-1000-8000-00805F9B34FB", /* Bluetooth's base */
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	NULL,
};

uint16_t string_rule_of(const uint8_t *text, size_t len)
{
	for (const char *const *k = known; *k; k++)
		if (text_begins(text, len, *k) && strlen(*k) == len)
			return 0;
	for (uint16_t i = 1; string_rules[i].name; i++)
		if (string_rules[i].matches(text, len))
			return i;
	return 0;
}
