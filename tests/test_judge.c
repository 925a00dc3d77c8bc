/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/strings/filter.h"
#include "tests/util_golden.h"

static uint32_t add(struct string_set *set, const char *text)
{
	return string_set_add(set, (const uint8_t *)text, strlen(text));
}

static void judge(struct string_set *set, const struct string_filter *filter)
{
	struct diag diag = { 0 };

	assert_int_equal(string_judge(set, filter, &diag), ERR_NONE);
}

static const struct string_item *find(const struct string_set *set, const char *text)
{
	uint32_t i = string_set_find(set, (const uint8_t *)text, strlen(text));

	assert_int_not_equal(i, STRING_UNKNOWN);
	assert_int_equal(set->items[i].len, strlen(text));
	assert_memory_equal(string_text(set, &set->items[i]), text, strlen(text));
	return &set->items[i];
}

/*
 * RAM: a block's header (8), the string's header (16), its n bytes and a NUL up to the next 8, a
 * bucket (4). Flash: header (16), bytes and NUL up to the next 4, a bucket (4).
 */
static const struct {
	const char *text;
	uint32_t ram, flash;
} costs[] = {
	{ "", 36, 24 },                  /* 8 + (16 + 0 + 1 = 17 -> 24) + 4; 16 + (1 -> 4) + 4 */
	{ "k", 36, 24 },                 /* 8 + (18 -> 24) + 4; 16 + (2 -> 4) + 4 */
	{ "if", 36, 24 },                /* 8 + (19 -> 24) + 4; 16 + (3 -> 4) + 4 */
	{ "tmr", 36, 24 },               /* 8 + (20 -> 24) + 4; 16 + 4 + 4 */
	{ "node", 36, 28 },              /* 8 + (21 -> 24) + 4; 16 + (5 -> 8) + 4 */
	{ "pairs", 36, 28 },             /* 8 + (22 -> 24) + 4; 16 + (6 -> 8) + 4 */
	{ "string", 36, 28 },            /* 8 + (23 -> 24) + 4; 16 + (7 -> 8) + 4 */
	{ "require", 36, 28 },           /* 8 + 24 + 4; 16 + 8 + 4 */
	{ "function", 44, 32 },          /* 8 + (25 -> 32) + 4; 16 + (9 -> 12) + 4 */
	{ "preloading", 44, 32 },        /* 8 + (27 -> 32) + 4; 16 + (11 -> 12) + 4 */
	{ "__metatable", 44, 32 },       /* 8 + (28 -> 32) + 4; 16 + 12 + 4 */
	{ "createServer", 44, 36 },      /* 8 + (29 -> 32) + 4; 16 + (13 -> 16) + 4 */
	{ "net.tcpsocket", 44, 36 },     /* 8 + (30 -> 32) + 4; 16 + (14 -> 16) + 4 */
	{ "collectgarbage", 44, 36 },    /* 8 + (31 -> 32) + 4; 16 + (15 -> 16) + 4 */
	{ "home/attic/lamp", 44, 36 },   /* 8 + 32 + 4; 16 + 16 + 4 */
	{ "0123456789abcdef", 52, 40 },  /* 8 + (33 -> 40) + 4; 16 + (17 -> 20) + 4 */
	{ "not enough memory", 52, 40 }, /* 8 + (34 -> 40) + 4; 16 + (18 -> 20) + 4 */
	{ "home/kitchen/humidity", 52, 44 },    /* 8 + (38 -> 40) + 4; 16 + (22 -> 24) + 4 */
	{ "home/cellar/temperature", 52, 44 },  /* 8 + 40 + 4; 16 + 24 + 4 */
	{ "home/kitchen/temperature", 60, 48 }, /* 8 + (41 -> 48) + 4; 16 + (25 -> 28) + 4 */
};
enum { COSTS = sizeof(costs) / sizeof(costs[0]) };

static void savings_and_costs_are_those_worked_out_by_hand(void **state)
{
	struct string_set set = { 0 };
	struct string_filter none = { 0 };
	struct string_totals t;

	(void)state;
	assert_int_equal(COSTS, 20);
	for (unsigned i = 0; i < COSTS; i++)
		add(&set, costs[i].text);
	judge(&set, &none);
	for (unsigned i = 0; i < COSTS; i++) {
		assert_int_equal(find(&set, costs[i].text)->ram, costs[i].ram);
		assert_int_equal(find(&set, costs[i].text)->flash, costs[i].flash);
	}
	t = string_totals(&set);
	/* Without the empty one: RAM 7 * 36 + 7 * 44 + 4 * 52 + 60, flash 3 * 24 + 4 * 28 + 3 * 32
	 * + 4 * 36 + 2 * 40 + 2 * 44 + 48. */
	assert_int_equal(t.kept, 19);
	assert_int_equal(t.ram, 828);
	assert_int_equal(t.strings, 640);
	/* And 19 constants of 12 bytes, and 208 of the module; the hash vector of 8 strings, 16
	 * buckets, grows to 32, which is less than what is counted. */
	assert_int_equal(t.flash, 640 + 19 * 12 + 208);
	assert_int_equal(t.dropped[STRING_EMPTY], 1);
	string_set_free(&set);
}

static void the_best_come_first_whatever_order_they_were_added_in(void **state)
{
	struct string_set a = { 0 }, b = { 0 };
	struct string_filter filter = { .budget = 400 };

	(void)state;
	for (unsigned i = 0; i < COSTS; i++) {
		add(&a, costs[i].text);
		add(&b, costs[COSTS - 1 - i].text);
	}
	judge(&a, &filter);
	judge(&b, &filter);
	for (unsigned i = 0; i < COSTS; i++) {
		assert_int_equal(a.items[i].len, b.items[i].len);
		assert_memory_equal(string_text(&a, &a.items[i]), string_text(&b, &b.items[i]),
				    a.items[i].len);
		assert_int_equal(a.items[i].verdict, b.items[i].verdict);
		if (i && a.items[i].verdict == STRING_KEPT) {
			assert_int_equal(a.items[i - 1].verdict, STRING_KEPT);
			assert_true(a.items[i - 1].ram >= a.items[i].ram);
		}
	}
	string_set_free(&a);
	string_set_free(&b);
}

static void a_string_is_left_out_for_the_first_reason(void **state)
{
	static const struct {
		const char *text;
		enum string_verdict verdict;
	} wanted[] = {
		{ "", STRING_EMPTY },
		{ "getstrings", STRING_FOOTPRINT },
		{ "for k,v in ipairs(debug.getstrings()) do print(v) end", STRING_FOOTPRINT },
		{ "once", STRING_PASSING },
		{ "token=71", STRING_PRIVATE },
		{ "10.1.2.3", STRING_VOLATILE },
		{ "10.9.8.7", STRING_KEPT },
		{ "home/attic", STRING_DROPPED },
		{ "home/cellar", STRING_KEPT },
		{ "[%d", STRING_KEPT },
		{ "\x85\x03\x01", STRING_LINE_INFO },
		{ "caf\xc3\xa9", STRING_KEPT },
	};
	static const char *const keep[] = { "10.9.*", "home/cel*", NULL };
	static const char *const drop[] = { "home/*", NULL };
	struct string_filter filter = { .min_seen = 2, .keep = keep, .drop = drop };
	struct string_set set = { 0 };

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		string_set_capture(&set);
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (round == 0 || strcmp(wanted[i].text, "once") != 0)
				add(&set, wanted[i].text);
	}
	judge(&set, &filter);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_string_equal(string_verdict_words[find(&set, wanted[i].text)->verdict],
				    string_verdict_words[wanted[i].verdict]);
	string_set_free(&set);
}

static void keep_takes_strings_as_well_as_globs(void **state)
{
	static const char *const keep[] = { "10.0.0.[1]", "psk=a*b?[", "nl=1\\n2.5", NULL };
	struct string_filter filter = { .keep = keep };
	struct string_set set = { 0 };

	(void)state;
	add(&set, "10.0.0.1");
	add(&set, "10.0.0.2");
	add(&set, "psk=a*b?[");
	add(&set, "nl=1\n2.5");
	judge(&set, &filter);
	assert_int_equal(find(&set, "10.0.0.1")->verdict, STRING_KEPT);
	assert_int_equal(find(&set, "10.0.0.2")->verdict, STRING_VOLATILE);
	assert_int_equal(find(&set, "psk=a*b?[")->verdict, STRING_KEPT);
	assert_int_equal(find(&set, "nl=1\n2.5")->verdict, STRING_KEPT);
	string_set_free(&set);
}

static void a_budget_goes_to_what_saves_most_for_its_flash(void **state)
{
	/* k: 36 for 24, require: 36 for 28, the topic: 60 for 48; 12 more for each, 208 for all */
	static const char *const keep[] = { "home/*", NULL };
	struct string_filter filter = { .budget = 343 };
	struct string_set set = { 0 };

	(void)state;
	add(&set, "home/kitchen/temperature");
	add(&set, "require");
	add(&set, "k");
	judge(&set, &filter);
	assert_int_equal(find(&set, "k")->verdict, STRING_KEPT);
	assert_int_equal(find(&set, "require")->verdict, STRING_KEPT);
	assert_int_equal(find(&set, "home/kitchen/temperature")->verdict, STRING_OVER_BUDGET);
	filter.budget = 344;
	judge(&set, &filter);
	assert_int_equal(string_totals(&set).flash, 344);
	/* What is wanted by name comes first; a smaller one still fits beside it. */
	filter.budget = 304;
	filter.keep = keep;
	judge(&set, &filter);
	assert_int_equal(find(&set, "home/kitchen/temperature")->verdict, STRING_KEPT);
	assert_int_equal(find(&set, "k")->verdict, STRING_KEPT);
	assert_int_equal(find(&set, "require")->verdict, STRING_OVER_BUDGET);
	string_set_free(&set);
}

/* What a constant takes: 12 bytes in double builds of 5.1, 8 elsewhere, as the device's banner has
 * it. */
static void a_constant_costs_what_the_build_takes(void **state)
{
	static const struct {
		int lua;
		const char *number;
		uint32_t constant;
	} cases[] = {
		{ 0, "", 12 },        { 51, "", 12 },       { 51, "double", 12 },
		{ 51, "float", 12 },  { 51, "integer", 8 }, { 53, "", 8 },
		{ 53, "integer", 8 }, { 53, "float", 8 },   { 53, "double", 12 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct string_filter filter = { .lua = cases[i].lua };
		struct string_set set = { 0 };

		add(&set, "require");
		snprintf(set.device.number, sizeof(set.device.number), "%s", cases[i].number);
		judge(&set, &filter);
		assert_int_equal(set.cost.constant, cases[i].constant);
		assert_int_equal(string_totals(&set).flash,
				 28 + cases[i].constant + (cases[i].lua == 53 ? 180 : 208));
		string_set_free(&set);
	}
}

static void doubtful_strings_are_left_out_unless_they_are_kept_by_name(void **state)
{
	static const char *const keep[] = { "home/*", NULL };
	struct string_filter filter = { .keep = keep };
	struct string_set set = { 0 };

	(void)state;
	string_set_add_doubtful(&set, (const uint8_t *)"home/attic", 10);
	string_set_add_doubtful(&set, (const uint8_t *)"createServer", 12);
	judge(&set, &filter);
	assert_int_equal(find(&set, "home/attic")->verdict, STRING_KEPT);
	assert_int_equal(find(&set, "createServer")->verdict, STRING_DOUBTFUL);
	string_set_free(&set);
}

static void typed_lines_and_what_they_left_are_footprints(void **state)
{
	static const char *const lines[] = { "print(table.concat(debug.getstrings(), '; '))",
					     "=node.heap()", "x" };
	static const char *const left[] = { "print(table.concat(debug.getstrings(), '; '))\n",
					    "=node.heap()", "return node.heap()", "; ",
					    /* typed before, and in the heap in two forms */
					    "file.list('a.b')", "file.list('a.b')\n" };
	struct string_filter none = { 0 };
	struct string_set set = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		string_set_command(&set, (const uint8_t *)lines[i], strlen(lines[i]));
	for (size_t i = 0; i < 6; i++)
		add(&set, left[i]);
	add(&set, "x");
	add(&set, "concat");
	judge(&set, &none);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(find(&set, left[i])->verdict, STRING_FOOTPRINT);
	assert_int_equal(find(&set, "x")->verdict, STRING_KEPT);
	assert_int_equal(find(&set, "concat")->verdict, STRING_KEPT);
	string_set_free(&set);
}

static void long_strings_are_left_out_on_5_3_alone(void **state)
{
	static const char *const keep[] = { "*", NULL };
	static const char forty[] = "abcdefghijklmnopqrstabcdefghijklmnopqrst";
	static const char more[] = "abcdefghijklmnopqrstabcdefghijklmnopqrstu";
	struct string_filter filter = { .lua = LUA_53, .keep = keep };
	struct string_set set = { 0 };

	(void)state;
	add(&set, forty);
	add(&set, more);
	judge(&set, &filter);
	assert_int_equal(find(&set, forty)->verdict, STRING_KEPT);
	assert_int_equal(find(&set, more)->verdict, STRING_TOO_LONG);
	filter.lua = LUA_51;
	judge(&set, &filter);
	assert_int_equal(find(&set, more)->verdict, STRING_KEPT);
	string_set_free(&set);
}

static void what_no_image_holds_is_left_out(void **state)
{
	enum { LONG = 256 << 10 };
	struct string_filter filter = { .lua = LUA_51 };
	struct string_set set = { 0 };
	char *text = malloc(LONG + 2);

	(void)state;
	assert_non_null(text);
	memset(text, 'a', LONG + 1);
	text[LONG + 1] = '\0';
	add(&set, text);
	add(&set, text + 1);
	judge(&set, &filter);
	assert_int_equal(find(&set, text)->verdict, STRING_TOO_LONG);
	assert_int_not_equal(find(&set, text + 1)->verdict, STRING_TOO_LONG);
	string_set_free(&set);
	free(text);
}

static void open_book(struct lua_book *book, const char *path)
{
	struct file f = golden_file(path);

	*book = (struct lua_book){ 0 };
	assert_int_equal(lua_book_open(book, path, f.data, f.len), ERR_NONE);
	file_close(&f);
}

static void assert_module(const struct lua_book *book, const struct string_item *s,
			  const char *module)
{
	struct view_cell c = { 0 };

	lua_module_cell(book->img, s->origin, &c);
	assert_int_equal(c.kind, VIEW_BYTES);
	assert_int_equal(c.bytes.n, strlen(module));
	assert_memory_equal(c.bytes.p, module, c.bytes.n);
}

/* Strings that stand in one source of tests/golden/app alone. */
static void strings_of_an_image_are_left_out_and_have_an_origin(void **state)
{
	static const struct {
		const char *text, *module;
	} wanted[] = {
		{ "Method Not Allowed", "httpd" }, { "/humidity", "main" },
		{ "greenhouse-", "publish" },      { "correct horse battery staple", "config" },
		{ "boot failed: ", "_init" },
	};
	static const char *const images[] = { "tests/golden/img/app-51f.img",
					      "tests/golden/img/app-51i.img",
					      "tests/golden/img/app-53.img" };
	static const char *const keep[] = { "*", NULL };

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		struct string_set set = { 0 };
		struct lua_book book;
		struct string_filter filter = { .image = &book, .keep = keep };

		open_book(&book, images[k]);
		for (size_t i = 0; i < 5; i++)
			add(&set, wanted[i].text);
		add(&set, "__not_there");
		judge(&set, &filter);
		for (size_t i = 0; i < 5; i++) {
			const struct string_item *s = find(&set, wanted[i].text);

			assert_int_equal(s->verdict, STRING_IN_IMAGE);
			assert_module(&book, s, wanted[i].module);
		}
		assert_int_equal(find(&set, "__not_there")->verdict, STRING_KEPT);
		assert_int_equal(find(&set, "__not_there")->origin, STRING_UNKNOWN);
		lua_book_close(&book);
		string_set_free(&set);
	}
}

static unsigned line_infos;

/* All of an image's table as debug.getstrings"ROM" would list it. */
static void check_line_info(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct string_filter none = { .lua = LUA_51 };
	struct string_set set = { 0 };

	for (uint32_t i = 0; i < img->nstrings; i++)
		string_set_add(&set, img->strings[i].text, img->strings[i].len);
	judge(&set, &none);
	for (uint32_t i = 0; i < img->nstrings; i++) {
		const struct lua_string *s = &img->strings[i];
		uint32_t at = string_set_find(&set, s->text, s->len);
		bool blob = s->uses == LUA_USE_LINEINFO && s->len > 1;
		bool told;

		assert_int_not_equal(at, STRING_UNKNOWN);
		told = set.items[at].verdict == STRING_LINE_INFO;
		if (blob != told)
			fail_msg("%s: string at 0x%x: %s line info", path, (unsigned)s->off,
				 blob ? "was not told to be" : "is not");
		line_infos += blob;
	}
	string_set_free(&set);
	lua_image_free(img);
}

static void line_info_of_5_1_is_told_from_text(void **state)
{
	(void)state;
	golden_each("tests/golden/img/*-51[fi].img", check_line_info);
	assert_true(line_infos > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(savings_and_costs_are_those_worked_out_by_hand),
		cmocka_unit_test(the_best_come_first_whatever_order_they_were_added_in),
		cmocka_unit_test(a_string_is_left_out_for_the_first_reason),
		cmocka_unit_test(keep_takes_strings_as_well_as_globs),
		cmocka_unit_test(a_budget_goes_to_what_saves_most_for_its_flash),
		cmocka_unit_test(a_constant_costs_what_the_build_takes),
		cmocka_unit_test(doubtful_strings_are_left_out_unless_they_are_kept_by_name),
		cmocka_unit_test(typed_lines_and_what_they_left_are_footprints),
		cmocka_unit_test(long_strings_are_left_out_on_5_3_alone),
		cmocka_unit_test(what_no_image_holds_is_left_out),
		cmocka_unit_test(strings_of_an_image_are_left_out_and_have_an_origin),
		cmocka_unit_test(line_info_of_5_1_is_told_from_text),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
