/* SPDX-License-Identifier: MIT */
/* Cross-references of code in which values are hard to follow, or which no compiler wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/util_code.h"
#include "tests/util_golden.h"
#include "tests/util_xref.h"

/*
 * What luac 5.1.5 and 5.3.6 made of
 *
 *	local LFS = node.LFS
 *	local get = LFS.get
 *	local n, m, k = node, tmr, net
 *	if a then b() end
 *	for i = 1, 3 do LFS.loop(i) end
 *	while a do b(m.field) m = a end
 *	get("main")
 *	get(a .. b)
 *	LFS.list()
 *	pcall(require, "config")
 *	require(a and "one" or "two")
 *	dofile("lua/sensor.lc")
 *	loadfile("config.lua")
 *	_G.require "publish"
 *	local function f()
 *	  n = b
 *	  return function() return LFS.inner, get("sensor"), n.field end
 *	end
 *	local function h() return function() k = a end end
 *	local later = wifi
 *	local function g() return later.field end
 *	later = node
 *	return LFS[f], g, h, n.field, k.field
 */
static const struct code_function flow51[] = {
	{ .parent = LUA_NONE,
	  .nups = 0,
	  .constants = { "node",     "LFS",        "get",  "tmr",     "net",
			 "a",        "b",          "",     "",        "loop",
			 "field",    "main",       "list", "pcall",   "require",
			 "config",   "one",        "two",  "dofile",  "lua/sensor.lc",
			 "loadfile", "config.lua", "_G",   "publish", "wifi" },
	  .nconstants = 25,
	  .ncode = 77,
	  .code = { 0x00000005, 0x00404006, 0x00408046, 0x00000085, 0x0000c0c5, 0x00010105,
		    0x00014145, 0x0000015a, 0x80004016, 0x00018145, 0x0080415c, 0x0001c141,
		    0x00020181, 0x0001c1c1, 0x80008160, 0x00424246, 0x04000280, 0x0100425c,
		    0x7ffec15f, 0x00014145, 0x0000015a, 0x80010016, 0x00018145, 0x01c28186,
		    0x0100415c, 0x000140c5, 0x7ffdc016, 0x00800140, 0x0002c181, 0x0100415c,
		    0x00800140, 0x00014185, 0x000181c5, 0x0301c195, 0x0100415c, 0x00430146,
		    0x0080415c, 0x00034145, 0x00038185, 0x0003c1c1, 0x0180415c, 0x00038145,
		    0x00014185, 0x0000019a, 0x80008016, 0x00040181, 0x0000419a, 0x80000016,
		    0x00044181, 0x0100415c, 0x00048145, 0x0004c181, 0x0100415c, 0x00050145,
		    0x00054181, 0x0100415c, 0x00058145, 0x02c38146, 0x0005c181, 0x0100415c,
		    0x00000164, 0x01000000, 0x00000000, 0x00800000, 0x000041a4, 0x02000000,
		    0x000601c5, 0x00008224, 0x03800000, 0x000001c5, 0x00014246, 0x04000280,
		    0x030002c0, 0x01428306, 0x02428346, 0x0300025e, 0x0080001e } },
	{ .parent = 0,
	  .nups = 3,
	  .constants = { "b" },
	  .nconstants = 1,
	  .ncode = 8,
	  .code = { 0x00000005, 0x00000008, 0x00000024, 0x00800004, 0x01000004, 0x00000004,
		    0x0100001e, 0x0080001e } },
	{ .parent = 1,
	  .nups = 3,
	  .constants = { "inner", "sensor", "field" },
	  .nconstants = 3,
	  .ncode = 9,
	  .code = { 0x00000004, 0x00400006, 0x00800044, 0x00004081, 0x0100805c, 0x01000084,
		    0x01408086, 0x0200001e, 0x0080001e } },
	{ .parent = 0,
	  .nups = 1,
	  .nconstants = 0,
	  .ncode = 4,
	  .code = { 0x00000024, 0x00000004, 0x0100001e, 0x0080001e } },
	{ .parent = 3,
	  .nups = 1,
	  .constants = { "a" },
	  .nconstants = 1,
	  .ncode = 3,
	  .code = { 0x00000005, 0x00000008, 0x0080001e } },
	{ .parent = 0,
	  .nups = 1,
	  .constants = { "field" },
	  .nconstants = 1,
	  .ncode = 4,
	  .code = { 0x00000004, 0x00400006, 0x0100001e, 0x0080001e } },
};
static const struct code_function flow53[] = {
	{ .parent = LUA_NONE,
	  .nups = 1,
	  .upvalues = { { 1, 0 } },
	  .constants = { "node",     "LFS",        "get",  "tmr",     "net",
			 "a",        "b",          "",     "",        "loop",
			 "field",    "main",       "list", "pcall",   "require",
			 "config",   "one",        "two",  "dofile",  "lua/sensor.lc",
			 "loadfile", "config.lua", "_G",   "publish", "wifi",
			 "field" },
	  .nconstants = 26,
	  .ncode = 72,
	  .code = { 0x00400006, 0x00404007, 0x00408047, 0x00400086, 0x0040c0c6, 0x00410106,
		    0x00414146, 0x00000162, 0x8000401e, 0x00418146, 0x00804164, 0x0001c141,
		    0x00020181, 0x0001c1c1, 0x80008168, 0x00424247, 0x04000280, 0x01004264,
		    0x7ffec167, 0x00414146, 0x00000162, 0x8001001e, 0x00418146, 0x01c28187,
		    0x01004164, 0x004140c6, 0x7ffdc01e, 0x00800140, 0x0002c181, 0x01004164,
		    0x00800140, 0x00414186, 0x004181c6, 0x0301c19d, 0x01004164, 0x00430147,
		    0x00804164, 0x00434146, 0x00438186, 0x0003c1c1, 0x01804164, 0x00438146,
		    0x00414186, 0x000001a2, 0x8000801e, 0x00040181, 0x000041a2, 0x8000001e,
		    0x00044181, 0x01004164, 0x00448146, 0x0004c181, 0x01004164, 0x00450146,
		    0x00054181, 0x01004164, 0x00458146, 0x02c38147, 0x0005c181, 0x01004164,
		    0x0000016c, 0x000041ac, 0x004601c6, 0x0000822c, 0x004001c6, 0x00014247,
		    0x04000280, 0x030002c0, 0x01464307, 0x02464347, 0x03000266, 0x00800026 } },
	{ .parent = 0,
	  .nups = 4,
	  .upvalues = { { 1, 2 }, { 0, 0 }, { 1, 0 }, { 1, 1 } },
	  .constants = { "b" },
	  .nconstants = 1,
	  .ncode = 5,
	  .code = { 0x00c00006, 0x00000009, 0x0000002c, 0x01000026, 0x00800026 } },
	{ .parent = 1,
	  .nups = 3,
	  .upvalues = { { 0, 2 }, { 0, 3 }, { 0, 0 } },
	  .constants = { "inner", "sensor", "field" },
	  .nconstants = 3,
	  .ncode = 7,
	  .code = { 0x00400006, 0x00800045, 0x00004081, 0x01008064, 0x01408086, 0x02000026,
		    0x00800026 } },
	{ .parent = 0,
	  .nups = 2,
	  .upvalues = { { 1, 4 }, { 0, 0 } },
	  .nconstants = 0,
	  .ncode = 3,
	  .code = { 0x0000002c, 0x01000026, 0x00800026 } },
	{ .parent = 3,
	  .nups = 2,
	  .upvalues = { { 0, 0 }, { 0, 1 } },
	  .constants = { "a" },
	  .nconstants = 1,
	  .ncode = 3,
	  .code = { 0x00c00006, 0x00000009, 0x00800026 } },
	{ .parent = 0,
	  .nups = 1,
	  .upvalues = { { 1, 7 } },
	  .constants = { "field" },
	  .nconstants = 1,
	  .ncode = 3,
	  .code = { 0x00400006, 0x01000026, 0x00800026 } },
};

struct wanted_require {
	enum lua_require_kind kind;
	const char *name;   /* NULL: computed */
	const char *module; /* NULL: none of the image */
};

static const struct wanted_require flow_requires[] = {
	{ LUA_LFS_INDEX, "loop", NULL },
	{ LUA_LFS_INDEX, "main", "main" },
	{ LUA_LFS_INDEX, NULL, NULL },
	{ LUA_REQUIRE, "config", "config" },
	{ LUA_REQUIRE, NULL, NULL },
	{ LUA_DOFILE, "lua/sensor.lc", "sensor" },
	{ LUA_DOFILE, "config.lua", "config" },
	{ LUA_REQUIRE, "publish", "publish" },
	{ LUA_LFS_INDEX, NULL, NULL },
	{ LUA_LFS_INDEX, "inner", NULL },
	{ LUA_LFS_INDEX, "sensor", "sensor" },
};

static void check_flow_requires(const struct lua_image *img, const struct lua_xref *x)
{
	size_t n = sizeof(flow_requires) / sizeof(flow_requires[0]);

	for (size_t i = 0; i < n && i < x->nrequires; i++) {
		const struct lua_require *q = &x->requires[i];
		const struct wanted_require *w = &flow_requires[i];

		assert_int_equal(q->kind, w->kind);
		if (w->name)
			assert_true(string_is(img, q->name, w->name));
		else
			assert_int_equal(q->name, LUA_NONE);
		if (w->module)
			assert_true(string_is(img, img->modules[q->module].name, w->module));
		else
			assert_int_equal(q->module, LUA_NONE);
	}
	golden_same("flow", "requires", x->nrequires, n);
}

static uint32_t count_fields(const struct lua_image *img, const struct lua_xref *x,
			     const char *name, const char *object)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < x->nrefs; i++) {
		const struct lua_ref *r = &x->refs[i];
		const char *have;

		if (r->kind != LUA_REF_FIELD_READ || !string_is(img, r->string, name))
			continue;
		have = r->object == LUA_NONE ? "" : (const char *)x->paths[r->object].data;
		n += strcmp(have, object) == 0;
	}
	return n;
}

static void values_are_followed_through_jumps_loops_and_closures(void **state)
{
	static const enum lua_version versions[] = { LUA_51, LUA_53 };
	static const char *const modules[] = { "config", "main", "publish", "sensor" };

	(void)state;
	for (unsigned v = 0; v < 2; v++) {
		struct lua_xref x;
		struct code c;

		code_compiled(&c, versions[v], v ? flow53 : flow51, 6);
		for (unsigned i = 0; i < 4; i++)
			code_module(&c, modules[i]);
		code_done(&c);
		x = xref_of(&c.img);
		check_flow_requires(&c.img, &x);
		golden_same("flow", "loop", count_fields(&c.img, &x, "loop", "node.LFS"), 1);
		golden_same("flow", "inner", count_fields(&c.img, &x, "inner", "node.LFS"), 1);
		/* n, m, k and later are assigned behind the back of whoever reads them */
		golden_same("flow", "field", count_fields(&c.img, &x, "field", ""), 5);
		lua_xref_free(&x);
	}
}

static uint32_t count_kind(const struct lua_image *img, const struct lua_xref *x, const char *text,
			   enum lua_ref_kind kind, uint32_t pc)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < x->nrefs; i++)
		n += x->refs[i].kind == kind && x->refs[i].pc == pc &&
		     string_is(img, x->refs[i].string, text);
	return n;
}

static void names_come_from_registers_and_extra_arguments(void **state)
{
	struct lua_xref x;
	struct code c;

	(void)state;
	code_init(&c, LUA_53);
	code_proto(&c, LUA_NONE);
	code_upvalue(&c, true, 0);
	code_string(&c, "unused");
	code_string(&c, "name");
	code_abx(&c, 2, 0, 0); /* LOADKX */
	code_ax(&c, 46, 1);
	code_abc(&c, 6, 1, 0, 0);   /* GETTABUP 1 0 0 */
	code_abc(&c, 8, 0, 257, 1); /* SETTABUP 0 "name" 1 */
	code_done(&c);
	x = xref_of(&c.img);
	assert_int_equal(x.nrefs, 4);
	assert_int_equal(count_kind(&c.img, &x, "name", LUA_REF_CONSTANT, 0), 1);
	assert_int_equal(count_kind(&c.img, &x, "name", LUA_REF_GLOBAL_READ, 2), 1);
	assert_int_equal(count_kind(&c.img, &x, "name", LUA_REF_GLOBAL_WRITE, 3), 1);
	assert_int_equal(count_kind(&c.img, &x, "unused", LUA_REF_CONSTANT, LUA_NONE), 1);
	lua_xref_free(&x);
}

/* t[k] := k2 with constants: the key is a name, the value a constant. */
static void keys_are_fields_and_values_are_constants(void **state)
{
	struct lua_xref x;
	struct code c;

	(void)state;
	code_init(&c, LUA_51);
	code_proto(&c, LUA_NONE);
	code_string(&c, "key");
	code_string(&c, "value");
	code_string(&c, "t");
	code_abx(&c, 5, 0, 2);        /* GETGLOBAL 0 t */
	code_abc(&c, 9, 0, 256, 257); /* SETTABLE 0 key value */
	code_abc(&c, 11, 0, 0, 256);  /* SELF 0 0 key */
	code_done(&c);
	x = xref_of(&c.img);
	assert_int_equal(x.nrefs, 4);
	assert_int_equal(count_kind(&c.img, &x, "key", LUA_REF_FIELD_WRITE, 1), 1);
	assert_int_equal(count_kind(&c.img, &x, "value", LUA_REF_CONSTANT, 1), 1);
	assert_int_equal(count_kind(&c.img, &x, "key", LUA_REF_METHOD, 2), 1);
	assert_int_equal(x.npaths, 1);
	assert_string_equal((const char *)x.paths[0].data, "t");
	lua_xref_free(&x);
}

static void words_of_all_kinds_are_followed_without_harm(void **state)
{
	uint32_t seed = 7;
	struct lua_xref x;
	struct code c;

	(void)state;
	for (unsigned round = 0; round < 40; round++) {
		code_init(&c, round % 2 ? LUA_53 : LUA_51);
		for (unsigned p = 0; p < CODE_PROTOS_MAX; p++) {
			code_proto(&c, p ? p - 1 : LUA_NONE);
			for (unsigned i = 0; i < 8; i++)
				code_string(&c, i % 2 ? "node" : "LFS");
			for (unsigned i = 0; i < 3; i++)
				code_upvalue(&c, i % 2, (uint8_t)(200 + i));
			c.protos[p].nups = 255;
			for (unsigned i = 0; i < CODE_WORDS_MAX / CODE_PROTOS_MAX; i++)
				code_word(&c, seed = seed * 1664525 + 1013904223);
		}
		code_done(&c);
		x = xref_of(&c.img);
		xref_check_order("words", &c.img, &x);
		xref_check_constants("words", &c.img, &x);
		lua_xref_free(&x);
	}
}

/* Two million instructions of the kinds that cost most: far from what quadratic work would need. */
static void work_stays_in_proportion(void **state)
{
	enum { WORDS = 2000000 };
	uint8_t *words = calloc(WORDS, 4);
	uint32_t seed = 3, word;
	struct lua_xref x;
	struct code c;
	clock_t start;

	(void)state;
	for (unsigned round = 0; round < 4; round++) {
		code_init(&c, round % 2 ? LUA_53 : LUA_51);
		code_proto(&c, LUA_NONE);
		code_string(&c, "node");
		code_string(&c, "LFS");
		code_proto(&c, 0);
		for (unsigned i = 0; i < 4; i++)
			code_upvalue(&c, true, 0);
		code_done(&c);
		for (uint32_t i = 0; i < WORDS; i++) {
			seed = seed * 1664525 + 1013904223;
			word = round < 2 ? (seed >> 8) % (round ? 47 : 38) | (seed & 0xff0080c0)
					 : (round == 2 ? 36 : 44); /* CLOSURE 0 0 */
			for (unsigned k = 0; k < 4; k++)
				words[4 * (size_t)i + k] = (uint8_t)(word >> 8 * k);
		}
		c.protos[0].code = words;
		c.protos[0].ncode = WORDS;
		start = clock();
		x = xref_of(&c.img);
		assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 10);
		lua_xref_free(&x);
	}
	free(words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_followed_through_jumps_loops_and_closures),
		cmocka_unit_test(names_come_from_registers_and_extra_arguments),
		cmocka_unit_test(keys_are_fields_and_values_are_constants),
		cmocka_unit_test(words_of_all_kinds_are_followed_without_harm),
		cmocka_unit_test(work_stays_in_proportion),
	};

	return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
