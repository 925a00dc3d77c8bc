/* SPDX-License-Identifier: MIT */
/*
 * The library's promises: what happens with numbers that there are none of, outputs of failures,
 * bytes that go away, and files that end too early.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/nodemcu-lfs.h"
#include "tests/util_golden.h"

#define IMG "tests/golden/img/"

static struct nlfs *load(const char *path)
{
	struct nlfs_error error;
	struct nlfs *l;

	assert_int_equal(nlfs_load_file(path, &l, &error), NLFS_OK);
	assert_int_equal(error.code, NLFS_OK);
	assert_string_equal(error.text, "");
	return l;
}

/* Everything, with whatever numbers the file has; returns how much there was. */
static size_t walk(const struct nlfs *l)
{
	struct nlfs_proto p;
	struct nlfs_constant k;
	struct nlfs_instruction in;
	struct nlfs_string s;
	struct nlfs_module m;
	size_t n = 0;
	uint8_t *text;
	size_t len;

	for (uint32_t i = 0; nlfs_module(l, i, &m); i++)
		n += m.name.len + nlfs_proto(l, m.proto, &p);
	for (uint32_t i = 0; nlfs_proto(l, i, &p); i++) {
		n += p.source.len;
		for (uint32_t c = 0; c < p.children; c++)
			n += nlfs_child(l, i, c) != NLFS_NONE;
		for (uint32_t c = 0; nlfs_constant(l, i, c, &k); c++)
			n += nlfs_string(l, k.string, &s);
		for (uint32_t pc = 0; nlfs_instruction(l, i, pc, &in); pc++) {
			assert_int_equal(nlfs_instruction_text(l, i, pc, &text, &len, NULL), 0);
			assert_int_equal(text[len], 0);
			n += len;
			nlfs_free(text);
		}
	}
	for (uint32_t i = 0; nlfs_string(l, i, &s); i++)
		for (size_t c = 0; c < s.text.len; c++)
			n += (unsigned char)s.text.data[c] != 0;
	return n;
}

static void numbers_that_there_are_none_of_are_told(void **state)
{
	struct nlfs *l = load(IMG "app-51f.img");
	struct nlfs_module m = { .size = 7 };
	struct nlfs_proto p = { .depth = 7 };
	struct nlfs_string s = { .hash = 7 };
	struct nlfs_error error;
	struct nlfs_reference r;
	uint8_t *data = (uint8_t *)&m;
	size_t len = 7;

	(void)state;
	assert_false(nlfs_module(l, 6, &m) || nlfs_module(l, NLFS_NONE, &m));
	assert_false(nlfs_proto(l, NLFS_NONE, &p) || nlfs_string(l, NLFS_NONE, &s));
	assert_true(m.size == 7 && p.depth == 7 && s.hash == 7);
	assert_int_equal(nlfs_child(l, NLFS_NONE, 0), NLFS_NONE);
	assert_int_equal(nlfs_child(l, 0, 999), NLFS_NONE);
	assert_int_equal(nlfs_instruction_text(l, 0, NLFS_NONE, &data, &len, &error),
			 NLFS_ARGUMENT);
	assert_int_equal(error.code, NLFS_ARGUMENT);
	assert_true(data == NULL && len == 0);
	assert_int_equal(nlfs_write_chunk(l, 6, &data, &len, &error), NLFS_ARGUMENT);
	assert_false(nlfs_reference(l, 0, 0, &r)); /* not studied yet */
	assert_int_equal(nlfs_study(l, NULL), NLFS_OK);
	assert_true(nlfs_reference(l, 0, 0, &r));
	assert_false(nlfs_reference(l, 0, 999999, &r));
	nlfs_close(l);
	nlfs_close(NULL);
	nlfs_report_close(NULL);
	nlfs_free(NULL);
}

static void bytes_may_go_away_after_loading(void **state)
{
	struct nlfs *whole = load(IMG "edge-53d.img");
	struct file f = golden_file(IMG "edge-53d.img");
	uint8_t *copy = malloc(f.len);
	struct nlfs_report *report;
	struct nlfs *l;

	(void)state;
	memcpy(copy, f.data, f.len);
	assert_int_equal(nlfs_load(copy, f.len, &l, NULL), NLFS_OK);
	memset(copy, 0xa5, f.len);
	free(copy);
	file_close(&f);
	assert_int_equal(walk(l), walk(whole));
	assert_int_equal(nlfs_check(l, NULL, &report, NULL), NLFS_OK);
	nlfs_close(l); /* the report stays */
	assert_int_equal(nlfs_verdict(report), NLFS_ACCEPTED);
	nlfs_report_close(report);
	nlfs_close(whole);
}

/* As far as it was read it is there, it is not accepted, and no image of it is written. */
static void check_prefix(const uint8_t *data, size_t len)
{
	struct nlfs_error error;
	struct nlfs_report *report;
	struct nlfs_info info;
	struct nlfs *l;
	uint8_t *made;
	size_t n;

	assert_int_not_equal(nlfs_load(data, len, &l, &error), NLFS_OK);
	assert_true(error.code != NLFS_OK && error.text[0]);
	assert_non_null(l);
	walk(l);
	assert_int_equal(nlfs_check(l, NULL, &report, &error), NLFS_OK);
	assert_int_not_equal(nlfs_verdict(report), NLFS_ACCEPTED);
	nlfs_report_close(report);
	assert_int_not_equal(nlfs_write_image(l, 0, &made, &n, &error), NLFS_OK);
	assert_true(made == NULL && n == 0 && error.text[0]);
	if (!nlfs_info(l, &info))
		assert_false(walk(l));
	nlfs_close(l);
}

static void prefixes_of_an_image_are_walked_as_far_as_they_go(void **state)
{
	static const char *const paths[] = { IMG "floats-51f.img", IMG "floats-53.img" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct file f = golden_file(paths[i]);

		for (size_t n = 0; n < f.len; n++)
			check_prefix(f.data, n);
		file_close(&f);
	}
}

static void what_cannot_be_opened_is_told(void **state)
{
	struct nlfs_error error;
	struct nlfs *l = (struct nlfs *)&error;

	(void)state;
	assert_int_equal(nlfs_load_file("tests/golden/none.img", &l, &error), NLFS_IO);
	assert_null(l);
	assert_int_equal(error.code, NLFS_IO);
	assert_int_equal(nlfs_load_file("-", &l, &error), NLFS_IO); /* a file of that name */
	assert_int_equal(nlfs_load(NULL, 0, &l, &error), NLFS_KIND);
	assert_non_null(l);
	nlfs_close(l);
}

static void firmwares_are_told_by_kind_or_banner(void **state)
{
	struct nlfs *l = load(IMG "app-51f.img");
	struct nlfs_target target = { .kind = "lua51-int" };
	struct nlfs_report *report;
	struct nlfs_error error;
	const char *name, *words;
	struct nlfs_finding f;
	uint32_t n = 0;

	(void)state;
	assert_int_equal(nlfs_check(l, &target, &report, NULL), NLFS_OK);
	assert_int_equal(nlfs_verdict(report), NLFS_REFUSED);
	assert_true(nlfs_finding(report, 0, &f));
	assert_string_equal(f.message, "Incorrect LFS build type");
	nlfs_report_close(report);
	target.kind = "lua50";
	assert_int_equal(nlfs_check(l, &target, &report, &error), NLFS_ARGUMENT);
	assert_null(report);
	target = (struct nlfs_target){ .banner = { "no banner", 9 } };
	assert_int_equal(nlfs_check(l, &target, &report, &error), NLFS_KIND);
	assert_true(error.text[0] && !report);
	target.kind = "lua51-float";
	assert_int_equal(nlfs_check(l, &target, &report, &error), NLFS_ARGUMENT);
	assert_true(error.text[0] && !report);
	while (nlfs_kind(n, &name, &words))
		n++;
	assert_true(n >= 4);
	nlfs_close(l);
}

static void modules_are_linked_only_with_their_own_kind(void **state)
{
	struct nlfs *image = load(IMG "app-51f.img");
	struct nlfs *other = load(IMG "app-53.img");
	struct nlfs *chunk = load("tests/golden/lc/lines-51f.lc");
	struct nlfs_input in[2] = { { .from = image, .module = 1 },
				    { .from = chunk, .name = { "renamed", 7 } } };
	struct nlfs_error error;
	struct nlfs_module m;
	struct nlfs *made;
	uint8_t *data;
	size_t len;

	(void)state;
	assert_int_equal(nlfs_link(in, 2, image, NLFS_STRIP_NONE, 1, &data, &len, &error), NLFS_OK);
	assert_int_equal(nlfs_load(data, len, &made, &error), NLFS_OK);
	nlfs_free(data);
	assert_true(nlfs_module(made, 1, &m) && m.name.len == 7);
	assert_memory_equal(m.name.data, "renamed", 7);
	assert_false(nlfs_module(made, 2, &m));
	nlfs_close(made);
	in[1] = (struct nlfs_input){ .from = other };
	assert_int_equal(nlfs_link(in, 2, image, NLFS_STRIP_NONE, 1, &data, &len, &error),
			 NLFS_KIND);
	in[1] = (struct nlfs_input){ .from = image, .module = 6 };
	assert_int_equal(nlfs_link(in, 2, image, NLFS_STRIP_NONE, 1, &data, &len, &error),
			 NLFS_ARGUMENT);
	assert_int_equal(nlfs_link(in, 1, chunk, NLFS_STRIP_NONE, 1, &data, &len, &error),
			 NLFS_ARGUMENT);
	assert_true(data == NULL && len == 0);
	nlfs_close(chunk);
	nlfs_close(other);
	nlfs_close(image);
}

static void refuse_link(const struct nlfs_input *in, uint32_t n, const struct nlfs *like,
			enum nlfs_strip strip)
{
	struct nlfs_error error;
	uint8_t *data = (uint8_t *)&error;
	size_t len = 7;

	assert_int_equal(nlfs_link(in, n, like, strip, 1, &data, &len, &error), NLFS_ARGUMENT);
	assert_int_equal(error.code, NLFS_ARGUMENT);
	assert_true(error.text[0] && data == NULL && len == 0);
}

static void what_cannot_be_linked_is_the_callers_fault(void **state)
{
	static const char *const paths[] = { IMG "app-51f.img", IMG "app-53.img" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct nlfs *l = load(paths[i]);
		struct nlfs_input in[2] = { { .from = l, .name = { "twice", 5 } },
					    { .from = l, .module = 1, .name = { "twice", 5 } } };

		refuse_link(in, 2, l, NLFS_STRIP_NONE);
		refuse_link(in, 0, l, NLFS_STRIP_NONE);
		refuse_link(NULL, 1, l, NLFS_STRIP_NONE);
		refuse_link(in, 1, NULL, NLFS_STRIP_NONE);
		refuse_link(in, 1, l, (enum nlfs_strip)77);
		in[1].name.len = 0;
		refuse_link(in, 2, l, NLFS_STRIP_NONE);
		in[1].from = NULL;
		refuse_link(in, 2, l, NLFS_STRIP_NONE);
		nlfs_close(l);
	}
}

static void a_chunk_has_no_name_to_be_linked_under(void **state)
{
	struct nlfs *image = load(IMG "app-51f.img");
	struct nlfs *chunk = load("tests/golden/lc/lines-51f.lc");
	struct nlfs_input in = { .from = chunk };

	(void)state;
	refuse_link(&in, 1, image, NLFS_STRIP_NONE);
	nlfs_close(chunk);
	nlfs_close(image);
}

static void an_address_is_a_multiple_of_4(void **state)
{
	struct nlfs *l = load(IMG "app-51f.img");
	struct nlfs_error error;
	uint8_t *data;
	size_t len;

	(void)state;
	for (uint32_t base = 1; base < 4; base++) {
		assert_int_equal(nlfs_write_image(l, 0x40296000 + base, &data, &len, &error),
				 NLFS_ARGUMENT);
		assert_int_equal(error.code, NLFS_ARGUMENT);
		assert_true(error.text[0] && data == NULL && len == 0);
	}
	nlfs_close(l);
}

static void nothing_is_found_without_a_handle(void **state)
{
	struct nlfs_info info;
	struct nlfs_error note;
	struct nlfs_module m;
	struct nlfs_proto p;
	struct nlfs_constant k;
	struct nlfs_upvalue u;
	struct nlfs_local v;
	struct nlfs_instruction in;
	struct nlfs_string s;
	struct nlfs_reference r;
	struct nlfs_finding f;
	uint8_t identity[32];

	(void)state;
	assert_false(nlfs_info(NULL, &info) || nlfs_note(NULL, 0, &note) ||
		     nlfs_identity(NULL, identity) || nlfs_module(NULL, 0, &m) ||
		     nlfs_proto(NULL, 0, &p) || nlfs_constant(NULL, 0, 0, &k) ||
		     nlfs_upvalue(NULL, 0, 0, &u) || nlfs_local(NULL, 0, 0, &v) ||
		     nlfs_instruction(NULL, 0, 0, &in) || nlfs_string(NULL, 0, &s) ||
		     nlfs_reference(NULL, 0, 0, &r) || nlfs_finding(NULL, 0, &f));
	assert_int_equal(nlfs_child(NULL, 0, 0), NLFS_NONE);
	assert_int_equal(nlfs_verdict(NULL), NLFS_REFUSED);
}

static void without_a_handle_it_is_the_callers_fault(void **state)
{
	struct nlfs_error error;
	struct nlfs *l = (struct nlfs *)&error;
	struct nlfs_report *report = (struct nlfs_report *)&error;
	uint8_t *data;
	size_t len;

	(void)state;
	assert_int_equal(nlfs_load_file(NULL, &l, &error), NLFS_ARGUMENT);
	assert_true(l == NULL && error.code == NLFS_ARGUMENT && error.text[0]);
	assert_int_equal(nlfs_load(NULL, 1, &l, &error), NLFS_ARGUMENT);
	assert_int_equal(nlfs_study(NULL, &error), NLFS_ARGUMENT);
	assert_int_equal(nlfs_check(NULL, NULL, &report, &error), NLFS_ARGUMENT);
	assert_null(report);
	assert_int_equal(nlfs_write_image(NULL, 0, &data, &len, &error), NLFS_ARGUMENT);
	assert_int_equal(nlfs_write_chunk(NULL, 0, &data, &len, NULL), NLFS_ARGUMENT);
	assert_int_equal(nlfs_instruction_text(NULL, 0, 0, &data, &len, &error), NLFS_ARGUMENT);
	assert_true(data == NULL && len == 0);
}

static void a_chunk_is_written_as_it_was(void **state)
{
	static const char *const paths[] = { "tests/golden/lc/main-51f.lc",
					     "tests/golden/lc/main-53d.lc" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct nlfs *l = load(paths[i]);
		struct file f = golden_file(paths[i]);
		uint8_t *data;
		size_t len;

		assert_int_equal(nlfs_write_image(l, 0, &data, &len, NULL), NLFS_KIND);
		assert_int_equal(nlfs_write_chunk(l, 0, &data, &len, NULL), NLFS_OK);
		assert_int_equal(len, f.len);
		assert_memory_equal(data, f.data, len);
		nlfs_free(data);
		file_close(&f);
		nlfs_close(l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_that_there_are_none_of_are_told),
		cmocka_unit_test(bytes_may_go_away_after_loading),
		cmocka_unit_test(prefixes_of_an_image_are_walked_as_far_as_they_go),
		cmocka_unit_test(what_cannot_be_opened_is_told),
		cmocka_unit_test(firmwares_are_told_by_kind_or_banner),
		cmocka_unit_test(modules_are_linked_only_with_their_own_kind),
		cmocka_unit_test(what_cannot_be_linked_is_the_callers_fault),
		cmocka_unit_test(a_chunk_has_no_name_to_be_linked_under),
		cmocka_unit_test(an_address_is_a_multiple_of_4),
		cmocka_unit_test(nothing_is_found_without_a_handle),
		cmocka_unit_test(without_a_handle_it_is_the_callers_fault),
		cmocka_unit_test(a_chunk_is_written_as_it_was),
	};

	return cmocka_run_group_tests_name("library", tests, NULL, NULL);
}
