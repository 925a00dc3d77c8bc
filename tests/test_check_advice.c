/* SPDX-License-Identifier: MIT */
/*
 * Advice about sound images: what it says, and that it keeps silent where there is nothing to say.
 * Lines are those of tests/golden/app.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/util_check.h"
#include "tests/util_code.h"
#include "tests/util_golden.h"

#define IMG "tests/golden/img/"

struct advised {
	struct lua_book book;
	struct check_report r;
	struct file file;
};

static void advise(struct advised *a, const char *path, const struct check_target *target)
{
	memset(a, 0, sizeof(*a));
	a->file = golden_file(path);
	lua_book_open(&a->book, path, a->file.data, a->file.len);
	check_advice(&a->book, target, &a->r);
	assert_false(a->r.bad);
	for (uint32_t i = 0; i < a->r.count; i++)
		assert_int_equal(a->r.findings[i].level, CHECK_NOTE);
}

static void advised_close(struct advised *a)
{
	check_free(&a->r);
	lua_book_close(&a->book);
	file_close(&a->file);
}

static unsigned count_text(const struct check_report *r, const char *text)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < r->count; i++)
		n += strstr(r->findings[i].cause, text) != NULL;
	return n;
}

static void has_missing_modules(const char *path)
{
	static const char *const causes[] = {
		"the firmware has no module \"dht\", used in sensor.lua:15 and 1 more place",
		"the firmware has no module \"mqtt\", used in publish.lua:15",
		"the firmware has no module \"net\", used in httpd.lua:37 and 1 more place",
		"the firmware has no module \"wifi\", used in main.lua:22 and 2 more places",
	};
	struct check_target target = { .modules = ",file,node,tmr," };
	struct advised a;

	advise(&a, path, &target);
	for (unsigned i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		golden_same(path, causes[i], count_text(&a.r, causes[i]), 1);
	golden_same(path, "modules", count_text(&a.r, "the firmware has no module"), 4);
	advised_close(&a);
}

static void c_modules_that_the_firmware_lacks_are_told_once_each(void **state)
{
	(void)state;
	has_missing_modules(IMG "app-51f.img");
	has_missing_modules(IMG "app-51f-abs.img");
	has_missing_modules(IMG "app-53.img");
	has_missing_modules(IMG "app-53-strip.img");
}

static void nothing_is_missing_from_a_firmware_that_has_it_or_is_not_known(void **state)
{
	struct check_target targets[] = { { .modules = ",dht,mqtt,net,node,tmr,wifi," }, { 0 } };
	struct advised a;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		advise(&a, IMG "app-51f.img", &targets[i]);
		assert_int_equal(count_text(&a.r, "the firmware has no module"), 0);
		advised_close(&a);
	}
}

static void sizes_are_told(void **state)
{
	struct check_target target = { .region = 65536 };
	struct advised a;

	(void)state;
	advise(&a, IMG "app-51f.img", &target);
	assert_int_equal(count_text(&a.r, "11720 of the LFS region's 65536 bytes, 17.9 %"), 1);
	assert_int_equal(count_text(&a.r, "line info takes 726 bytes"), 1);
	advised_close(&a);
	target.region = 0;
	advise(&a, IMG "app-51f-debug2.img", &target);
	assert_int_equal(count_text(&a.r, "LFS region"), 0);
	assert_int_equal(count_text(&a.r, "debug data"), 0);
	advised_close(&a);
}

static void start_up_and_files_of_the_same_name_are_told(void **state)
{
	struct check_target none = { 0 };
	struct advised a;

	(void)state;
	advise(&a, IMG "app-51f.img", &none);
	assert_int_equal(count_text(&a.r, "no module _init"), 0);
	/* grep require tests/golden/app: main, config, sensor and publish */
	assert_int_equal(count_text(&a.r, "before a module of the image: \"main\", \"config\", "
					  "\"sensor\", \"publish\""),
			 1);
	assert_int_equal(count_text(&a.r, "not in the image"), 0);
	advised_close(&a);
	advise(&a, IMG "edge-51f.img", &none);
	assert_int_equal(count_text(&a.r, "no module _init"), 1);
	assert_int_equal(count_text(&a.r, "require takes"), 0);
	advised_close(&a);
}

static void strings_that_nothing_uses_are_told(void **state)
{
	struct check_target none = { 0 };
	struct check_report r = { 0 };
	struct advised a;
	char text[80];
	uint32_t bytes = 0;

	(void)state;
	advise(&a, IMG "app-51f.img", &none);
	assert_int_equal(count_text(&a.r, "nothing in the image uses"), 0);
	for (uint32_t i = 5; i < 7; i++) {
		a.book.img->strings[i].uses = 0;
		bytes += 16 + (a.book.img->strings[i].len / 4 + 1) * 4;
	}
	check_advice(&a.book, &none, &r);
	snprintf(text, sizeof(text), "2 strings, %u bytes in flash", (unsigned)bytes);
	assert_int_equal(count_text(&r, text), 1);
	check_free(&r);
	advised_close(&a);
}

/* require "absent"; require "string"; node.flashindex "nowhere"; dofile "file.lua" */
static const struct code_function asking = {
	.parent = LUA_NONE,
	.nconstants = 8,
	.constants = { "require", "absent", "string", "node", "flashindex", "nowhere", "dofile",
		       "file.lua" },
	.code = { 5, 1 << 6 | 1 << 14 | 1, 28 | 2u << 23 | 1 << 14,       /* absent */
		  5, 1 << 6 | 2 << 14 | 1, 28 | 2u << 23 | 1 << 14,       /* string */
		  5 | 3 << 14, 6 | (256 + 4) << 14, 1 << 6 | 5 << 14 | 1, /* nowhere */
		  28 | 2u << 23 | 1 << 14, 5 | 6 << 14, 1 << 6 | 7 << 14 | 1,
		  28 | 2u << 23 | 1 << 14, /* file */
		  30 | 1u << 23 },
	.ncode = 14,
};

static void what_is_asked_for_and_not_there_is_told(void **state)
{
	struct code *c = malloc(sizeof(*c));
	struct check_target none = { 0 };
	struct check_report r = { 0 };
	uint32_t lines[80] = { 0 }, first[CODE_PROTOS_MAX] = { 0 };
	struct lua_book book = { .lines = lines, .code_first = first };

	(void)state;
	assert_non_null(c);
	code_compiled(c, LUA_51, &asking, 1);
	code_done(c);
	lines[0] = 12;
	lines[2] = 12;
	book.img = &c->img;
	check_advice(&book, &none, &r);
	assert_int_equal(count_text(&r, "\"absent\" is required, but not in the image (?:12)"), 1);
	assert_int_equal(count_text(&r, "\"nowhere\" is asked of LFS, but no module has the name "
					"(?, instruction 10)"),
			 1);
	assert_int_equal(count_text(&r, "\"string\""), 0);
	assert_int_equal(count_text(&r, "file.lua"), 0);
	check_free(&r);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c_modules_that_the_firmware_lacks_are_told_once_each),
		cmocka_unit_test(nothing_is_missing_from_a_firmware_that_has_it_or_is_not_known),
		cmocka_unit_test(sizes_are_told),
		cmocka_unit_test(start_up_and_files_of_the_same_name_are_told),
		cmocka_unit_test(strings_that_nothing_uses_are_told),
		cmocka_unit_test(what_is_asked_for_and_not_there_is_told),
	};

	return cmocka_run_group_tests_name("check_advice", tests, NULL, NULL);
}
