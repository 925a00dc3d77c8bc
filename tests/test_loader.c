/* SPDX-License-Identifier: MIT */
/*
 * The check's way through a file as a whole: which firmware takes which of the golden images, what
 * cutting and growing them does. The loaders' words are compared in test_verdicts.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/rd.h"
#include "tests/util_ways.h"
#include "tests/util_golden.h"

#define IMG "tests/golden/img/"

static void fail_at(const char *path, const char *what, const struct check_report *r)
{
	fail_msg("%s: %s: %s (%s)", path, what, r->count ? r->findings[0].message : "no finding",
		 r->count ? r->findings[0].cause : "");
}

static bool is_absolute(const char *path)
{
	return strstr(path, "-abs.img") != NULL;
}

/* The kind of firmware that a golden image was made for, by its name; NULL: for none today. */
static const char *kind_of(const char *path)
{
	static const struct {
		const char *part, *kind;
	} kinds[] = {
		{ "-2018", NULL },
		{ "fixed-", NULL }, /* the device reads other strings than were written */
		{ "-51f", "lua51-float" },
		{ "-51i", "lua51-int" },
		{ "-53d", "lua53-64" },
		{ "-53-e32i32f32", "lua53-i32f32" },
		{ "-53-e32i32f64", "lua53-i32f64" },
		{ "-53-e32i64f32", "lua53-i64f32" },
		{ "-53-e32i64f64", "lua53-i64f64" },
		{ "-53", "lua53" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strstr(path, kinds[i].part))
			return kinds[i].kind;
	fail_msg("%s: of no known kind", path);
	return NULL;
}

/* What is portable is the ESP32's and the ESP8266's alike. */
static bool is_same(const char *kind, const char *of, bool absolute)
{
	static const char *const pairs[][2] = { { "lua53", "lua53-i32f32" },
						{ "lua53-64", "lua53-i64f64" } };

	if (strcmp(kind, of) == 0)
		return true;
	for (unsigned i = 0; i < 2 && !absolute; i++)
		if ((!strcmp(kind, pairs[i][0]) && !strcmp(of, pairs[i][1])) ||
		    (!strcmp(kind, pairs[i][1]) && !strcmp(of, pairs[i][0])))
			return true;
	return false;
}

static void is_taken_by_its_own_kind(const char *path)
{
	struct file f = golden_file(path);
	const char *of = kind_of(path);

	for (const struct check_kind *k = check_kinds; of && k->name; k++) {
		struct check_target target;
		struct check_report r;

		assert_true(check_kind_find(k->name, &target));
		r = report_of(f.data, f.len, &target);
		if (r.bad == is_same(k->name, of, is_absolute(path)) &&
		    !(is_absolute(path) && strcmp(of, "lua53") == 0 && k->esp32))
			fail_at(path, k->name, &r);
		check_free(&r);
	}
	file_close(&f);
}

static void images_are_taken_by_the_firmware_they_are_for_and_by_no_other(void **state)
{
	(void)state;
	golden_each(IMG "*.img", is_taken_by_its_own_kind);
}

/* The device misreads the first; the compiler stopped in the middle of the second. */
static bool is_known_bad(const char *path)
{
	return strstr(path, "img/fixed-") || strstr(path, "lc/numbers-51i.lc");
}

static void is_fine_for_its_own_firmware(const char *path)
{
	struct check_target none = { 0 };
	struct file f = golden_file(path);
	struct check_report r = report_of(f.data, f.len, &none);

	if (r.bad != is_known_bad(path))
		fail_at(path, "no firmware named", &r);
	check_free(&r);
	file_close(&f);
}

static void every_golden_file_is_fine_for_the_firmware_it_was_made_for(void **state)
{
	(void)state;
	golden_each(IMG "*.img", is_fine_for_its_own_firmware);
	golden_each("tests/golden/lc/*.lc", is_fine_for_its_own_firmware);
}

/* The loaders' own arithmetic agrees with the size that the image's layout has. */
static void needs_its_size(const char *path)
{
	struct file f = golden_file(path);
	struct lua_image *img = golden_load(path);
	struct check_target target = { 0 };
	struct check_report r;

	if (kind_of(path) && !is_absolute(path)) {
		assert_true(check_kind_find(kind_of(path), &target));
		target.region = (uint32_t)img->flash_size;
		r = report_of(f.data, f.len, &target);
		if (r.bad)
			fail_at(path, "a region of its size", &r);
		check_free(&r);
		target.region -= 4;
		r = report_of(f.data, f.len, &target);
		if (!r.bad || r.refused != (img->traits.version == LUA_51))
			fail_at(path, "a region four bytes smaller", &r);
		check_free(&r);
	}
	lua_image_free(img);
	file_close(&f);
}

static void an_image_fits_where_there_is_room_for_it_and_nowhere_else(void **state)
{
	(void)state;
	golden_each(IMG "*.img", needs_its_size);
}

static void prefixes_fail(const char *path, const char *kind, const char *message)
{
	struct file f = golden_file(path);
	struct check_target target;

	assert_true(check_kind_find(kind, &target));
	for (size_t n = 0; n < f.len; n++) {
		uint8_t *cut = malloc(n ? n : 1);
		struct check_report r;

		assert_non_null(cut);
		memcpy(cut, f.data, n);
		r = report_of(cut, n, &target);
		if (!r.refused || (message && strcmp(r.findings[0].message, message) != 0))
			fail_at(path, "cut", &r);
		check_free(&r);
		free(cut);
	}
	file_close(&f);
}

static void every_strict_prefix_is_refused(void **state)
{
	(void)state;
	prefixes_fail(IMG "app-51i.img", "lua51-int", NULL);
	prefixes_fail(IMG "app-53.img", "lua53", "(null): truncated precompiled chunk");
}

static void an_absolute_image_belongs_to_one_address(void **state)
{
	static const char *const paths[] = { IMG "app-51f-abs.img", IMG "app-53-abs.img" };
	static const char *const kinds[] = { "lua51-float", "lua53" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct file f = golden_file(paths[i]);
		struct check_target target;
		struct check_report r;

		assert_true(check_kind_find(kinds[i], &target));
		target.base = 0x40296000;
		r = report_of(f.data, f.len, &target);
		assert_false(r.bad);
		check_free(&r);
		target.base = 0x40210000;
		r = report_of(f.data, f.len, &target);
		assert_true(r.bad);
		check_free(&r);
		file_close(&f);
	}
}

static void what_is_no_image_is_named(void **state)
{
	static const uint8_t text[] = "print('hello, world, this is Lua source')\n";
	struct check_target target = { 0 };
	struct check_report r = report_of(text, sizeof(text) - 1, &target);

	(void)state;
	assert_true(r.refused);
	assert_non_null(strstr(r.findings[0].cause, "Lua source"));
	check_free(&r);
	assert_true(check_kind_find("lua53", &target));
	r = report_of(text, sizeof(text) - 1, &target);
	assert_string_equal(r.findings[0].message, "(null): invalid header in precompiled chunk");
	assert_non_null(strstr(r.findings[0].cause, "Lua source"));
	check_free(&r);
	assert_false(check_kind_find("lua52", &target));
}

/* gzip of a shell leaves the file's name in the header; the loader skips it. */
static void a_name_in_the_gzip_header_does_no_harm(void **state)
{
	struct file f = golden_file(IMG "app-51f.img");
	struct check_target target;
	struct check_report r;
	struct buf b = { 0 };

	(void)state;
	assert_true(check_kind_find("lua51-float", &target));
	buf_put(&b, f.data, 10);
	b.data[3] = 8;
	buf_put(&b, "lfs.img", 8);
	buf_put(&b, f.data + 10, f.len - 10);
	r = report_of(b.data, b.len, &target);
	assert_false(r.bad);
	check_free(&r);
	buf_free(&b);
	file_close(&f);
}

static void check_ways(const char *path)
{
	struct file f = golden_file(path);

	check_all_ways(f.data, f.len);
	file_close(&f);
}

static void findings_keep_their_promises(void **state)
{
	(void)state;
	golden_each(IMG "*.img", check_ways);
	golden_each("tests/golden/lc/*.lc", check_ways);
	golden_each("tests/corpus/*/*", check_ways);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_are_taken_by_the_firmware_they_are_for_and_by_no_other),
		cmocka_unit_test(every_golden_file_is_fine_for_the_firmware_it_was_made_for),
		cmocka_unit_test(an_image_fits_where_there_is_room_for_it_and_nowhere_else),
		cmocka_unit_test(every_strict_prefix_is_refused),
		cmocka_unit_test(an_absolute_image_belongs_to_one_address),
		cmocka_unit_test(what_is_no_image_is_named),
		cmocka_unit_test(a_name_in_the_gzip_header_does_no_harm),
		cmocka_unit_test(findings_keep_their_promises),
	};

	return cmocka_run_group_tests_name("loader", tests, NULL, NULL);
}
