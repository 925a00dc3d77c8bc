/* SPDX-License-Identifier: MIT */
/*
 * Strings and modules that are not found by their texts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/util_check.h"
#include "tests/util_golden.h"

#define A  "tests/golden/img/app-51f-abs.img"
#define PA "tests/golden/img/app-53-abs.img"
#define P  "tests/golden/img/app-53.img"

static void put(struct buf *b, uint32_t off, uint32_t bytes, uint32_t value)
{
	assert_true(off + bytes <= b->len);
	for (uint32_t i = 0; i < bytes; i++)
		b->data[off + i] = (uint8_t)(value >> 8 * i);
}

/* Strings of an absolute 5.3 image. */
struct table {
	struct lua_image *img;
	struct buf b;
	struct checked c;
};

static void table_open(struct table *t)
{
	t->img = golden_load(PA);
	t->b = image_bytes(PA);
}

static void table_check(struct table *t)
{
	checked_open(&t->c, PA, t->b.data, t->b.len, NULL);
}

static void table_close(struct table *t)
{
	checked_close(&t->c);
	buf_free(&t->b);
	lua_image_free(t->img);
}

static uint32_t bucket_of(const struct lua_image *img, uint32_t hash)
{
	return img->header.hash_vector.off + 4 * (hash & (img->header.buckets - 1));
}

/* A constant that is alone in its bucket. */
static uint32_t single_string(const struct lua_image *img, uint32_t from)
{
	for (uint32_t i = from; i < img->nstrings; i++)
		if (img->strings[i].chain == 0 && img->strings[i].uses & LUA_USE_CONSTANT &&
		    img->strings[i].len <= LUA_SHORT_MAX &&
		    le32(img->bytes + img->strings[i].off + 12) == 0)
			return i;
	fail_msg("no such string");
	return 0;
}

static void a_string_in_no_chain_is_found(void **state)
{
	struct table t;
	uint32_t s;

	(void)state;
	table_open(&t);
	s = single_string(t.img, 0);
	put(&t.b, bucket_of(t.img, t.img->strings[s].hash), 4, 0);
	table_check(&t);
	assert_int_equal(t.c.r.count, 1);
	assert_non_null(checked_find(&t.c, "stands in no chain"));
	assert_int_equal(t.c.r.findings[0].off, t.img->strings[s].off + 12);
	table_close(&t);
}

static void a_string_in_the_wrong_bucket_is_found(void **state)
{
	struct table t;
	uint32_t s, from, to;

	(void)state;
	table_open(&t);
	s = single_string(t.img, 0);
	from = bucket_of(t.img, t.img->strings[s].hash);
	for (to = t.img->header.hash_vector.off; le32(t.b.data + to); to += 4)
		;
	put(&t.b, to, 4, le32(t.b.data + from));
	put(&t.b, from, 4, 0);
	table_check(&t);
	assert_int_equal(t.c.r.count, 1);
	assert_non_null(checked_find(&t.c, "where nobody looks for it"));
	table_close(&t);
}

/* The second takes over the hash and the text of the first, and its place in front of the chain. */
static void two_equal_strings_are_found(void **state)
{
	struct table t;
	uint32_t one = 0, two;
	uint32_t bucket;

	(void)state;
	table_open(&t);
	for (one = single_string(t.img, 0); t.img->strings[one].len != 4;)
		one = single_string(t.img, one + 1);
	for (two = single_string(t.img, one + 1); t.img->strings[two].len != 4;)
		two = single_string(t.img, two + 1);
	put(&t.b, t.img->strings[two].off + 8, 4, t.img->strings[one].hash);
	memcpy(t.b.data + t.img->strings[two].off + 16, t.img->strings[one].text, 4);
	bucket = bucket_of(t.img, t.img->strings[one].hash);
	put(&t.b, t.img->strings[two].off + 12, 4, le32(t.b.data + bucket));
	put(&t.b, bucket, 4, t.img->strings[two].off + t.img->header.base);
	put(&t.b, bucket_of(t.img, t.img->strings[two].hash), 4, 0);
	table_check(&t);
	assert_int_equal(t.c.r.count, 1);
	assert_non_null(checked_find(&t.c, "the two compare as different"));
	table_close(&t);
}

static void a_module_with_the_name_of_another_is_found(void **state)
{
	struct lua_image *img = golden_load(A);
	struct buf b = image_bytes(A);
	uint32_t k = img->protos[0].parts[LUA_PART_CONSTANTS].off, size = img->traits.tvalue_bytes;
	struct checked c;

	(void)state;
	put(&b, k + 4 * size, 4, le32(b.data + k + size));
	checked_open(&c, A, b.data, b.len, NULL);
	assert_int_equal(c.r.count, 1);
	assert_string_equal(c.r.findings[0].path, "modules[4].name");
	assert_non_null(checked_find(&c, "\"main\", is never found: module 2 has the name too"));
	checked_close(&c);
	buf_free(&b);
	lua_image_free(img);
}

/* ROTables of 5.3 are searched in another way than strings are compared. */
static void names_that_a_5_3_device_does_not_find_are_found(void **state)
{
	static const struct {
		const char *text;
		uint32_t len;
		const char *cause;
	} names[] = {
		{ "a name of forty-one bytes, one too many..", 41, "longer than 40 bytes" },
		{ "__name", 6, "\"__\" is only looked for in front" },
		{ "na\0me", 5, "a NUL in it" },
		{ "_init", 5, "module 1 has the name too" },
	};
	struct lua_image *img = golden_load(P);

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct check_target own = { 0 };
		struct check_report r = { 0 };
		struct lua_book book = { .img = img };
		struct lua_string *s = &img->strings[img->modules[2].name], kept = *s;
		uint32_t lines = 0;

		s->text = (const uint8_t *)names[i].text;
		s->len = names[i].len;
		book.code_first = calloc(img->nprotos, sizeof(*book.code_first));
		book.lines = &lines;
		check_content(&book, &own, &r);
		assert_int_equal(r.count, 1);
		if (!strstr(r.findings[0].cause, names[i].cause))
			fail_msg("%s", r.findings[0].cause);
		assert_string_equal(r.findings[0].path, "modules[2].name");
		free(book.code_first);
		check_free(&r);
		*s = kept;
	}
	lua_image_free(img);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_string_in_no_chain_is_found),
		cmocka_unit_test(a_string_in_the_wrong_bucket_is_found),
		cmocka_unit_test(two_equal_strings_are_found),
		cmocka_unit_test(a_module_with_the_name_of_another_is_found),
		cmocka_unit_test(names_that_a_5_3_device_does_not_find_are_found),
	};

	return cmocka_run_group_tests_name("check_strings", tests, NULL, NULL);
}
