/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/util_strings.h"
#include "tests/util_text.h"

struct string_set text_load_bytes(const void *data, size_t len)
{
	struct string_set set = { 0 };
	struct diag diag = { 0 };
	enum err e = string_input_load(&set, data, len, &diag);

	if (e && e != ERR_KIND)
		fail_msg("%s", diag.text);
	return set;
}

struct string_set text_load(const char *text)
{
	return text_load_bytes(text, strlen(text));
}

uint32_t text_seen(const struct string_set *set, const char *text)
{
	uint32_t i = string_set_find(set, (const uint8_t *)text, strlen(text));

	return i == STRING_UNKNOWN ? 0 : set->items[i].seen;
}

void text_expect(const char *what, struct string_set set, const char *const *words)
{
	struct string_set want = { 0 };

	string_set_capture(&want);
	for (; *words; words++)
		string_set_add(&want, (const uint8_t *)*words, strlen(*words));
	strings_same(what, &set, &want);
	string_set_free(&want);
	string_set_free(&set);
}
