/* SPDX-License-Identifier: MIT */
/*
 * Images in another form against what luac.cross and the device's loader made of the same modules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/lua/convert.h"
#include "tests/util_golden.h"
#include "tests/util_link.h"

#define IMG "tests/golden/img/"

enum { ESP8266 = 0x40296000, ESP32 = 0x3f430000 };

static unsigned compared;

static struct lua_image *convert(const char *path, const struct lua_image *img, enum lua_form form,
				 uint32_t base)
{
	struct diag diag = { 0 };
	struct lua_image *out;

	if (lua_image_convert(img, form, base, &diag, &out))
		fail_msg("%s: %s", path, diag.text);
	return out;
}

static void must_equal(const char *path, const struct lua_image *got, const char *wanted_path)
{
	struct lua_image *wanted = golden_load(wanted_path);

	if (!same_image(got, wanted))
		fail_msg("%s: not what %s holds", path, wanted_path);
	lua_image_free(wanted);
	compared++;
}

/* app-53-abs.img is app-53.img at a fixed address. */
static void check_absolute(const char *path)
{
	struct lua_image *img, *moved;
	char from[200];

	snprintf(from, sizeof(from), "%.*s.img", (int)(strlen(path) - strlen("-abs.img")), path);
	img = golden_load(from);
	moved = convert(from, img, LUA_FORM_ABSOLUTE, strstr(path, "-e32") ? ESP32 : ESP8266);
	must_equal(from, moved, path);
	assert_sound(from, moved, img);
	lua_image_free(moved);
	lua_image_free(img);
}

static void an_image_moves_to_an_address_as_luac_and_loader_have_it(void **state)
{
	(void)state;
	compared = 0;
	golden_each(IMG "*-abs.img", check_absolute);
	assert_int_equal(compared, 24);
}

/* Every byte: what the loader leaves undefined is 0 in the regions, as it is in ours. */
static void check_region(const char *path)
{
	struct lua_image *region = golden_load(path);
	struct lua_image *img, *moved;
	char from[200];

	assert_true(golden_sibling(path, "img", ".img", from, sizeof(from)));
	img = golden_load(from);
	moved = convert(from, img, LUA_FORM_ABSOLUTE, ESP8266);
	if (region->traits.version == LUA_51) {
		assert_int_equal(moved->store.data[0] & 1, 1);
		moved->store.data[0] &= 0xfe;
	}
	golden_same_bytes(path, "region", moved->bytes, moved->nbytes, region->bytes,
			  region->nbytes);
	compared++;
	lua_image_free(moved);
	lua_image_free(img);
	lua_image_free(region);
}

static void an_image_in_flash_is_what_the_devices_loader_leaves_there(void **state)
{
	(void)state;
	compared = 0;
	golden_each("tests/golden/regions/*.bin", check_region);
	assert_int_equal(compared, 31);
}

/* And back to the file: app-53.img out of app-53-abs.img. */
static void check_back(const char *path)
{
	struct lua_image *img = golden_load(path);
	enum lua_form form = img->traits.version == LUA_51 ? LUA_FORM_RELOCATABLE
							   : LUA_FORM_PORTABLE;
	struct lua_image *file = convert(path, img, form, 0);
	struct lua_image *again = convert(path, file, LUA_FORM_ABSOLUTE, img->header.base);
	char to[200];

	if (strstr(path, "/img/"))
		snprintf(to, sizeof(to), "%.*s.img", (int)(strlen(path) - strlen("-abs.img")),
			 path);
	else
		golden_sibling(path, "img", ".img", to, sizeof(to));
	if (access(to, R_OK) == 0 && !strstr(path, "-strip"))
		must_equal(path, file, to);
	assert_true(same_image(img, again) || img->traits.version == LUA_51);
	assert_sound(path, file, img);
	lua_image_free(again);
	lua_image_free(file);
	lua_image_free(img);
}

static void an_image_in_flash_goes_back_into_its_file(void **state)
{
	(void)state;
	compared = 0;
	golden_each(IMG "*-abs.img", check_back);
	golden_each("tests/golden/regions/*.bin", check_back);
	assert_int_equal(compared, 47);
}

static void an_image_moves_from_address_to_address(void **state)
{
	static const char *const paths[] = { IMG "app-51f-abs.img", IMG "app-53-abs.img" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct lua_image *img = golden_load(paths[i]);
		struct lua_image *there = convert(paths[i], img, LUA_FORM_ABSOLUTE, 0x40210000);
		struct lua_image *back = convert(paths[i], there, LUA_FORM_ABSOLUTE,
						 img->header.base);

		assert_int_equal(there->header.base, 0x40210000);
		assert_true(same_image(img, back));
		assert_false(same_image(img, there));
		lua_image_free(back);
		lua_image_free(there);
		lua_image_free(img);
	}
}

static void expect_kind(const char *path, enum lua_form form, uint32_t base, enum err code)
{
	struct lua_image *img = golden_load(path);
	struct diag diag = { 0 };
	struct lua_image *out;

	golden_same(path, "error", lua_image_convert(img, form, base, &diag, &out), code);
	assert_null(out);
	lua_image_free(img);
}

/* The same file for both chips; only the ESP32 writes widths into the signature. */
static void the_address_tells_the_chip(void **state)
{
	struct lua_image *img = golden_load(IMG "app-53d.img");
	struct lua_image *out;

	(void)state;
	out = convert("53d", img, LUA_FORM_ABSOLUTE, ESP8266);
	assert_int_equal(out->header.signature, 0xfafaa250);
	lua_image_free(out);
	out = convert("53d", img, LUA_FORM_ABSOLUTE, ESP32);
	assert_int_equal(out->header.signature, 0xfafaa253);
	lua_image_free(img);
	/* From one chip's address to the other's and back, too. */
	img = convert("53d", out, LUA_FORM_ABSOLUTE, ESP8266);
	assert_int_equal(img->header.signature, 0xfafaa250);
	lua_image_free(out);
	out = convert("53d", img, LUA_FORM_ABSOLUTE, ESP32);
	assert_int_equal(out->header.signature, 0xfafaa253);
	lua_image_free(out);
	lua_image_free(img);
}

/* Told as what it is, wherever its end would be. */
static void an_image_ends_below_4_gib(void **state)
{
	static const char *const paths[] = { IMG "app-53.img", IMG "app-51f.img" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		expect_kind(paths[i], LUA_FORM_ABSOLUTE, 0xfffffffc, ERR_LIMIT);
		expect_kind(paths[i], LUA_FORM_ABSOLUTE, 0xffffe000, ERR_LIMIT);
		expect_kind(paths[i], LUA_FORM_ABSOLUTE, 0xffffd800, ERR_LIMIT);
	}
}

static void forms_that_there_are_not_are_refused(void **state)
{
	(void)state;
	expect_kind("tests/golden/lc/main-53.lc", LUA_FORM_PORTABLE, 0, ERR_KIND);
	expect_kind(IMG "app-53.img", LUA_FORM_CHUNK, 0, ERR_KIND);
	expect_kind(IMG "app-53.img", LUA_FORM_RELOCATABLE, 0, ERR_KIND);
	expect_kind(IMG "app-51f.img", LUA_FORM_PORTABLE, 0, ERR_KIND);
	expect_kind(IMG "app-51-2018a-int.img", LUA_FORM_ABSOLUTE, ESP8266, ERR_KIND);
	expect_kind(IMG "app-51f.img", LUA_FORM_ABSOLUTE, ESP8266 + 2, ERR_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_moves_to_an_address_as_luac_and_loader_have_it),
		cmocka_unit_test(an_image_in_flash_is_what_the_devices_loader_leaves_there),
		cmocka_unit_test(an_image_in_flash_goes_back_into_its_file),
		cmocka_unit_test(an_image_moves_from_address_to_address),
		cmocka_unit_test(the_address_tells_the_chip),
		cmocka_unit_test(an_image_ends_below_4_gib),
		cmocka_unit_test(forms_that_there_are_not_are_refused),
	};

	return cmocka_run_group_tests_name("convert", tests, NULL, NULL);
}
