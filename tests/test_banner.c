/* SPDX-License-Identifier: MIT */
/*
 * What the console prints at a start, read for the check: recordings of three firmwares, and forms
 * of other years.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "common/lua/check.h"

#define MODULES ",bit,encoder,file,node,pipe,sjson,struct,tmr,uart,"

/* All that the device sent, boot ROM's noise included. */
static struct buf recording(const char *name)
{
	struct buf b = { 0 };
	char path[100];
	FILE *f;
	json_t *j;

	snprintf(path, sizeof(path), "tests/golden/console/%s.jsonl", name);
	f = fopen(path, "r");
	assert_non_null(f);
	while ((j = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL))) {
		const char *hex = json_string_value(json_object_get(j, "hex"));
		bool rx = strcmp(json_string_value(json_object_get(j, "dir")), "rx") == 0;
		unsigned byte;

		for (; rx && sscanf(hex, "%2x", &byte) == 1; hex += 2)
			buf_byte(&b, (uint8_t)byte);
		json_decref(j);
	}
	fclose(f);
	return b;
}

static struct check_target target_of(const void *text, size_t len)
{
	struct check_target target;
	struct diag diag = { 0 };

	assert_int_equal(check_banner(text, len, &target, &diag), ERR_NONE);
	assert_true(target.known);
	return target;
}

static struct check_target target_of_text(const char *text)
{
	return target_of(text, strlen(text));
}

static struct check_target target_of_recording(const char *name)
{
	struct buf b = recording(name);
	struct check_target target = target_of(b.data, b.len);

	buf_free(&b);
	return target;
}

static void a_recorded_start_of_5_1_with_floats_is_read(void **state)
{
	struct check_target t = target_of_recording("boot-51");

	(void)state;
	assert_int_equal(t.version, LUA_51);
	assert_int_equal(t.float_bytes, 8);
	assert_int_equal(t.integer_bytes, 0);
	assert_true(t.packed);
	assert_false(t.old_tags);
	assert_int_equal(t.region, 0x20000);
	assert_string_equal(t.modules, MODULES);
	assert_string_equal(t.name, "lua51-float, by its banner");
}

static void a_recorded_start_of_5_1_with_integers_is_read(void **state)
{
	struct check_target t = target_of_recording("boot-51i");

	(void)state;
	assert_int_equal(t.version, LUA_51);
	assert_int_equal(t.float_bytes, 0);
	assert_int_equal(t.integer_bytes, 4);
	assert_false(t.packed);
}

static void a_recorded_start_of_5_3_is_read(void **state)
{
	struct check_target t = target_of_recording("boot-53");

	(void)state;
	assert_int_equal(t.version, LUA_53);
	assert_int_equal(t.float_bytes, 4);
	assert_int_equal(t.integer_bytes, 4);
	assert_int_equal(t.region, 0x20000);
	assert_false(t.esp32);
	assert_string_equal(t.modules, MODULES);
}

#define BANNER(numbers, dts, lfs, modules, lua) \
	"NodeMCU 3.0.0.0 \r\n\tbranch: x\r\n\trelease DTS: " dts "\r\n\tSSL: false\r\n\t" numbers \
	"\r\n\tLFS: " lfs "\r\n\tmodules: " modules \
	"\r\n build 2026-11-22 21:43 powered by Lua " lua " on SDK 3.0.1\r\n> "

static void a_double_build_of_5_3_has_64_bits(void **state)
{
	struct check_target t = target_of_text(BANNER("build type: double", "202402250804",
						      "0x40000 bytes total capacity", "-",
						      "5.3.6"));

	(void)state;
	assert_int_equal(t.float_bytes, 8);
	assert_int_equal(t.integer_bytes, 8);
	assert_int_equal(t.region, 0x40000);
	assert_string_equal(t.modules, "");
}

/* The commit tells, not when somebody built it. */
static void type_tags_go_by_the_date_of_the_commit(void **state)
{
	(void)state;
	assert_true(target_of_text(BANNER("Build type: integer", "202004262359", "0x10000", "bit",
					  "5.1.4"))
			    .old_tags);
	assert_false(target_of_text(BANNER("Build type: integer", "202004270000", "0x10000", "bit",
					   "5.1.4"))
			     .old_tags);
	assert_false(target_of_text(
			     BANNER("build type: float", "202004262359", "0x10000", "bit", "5.3.6"))
			     .old_tags);
}

static void capacities_are_read_in_all_their_forms(void **state)
{
	static const struct {
		const char *text;
		uint32_t bytes;
	} forms[] = {
		{ "NodeMCU\n\tLFS: 0x40000 bytes total capacity\n powered by Lua 5.1.4", 0x40000 },
		{ "NodeMCU\n\tLFS: Size: 0x20000\n powered by Lua 5.1.4", 0x20000 },
		{ "NodeMCU\n\tLFS: 'Size: 65536'\n powered by Lua 5.1.4", 0x10000 },
		{ "NodeMCU\n\tLFS: (128*1024)\n powered by Lua 5.1.4", 0x20000 },
		{ "NodeMCU\n\tLFS: disabled\n powered by Lua 5.1.4", 0 },
		{ "NodeMCU\n\tLFS: 0 bytes total capacity\n powered by Lua 5.1.4", 0 },
		{ "NodeMCU\n\tLFS: 99999999999999999999999\n powered by Lua 5.1.4", 0 },
		{ "NodeMCU\n\tLFS: 0x1000000*0x1000000*0x10000\n powered by Lua 5.1.4", 0 },
		{ "NodeMCU\n powered by Lua 5.1.4", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		assert_int_equal(target_of_text(forms[i].text).region, forms[i].bytes);
}

/* As the cloud builder made them in 2018. */
static void a_start_of_2018_is_read(void **state)
{
	struct check_target t = target_of_text(
		"NodeMCU custom build by frightanic.com\r\n"
		"\tbranch: master\r\n"
		"\tcommit: c708828bfe853764b9de58fb8113a70f5a24002d\r\n"
		"\tSSL: false\r\n"
		"\tmodules: Adc, file,gpio,net\r\n"
		" build created on 2018-06-09 21:23\r\n"
		" powered by Lua 5.1.4 on SDK 2.2.1(6ab97e9)\r\n"
		"lua: cannot open init.lua\r\n> ");

	(void)state;
	assert_int_equal(t.version, LUA_51);
	assert_true(t.old_tags);
	assert_int_equal(t.region, 0);
	assert_string_equal(t.modules, ",adc,file,gpio,net,");
	assert_string_equal(t.name, "lua51-float, by its banner");
	assert_false(t.no_region);
}

static void an_esp32_tells_its_widths(void **state)
{
	static const struct {
		const char *widths;
		uint8_t integer_bytes, float_bytes;
	} forms[] = {
		{ "5.3-int32-singlefp", 4, 4 },
		{ "5.3-int32-doublefp", 4, 8 },
		{ "5.3-int64-singlefp", 8, 4 },
		{ "5.3-int64-doublefp", 8, 8 },
	};
	struct check_target t;
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		snprintf(text, sizeof(text),
			 "\033[0;32mI (270) main\033[0m\n\nNodeMCU ESP32 build 2024-03-01 10:20 "
			 "powered by Lua 5.3.5 [%s] on IDF v5.0.2\n> ",
			 forms[i].widths);
		t = target_of_text(text);
		assert_true(t.esp32);
		assert_int_equal(t.version, LUA_53);
		assert_int_equal(t.integer_bytes, forms[i].integer_bytes);
		assert_int_equal(t.float_bytes, forms[i].float_bytes);
	}
	t = target_of_text("\nNodeMCU ESP32 build 2024-03-01 10:20 powered by Lua 5.1.4 "
			   "[5.1-integral] on IDF v5.0.2\n> ");
	assert_int_equal(t.version, LUA_51);
	assert_int_equal(t.float_bytes, 0);
}

/* A capture may hold two: the device was flashed anew in between. */
static void the_last_start_counts(void **state)
{
	struct check_target t = target_of_text(
		BANNER("build type: integer", "202402250804", "0x10000", "adc", "5.1.4")
			BANNER("build type: float", "202402250804", "0x20000", "bit", "5.1.4"));

	(void)state;
	assert_int_equal(t.float_bytes, 8);
	assert_int_equal(t.region, 0x20000);
	assert_string_equal(t.modules, ",bit,");
}

/* Only whole names of a list that is too long. */
static void too_many_modules_are_cut_behind_a_comma(void **state)
{
	static char text[5000] = "NodeMCU\n\tmodules: ";
	struct check_target t;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		strcat(text, "m12,");
	strcat(text, "m13\n powered by Lua 5.1.4");
	t = target_of_text(text);
	assert_true(strlen(t.modules) < sizeof(t.modules));
	assert_true(strlen(t.modules) > sizeof(t.modules) - 8);
	assert_string_equal(t.modules + strlen(t.modules) - 5, ",m12,");
}

static void what_is_no_banner_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"> ",
		"No LFS image loaded\r\n> ",
		"NodeMCU 3.0.0.0\r\n\tbranch: x\r\n",
		"powered by Lua 5.1.4 on SDK",
		"NodeMCU\n powered by Lua 5.2.0 on SDK",
		"NodeMCU\n powered by Lua 5.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct check_target target;
		struct diag diag = { 0 };

		assert_int_equal(
			check_banner((const uint8_t *)texts[i], strlen(texts[i]), &target, &diag),
			ERR_KIND);
		assert_false(target.known);
		assert_true(diag.text[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recorded_start_of_5_1_with_floats_is_read),
		cmocka_unit_test(a_recorded_start_of_5_1_with_integers_is_read),
		cmocka_unit_test(a_recorded_start_of_5_3_is_read),
		cmocka_unit_test(a_double_build_of_5_3_has_64_bits),
		cmocka_unit_test(type_tags_go_by_the_date_of_the_commit),
		cmocka_unit_test(capacities_are_read_in_all_their_forms),
		cmocka_unit_test(a_start_of_2018_is_read),
		cmocka_unit_test(an_esp32_tells_its_widths),
		cmocka_unit_test(the_last_start_counts),
		cmocka_unit_test(too_many_modules_are_cut_behind_a_comma),
		cmocka_unit_test(what_is_no_banner_is_refused),
	};

	return cmocka_run_group_tests_name("banner", tests, NULL, NULL);
}
