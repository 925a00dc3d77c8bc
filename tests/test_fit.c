/* SPDX-License-Identifier: MIT */
/*
 * Sources compiled for firmwares with other numbers. What is expected is derived from the rules by
 * hand: 32-bit integers wrap around, / of integers rounds down, 32-bit floats have 24 bits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lua/dialect.h"
#include "common/lua/fit.h"

/* Kinds of firmware; the floats of 5.1 are those of stock Lua. */
static const struct lua_traits integers51 = {
	.version = LUA_51, .form = LUA_FORM_CHUNK, .integer_bytes = 4, .tvalue_bytes = 8
};
static const struct lua_traits floats51 = {
	.version = LUA_51, .form = LUA_FORM_CHUNK, .float_bytes = 8, .tvalue_bytes = 12
};
static const struct lua_traits i32f32 = { .version = LUA_53,
					  .form = LUA_FORM_CHUNK,
					  .integer_bytes = 4,
					  .float_bytes = 4,
					  .tvalue_bytes = 8 };
static const struct lua_traits i32f64 = { .version = LUA_53,
					  .form = LUA_FORM_CHUNK,
					  .integer_bytes = 4,
					  .float_bytes = 8,
					  .tvalue_bytes = 12 };
static const struct lua_traits i64f32 = { .version = LUA_53,
					  .form = LUA_FORM_CHUNK,
					  .integer_bytes = 8,
					  .float_bytes = 4,
					  .tvalue_bytes = 12 };

static struct lua_image *compile(const struct lua_traits *t, const char *source, struct diag *diag)
{
	struct lua_compiler c;
	struct lua_image *img = NULL;

	if (!lua_compiler_open(t->version, &c))
		skip();
	lua_compile_for(&c, t, (const uint8_t *)source, strlen(source), diag, &img);
	lua_compiler_close(&c);
	assert_int_equal(img == NULL, diag->code != ERR_NONE);
	return img;
}

static void describe_constant(const struct lua_image *img, const struct lua_const *k,
			      struct buf *out)
{
	switch (k->type) {
	case LUA_NIL: buf_str(out, "nil "); break;
	case LUA_BOOLEAN: buf_str(out, k->b ? "true " : "false "); break;
	case LUA_INTEGER: buf_printf(out, "%lld ", (long long)k->i); break;
	case LUA_FLOAT: buf_printf(out, "%.17gf ", k->f); break;
	case LUA_STRING:
		buf_printf(out, "%.*s ", (int)img->strings[k->string].len,
			   (const char *)img->strings[k->string].text);
		break;
	}
}

/* The main function's constants, then its instructions but for those that only load and return. */
static void describe(const struct lua_image *img, struct buf *out)
{
	const struct lua_proto *p = &img->protos[0];

	for (uint32_t i = 0; i < p->constants.count; i++)
		describe_constant(img, &img->constants[p->constants.first + i], out);
	for (uint32_t i = 0; i < p->ncode; i++) {
		struct lua_insn insn = lua_decode(lua_dialect_of(img->traits.version),
						  lua_word(p, i));

		if (strcmp(insn.op->name, "LOADK") != 0 && strcmp(insn.op->name, "RETURN") != 0)
			buf_printf(out, "%s ", insn.op->name);
	}
	if (out->len)
		out->len--;
	buf_byte(out, 0);
}

static void expect(const struct lua_traits *t, const char *source, const char *wanted)
{
	struct diag diag = { 0 };
	struct lua_image *img = compile(t, source, &diag);
	struct buf got = { 0 };

	if (!img)
		fail_msg("%s: %s", source, diag.text);
	describe(img, &got);
	if (strcmp((const char *)got.data, wanted) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", source, (const char *)got.data, wanted);
	buf_free(&got);
	lua_image_free(img);
}

static void refuse(const struct lua_traits *t, const char *source, const char *words)
{
	struct diag diag = { 0 };
	struct lua_image *img = compile(t, source, &diag);

	if (img || diag.code != ERR_KIND || strncmp(diag.text, words, strlen(words)) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", source, diag.text, words);
}

static void integer_builds_of_5_1_divide_and_wrap_as_integers(void **state)
{
	(void)state;
	expect(&integers51, "return 7/2*2", "6");
	expect(&integers51, "return 7*2/2", "7");
	expect(&integers51, "return -7/2", "-4");
	expect(&integers51, "return -7%3", "2");
	expect(&integers51, "return 7%-3", "-2");
	expect(&integers51, "return 2^31", "-2147483648");
	expect(&integers51, "return 2^-1", "0");
	expect(&integers51, "return 2^3^2", "512");
	expect(&integers51, "return -2^2", "-4");
	expect(&integers51, "return 2^-1+1", "1");
	expect(&integers51, "return 2147483647+1", "-2147483648");
	expect(&integers51, "return 65536*65536", "0");
	expect(&integers51, "return 46341*46341", "-2147479015");
	expect(&integers51, "return -(-2147483647-1)", "-2147483648");
	expect(&integers51, "return 1/0, 5%0", "0 1 5 DIV MOD");
	expect(&integers51, "return 1-1/3", "1");
	expect(&integers51, "return -0", "0");
}

static void integer_builds_of_5_1_read_numerals_as_integers(void **state)
{
	(void)state;
	expect(&integers51, "return 0x7fffffff", "2147483647");
	expect(&integers51, "return 0xffffffff, 0x80000000", "-1 -2147483648");
	expect(&integers51, "return 0xfffffffff, 0xffffffffffffffffff", "-1");
	refuse(&integers51, "return 0x100000000", "line:1: a number that does not fit");
	expect(&integers51, "return 010, 2147483647", "10 2147483647");
	refuse(&integers51, "return 1e6", "line:1: malformed number near '1e6'");
	refuse(&integers51, "x = 1\ny = 1.5", "line:2: malformed number near '1.5'");
	refuse(&integers51, "return .5", "line:1: malformed number near '.5'");
	refuse(&integers51, "return 0x1p4", "line:1: malformed number near '0x1p4'");
	refuse(&integers51, "\n\nreturn 2147483648", "line:3: a number that does not fit");
	refuse(&integers51, "return\n(-2147483647-1)/-1", "line:2: a division that ends");
}

static void constants_that_become_equal_are_one(void **state)
{
	(void)state;
	expect(&integers51, "return 0xffffffff, -1, 1-2", "-1");
	expect(&integers51, "return 7/2, 3", "3");
	expect(&i32f32, "return 0xffffffff, -1", "-1");
	expect(&i32f32, "return 16777217.0, 16777216.0", "16777216f");
	expect(&i32f32, "return 3, 3.0", "3 3f");
}

static void lua_5_3_with_32_bits_has_floats_where_integers_end(void **state)
{
	(void)state;
	expect(&i32f32, "return 1e6, 2147483647", "1000000f 2147483647");
	expect(&i32f32, "return 2147483648", "2147483648f");
	expect(&i32f32, "return -2147483648", "-2147483648f");
	expect(&i32f32, "return 0xffffffff, 0x80000000, 0x123456789", "-1 -2147483648 591751049");
	expect(&i32f32, "return 2^31, 2^53", "2147483648f 9007199254740992f");
	expect(&i32f32, "return 0.1, 1/3", "0.10000000149011612f 0.3333333432674408f");
	expect(&i32f32, "return 1e39", "inff");
	expect(&i32f32, "return 1e38*10-1", "inff");
	expect(&i32f32, "return 16777216+1, 16777216.0+1", "16777217 16777216f");
	expect(&i32f32, "return 0x.8p1", "1f");
	expect(&i32f64, "return 2147483648, 0.1", "2147483648f 0.10000000000000001f");
	expect(&i64f32, "return 2147483648, 0.1", "2147483648 0.10000000149011612f");
	expect(&i64f32, "return 16777217+0.0, 16777217", "16777216f 16777217");
	expect(&i64f32, "return 0x8000000000000000", "-9223372036854775808");
	expect(&i64f32, "return -9223372036854775807-1", "-9223372036854775808");
}

static void lua_5_3_with_32_bits_wraps_and_shifts_in_32_bits(void **state)
{
	(void)state;
	expect(&i32f32, "return 2147483647+1, 0x7fffffff*2", "-2147483648 -2");
	expect(&i32f32, "return 1<<31, 1<<32, -1>>28", "-2147483648 0 15");
	expect(&i32f32, "return 1<<-1, 1>>-31, 1>>-32", "0 -2147483648");
	expect(&i32f32, "return ~0, 5~3, 6&3, 6|3", "-1 6 2 7");
	expect(&i32f32, "return 3.0|4, 2^4&16", "7 16");
	expect(&i32f32, "return -7//2, -7%3, 7//-2.0", "-4 2 -4f");
	expect(&i32f32, "return (-2147483647-1)//-1", "-2147483648");
	expect(&i64f32, "return 1<<31, 1<<32, 1<<64", "2147483648 4294967296 0");
}

/* What the firmware's compiler leaves to run time is left, with the constants that it has. */
static void operations_that_the_firmware_leaves_are_left(void **state)
{
	(void)state;
	expect(&i32f32, "return 5//0, 5%0, 5/0", "0 5 IDIV MOD DIV");
	expect(&i32f32, "return -0.0, 1-1.0", "0f 1f 1 UNM SUB");
	expect(&i32f32, "return 1.5|3", "3 1.5f BOR");
	expect(&i32f32, "return 2^31|0", "0 2147483648f BOR");
	expect(&i32f32, "return 2147483648|2147483648.0", "2147483648f BOR");
	expect(&i32f32, "return -2147483649//1|1", "-2147483647");
	expect(&i32f64, "return -2147483649//1|1", "1 -2147483649f BOR");
	expect(&i32f32, "return ~2^40", "1099511627776f BNOT");
	expect(&i64f32, "return 2^40|0", "1099511627776");
	refuse(&i32f32, "return\n1e-30*1e-30", "line:2: an operation between numbers");
	refuse(&i64f32, "return 2^-200", "line:1: an operation between numbers");
	refuse(&i32f64, "return 0x1p-450", "line:1: a number too small");
}

static void operators_bind_as_lua_has_them(void **state)
{
	(void)state;
	expect(&integers51, "local x return 7/2*2+x", "6 ADD");
	expect(&integers51, "local x return x+7/2*2", "6 ADD");
	expect(&integers51, "local x return x/7*2", "7 2 DIV MUL");
	expect(&integers51, "local x return x-(7/2)", "3 SUB");
	expect(&integers51, "local x return -x^2, -2^x", "2 POW UNM POW UNM");
	expect(&integers51, "local x return 7/2 .. 7/2*2", "3 6 CONCAT");
	expect(&integers51, "local x return 1+1 == 7/3, not -x",
	       "2 EQ JMP LOADBOOL LOADBOOL UNM NOT");
	expect(&integers51, "return #'ab'*2/4, {7/2,[3/2]=9/2}",
	       "ab 2 4 3 1 LEN MUL DIV NEWTABLE SETTABLE SETLIST");
	expect(&i32f32, "return 1|2~3&4<<1+1", "3");
	expect(&i32f32, "return 2^-3*8", "1f");
	expect(&i32f32, "return 1 ..2", "1 2 CONCAT");
}

/* Brackets, fields, calls and function bodies next to numbers. */
static void numbers_end_where_lua_ends_them(void **state)
{
	(void)state;
	expect(&integers51, "local f local x = -1 ;(f)()", "-1 MOVE CALL");
	expect(&integers51, "local f, t local x = 5 f(7/2)", "5 3 MOVE CALL");
	expect(&integers51, "local f return f(7/2)*2/4", "3 2 4 MOVE CALL MUL DIV");
	expect(&integers51, "return (7/2).x, (3)/2", "3 x 1 GETTABLE");
	expect(&integers51, "local t return t.x/2*2, t[7/2], t:y(9/2)",
	       "x 2 3 y 4 GETTABLE DIV MUL GETTABLE SELF CALL");
	expect(&integers51, "local a = 2*function() return 7/2 end", "2 CLOSURE MUL");
	expect(&integers51, "local f return f'x'/2, f{7/2}/2, f[[y]]/2",
	       "x 2 3 y MOVE CALL DIV MOVE NEWTABLE SETLIST CALL DIV MOVE CALL DIV");
	expect(&integers51, "return nil or(2)*3 -- 7/2\n", "6");
	expect(&integers51, "return --[[ 1 ]] 7 --[==[ ]] ]==] / 2", "3");
	expect(&integers51, "return '7/2' .. \"\\\"7/2\", [==[7/2]]]==]", "7/2 \"7/2 7/2]] CONCAT");
	expect(&i32f32, "goto a ::a:: ;(print or x)(7//2)",
	       "print x 3 JMP GETTABUP TEST JMP GETTABUP CALL");
}

/* f is where the lines are taken from: what is computed takes more lines there than one number. */
static void lines_stay_where_they_were(void **state)
{
	static const char source[] = "#!x\nlocal a = 7 /\n2 --[[\n]] + a\nlocal b = (1\n+\n1) b()\n"
				     "return\n- --\n1 .. a";
	struct diag diag = { 0 };
	struct lua_image *stock = compile(&floats51, source, &diag);
	struct lua_image *fitted = compile(&integers51, source, &diag);
	const struct lua_proto *p, *q;

	(void)state;
	assert_non_null(stock);
	assert_non_null(fitted);
	p = &stock->protos[0];
	q = &fitted->protos[0];
	assert_int_equal(p->ncode, q->ncode);
	assert_int_equal(p->nlineinfo, q->nlineinfo);
	assert_memory_equal(p->lineinfo, q->lineinfo, p->nlineinfo);
	lua_image_free(stock);
	lua_image_free(fitted);
}

/*
 * f, g and a stand in line 1, b in 2; then both calls go back to 1, the second in a run of its own,
 * and the return is in 2 again. A step of -1: c1, of none: c0; without a step the next line.
 */
static void a_call_that_goes_back_to_its_line_has_a_run_of_its_own(void **state)
{
	static const uint8_t packed[] = { 3, 1, 0xc1, 1, 0xc0, 1, 1, 0 };
	struct diag diag = { 0 };
	struct lua_image *img = compile(&floats51, "f(g(a,\nb))", &diag);

	(void)state;
	assert_non_null(img);
	assert_int_equal(img->protos[0].nlineinfo, sizeof(packed));
	assert_memory_equal(img->protos[0].lineinfo, packed, sizeof(packed));
	lua_image_free(img);
}

static void errors_are_those_of_the_source_as_written(void **state)
{
	struct diag diag = { 0 };
	struct lua_image *img = NULL;
	struct lua_compiler c;

	(void)state;
	refuse(&integers51, "x = 7/2\ny = = 3", "line:2: unexpected symbol near '='");
	refuse(&i32f32, "x = 7//2 y", "line:1: syntax error near <eof>");
	if (!lua_compiler_open(LUA_51, &c))
		skip();
	assert_int_equal(lua_compile_for(&c, &i32f32, (const uint8_t *)"", 0, &diag, &img),
			 ERR_KIND);
	assert_null(img);
	lua_compiler_close(&c);
}

/* Nothing that is no Lua at all leads the scanner astray. */
static void any_bytes_are_scanned_safely(void **state)
{
	static const char alphabet[] = "0123456789.xXeEpP+-*/%^~&|<>()[]{}=,;:'\"#\\\n\r a_\0\xff";
	uint32_t x = 1;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct diag diag = { 0 };
		struct buf out = { 0 };
		size_t n = i % 40;
		uint8_t *text = malloc(n + 1);

		assert_non_null(text);
		for (size_t k = 0; k < n; k++) {
			x = x * 1103515245 + 12345;
			text[k] = (uint8_t)alphabet[(x >> 16) % (sizeof(alphabet) - 1)];
		}
		lua_fit_source(i & 1 ? &integers51 : &i32f32, text, n, &diag, &out);
		assert_in_range(out.len, 0, 40 * (n + 1));
		buf_free(&out);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integer_builds_of_5_1_divide_and_wrap_as_integers),
		cmocka_unit_test(integer_builds_of_5_1_read_numerals_as_integers),
		cmocka_unit_test(constants_that_become_equal_are_one),
		cmocka_unit_test(lua_5_3_with_32_bits_has_floats_where_integers_end),
		cmocka_unit_test(lua_5_3_with_32_bits_wraps_and_shifts_in_32_bits),
		cmocka_unit_test(operations_that_the_firmware_leaves_are_left),
		cmocka_unit_test(operators_bind_as_lua_has_them),
		cmocka_unit_test(numbers_end_where_lua_ends_them),
		cmocka_unit_test(lines_stay_where_they_were),
		cmocka_unit_test(a_call_that_goes_back_to_its_line_has_a_run_of_its_own),
		cmocka_unit_test(errors_are_those_of_the_source_as_written),
		cmocka_unit_test(any_bytes_are_scanned_safely),
	};

	return cmocka_run_group_tests_name("fit", tests, NULL, NULL);
}
