/* SPDX-License-Identifier: MIT */
/*
 * Strings out of texts with more in them, or saved by other programs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/util_strings.h"
#include "tests/util_text.h"

#if defined(__SANITIZE_ADDRESS__)
#define SLOW 20
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOW 20
#endif
#endif
#ifndef SLOW
#define SLOW 1
#endif

/* Whether a text is read as doubtful. */
static bool is_doubtful(const struct string_set *set, const char *text)
{
	uint32_t i = string_set_find(set, (const uint8_t *)text, strlen(text));

	assert_int_not_equal(i, STRING_UNKNOWN);
	return set->items[i].doubtful;
}

static uint32_t damage(const struct string_set *set)
{
	return set->note_count - set->remarks;
}

static void other_output_between_the_items_of_a_list_is_passed_over(void **state)
{
	static const char *const texts[] = {
		"local preload=\"a1\",\"b1\",\ntemp 21.5\n\"c1\",\"d1\"\n> \n",
		"local preload=\"a1\",\"b1\"\ntemp 21.5\n,\"c1\",\"d1\"\n> \n",
		"local preload=\"a1\",\"b1\",temp 21.5\n\"c1\",\"d1\"\n> \n",
		"local preload=\"a1\",\"b1\"temp 21.5\n,\"c1\",\"d1\"\n> \n",
		"local preload=\"a1\",\"b1\",\nsaid \"x\", \"y\"\nz\n\"c1\",\"d1\"\n> \n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct string_set set = text_load(texts[i]);

		assert_int_equal(damage(&set), 0);
		assert_int_equal(set.remarks, 1);
		for (uint32_t k = 0; k < set.count; k++)
			assert_false(set.items[k].doubtful);
		text_expect(texts[i], set, (const char *const[]){ "a1", "b1", "c1", "d1", NULL });
	}
}

static void a_string_that_other_output_may_be_in_is_doubtful(void **state)
{
	static const struct {
		const char *text, *doubtful;
	} cases[] = {
		{ "local preload=\"a1\",\"bro\ntemp 21.5\nken\",\"c1\",\"d1\"\n> \n", "broken" },
		{ "local preload=\"a1\",\"bro7.5\nken\",\"c1\",\"d1\"\n> \n", "bro7.5ken" },
		{ "local preload=\"a1\",\"bro\nsaid \"x\" ok\nken\",\"c1\",\"d1\"\n> \n",
		  "broken" },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct string_set set = text_load(cases[i].text);

		assert_int_equal(damage(&set), 1);
		assert_true(is_doubtful(&set, cases[i].doubtful));
		for (unsigned k = 0; k < 3; k++)
			assert_false(
				is_doubtful(&set, (const char *const[]){ "a1", "c1", "d1" }[k]));
		assert_int_equal(set.count, 4);
		string_set_free(&set);
	}
}

static void a_list_that_loses_its_thread_is_never_lost_silently(void **state)
{
	static const char *const texts[] = {
		"local preload=\"a1\",\"b1\"temp 21.5\nfoo bar\n",
		"local preload=\"a1\",\"b\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nc\",\"d1\",\"e1\"\n",
		"local preload=\"a1\"\ntemp 21.5 c\",\"d1\",\"e1\"\nc\",\"d1\",\"e1\"\n",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct string_set set = text_load(texts[i]);

		assert_true(damage(&set) > 0);
		assert_int_equal(text_seen(&set, "a1"), 1);
		string_set_free(&set);
	}
}

/* Forty topics, wrapped at 80 columns; a line of another program in the middle. */
static void a_line_between_wrapped_ones_costs_the_string_it_tears_at_most(void **state)
{
	struct buf list = { 0 }, text = { 0 };
	struct string_set set;

	(void)state;
	buf_str(&list, "local preload=");
	for (unsigned i = 0; i < 40; i++)
		buf_printf(&list, "%s\"home/kitchen/x%02u\"", i ? "," : "", i);
	for (size_t at = 0; at < list.len; at += 80) {
		buf_put(&text, list.data + at, list.len - at < 80 ? list.len - at : 80);
		buf_str(&text, at == 160 ? "\ntemp 21.5\n" : "\n");
	}
	set = text_load_bytes(text.data, text.len);
	assert_int_equal(set.count, 40);
	for (unsigned i = 0; i < 40; i++) {
		char word[20];

		snprintf(word, sizeof(word), "home/kitchen/x%02u", i);
		assert_int_equal(is_doubtful(&set, word), i == 11);
	}
	string_set_free(&set);
	buf_free(&text);
	buf_free(&list);
}

/* Blanks or tabs before each line, or all but the first: what was joined wrongly is doubtful. */
static void indented_lines_make_up_no_strings(void **state)
{
	static const char *const indents[] = { "", " ", "  ", "    ", "\t", "\t\t" };

	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		struct buf list = { 0 }, text = { 0 };
		struct string_set set;
		unsigned sure = 0;

		buf_str(&list, "local preload=");
		for (unsigned k = 0; k < 40; k++)
			buf_printf(&list, "%s\"home/kitchen/x%02u two words\"", k ? "," : "", k);
		for (size_t at = 0; at < list.len; at += 80) {
			buf_str(&text, at || i < 6 ? indents[i % 6] : "");
			buf_put(&text, list.data + at, list.len - at < 80 ? list.len - at : 80);
			buf_byte(&text, '\n');
		}
		set = text_load_bytes(text.data, text.len);
		for (uint32_t k = 0; k < set.count; k++) {
			unsigned number = 99;
			char want[40], end[8] = "";

			if (set.items[k].doubtful)
				continue;
			assert_int_equal(set.items[k].len, 26);
			snprintf(want, sizeof(want), "%.26s",
				 (const char *)string_text(&set, &set.items[k]));
			assert_int_equal(sscanf(want, "home/kitchen/x%2u two wor%2s", &number, end),
					 2);
			assert_string_equal(end, "ds");
			sure++;
		}
		assert_true(sure >= 26);
		assert_true(damage(&set) > 0 || sure == 40);
		string_set_free(&set);
		buf_free(&text);
		buf_free(&list);
	}
}

static void a_wrapped_line_may_look_like_a_prompt(void **state)
{
	struct buf text = { 0 };
	struct string_set set;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		buf_printf(&text, "%s%0*u\",\"yy\n", i ? "> zz\",\"" : "local preload=\"",
			   i ? 68 : 60, i);
	buf_str(&text, "> zz\"\n> print(1)\n1\n");
	set = text_load_bytes(text.data, text.len);
	assert_int_equal(damage(&set), 0);
	assert_int_equal(set.count, 4);
	assert_false(is_doubtful(&set, "yy> zz"));
	string_set_free(&set);
	buf_free(&text);
}

/* Rows of 40 columns; the backslash in the last one is of \" or of a line break. */
static void a_backslash_in_the_last_column_is_what_the_next_line_says(void **state)
{
	struct string_set set = text_load("local preload=\"0123456789012345678901234\n"
					  "56789\",\"0123456789\",\"012345678901234567\\\n"
					  "\"quoted\\\"\",\"0123456789012345678901234567\n"
					  "6\",\"0123456789\",\"0123456789012345678901\\\n"
					  "wide line\"\n> \n");

	(void)state;
	assert_int_equal(damage(&set), 0);
	assert_false(is_doubtful(&set, "012345678901234567\"quoted\""));
	assert_false(is_doubtful(&set, "0123456789012345678901\nwide line"));
	string_set_free(&set);
}

static void numbered_strings_lose_their_numbers(void **state)
{
	(void)state;
	TEXT_EXPECT("7\tconfig\n8\ta b\n9\thttpd\n", "config", "a b", "httpd");
	TEXT_EXPECT("1 config\n2 httpd\n3 init\n", "config", "httpd", "init");
	TEXT_EXPECT("1: config\n2: httpd\n3: init\n", "config", "httpd", "init");
	TEXT_EXPECT("[1] = config\n[2] = httpd\n[3] = init\n", "config", "httpd", "init");
	TEXT_EXPECT("[1]=\"config\",\n[2]=\"a\\\"b\",\n[3]=\"init\"\n", "config", "a\"b", "init");
	TEXT_EXPECT("1=config\n2=httpd\n3=init\n", "config", "httpd", "init");
	TEXT_EXPECT("> for k, v in pairs(t) do print(k, v) end\n1\tconfig\ntemp 21.5\n2\thttpd\n"
		    "3\tinit\n> \n",
		    "config", "httpd", "init");
	/* Numbers that do not follow one another are part of the strings. */
	TEXT_EXPECT("2 pumps\n5 lamps\n3 doors\n", "2 pumps", "5 lamps", "3 doors");
}

static void expect_bytes(const char *text, size_t len, const char *const *words)
{
	text_expect(words[0], text_load_bytes(text, len), words);
}

static void texts_of_other_systems_are_read(void **state)
{
	static const char le[] = "\xff\xfe\"\0a\0\xe9\0\"\0,\0\"\0\x3d\xd8\x00\xde\"\0\r\0\n";
	static const char be[] = "\xfe\xff\0\"\0a\0\"\0,\0\"\0b\0\"\0\r\0\n";
	static const char bare[] = "\"\0a\0\"\0,\0\"\0b\0\"\0\r\0\n";
	static const char *const ab[] = { "a", "b", NULL };

	(void)state;
	TEXT_EXPECT("\xef\xbb\xbflocal preload=\"a\",\"b\"\n", "a", "b");
	TEXT_EXPECT("\xef\xbb\xbf{\"capture\":1,\"strings\":[\"a\",\"b\"]}", "a", "b");
	TEXT_EXPECT("one\rtwo\rthree\r", "one", "two", "three");
	expect_bytes(le, sizeof(le),
		     (const char *const[]){ "a\xc3\xa9", "\xf0\x9f\x98\x80", NULL });
	expect_bytes(be, sizeof(be) - 1, ab);
	expect_bytes(bare, sizeof(bare), ab);
}

static void the_time_before_most_lines_is_no_part_of_them(void **state)
{
	(void)state;
	TEXT_EXPECT("2024-05-01 10:00:01.123 > local preload=\"a\",\n"
		    "2024-05-01 10:00:01.129 > \"b\"\n2024-05-01 10:00:01.130 > \n",
		    "a", "b");
	TEXT_EXPECT("[10:00:02.100] \"a\"\n[10:00:02.100] \"b\"\n[10:00:02.103] \"c\"\n", "a", "b",
		    "c");
	TEXT_EXPECT("10:00:01.123 -> one\n10:00:01.124 -> two\n10:00:01.125 -> three\n", "one",
		    "two", "three");
	TEXT_EXPECT("[2024-05-01 10:00:02] one\n[2024-05-01 10:00:02] two\n", "one", "two");
	TEXT_EXPECT("May  1 10:00:02 one\nMay  1 10:00:03 two\n", "one", "two");
	/* Strings that are times. */
	TEXT_EXPECT("10:00:01\n10:00:02\nhttpd\n", "10:00:01", "10:00:02", "httpd");
}

static void only_the_output_of_commands_that_print_strings_counts(void **state)
{
	(void)state;
	TEXT_EXPECT(
		"> a=debug.getstrings()\n> for _, v in ipairs(a) do print((\"%q\"):format(v)) end\n"
		"\"one\"\n\"two\"\n> print(\"hello\")\n\"hello\"\n> \n",
		"one", "two");
}

static void a_value_behind_a_secret_s_name_is_marked_unless_the_list_is_sorted(void **state)
{
	struct string_set set = text_load(
		"local preload=\"x1\",\"pwd\",\"blabla1234\",\"ssid\",\"MyNet\","
		"\"token\",\"get\"\n");

	(void)state;
	assert_int_equal(set.count, 7);
	for (uint32_t i = 0; i < set.count; i++)
		assert_int_equal(set.items[i].beside, i == 2 || i == 4);
	string_set_free(&set);
	set = text_load("\"alpha\"\n\"beta\"\n\"pass\"\n\"pass2day\"\n\"zeta\"\n");
	for (uint32_t i = 0; i < set.count; i++)
		assert_false(set.items[i].beside);
	string_set_free(&set);
}

static void expect_speed(const char *what, const struct buf *text, uint32_t at_least)
{
	clock_t start = clock();
	struct string_set set = text_load_bytes(text->data, text->len);
	double t = (double)(clock() - start) / CLOCKS_PER_SEC;

	if (t > SLOW || set.count < at_least)
		fail_msg("%s: %u strings, %.2f s", what, set.count, t);
	string_set_free(&set);
}

static void a_hundred_thousand_lines_take_no_second(void **state)
{
	struct buf text = { 0 };

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		buf_printf(&text, "\"home/attic/sensor number %u\"\n", i);
	expect_speed("quoted", &text, 100000);
	text.len = 0;
	for (unsigned i = 0; i < 100000; i++)
		buf_printf(&text, "home/attic/sensor number %u\n", i);
	expect_speed("plain", &text, 100000);
	text.len = 0;
	buf_str(&text, "local preload=\"\"");
	for (unsigned i = 1; i < 100000; i++)
		buf_printf(&text, ",\"home/attic/sensor number %u\"%s", i, i % 7 ? "" : "\n");
	expect_speed("list", &text, 100000);
	/* Quotes and brackets that nothing closes must not make each line read all the rest. */
	text.len = 0;
	for (unsigned i = 0; i < 100000; i++)
		buf_str(&text, i % 3 ? "\"open\n" : "[[\nlocal x=\"open\n");
	expect_speed("open", &text, 0);
	text.len = 0;
	for (unsigned i = 0; i < 100000; i++)
		buf_str(&text, "{[=[\n{\n");
	expect_speed("brackets", &text, 0);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_output_between_the_items_of_a_list_is_passed_over),
		cmocka_unit_test(a_string_that_other_output_may_be_in_is_doubtful),
		cmocka_unit_test(a_list_that_loses_its_thread_is_never_lost_silently),
		cmocka_unit_test(a_line_between_wrapped_ones_costs_the_string_it_tears_at_most),
		cmocka_unit_test(indented_lines_make_up_no_strings),
		cmocka_unit_test(a_wrapped_line_may_look_like_a_prompt),
		cmocka_unit_test(a_backslash_in_the_last_column_is_what_the_next_line_says),
		cmocka_unit_test(numbered_strings_lose_their_numbers),
		cmocka_unit_test(texts_of_other_systems_are_read),
		cmocka_unit_test(the_time_before_most_lines_is_no_part_of_them),
		cmocka_unit_test(only_the_output_of_commands_that_print_strings_counts),
		cmocka_unit_test(
			a_value_behind_a_secret_s_name_is_marked_unless_the_list_is_sorted),
		cmocka_unit_test(a_hundred_thousand_lines_take_no_second),
	};

	return cmocka_run_group_tests_name("text noise", tests, NULL, NULL);
}
