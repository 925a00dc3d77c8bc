/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/lua/against.h"
#include "common/lua/source_scan.h"
#include "common/lua/dialect.h"
#include "common/lua/stock.h"
#include "tests/util_golden.h"

static struct lua_compiler compilers[2]; /* 5.1, 5.3 */
static unsigned compared;
static const struct lua_compiler *using; /* NULL: by lines */

static int open_compilers(void **state)
{
	(void)state;
	lua_compiler_open(LUA_51, &compilers[0]);
	lua_compiler_open(LUA_53, &compilers[1]);
	return 0;
}

static int close_compilers(void **state)
{
	(void)state;
	lua_compiler_close(&compilers[0]);
	lua_compiler_close(&compilers[1]);
	return 0;
}

static const struct lua_compiler *need(enum lua_version version)
{
	if (!compilers[version == LUA_53].library)
		skip();
	return &compilers[version == LUA_53];
}

/* The source of a module, wherever it is; the same name never stands for two sources. */
static struct file source_of(const struct lua_book *b, uint32_t module)
{
	const struct lua_string *name = &b->img->strings[b->img->modules[module].name];
	static const char *const all[] = { "app", "edge", "many", "edgef", "edge53" };
	char path[200];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		snprintf(path, sizeof(path), "tests/golden/%s/%.*s.lua", all[i], (int)name->len,
			 (const char *)name->text);
		if (access(path, R_OK) == 0)
			return golden_file(path);
	}
	fail_msg("no source of %.*s", (int)name->len, (const char *)name->text);
	return (struct file){ 0 };
}

static void compare_image(const char *path)
{
	struct file f = golden_file(path);
	struct lua_book b;
	struct diag diag = { 0 };

	assert_int_equal(lua_book_open(&b, path, f.data, f.len), ERR_NONE);
	for (uint32_t i = 0; i < b.img->nmodules; i++) {
		struct file source = source_of(&b, i);
		struct lua_against_verdict v;
		bool other_numbers = using && strstr(path, "ops53-53.img");

		assert_int_equal(
			lua_against_judge(&b, i, source.data, source.len, using, &diag, &v),
			ERR_NONE);
		if (v.status != (other_numbers ? AGAINST_UNSURE : AGAINST_SAME))
			fail_msg("%s: module %u: status %d, %s", path, (unsigned)i, (int)v.status,
				 v.how);
		file_close(&source);
		compared++;
	}
	lua_book_close(&b);
	file_close(&f);
}

static void compare_all(const char *version)
{
	char pattern[100];

	compared = 0;
	snprintf(pattern, sizeof(pattern), "tests/golden/img/*-%s*.img", version);
	golden_each(pattern, compare_image);
	assert_true(compared > 200);
}

static void stock_5_1_compiles_every_golden_source_to_what_the_images_hold(void **state)
{
	(void)state;
	using = need(LUA_51);
	compare_all("51");
}

static void stock_5_3_compiles_every_golden_source_to_what_the_images_hold(void **state)
{
	(void)state;
	using = need(LUA_53);
	compare_all("53");
}

static void without_a_library_lines_agree_with_every_golden_source(void **state)
{
	(void)state;
	using = NULL;
	compare_all("51");
	compare_all("53");
}

/* Sources of other modules are stale by lines, too, unless they have as many functions there. */
static void another_source_is_told_by_lines(void **state)
{
	const char *path = "tests/golden/img/app-51f.img";
	struct file f = golden_file(path);
	struct lua_book b;
	struct diag diag = { 0 };

	(void)state;
	assert_int_equal(lua_book_open(&b, path, f.data, f.len), ERR_NONE);
	for (uint32_t i = 0; i < b.img->nmodules; i++) {
		struct file source = source_of(&b, (i + 1) % b.img->nmodules);
		struct lua_against_verdict v;

		lua_against_judge(&b, i, source.data, source.len, NULL, &diag, &v);
		assert_int_equal(v.status, AGAINST_STALE);
		assert_memory_equal(v.how, "by lines: ", 10);
		file_close(&source);
	}
	lua_book_close(&b);
	file_close(&f);
}

/* In images of 5.1 the end mark is the NUL behind a string, and not counted. */
static void compare_lines(const char *path)
{
	struct lua_image *img = golden_load(path);
	uint32_t nul = img->traits.version == LUA_51 && img->traits.form != LUA_FORM_CHUNK;
	uint32_t *lines = NULL;

	for (uint32_t i = 0; i < img->nprotos; i++) {
		const struct lua_proto *p = &img->protos[i];
		struct buf packed = { 0 };

		lines = realloc(lines, ((size_t)p->ncode + 1) * sizeof(*lines));
		if (!p->lineinfo)
			continue;
		lua_lines(img, p, lines);
		lua_pack_lines(img->traits.version, lines, NULL, p->ncode, &packed);
		assert_false(packed.failed);
		if (packed.len != p->nlineinfo + nul ||
		    memcmp(packed.data, p->lineinfo, packed.len) != 0)
			fail_msg("%s: lines of prototype %u: %zu bytes, not %u", path, (unsigned)i,
				 packed.len, (unsigned)p->nlineinfo);
		compared++;
		buf_free(&packed);
	}
	free(lines);
	lua_image_free(img);
}

static void lines_are_packed_as_nodemcu_packs_them(void **state)
{
	(void)state;
	compared = 0;
	golden_each("tests/golden/img/edge-5*.img", compare_lines);
	golden_each("tests/golden/lc/*-53*.lc", compare_lines);
	golden_each("tests/golden/lc/[a-m]*-51*.lc", compare_lines);
	golden_each("tests/golden/img/app-5*.img", compare_lines);
	assert_true(compared > 500);
}

/* What luac.cross of release 3.0-release_20240225 packs of the main function's lines. */
static void calls_and_loops_are_set_back_as_nodemcu_sets_them_back(void **state)
{
	static const struct {
		const char *source, *packed;
	} cases[] = {
		{ "f(\n)\n", "01c0010100" },
		{ "f(\n)()\n", "01c0010200" },
		{ "x = f(\n) .. g\n\"a\"", "01c001010500" },
		{ "f(1, {\n}\n)\nreturn g(\n)", "03c0018101c0010200" },
		{ "t.f(\nh(\n), (k)(\n)\n)", "0201c00101c001c201820100" },
		{ "for i = 1, 2 do\ndo\nend\nend", "04c001810100" },
		{ "for k in next, t do\ndo\nend\nend\nx=1", "04c0018001800300" },
		{ "local f f() function f()\nend", "02c0010100" },
		{ "local f = function(a) return a(\n) end f(\n)", "8002c0010100" },
		{ "x=1 y=2 f(2, 3, 4,\n5\n)(\n)\n", "088001c20180010100" },
		{ "function t.a:b()\nend f(\n)", "0201c10101c0010100" },
		{ "f[[\n]](\n){\n}", "0102c00101c0010100" },
		{ "f(function()\n\n return g(\n) end\n)", "018101c301820100" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct diag diag = { 0 };
		struct lua_image *img;
		char packed[80] = "";

		assert_int_equal(lua_compile(need(LUA_51), (const uint8_t *)cases[i].source,
					     strlen(cases[i].source), &diag, &img),
				 ERR_NONE);
		for (uint32_t k = 0; k < img->protos[0].nlineinfo; k++)
			snprintf(packed + 2 * k, 3, "%02x", img->protos[0].lineinfo[k]);
		assert_string_equal(packed, cases[i].packed);
		lua_image_free(img);
	}
}

static void put_numbered(struct buf *out, const char *words, unsigned n)
{
	size_t before = strcspn(words, "#");

	buf_put(out, words, before);
	if (words[before]) {
		buf_printf(out, "%u", n);
		buf_str(out, words + before + 1);
	}
}

/* Words of the same luac.cross; stock Lua has 200 local variables. */
static void nodemcus_limits_of_a_function_hold(void **state)
{
	static const struct {
		const char *head, *each, *tail, *words;
		unsigned n;
	} cases[] = {
		{ "local a0", "\n, a#", "\nreturn a0", NULL, 50 },
		{ "local a0", "\n, a#", "\nreturn a0",
		  "line:52: main function has more than 50 local variables", 51 },
		{ "", "local a# = 1\n", "return a0", NULL, 50 },
		{ "", "local a# = 1\n", "return = a0",
		  "line:51: main function has more than 50 local variables", 60 },
		{ "return =\n", "local a# = 1\n", "", "line:1: unexpected symbol near '='", 60 },
		{ "do local x end repeat local y until y\n",
		  "local a# = function(b) local c for i = 1, 2 do local d end end\n", "", NULL,
		  50 },
		{ "local function f\n(a0", ",\na#", ") end",
		  "line:52: function at line 2 has more than 50 local variables", 51 },
		{ "function t.x:m(a0", ",\na#", ") end",
		  "line:50: function at line 1 has more than 50 local variables", 50 },
		{ "return function\n(a0", ",\na#", ", ...) end",
		  "line:51: function at line 2 has more than 50 local variables", 50 },
		{ "local x", ", x#", "\nfor\ni\n=\n1, 2 do end",
		  "line:4: main function has more than 50 local variables", 47 },
		{ "local x", ", x#", "\nfor\ni\n=\n1, 2 do end", NULL, 46 },
		{ "return ", "(", "1", "line:1: chunk has too many syntax levels", 200 },
		{ "a", ", b#", " = 1",
		  "line:1: main function has more than 198 variables in assignment", 200 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct diag diag = { 0 };
		struct buf text = { 0 };
		struct lua_image *img;

		buf_str(&text, cases[i].head);
		for (unsigned k = cases[i].head[0] ? 1 : 0; k < cases[i].n; k++)
			put_numbered(&text, cases[i].each, k);
		buf_str(&text, cases[i].tail);
		lua_compile(need(LUA_51), text.data, text.len, &diag, &img);
		assert_string_equal(diag.text, cases[i].words ? cases[i].words : "");
		lua_image_free(img);
		buf_free(&text);
	}
}

static void steps_of_any_width_are_read_back(void **state)
{
	static const uint32_t lines[] = { 1,  1,    2, 4,    3,  67,        3, 68,       1,
					  70, 8259, 1, 8260, 70, INT32_MAX, 1, INT32_MAX };
	enum { N = sizeof(lines) / sizeof(lines[0]) };
	struct lua_image img = { .traits = { .version = LUA_51 } };
	struct buf packed = { 0 };
	uint32_t out[N];

	(void)state;
	for (unsigned v = 0; v < 2; v++) {
		struct lua_proto p = { .ncode = N };

		img.traits.version = v ? LUA_53 : LUA_51;
		packed.len = 0;
		lua_pack_lines(img.traits.version, lines, NULL, N, &packed);
		p.lineinfo = packed.data;
		p.nlineinfo = (uint32_t)packed.len;
		assert_int_equal(lua_lines(&img, &p, out), N);
		assert_memory_equal(out, lines, sizeof(lines));
	}
	buf_free(&packed);
}

/* What this computer's Lua writes for a source, caught where it is read. */
static const char source[] =
	"#!/bin/lua\n"
	"local a, b = 'x', ... \n"
	"return function(c, ...) a = b .. c .. ('long'):rep(3) return 1, 2.5, "
	"true, nil, 'a string of more than forty bytes, which is long', ... end\n";

static void a_compiled_source_has_all_that_it_says(void **state)
{
	struct diag diag = { 0 };
	struct lua_image *img;
	const struct lua_proto *p;
	uint32_t lines[100];

	(void)state;
	for (unsigned v = LUA_51; v <= LUA_53; v += 2) {
		assert_int_equal(lua_compile(need(v), (const uint8_t *)source, sizeof(source) - 1,
					     &diag, &img),
				 ERR_NONE);
		assert_int_equal(img->nprotos, 2);
		assert_int_equal(img->traits.version, v);
		p = &img->protos[1];
		assert_int_equal(p->line_first, 3);
		assert_int_equal(p->params, 1);
		assert_true(p->vararg != 0);
		assert_int_equal(p->nups, 2);
		assert_int_equal(lua_lines(img, &img->protos[0], lines), img->protos[0].ncode);
		assert_int_equal(lines[0], 2);
		assert_memory_equal(img->strings[img->upvalues[p->upvalues.first].name].text, "a",
				    1);
		assert_memory_equal(img->strings[img->locals[p->locals.first].name].text, "c", 1);
		lua_image_free(img);
	}
}

static void sources_that_do_not_compile_give_luas_words(void **state)
{
	static const uint8_t chunk[] = "\x1bLuaQ\0\1\4\x08\4\x08\0";
	struct diag diag = { 0 };
	struct lua_image *img;

	(void)state;
	for (unsigned v = LUA_51; v <= LUA_53; v += 2) {
		assert_int_equal(
			lua_compile(need(v), (const uint8_t *)"x\n= =\x1b[1m", 9, &diag, &img),
			ERR_KIND);
		assert_null(img);
		assert_non_null(strstr(diag.text, "line:2: unexpected symbol near"));
		diag = (struct diag){ 0 };
		assert_int_equal(lua_compile(need(v), chunk, sizeof(chunk), &diag, &img), ERR_KIND);
		diag = (struct diag){ 0 };
	}
}

/* A stock chunk of 5.1 for 32 bits, written by hand after ldump.c. */
static const uint8_t small[] = {
	0x1b, 'L', 'u', 'a', 0x51, 0,   1, 4,    4,    4, 8,    0, /* header: size_t 4 */
	3,    0,   0,   0,   '=',  'm', 0,                         /* source */
	0,    0,   0,   0,   0,    0,   0, 0,                      /* lines */
	0,    0,   2,   2,                                         /* nups, params, vararg, stack */
	2,    0,   0,   0,   1,    0,   0, 0,    0x1e, 0, 0x80, 0, /* LOADK 0 0; RETURN 0 1 */
	3,    0,   0,   0,                                         /* constants */
	3,    0,   0,   0,   0,    0,   0, 0xf8, 0x3f,             /* 1.5 */
	1,    1,                                                   /* true */
	4,    2,   0,   0,   0,    'k', 0,                         /* "k" */
	0,    0,   0,   0,                                         /* functions */
	2,    0,   0,   0,   7,    0,   0, 0,    9,    0, 0,    0, /* lines */
	0,    0,   0,   0,   0,    0,   0, 0,                      /* locals, upvalues */
};

static void every_strict_prefix_of_a_stock_chunk_fails(void **state)
{
	struct lua_image *img;

	(void)state;
	for (size_t n = 0; n <= sizeof(small); n++) {
		struct diag diag = { 0 };
		enum err e = lua_stock_load(small, n, NULL, &diag, &img);

		assert_int_equal(e == ERR_NONE, n == sizeof(small));
		assert_int_equal(img != NULL, n == sizeof(small));
	}
	assert_int_equal(img->protos[0].ncode, 2);
	assert_int_equal(img->nconstants, 3);
	assert_true(img->constants[0].f == 1.5);
	assert_true(img->constants[1].b);
	assert_memory_equal(img->strings[img->constants[2].string].text, "k", 1);
	assert_int_equal(img->protos[0].nlineinfo, 5); /* to 7: one; to 9: one; end */
	lua_image_free(img);
}

static void no_changed_byte_of_a_stock_chunk_leads_astray(void **state)
{
	uint8_t bytes[sizeof(small)];
	struct lua_image *img;

	(void)state;
	for (size_t i = 0; i < sizeof(small); i++) {
		for (unsigned x = 1; x < 256; x++) {
			struct diag diag = { 0 };

			memcpy(bytes, small, sizeof(small));
			bytes[i] ^= (uint8_t)x;
			lua_stock_load(bytes, sizeof(bytes), NULL, &diag, &img);
			assert_int_equal(diag.code != ERR_NONE, img == NULL);
			lua_image_free(img);
		}
	}
}

static void check_scan(const char *text, uint32_t lines, uint32_t functions, uint32_t delicate)
{
	struct lua_source_facts f;

	assert_true(lua_source_scan((const uint8_t *)text, strlen(text), &f));
	if (f.lines != lines || f.nfunctions != functions || f.ndelicate != delicate)
		fail_msg("%s: %u lines, %u functions, %u numbers", text, (unsigned)f.lines,
			 (unsigned)f.nfunctions, (unsigned)f.ndelicate);
	lua_source_free(&f);
}

static void sources_are_scanned_without_their_strings_and_comments(void **state)
{
	(void)state;
	check_scan("", 1, 0, 0);
	check_scan("x = 1\n", 1, 0, 0);
	check_scan("x = 1\n\n", 2, 0, 0);
	check_scan("#! function 1.5\nfunction f() end", 2, 1, 0);
	check_scan("-- function 1.5\n--[[ function\n 2.5 ]] --[==[ ]] function\n]==] function", 4,
		   1, 0);
	check_scan("s = 'function \\' 1.5 function' .. \"1.5 \\\" function\" .. [[function]]", 1, 0,
		   0);
	check_scan("x.functions, _function, function1 = t[1], {1, -2, 3}, a - 1", 1, 0, 0);
	check_scan("x = a[b[1]] - 1 + f[2] % 3", 1, 0, 0);
	check_scan("x = 1.5\ny = 1e3\nz = .5\nw = 0x10\nv = 2147483648\nu = 0xffffffff", 6, 0, 5);
	check_scan("x = 7/2 y = (7)/(2) z = 7 + -1 w = 1 < 2 v = 1, 2", 1, 0, 4);
	check_scan("x = 1 --[[unfinished", 1, 0, 0);
	check_scan("x = 'unfinished", 1, 0, 0);
	check_scan("x = [==[unfinished]=]", 1, 0, 0);
	check_scan("x = \"\\", 1, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stock_5_1_compiles_every_golden_source_to_what_the_images_hold),
		cmocka_unit_test(stock_5_3_compiles_every_golden_source_to_what_the_images_hold),
		cmocka_unit_test(without_a_library_lines_agree_with_every_golden_source),
		cmocka_unit_test(another_source_is_told_by_lines),
		cmocka_unit_test(lines_are_packed_as_nodemcu_packs_them),
		cmocka_unit_test(calls_and_loops_are_set_back_as_nodemcu_sets_them_back),
		cmocka_unit_test(nodemcus_limits_of_a_function_hold),
		cmocka_unit_test(steps_of_any_width_are_read_back),
		cmocka_unit_test(a_compiled_source_has_all_that_it_says),
		cmocka_unit_test(sources_that_do_not_compile_give_luas_words),
		cmocka_unit_test(every_strict_prefix_of_a_stock_chunk_fails),
		cmocka_unit_test(no_changed_byte_of_a_stock_chunk_leads_astray),
		cmocka_unit_test(sources_are_scanned_without_their_strings_and_comments),
	};

	return cmocka_run_group_tests_name("stock", tests, open_compilers, close_compilers);
}
