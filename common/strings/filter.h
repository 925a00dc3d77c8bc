/* SPDX-License-Identifier: MIT */
/*
 * Judging, ranking and writing the strings of a set.
 */
#ifndef STRINGS_FILTER_H
#define STRINGS_FILTER_H

#include "common/lua/book.h"
#include "common/strings/set.h"

/* keep wins over all but empty, in the image and too long. */
struct string_filter {
	const struct lua_book *image;          /* NULL: none */
	uint32_t min_seen;                     /* captures; 0 counts as 1 */
	int lua;                               /* 51 or 53: the firmware's; 0: not known */
	const char *const *keep, *const *drop; /* globs, ended by NULL */
	uint32_t budget;                       /* bytes of flash; 0: no limit */
	uint32_t constant; /* bytes of one in flash; 0: of the image, or as the device says */
};

enum { STRING_MODULE_MAX = 256 << 10 }; /* luac.cross makes no larger image */

/* Rules of STRING_PRIVATE and STRING_VOLATILE, as data: name, and why in words for --list. */
struct string_rule {
	const char *name, *why;
	enum string_verdict verdict;
	bool (*matches)(const uint8_t *text, size_t len);
};
extern const struct string_rule string_rules[]; /* [0] is no rule; ends with a NULL name */

/* The first rule that matches a text, or 0. */
uint16_t string_rule_of(const uint8_t *text, size_t len);

/* Whether a text is the name of something secret ("password", "wifi_pwd"). */
bool string_is_key(const uint8_t *text, size_t len);

/* Whether a text that stands behind a key may be its value, and not just another name. */
bool string_is_value(const uint8_t *key, size_t key_len, const uint8_t *text, size_t len);

extern const char *const string_verdict_words[STRING_VERDICTS];

/*
 * What a string costs. RAM: 16-byte header, bytes and NUL in 8-byte heap blocks with an 8-byte
 * block header, and its share of the hash vector (4 bytes). Flash: 16, bytes and NUL up to a word,
 * and 4 for the hash vector.
 */
uint32_t string_ram(size_t len);
uint32_t string_flash(size_t len);

/*
 * Bytes of flash that a generated module of n strings adds to an image: the sum of the strings'
 * own, a constant for each, what the hash vector grows beyond their shares, and the module itself.
 */
uint64_t string_module_flash(const struct string_cost *cost, uint32_t n, uint64_t strings);

/*
 * Sets verdict, rule, ram, flash and origin of every item, and orders the set: kept ones first,
 * most RAM saved first, then by bytes. In whatever order a set was filled, it comes out in the
 * same.
 */
enum err string_judge(struct string_set *set, const struct string_filter *filter,
		      struct diag *diag);

/* Sums over a judged set. */
struct string_totals {
	uint32_t kept, ram;
	uint32_t flash;                    /* of the module */
	uint32_t strings;                  /* of its strings alone */
	uint32_t dropped[STRING_VERDICTS]; /* by reason */
};
struct string_totals string_totals(const struct string_set *set);

/* "12 strings: 672 bytes of RAM saved, 480 bytes of flash"; then "3 in image, 1 private", which
 * appends nothing and returns false when none was left out. */
void string_totals_kept(const struct string_totals *t, struct buf *out);
bool string_totals_dropped(const struct string_totals *t, struct buf *out);

/*
 * Appends a Lua module that holds the kept strings as constants: loads on Lua 5.1 and 5.3 at any
 * size; escapes that both read the same; ordered and reproducible. The header comment tells totals
 * and counts of what was left out, never the strings.
 */
void string_generate(const struct string_set *set, struct buf *out);

#endif
