/* SPDX-License-Identifier: MIT */
/*
 * Writers against files that others wrote: what is read from them is written as it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/gzip.h"
#include "common/lua/check.h"
#include "common/lua/convert.h"
#include "common/lua/format.h"
#include "tests/util_check.h"
#include "tests/util_golden.h"
#include "tests/util_gzip.h"
#include "tests/util_link.h"

#define IMG     "tests/golden/img/"
#define REGIONS "tests/golden/regions/"

static unsigned equal;

static struct buf save(const char *path, const struct lua_image *img)
{
	struct diag diag = { 0 };
	struct buf out = { 0 };

	if (img->format->save(img, &diag, &out))
		fail_msg("%s: %s", path, diag.text);
	return out;
}

static struct lua_image *read_back(const char *path, const struct buf *bytes)
{
	struct diag diag = { 0 };
	struct lua_image *img;

	if (lua_image_load(bytes->data, bytes->len, &diag, &img))
		fail_msg("%s: %s", path, diag.text);
	return img;
}

/* A device clears bit 0 of the signature of 5.1; only that byte may differ. */
static void forget_signature(const char *path, struct lua_image *img)
{
	if (strstr(path, REGIONS) && img->traits.version == LUA_51)
		img->store.data[0] |= 1;
}

static void check_image(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct buf out = save(path, img);
	struct lua_image *back = read_back(path, &out);

	forget_signature(path, img);
	if (!same_image(img, back))
		fail_msg("%s: written otherwise than read", path);
	equal++;
	lua_image_free(back);
	buf_free(&out);
	lua_image_free(img);
}

static void images_are_written_as_they_were_read(void **state)
{
	(void)state;
	equal = 0;
	golden_each(IMG "*.img", check_image);
	assert_int_equal(equal, 91);
}

static void regions_are_written_as_the_loader_wrote_them(void **state)
{
	(void)state;
	equal = 0;
	golden_each(REGIONS "*.bin", check_image);
	assert_int_equal(equal, 31);
}

/* luac.cross of integer builds stopped inside numbers-51i.lc. */
static void check_chunk(const char *path)
{
	struct lua_image *img;
	struct file f = golden_file(path);
	struct buf out;

	if (!strstr(path, "numbers-51i")) {
		img = golden_load(path);
		out = save(path, img);
		golden_same_bytes(path, "chunk", out.data, out.len, f.data, f.len);
		buf_free(&out);
		lua_image_free(img);
		equal++;
	}
	file_close(&f);
}

static void chunks_are_written_as_they_were_read(void **state)
{
	(void)state;
	equal = 0;
	golden_each("tests/golden/lc/*.lc", check_chunk);
	assert_int_equal(equal, 61);
}

/* Not the model's bytes are copied: they are gone before it is written. */
static void check_bytes_are_not_used(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct buf before = save(path, img);
	struct lua_image copy = *img;
	struct buf after;

	for (uint32_t i = 0; i < img->nprotos; i++) {
		img->protos[i].off = 1;
		memset(img->protos[i].parts, 0xff, sizeof(img->protos[i].parts));
	}
	for (uint32_t i = 0; i < img->nstrings; i++) {
		img->strings[i].off = img->strings[i].hash = 1;
		img->strings[i].chain = 77;
	}
	copy.bytes = NULL;
	copy.nbytes = copy.flash_size = copy.file_size = 0;
	after = save(path, &copy);
	golden_same_bytes(path, "without places", after.data, after.len, before.data, before.len);
	buf_free(&before);
	buf_free(&after);
	lua_image_free(img);
}

static void places_in_the_file_are_made_anew(void **state)
{
	(void)state;
	check_bytes_are_not_used(IMG "app-51f-debug0.img");
	check_bytes_are_not_used(IMG "app-51i-abs.img");
	check_bytes_are_not_used(IMG "app-51-2018a-packed.img");
	check_bytes_are_not_used(IMG "app-53-debug0.img");
	check_bytes_are_not_used(IMG "app-53-e32i64f32-abs.img");
}

static void check_compressed(const char *path)
{
	struct check_target target = { 0 };
	struct lua_image *img = golden_load(path);
	struct check_report report = { 0 };
	struct file f = golden_file(path);
	struct buf out = { 0 };

	if (img->format == &lua_lfs51) {
		out = save(path, img);
		if (out.len > f.len)
			fail_msg("%s: %zu bytes, luac.cross needs %zu", path, out.len, f.len);
		if (!check_loader51(out.data, out.len, &target, &report))
			fail_msg("%s: %s", path, report.findings[0].message);
		equal++;
	}
	check_free(&report);
	buf_free(&out);
	file_close(&f);
	lua_image_free(img);
}

static void compressed_images_are_small_and_inflate_on_the_device(void **state)
{
	(void)state;
	equal = 0;
	golden_each(IMG "*-51*.img", check_compressed);
	assert_int_equal(equal, 29);
}

/* 40,000 bytes that repeat only after 20,000: out of reach for the device's window. */
static void no_distance_leaves_the_devices_window(void **state)
{
	static uint8_t data[40000];
	struct diag diag = { 0 };
	struct buf far = { 0 }, out = { 0 };
	uint32_t x = 1;

	(void)state;
	for (size_t i = 0; i < 20000; i++) {
		x = x * 1103515245 + 12345;
		data[i] = data[i + 20000] = (uint8_t)(x >> 16);
	}
	gzip_wrap(data, sizeof(data), 9, &far);
	assert_in_range(far.len, 20000, 21000);
	assert_int_equal(gzip_deflate(data, sizeof(data), 0, false, &diag, &out), ERR_NONE);
	assert_in_range(out.len, 40000, 41000);
	buf_free(&far);
	buf_free(&out);
}

/* The device refuses a file of 200 bytes or fewer. */
static void a_small_image_is_not_compressed_below_what_the_device_takes(void **state)
{
	struct lua_image *img = golden_load(IMG "floats-51f.img");
	struct lua_link_options o = options_of(img, "");
	struct lua_link_input in = lua_link_module(img, 0);
	struct check_report report = { 0 };
	struct check_target target = { 0 };
	struct lua_image small = *img, *linked;
	struct lua_proto proto = { .source = 0 };
	struct diag diag = { 0 };
	struct buf out;

	(void)state;
	proto = img->protos[img->modules[0].proto];
	proto.constants.count = 0;
	proto.code += 4 * ((size_t)proto.ncode - 1);
	proto.ncode = 1;
	proto.lineinfo = NULL;
	small.protos = &proto;
	small.nprotos = 1;
	in.img = &small;
	in.proto = 0;
	o.time = 0;
	assert_int_equal(lua_link(&in, 1, &o, &diag, &linked), ERR_NONE);
	out = save("small", linked);
	assert_in_range(out.len, 201, 500);
	assert_true(check_loader51(out.data, out.len, &target, &report));
	check_free(&report);
	buf_free(&out);
	lua_image_free(linked);
	lua_image_free(img);
}

static void expect(const struct lua_image *img, enum err code)
{
	struct diag diag = { 0 };
	struct buf out = { 0 };

	assert_int_equal(img->format->save(img, &diag, &out), code);
	assert_int_equal(diag.code, code);
	assert_int_equal(out.len, 0);
	buf_free(&out);
}

static void check_refused(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct lua_proto *p = &img->protos[img->modules[1].proto];
	uint32_t child = img->children[p->children.first];
	uint32_t name = img->modules[0].name, buckets = img->header.buckets;

	img->children[p->children.first] = LUA_NONE;
	expect(img, ERR_DAMAGED);
	img->children[p->children.first] = child;
	img->modules[0].name = LUA_NONE;
	expect(img, ERR_DAMAGED);
	img->modules[0].name = name;
	for (uint32_t i = 0; i < 3; i++) {
		img->header.buckets = i == 0 ? 0 : i == 1 ? 3 : UINT32_C(1) << 31;
		expect(img, ERR_DAMAGED);
	}
	img->header.buckets = buckets;
	p->source = LUA_NONE;
	if (img->traits.version == LUA_53)
		expect(img, ERR_DAMAGED);
	lua_image_free(img);
}

static void damaged_models_are_not_written(void **state)
{
	(void)state;
	check_refused(IMG "app-51f.img");
	check_refused(IMG "app-51i-abs.img");
	check_refused(IMG "app-51-2018a-int.img");
	check_refused(IMG "app-53-abs.img");
	check_refused(IMG "app-53-e32i64f64-abs.img");
}

/* Format 0 counts words in 16 bits. */
static void an_image_of_2018_has_no_more_than_65535_words(void **state)
{
	struct lua_image *img = golden_load(IMG "edge-51-2018a-float.img");
	struct lua_proto *p = &img->protos[img->modules[0].proto];
	uint8_t *code = calloc(60000, 4);

	(void)state;
	assert_non_null(code);
	p->code = code;
	p->ncode = 60000;
	expect(img, ERR_LIMIT);
	free(code);
	lua_image_free(img);
}

static void check_shared(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct lua_image *small, *again;
	struct diag diag = { 0 };
	struct buf out;

	img->share = true;
	golden_same(path, "shared", lua_image_settle(img, &diag, &small), ERR_NONE);
	if (small->flash_size > img->flash_size)
		fail_msg("%s: sharing costs bytes", path);
	equal += small->flash_size < img->flash_size;
	assert_sound(path, small, img);
	out = save(path, small);
	again = read_back(path, &out);
	golden_same(path, "size, written again", again->flash_size, small->flash_size);
	lua_image_free(again);
	buf_free(&out);
	lua_image_free(small);
	lua_image_free(img);
}

static void equal_vectors_can_be_stored_once(void **state)
{
	(void)state;
	equal = 0;
	golden_each(IMG "app*-51[fi]*.img", check_shared);
	golden_each(IMG "edge*-51[fi]*.img", check_shared);
	golden_each(IMG "many*-51[fi]*.img", check_shared);
	golden_each(IMG "*-abs.img", check_shared);
	assert_int_equal(equal, 26);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_are_written_as_they_were_read),
		cmocka_unit_test(regions_are_written_as_the_loader_wrote_them),
		cmocka_unit_test(chunks_are_written_as_they_were_read),
		cmocka_unit_test(places_in_the_file_are_made_anew),
		cmocka_unit_test(compressed_images_are_small_and_inflate_on_the_device),
		cmocka_unit_test(no_distance_leaves_the_devices_window),
		cmocka_unit_test(a_small_image_is_not_compressed_below_what_the_device_takes),
		cmocka_unit_test(damaged_models_are_not_written),
		cmocka_unit_test(an_image_of_2018_has_no_more_than_65535_words),
		cmocka_unit_test(equal_vectors_can_be_stored_once),
	};

	return cmocka_run_group_tests_name("save", tests, NULL, NULL);
}
