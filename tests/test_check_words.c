/* SPDX-License-Identifier: MIT */
/*
 * Words of a file in what the check says: one line of text, whatever they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lua/check_found.h"
#include "common/view/escape.h"
#include "tests/util_fuzz.h"
#include "tests/util_golden.h"
#include "tests/util_tour.h"
#include "tests/util_ways.h"

static void is_text(const char *text)
{
	if (tour_text_fault((const uint8_t *)text, strlen(text), ""))
		fail_msg("%s: %s", text, tour_text_fault((const uint8_t *)text, strlen(text), ""));
}

/* Letters of two, three and four bytes, behind so many of one byte that any cut could tear one. */
static void long_names_are_cut_between_characters(void **state)
{
	static const char *const letters[] = { "\xd0\xbf", "\xe0\xa4\xa8", "\xf0\x90\x80\x80" };

	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		char text[400] = "", out[CHECK_WORDS];
		struct lua_string string = { .text = (const uint8_t *)text };
		struct lua_image img = { .strings = &string, .nstrings = 1 };

		memset(text, 'a', i % 4);
		while (strlen(text) < 200)
			strcat(text, letters[i / 4]);
		string.len = (uint32_t)strlen(text);
		is_text(check_quote(&img, 0, out));
		assert_true(strlen(out) > 40);
		is_text(check_quote_part(string.text, string.len, out));
		assert_true(strlen(out) > 10);
	}
}

static void bytes_are_counted_without_tearing_characters_or_escapes(void **state)
{
	const uint8_t *text = (const uint8_t *)"ab\xd0\xbf\\x08";

	(void)state;
	assert_int_equal(text_head(text, 8, 8), 8);
	assert_int_equal(text_head(text, 8, 7), 4);
	assert_int_equal(text_head(text, 8, 4), 4);
	assert_int_equal(text_head(text, 8, 3), 2);
	assert_int_equal(text_head(text, 8, 0), 0);
}

static unsigned advised;

static void look_at_advice(const uint8_t *file, size_t len)
{
	const struct check_target none = { 0 };
	struct check_report r = report_of(file, len, &none);

	for (uint32_t i = 0; i < r.count; i++) {
		is_text(r.findings[i].remedy);
		advised += strstr(r.findings[i].remedy, "(\"user\")..\"\\x08") != NULL;
	}
	check_free(&r);
}

/* An image whose "userdata" has control bytes in it: advice on it must not have them. */
static void advice_on_a_damaged_word_is_text(void **state)
{
	struct file f = golden_file("tests/corpus/check/fixed-word-with-controls");

	(void)state;
	fuzz_read("check", f.data, f.len, look_at_advice);
	assert_true(advised > 0);
	file_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_names_are_cut_between_characters),
		cmocka_unit_test(bytes_are_counted_without_tearing_characters_or_escapes),
		cmocka_unit_test(advice_on_a_damaged_word_is_text),
	};

	return cmocka_run_group_tests_name("check_words", tests, NULL, NULL);
}
