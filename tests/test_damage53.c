/* SPDX-License-Identifier: MIT */
/*
 * Damaged streams of Lua 5.3: which field is named for what was done, and that nothing passes
 * unseen that the device's own loader refuses or breaks on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lua/format.h"
#include "tests/util_golden.h"
#include "tests/util_verdicts.h"

#define FLOATS "tests/golden/img/floats-53.img"
#define FIXED  "tests/golden/img/fixed-53.img"
#define EMPTY  "tests/golden/lc/empty-53.lc"

/* A file with one run of bytes replaced. */
struct harm {
	const char *path;
	uint32_t off, removed;
	const char *bytes;
	uint32_t nbytes;
	enum err code; /* ERR_NONE: a note, not a failure */
	uint32_t at;   /* offset and path that are reported */
	const char *field;
};

#define PUT(bytes) bytes, sizeof(bytes) - 1

static const struct harm harms[] = {
	{ FLOATS, 6, 1, PUT("\x18"), ERR_DAMAGED, 6, "header.guard" },
	{ FLOATS, 12, 1, PUT("\x08"), ERR_DAMAGED, 12, "header.int_size" },
	{ FLOATS, 13, 1, PUT("\x08"), ERR_DAMAGED, 13, "header.instruction_size" },
	{ FLOATS, 14, 1, PUT("\x02"), ERR_DAMAGED, 14, "header.integer_size" },
	{ FLOATS, 15, 1, PUT("\x10"), ERR_DAMAGED, 15, "header.number_size" },
	{ FLOATS, 16, 1, PUT("\x30"), ERR_NONE, 16, "header.number_type" },
	{ FLOATS, 20, 1, PUT("\x42"), ERR_NONE, 17, "header.number" },
	{ FLOATS, 21, 5, PUT("\xb0\x87\xff\xff\xff\x7f"), ERR_NONE, 21, "seed" }, /* 2^31 - 1 */
	{ FLOATS, 21, 5, PUT("\xbf\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), ERR_DAMAGED, 21, "seed" },
	{ FLOATS, 21, 5, PUT("\xb8\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), ERR_DAMAGED, 21,
	  "seed" },
	{ FLOATS, 21, 1, PUT("\x96"), ERR_NONE, 21, "seed" },
	{ FLOATS, 26, 1, PUT("\x1a"), ERR_DAMAGED, 26, "strings.mark" },
	{ FLOATS, 29, 1, PUT("\x10"), ERR_NONE, 29, "maxlen" },
	{ FLOATS, 29, 1, PUT("\x12"), ERR_NONE, 29, "maxlen" },
	{ FLOATS, 29, 1, PUT("\x80\x11"), ERR_NONE, 29, "maxlen" },
	{ FLOATS, 30, 1, PUT("\x49"), ERR_NONE, 30, "nshort" },
	{ FLOATS, 30, 1, PUT("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), ERR_DAMAGED, 30,
	  "nshort" },
	{ FLOATS, 30, 1, PUT("\x84\x80\x80\x00"), ERR_LIMIT, 30, "nshort" },
	{ FLOATS, 31, 1, PUT("\x02"), ERR_NONE, 31, "nlong" },
	{ FLOATS, 32, 1, PUT("\x83\x00"), ERR_TRUNCATED, 34, "nstrings" },
	{ FLOATS, 33, 1, PUT("\x3e"), ERR_NONE, 33, "strings[0].length" },
	{ FLOATS, 33, 1, PUT("\x4e"), ERR_DAMAGED, 33, "strings[0].length" },
	{ FLOATS, 33, 1, PUT("\x50"), ERR_DAMAGED, 33, "strings[0].length" },
	{ FLOATS, 33, 1, PUT("\x6e"), ERR_NONE, 33, "strings[0].length" },
	{ FLOATS, 47, 1, PUT("\xdf\x7f"), ERR_TRUNCATED, 49, "strings[1].text" },
	{ FLOATS, 66, 1, PUT("\x1a"), ERR_DAMAGED, 66, "modules.mark" },
	{ FLOATS, 69, 1, PUT("\x0c"), ERR_TRUNCATED, 70, "nmodules" },
	{ FLOATS, 70, 1, PUT("\x33"), ERR_NONE, 70, "proto[0].source" },
	{ FLOATS, 70, 1, PUT("\xd0\x4b"), ERR_DAMAGED, 70, "proto[0].source" }, /* 3 + 71 + 1 */
	{ FLOATS, 70, 1, PUT("\x63"), ERR_NONE, 70, "proto[0].source" },
	{ FLOATS, 70, 1, PUT("\x60"), ERR_NONE, 70, "proto[0].source" },
	{ FLOATS, 71, 1, PUT("\x88\x80\x80\x80\x00"), ERR_DAMAGED, 71, "proto[0].linedefined" },
	{ FLOATS, 76, 1, PUT("\x0c"), ERR_TRUNCATED, 77, "proto[0].sizep" },
	{ FLOATS, 77, 1, PUT("\x28"), ERR_TRUNCATED, 78, "proto[0].sizecode" },
	{ FLOATS, 142, 1, PUT("\x7f"), ERR_TRUNCATED, 143, "proto[0].sizek" },
	{ FLOATS, 143, 5, PUT("\x70"), ERR_NONE, 143, "proto[0].k[0]" },
	{ FLOATS, 143, 1, PUT("\x21"), ERR_NONE, 143, "proto[0].k[0]" },
	{ FLOATS, 143, 5, PUT("\x00"), ERR_NONE, 0, NULL },
	{ FLOATS, 143, 5, PUT("\x01"), ERR_NONE, 143, "proto[0].k[0]" },
	{ FLOATS, 143, 5, PUT("\x12"), ERR_NONE, 143, "proto[0].k[0]" },
	{ FLOATS, 143, 5, PUT("\x50"), ERR_NONE, 143, "proto[0].k[0]" },
	{ FLOATS, 143, 5, PUT("\xb8\x80\x80\x80\x00"), ERR_NONE, 143, "proto[0].k[0]" }, /* 2^31 */
	{ FLOATS, 143, 5, PUT("\xc7\xff\xff\xff\x7f"), ERR_NONE, 0, NULL },              /* -2^31 */
	{ FLOATS, 144, 4, PUT("\x01\x00\x80\x7f"), ERR_NONE, 0, NULL }, /* a signalling NaN */
	{ FLOATS, 203, 1, PUT("\x02"), ERR_NONE, 203, "proto[0].named" },
	{ FLOATS, 204, 1, PUT("\x7f"), ERR_TRUNCATED, 205, "proto[0].sizeupvalues" },
	{ FLOATS, 205, 1, PUT("\x20"), ERR_NONE, 205, "proto[0].upvalues[0].name" },
	{ FLOATS, 208, 1, PUT("\x7f"), ERR_TRUNCATED, 209, "proto[0].sizelineinfo" },
	{ FLOATS, 212, 1, PUT("\x7f"), ERR_TRUNCATED, 213, "proto[0].sizelocvars" },
	{ FLOATS, 213, 2, PUT("\x03\x52\x52"), ERR_NONE, 213, "nk" },
	{ FLOATS, 213, 2, PUT("\x01"), ERR_NONE, 213, "nk" },
	{ FLOATS, 213, 1, PUT("\x7f"), ERR_TRUNCATED, 214, "nk" },
	{ FLOATS, 214, 1, PUT("\x50"), ERR_NONE, 214, "modules[0].name" },
	{ FLOATS, 214, 1, PUT("\x32"), ERR_NONE, 214, "modules[0].name" },
	{ FLOATS, 215, 1, PUT("\xa6"), ERR_NONE, 215, "time" },
	{ FLOATS, 220, 0, PUT("\0\0\0"), ERR_NONE, 220, "end" },
	{ FIXED, 48, 5, PUT("proto"), ERR_NONE, 47, "strings[1]" },
	{ FIXED, 186, 3, PUT("\x00\x01"), ERR_NONE, 186, "proto[2].named" },
	{ EMPTY, 21, 1, PUT("\x02"), ERR_NONE, 21, "header.sizeupvalues" },
	{ EMPTY, 22, 1, PUT("\xdf\x7f"), ERR_TRUNCATED, 24, "proto[0].source" },
	{ EMPTY, 22, 1, PUT("\x6b"), ERR_NONE, 22, "proto[0].source" },
};

static struct buf harmed(const struct harm *h)
{
	struct file f = golden_file(h->path);
	struct buf b = { 0 };

	buf_put(&b, f.data, h->off);
	buf_put(&b, h->bytes, h->nbytes);
	buf_put(&b, f.data + h->off + h->removed, f.len - h->off - h->removed);
	file_close(&f);
	return b;
}

static void check_harm(const struct harm *h, unsigned number)
{
	struct buf b = harmed(h);
	struct diag diag = { 0 };
	struct lua_image *img;
	char what[100];

	snprintf(what, sizeof(what), "harm %u, %s", number, h->field ? h->field : "none");
	lua_image_load(b.data, b.len, &diag, &img);
	golden_same(what, diag.text[0] ? diag.text : "code", diag.code, h->code);
	if (!h->code && h->field) {
		assert_non_null(img);
		golden_same(what, "any note", img->note_count > 0, true);
		diag = img->notes[0];
	}
	if (h->field) {
		golden_same(what, diag.text, diag.off, h->at);
		assert_true(diag.placed);
		assert_string_equal(diag.path, h->field);
		assert_true(diag.text[0] != 0);
	} else {
		golden_same(what, "notes", img->note_count, 0);
	}
	lua_image_free(img);
	buf_free(&b);
}

static void damage_is_reported_at_the_field_that_has_it(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(harms) / sizeof(harms[0]); i++)
		check_harm(&harms[i], i);
}

/* Functions in functions: 50 00 00 00 00 02 01 is a head with one function inside. */
static void nesting_has_a_limit(void **state)
{
	struct file f = golden_file(EMPTY);
	struct diag diag = { 0 };
	struct buf b = { 0 };
	struct lua_image *img;

	(void)state;
	buf_put(&b, f.data, 22);
	for (int i = 0; i < 1000; i++)
		buf_put(&b, "\x50\0\0\0\0\x02\x01", 7);
	buf_put(&b, f.data + 22, f.len - 22);
	assert_int_equal(lua_image_load(b.data, b.len, &diag, &img), ERR_LIMIT);
	assert_int_equal(diag.off, 22 + 7 * (LUA_DEPTH_MAX + 1));
	assert_string_equal(diag.path, "proto[201]");
	assert_int_equal(img->nprotos, LUA_DEPTH_MAX + 1);
	lua_image_free(img);
	buf_free(&b);
	file_close(&f);
}

/* A byte for a nil, 8 in flash: the file is small enough, the image is not. */
static void flash_has_a_limit(void **state)
{
	struct file f = golden_file(FLOATS);
	struct diag diag = { 0 };
	struct buf b = { 0 };
	struct lua_image *img;
	uint32_t n = 1 << 20;

	(void)state;
	buf_put(&b, f.data, 142);
	buf_put(&b, "\xc0\x80\x00", 3); /* 2^20 */
	memset(buf_extend(&b, n), 0, n);
	buf_put(&b, f.data + 203, f.len - 203);
	assert_int_equal(lua_image_load(b.data, b.len, &diag, &img), ERR_LIMIT);
	assert_string_equal(diag.path, "proto[0].sizek");
	assert_int_equal(diag.off, 145);
	lua_image_free(img);
	buf_free(&b);
	file_close(&f);
}

/*
 * Refused, or it broke the loader. Not this loader's word: "othervariant", sound for another build;
 * "none" and "lc", sound where there is room; "wrongkind", sound in flash.
 */
static void is_seen(const struct verdict *v)
{
	struct diag diag = { 0 };
	struct lua_image *img;
	bool sound = !strcmp(v->operation, "none") || !strcmp(v->operation, "lc") ||
		     !strcmp(v->operation, "othervariant");
	bool loaded = !v->undefined && v->message && !v->message[0];
	char what[100];

	snprintf(what, sizeof(what), "case %u, %s", v->number, v->operation);
	lua_image_load(v->input.data, v->input.len, &diag, &img);
	if (!strcmp(v->operation, "wrongkind"))
		golden_same(what, "form", img ? img->traits.form : 99, LUA_FORM_ABSOLUTE);
	else if (loaded)
		golden_same(what, diag.text[0] ? diag.text : "code", diag.code, ERR_NONE);
	else if (!sound)
		golden_same(what, "seen", diag.code || img->note_count, true);
	lua_image_free(img);
}

static void what_the_loader_takes_is_read_and_what_it_does_not_is_seen(void **state)
{
	(void)state;
	assert_true(verdicts_each("53", is_seen) > 300);
	assert_true(verdicts_each("53d", is_seen) > 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damage_is_reported_at_the_field_that_has_it),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(flash_has_a_limit),
		cmocka_unit_test(what_the_loader_takes_is_read_and_what_it_does_not_is_seen),
	};

	return cmocka_run_group_tests_name("damage53", tests, NULL, NULL);
}
