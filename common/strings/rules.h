/* SPDX-License-Identifier: MIT */
/*
 * What string_rules is made of; private to common/strings. Every matcher takes time in proportion
 * to the text's length, and none depends on the locale.
 */
#ifndef STRINGS_RULES_H
#define STRINGS_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/strings/set.h"

static inline bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static inline uint8_t to_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

static inline bool is_letter(uint8_t c)
{
	return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}

static inline bool is_alnum(uint8_t c)
{
	return is_digit(c) || is_letter(c);
}

static inline bool is_hex(uint8_t c)
{
	return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}

/* Does the text go on with a word, any case or exactly? */
static inline bool text_begins_exactly(const uint8_t *p, size_t n, const char *word)
{
	size_t i = 0;

	while (i < n && word[i] && p[i] == (uint8_t)word[i])
		i++;
	return !word[i];
}

static inline bool text_begins(const uint8_t *p, size_t n, const char *word)
{
	size_t i = 0;

	while (i < n && word[i] && to_lower(p[i]) == to_lower((uint8_t)word[i]))
		i++;
	return !word[i];
}

/* Does the word, which is not empty, stand in the text? */
bool text_holds(const uint8_t *p, size_t n, const char *word);

/* A bit by which most characters that no word of a list begins with are told, case aside. */
static inline uint32_t text_first(uint8_t c)
{
	return UINT32_C(1) << (to_lower(c) & 31);
}

/*
 * A shape is a word in which 9 stands for a digit, x for a hex digit, A for a letter and all else
 * for itself. True when one of them (NULL ends the list) stands in the text with no letter or digit
 * on either side of it.
 */
bool text_begins_shape(const uint8_t *p, size_t n, const char *const *shapes);
bool text_has_shape(const uint8_t *p, size_t n, const char *const *shapes);

/* The next run of characters that belongs() takes, from *at on; false: there is none. */
struct text_run {
	size_t at, len;
};
static inline bool text_run_next(const uint8_t *p, size_t n, bool (*belongs)(uint8_t c),
				 struct text_run *run)
{
	size_t at = run->at + run->len;

	while (at < n && !belongs(p[at]))
		at++;
	run->at = at;
	while (at < n && belongs(p[at]))
		at++;
	run->len = at - run->at;
	return run->len > 0;
}

/* "0123456789abcdef": mostly one after the other, a table of digits and not an id. */
bool text_is_alphabet(const uint8_t *p, size_t n);

/* How many of the pairs of neighbours are none that words and names have, in percent. */
unsigned text_strangeness(const uint8_t *p, size_t n);

/* A decimal number such as -12, 3.5, 1e6 at the start of the text; its length or 0. */
size_t text_number(const uint8_t *p, size_t n, unsigned *decimals);

/* The rule of values that stood beside a key, which no text tells. */
enum { RULE_BESIDE = 1 };

/* The strings that the typed lines of set left behind go to typed, a set of their own. False: no
 * memory. */
bool footprint_read(const struct string_set *set, struct string_set *typed);

/* Whether a text is of the commands that fetch strings, or a line that was typed. */
bool footprint_is(const struct string_set *set, const struct string_set *typed, const uint8_t *p,
		  size_t n);

/* The matchers, by file. Which means what stands in string_rules. */
bool rule_ipv4(const uint8_t *p, size_t n);
bool rule_ipv6(const uint8_t *p, size_t n);
bool rule_mac(const uint8_t *p, size_t n);
bool rule_uuid(const uint8_t *p, size_t n);
bool rule_pointer(const uint8_t *p, size_t n);
bool rule_hex(const uint8_t *p, size_t n);
bool rule_host(const uint8_t *p, size_t n);

bool rule_time(const uint8_t *p, size_t n);
bool rule_place(const uint8_t *p, size_t n);
bool rule_phone(const uint8_t *p, size_t n);
bool rule_number(const uint8_t *p, size_t n);
bool rule_reading(const uint8_t *p, size_t n);
bool rule_serial(const uint8_t *p, size_t n);

bool rule_pem(const uint8_t *p, size_t n);
bool rule_jwt(const uint8_t *p, size_t n);
bool rule_token(const uint8_t *p, size_t n);
bool rule_base64(const uint8_t *p, size_t n);
bool rule_random(const uint8_t *p, size_t n);

bool rule_password(const uint8_t *p, size_t n);
bool rule_account(const uint8_t *p, size_t n);
bool rule_address(const uint8_t *p, size_t n);

bool rule_login(const uint8_t *p, size_t n);
bool rule_credential(const uint8_t *p, size_t n);
bool rule_email(const uint8_t *p, size_t n);
bool rule_network(const uint8_t *p, size_t n);

#endif
