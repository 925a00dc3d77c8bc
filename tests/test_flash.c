/* SPDX-License-Identifier: MIT */
/*
 * Where a flash has what: LFS regions as real loaders wrote them, put where devices have them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/util_flash.h"
#include "tests/util_golden.h"

#define REGION  "tests/golden/regions/app-53.bin"
#define IMAGE32 "tests/golden/img/app-53-e32i32f32-abs.img" /* for 0x3f430000 */

static struct file region;

/* A copy of exactly its size, open as a firmware. */
struct open {
	uint8_t *data;
	struct firmware fw;
	struct flash_lfs lfs;
	struct diag diag;
};

static struct open open_bytes(const uint8_t *data, size_t len)
{
	struct open o = { 0 };

	o.data = malloc(len ? len : 1);
	assert_non_null(o.data);
	if (len)
		memcpy(o.data, data, len);
	firmware_open(&o.fw, "flash", o.data, len);
	flash_find_lfs(&o.fw, 0, 0, &o.diag, &o.lfs);
	return o;
}

static void shut(struct open *o)
{
	firmware_close(&o->fw);
	free(o->data);
}

static void is_app(const struct open *o, const struct file *file)
{
	struct diag diag = { 0 };
	struct lua_image *img = golden_load_bytes(o->data + o->lfs.off, o->lfs.present, &diag);

	assert_int_equal(diag.code, ERR_NONE);
	assert_int_equal(img->note_count, 0);
	assert_memory_equal(o->data + o->lfs.off, file->data, file->len);
	lua_image_free(img);
}

static void the_table_tells_where_the_region_is(void **state)
{
	struct buf b = { 0 };
	struct open o;

	(void)state;
	flash_put_dump(&b, region.data, region.len);
	o = open_bytes(b.data, b.len);
	assert_int_equal(o.fw.diag.code, ERR_NONE);
	assert_int_equal(o.fw.note_count, 0);
	assert_int_equal(o.fw.form, FIRMWARE_DUMP);
	assert_int_equal(o.fw.chip, CHIP_ESP8266);
	assert_int_equal(o.diag.code, ERR_NONE);
	assert_int_equal(o.lfs.how, FLASH_BY_TABLE);
	assert_int_equal(o.lfs.address, FLASH_TEST_LFS);
	assert_int_equal(o.lfs.base, 0x40296000);
	assert_int_equal(o.lfs.made_for, 0x40296000);
	assert_int_equal(o.lfs.size, FLASH_TEST_REGION);
	assert_int_equal(o.lfs.present, region.len);
	is_app(&o, &region);
	shut(&o);
	buf_free(&b);
}

static void without_a_table_the_region_is_searched(void **state)
{
	struct buf b = { 0 };
	struct open o;

	(void)state;
	flash_put_dump(&b, region.data, region.len);
	memset(b.data + PARTITION_AT, 0x55, 256);
	o = open_bytes(b.data, b.len);
	assert_int_equal(o.fw.diag.code, ERR_NONE);
	assert_int_equal(o.fw.form, FIRMWARE_DUMP);
	assert_int_equal(o.lfs.how, FLASH_BY_SEARCH);
	assert_int_equal(o.lfs.address, FLASH_TEST_LFS);
	is_app(&o, &region);
	shut(&o);
	buf_free(&b);
}

static void a_lost_begin_does_not_hide_the_rest(void **state)
{
	struct buf b = { 0 };
	struct open o;

	(void)state;
	flash_put_dump(&b, region.data, region.len);
	memset(b.data, 0xff, 0x8000);
	o = open_bytes(b.data, b.len);
	assert_int_equal(o.lfs.how, FLASH_BY_TABLE);
	is_app(&o, &region);
	shut(&o);
	buf_free(&b);
}

static void a_piece_of_a_flash_is_placed_by_the_image_s_addresses(void **state)
{
	struct buf b = { 0 };
	struct open o;

	(void)state;
	flash_fill(&b, 0x3000);
	buf_put(&b, region.data, region.len);
	flash_fill(&b, 0x10000);
	o = open_bytes(b.data, b.len);
	assert_int_equal(o.lfs.address, FLASH_TEST_LFS);
	assert_int_equal(o.lfs.off, 0x3000);
	assert_int_equal(o.fw.flash->start, FLASH_TEST_LFS - 0x3000);
	assert_int_equal(o.fw.note_count, 0);
	is_app(&o, &region);
	shut(&o);
	buf_free(&b);
}

static void an_image_at_another_place_is_noted(void **state)
{
	struct buf b = { 0 };
	struct open o;

	(void)state;
	flash_put_dump(&b, region.data, region.len);
	memmove(b.data + 0xa0000, b.data + FLASH_TEST_LFS, region.len);
	memset(b.data + FLASH_TEST_LFS, 0xff, 0xa0000 - FLASH_TEST_LFS);
	o = open_bytes(b.data, b.len);
	assert_int_equal(o.lfs.how, FLASH_BY_SEARCH);
	assert_int_equal(o.lfs.address, 0xa0000);
	assert_int_equal(o.fw.note_count, 1);
	assert_string_equal(o.fw.notes[0].path, "LFS");
	shut(&o);
	buf_free(&b);
}

static void a_user_may_say_where_it_is(void **state)
{
	struct buf b = { 0 };
	struct flash_lfs lfs;
	struct diag diag = { 0 };
	struct open o;

	(void)state;
	flash_put_dump(&b, region.data, region.len);
	o = open_bytes(b.data, b.len);
	assert_int_equal(flash_find_lfs(&o.fw, FLASH_TEST_LFS, 0x8000, &diag, &lfs), ERR_NONE);
	assert_int_equal(lfs.how, FLASH_BY_USER);
	assert_int_equal(lfs.size, 0x8000);
	assert_int_equal(flash_find_lfs(&o.fw, 0x40296000, 0, &diag, &lfs), ERR_NONE);
	assert_int_equal(lfs.address, FLASH_TEST_LFS);
	assert_int_equal(flash_find_lfs(&o.fw, 0x20000, 0, &diag, &lfs), ERR_KIND);
	assert_int_equal(diag.off, 0x20000);
	diag = (struct diag){ 0 };
	assert_int_equal(flash_find_lfs(&o.fw, 0x7fffffc, 0, &diag, &lfs), ERR_KIND);
	assert_int_equal(lfs.state, FLASH_LFS_MISSING);
	shut(&o);
	buf_free(&b);
}

static void a_cut_dump_says_how_much_of_the_image_is_there(void **state)
{
	struct buf b = { 0 };

	(void)state;
	flash_put_dump(&b, region.data, region.len);
	for (size_t n = 0; n < FLASH_TEST_LFS + region.len + 4096; n += 509) {
		struct open o = open_bytes(b.data, n);
		bool whole = n >= FLASH_TEST_LFS + region.len;

		if (n <= FLASH_TEST_LFS && n > PARTITION_AT + 4 + 84)
			assert_int_equal(o.lfs.state, FLASH_LFS_MISSING);
		else if (n > FLASH_TEST_LFS + 52)
			assert_int_equal(o.lfs.state, whole ? FLASH_LFS_IMAGE : FLASH_LFS_CUT);
		if (o.lfs.image) {
			assert_int_equal(o.lfs.image, region.len);
			assert_int_equal(o.lfs.present, whole ? region.len : n - FLASH_TEST_LFS);
		}
		shut(&o);
	}
	buf_free(&b);
}

static void an_esp32_s_flash_has_its_table_behind_the_boot_loader(void **state)
{
	struct file file = golden_file(IMAGE32);
	struct buf b = { 0 };
	struct open o;

	(void)state;
	flash_put_dump32(&b, 0x30000, file.data, file.len);
	o = open_bytes(b.data, b.len);
	assert_int_equal(o.fw.diag.code, ERR_NONE);
	assert_int_equal(o.fw.note_count, 0);
	assert_int_equal(o.fw.chip, CHIP_ESP32);
	assert_int_equal(o.fw.flash->nimages, 2);
	assert_int_equal(o.fw.flash->app, 1);
	assert_int_equal(o.lfs.how, FLASH_BY_TABLE);
	assert_int_equal(o.lfs.made_for, 0x3f430000);
	assert_int_equal(o.lfs.base, 0);
	is_app(&o, &file);
	shut(&o);
	/* Flash is mapped in pieces of 64 KB: at 0x38000 the image cannot have these addresses. */
	b.len = 0;
	flash_put_dump32(&b, 0x38000, file.data, file.len);
	o = open_bytes(b.data, b.len);
	assert_int_equal(o.fw.note_count, 1);
	shut(&o);
	buf_free(&b);
	file_close(&file);
}

static void a_table_that_never_started_has_the_region_behind_the_code(void **state)
{
	static const uint32_t fresh[][3] = { { 102, 0x10000, 0 },
					     { 103, 0, 0x20000 },
					     { 0, 0x40295000, 0 } };
	struct buf b = { 0 };
	struct open o;

	(void)state;
	flash_put_bin(&b);
	flash_fill(&b, PARTITION_AT);
	flash_put_table(&b, fresh, 3);
	flash_fill(&b, FLASH_TEST_LFS);
	buf_put(&b, region.data, region.len);
	o = open_bytes(b.data, b.len);
	assert_int_equal(o.lfs.how, FLASH_BY_TABLE);
	assert_int_equal(o.lfs.address, FLASH_TEST_LFS);
	assert_int_equal(o.fw.form, FIRMWARE_DUMP);
	shut(&o);
	o = open_bytes(b.data, 0x95000);
	assert_int_equal(o.fw.form, FIRMWARE_BIN);
	assert_int_equal(o.fw.sections[o.fw.nsections - 1].size, 0x85000);
	shut(&o);
	buf_free(&b);
}

/* A deterministic stream of numbers. */
static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void damage_does_no_harm(void **state)
{
	struct file file = golden_file(IMAGE32);
	uint32_t seed = 1;

	(void)state;
	for (unsigned kind = 0; kind < 2; kind++) {
		static const uint32_t spots[] = { 0,       0x1000,  0x8000,
						  0x10000, 0x30000, FLASH_TEST_LFS };
		struct buf b = { 0 };

		if (kind)
			flash_put_dump32(&b, 0x30000, file.data, file.len);
		else
			flash_put_dump(&b, region.data, region.len);
		b.len = FLASH_TEST_LFS + region.len;
		for (unsigned i = 0; i < 400; i++) {
			uint8_t *at = b.data + spots[next(&seed) % 6] + next(&seed) % 128;
			uint8_t was = *at;

			*at = (uint8_t)next(&seed);
			flash_tour(b.data, b.len);
			*at = was;
		}
		buf_free(&b);
	}
	file_close(&file);
}

/* Every page begins like an image that is nearly all of the flash: no page may cost a reading. */
static void a_flash_full_of_headers_is_searched_soon(void **state)
{
	struct buf b = { 0 };
	struct open o;

	(void)state;
	flash_put_bin(&b);
	flash_fill(&b, 4 << 20);
	for (size_t at = PARTITION_PAGE; at < b.len; at += PARTITION_PAGE) {
		memcpy(b.data + at, region.data, 64);
		b.data[at + 6] = 0x20;
	}
	o = open_bytes(b.data, b.len);
	assert_int_equal(o.fw.diag.code, ERR_NONE);
	assert_true(o.fw.flash->nlfs <= FLASH_LFS_MAX);
	shut(&o);
	buf_free(&b);
}

static int load_region(void **state)
{
	(void)state;
	region = golden_file(REGION);
	return 0;
}

static int free_region(void **state)
{
	(void)state;
	file_close(&region);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_tells_where_the_region_is),
		cmocka_unit_test(without_a_table_the_region_is_searched),
		cmocka_unit_test(a_lost_begin_does_not_hide_the_rest),
		cmocka_unit_test(a_piece_of_a_flash_is_placed_by_the_image_s_addresses),
		cmocka_unit_test(an_image_at_another_place_is_noted),
		cmocka_unit_test(a_user_may_say_where_it_is),
		cmocka_unit_test(a_cut_dump_says_how_much_of_the_image_is_there),
		cmocka_unit_test(an_esp32_s_flash_has_its_table_behind_the_boot_loader),
		cmocka_unit_test(a_table_that_never_started_has_the_region_behind_the_code),
		cmocka_unit_test(damage_does_no_harm),
		cmocka_unit_test(a_flash_full_of_headers_is_searched_soon),
	};

	return cmocka_run_group_tests_name("flash", tests, load_region, free_region);
}
