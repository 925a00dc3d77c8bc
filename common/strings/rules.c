/* SPDX-License-Identifier: MIT */
#include "common/strings/rules.h"

#include "common/strings/filter.h"

/* The first that matches is the reason, so the more telling ones stand first. */
const struct string_rule string_rules[] = {
	{ "none", "", STRING_KEPT, NULL },
	{ "pem", "key or certificate (PEM)", STRING_PRIVATE, rule_pem },
	{ "jwt", "signed web token (JWT)", STRING_PRIVATE, rule_jwt },
	{ "token", "access token of a known service", STRING_PRIVATE, rule_token },
	{ "login", "user and password in a URL", STRING_PRIVATE, rule_login },
	{ "credential", "value beside a word such as password or key", STRING_PRIVATE,
	  rule_credential },
	{ "email", "e-mail address", STRING_PRIVATE, rule_email },
	{ "uuid", "UUID", STRING_VOLATILE, rule_uuid },
	{ "mac", "MAC address", STRING_VOLATILE, rule_mac },
	{ "ipv6", "IPv6 address", STRING_VOLATILE, rule_ipv6 },
	{ "ipv4", "IPv4 address or netmask", STRING_VOLATILE, rule_ipv4 },
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
