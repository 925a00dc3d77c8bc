/* SPDX-License-Identifier: MIT */
/*
 * Texts in tests: what is read of one.
 */
#ifndef UTIL_TEXT_H
#define UTIL_TEXT_H

#include "common/strings/set.h"

/* The strings of a text; ends the test when it cannot be read, but for one that holds none. */
struct string_set text_load_bytes(const void *data, size_t len);
struct string_set text_load(const char *text);

/* In how many captures a text was seen. */
uint32_t text_seen(const struct string_set *set, const char *text);

/* The set holds these words, of a list that ends with NULL, and no others. Frees it. */
void text_expect(const char *what, struct string_set set, const char *const *words);

#define TEXT_EXPECT(text, ...) \
	text_expect(text, text_load(text), (const char *const[]){ __VA_ARGS__, NULL })

#endif
