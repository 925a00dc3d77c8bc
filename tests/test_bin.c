/* SPDX-License-Identifier: MIT */
/*
 * Firmware images and partition tables: good ones, every prefix, fields that lie. That esptool sees
 * the same in its own files is tested in test_flash.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/firmware/bin.h"
#include "common/firmware/partition.h"
#include "tests/util_flash.h"

/* All of it is there, and checksum and digest agree. */
static bool is_sound(const struct bin_image *image)
{
	return image->nsegments == image->wanted && image->has_sum &&
	       image->sum == image->stored_sum && image->digest != BIN_DIGEST_CUT &&
	       image->digest != BIN_DIGEST_BAD;
}

/* From a copy behind which reading is noticed. */
static enum err read_copy(const uint8_t *data, size_t len, struct diag *diag,
			  struct bin_image *image)
{
	uint8_t *copy = malloc(len ? len : 1);
	enum err e;

	assert_non_null(copy);
	if (len)
		memcpy(copy, data, len);
	*diag = (struct diag){ 0 };
	e = bin_read(copy, len, 0, diag, image);
	free(copy);
	return e;
}

static void an_image_has_its_segments_and_checksum(void **state)
{
	struct buf b = { 0 };
	struct bin_image image;
	struct diag diag;

	(void)state;
	flash_put_bin(&b);
	assert_int_equal(read_copy(b.data, b.len, &diag, &image), ERR_NONE);
	assert_true(is_sound(&image));
	assert_int_equal(image.nsegments, 2);
	assert_int_equal(image.segments[1].address, 0x3ffe8000);
	assert_int_equal(image.segments[1].off, 8 + 8 + 84 + 8);
	assert_int_equal(image.end, b.len);
	assert_int_equal(bin_flash_size(&image), 1 << 20);
	assert_string_equal(bin_chip(&image), "ESP8266");
	b.data[20] ^= 1;
	read_copy(b.data, b.len, &diag, &image);
	assert_false(is_sound(&image));
	buf_free(&b);
}

static void an_esp32_image_has_a_digest(void **state)
{
	struct buf b = { 0 };
	struct bin_image image;
	struct diag diag;

	(void)state;
	flash_put_bin32(&b, 9);
	assert_int_equal(read_copy(b.data, b.len, &diag, &image), ERR_NONE);
	assert_int_equal(image.digest, BIN_DIGEST_GOOD);
	assert_string_equal(bin_chip(&image), "ESP32-S3");
	b.data[b.len - 1] ^= 1;
	read_copy(b.data, b.len, &diag, &image);
	assert_int_equal(image.digest, BIN_DIGEST_BAD);
	buf_free(&b);
}

static void every_prefix_is_cut_off(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 2; kind++) {
		struct buf b = { 0 };

		if (kind)
			flash_put_bin32(&b, 0);
		else
			flash_put_bin(&b);
		for (size_t n = 0; n < b.len; n++) {
			struct bin_image image;
			struct diag diag;

			assert_int_equal(read_copy(b.data, n, &diag, &image), ERR_TRUNCATED);
			assert_true(diag.off <= n && diag.path[0]);
			assert_true(image.end <= n);
			assert_false(is_sound(&image));
		}
		buf_free(&b);
	}
}

struct lie {
	size_t at;
	uint8_t value;
	enum err code;
	uint64_t off;
	const char *path;
};

static void fields_that_lie_are_named(void **state)
{
	static const struct lie lies[] = {
		{ 0, 0xe8, ERR_DAMAGED, 0, "magic" },
		{ 1, 0, ERR_DAMAGED, 1, "segments" },
		{ 1, 17, ERR_DAMAGED, 1, "segments" },
		{ 15, 0xff, ERR_TRUNCATED, 12, "segment[0].size" },
		{ 107, 0xff, ERR_TRUNCATED, 104, "segment[1].size" },
		{ 1, 3, ERR_TRUNCATED, 124, "segment[2].size" },
	};
	struct buf b = { 0 };

	(void)state;
	flash_put_bin(&b);
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		uint8_t was = b.data[lies[i].at];
		struct bin_image image;
		struct diag diag;

		b.data[lies[i].at] = lies[i].value;
		assert_int_equal(read_copy(b.data, b.len, &diag, &image), lies[i].code);
		assert_int_equal(diag.off, lies[i].off);
		assert_string_equal(diag.path, lies[i].path);
		b.data[lies[i].at] = was;
	}
	buf_free(&b);
}

static const uint32_t started[][3] = {
	{ 101, 0, 0xb000 },
	{ 102, 0x10000, 0x80000 },
	{ 103, 0x90000, 0x20000 },
	{ 106, 0x100000, 0x10000 },
};

static enum err read_table(const struct buf *b, struct diag *diag, struct partition_table *t)
{
	uint8_t *copy = malloc(b->len ? b->len : 1);
	enum err e;

	assert_non_null(copy);
	memcpy(copy, b->data, b->len);
	*diag = (struct diag){ 0 };
	e = partition_read(copy, b->len, 0, diag, t);
	free(copy);
	return e;
}

static void deleted_records_are_passed_over(void **state)
{
	static const uint32_t old[][3] = { { 102, 0x10000, 0 }, { 103, 0, 0x20000 } };
	struct buf b = { 0 };
	struct partition_table t;
	struct diag diag;

	(void)state;
	flash_put_table(&b, old, 2);
	b.data[1] = RECORD_DELETED;
	flash_put_table(&b, started, 4);
	flash_fill(&b, PARTITION_PAGE);
	assert_int_equal(read_table(&b, &diag, &t), ERR_NONE);
	assert_int_equal(t.count, 4);
	assert_int_equal(t.nrecords, 2);
	assert_int_equal(t.items[partition_find(&t, PARTITION_LFS0, 0)].address, 0x90000);
	assert_false(t.fresh);
	assert_true(partition_probe(b.data, b.len));
	buf_free(&b);
}

static void a_table_that_never_started_ends_with_the_code_s_end(void **state)
{
	static const uint32_t fresh[][3] = { { 102, 0x10000, 0 },
					     { 103, 0, 0x20000 },
					     { 0, 0x40280000, 0 } };
	struct buf b = { 0 };
	struct partition_table t;
	struct diag diag;

	(void)state;
	flash_put_table(&b, fresh, 3);
	flash_fill(&b, PARTITION_PAGE);
	assert_int_equal(read_table(&b, &diag, &t), ERR_NONE);
	assert_true(t.fresh);
	assert_int_equal(t.irom0_end, 0x40280000);
	assert_int_equal(t.count, 2);
	for (uint32_t i = 0; i < t.count; i++)
		assert_null(partition_fault(&t, i, 1 << 20));
	buf_free(&b);
}

static void two_tables_are_told_and_the_first_counts(void **state)
{
	static const uint32_t other[][3] = { { 102, 0x10000, 0x1000 } };
	struct buf b = { 0 };
	struct partition_table t;
	struct diag diag;

	(void)state;
	flash_put_table(&b, started, 4);
	flash_put_table(&b, other, 1);
	flash_fill(&b, PARTITION_PAGE);
	assert_int_equal(read_table(&b, &diag, &t), ERR_NONE);
	assert_int_equal(t.count, 4);
	assert_int_equal(t.spare, 1);
	buf_free(&b);
}

static void a_record_that_leaves_the_page_is_named(void **state)
{
	struct buf b = { 0 };
	struct partition_table t;
	struct diag diag;

	(void)state;
	while (b.len < PARTITION_PAGE - 8)
		buf_byte(&b, 0); /* deleted records without words */
	flash_put_table(&b, started, 4);
	assert_int_equal(read_table(&b, &diag, &t), ERR_DAMAGED);
	assert_int_equal(diag.off, PARTITION_PAGE - 8);
	assert_int_equal(t.nrecords, RECORDS_MAX);
	assert_int_equal(t.count, 0);
	buf_free(&b);
}

/* As old firmware begins: addresses in a literal pool, of which one looks like a record's head. */
static void code_is_no_table(void **state)
{
	struct buf b = { 0 };
	struct partition_table t;
	struct diag diag;

	(void)state;
	for (uint32_t i = 0; i < 64; i++)
		buf_u32(&b, 0x40210103 + 4 * i);
	flash_put_table(&b, started, 4);
	flash_fill(&b, PARTITION_PAGE);
	assert_int_equal(read_table(&b, &diag, &t), ERR_DAMAGED);
	assert_int_equal(t.kind, PARTITION_NONE);
	assert_false(partition_probe(b.data, b.len));
	buf_free(&b);
}

static void entries_that_are_none_are_named(void **state)
{
	struct buf b = { 0 };
	struct partition_table t;
	struct diag diag;

	(void)state;
	flash_put_table(&b, started, 4);
	flash_fill(&b, PARTITION_PAGE);
	b.data[4 + 12 + 1] = 1; /* type 0x166 */
	assert_int_equal(read_table(&b, &diag, &t), ERR_DAMAGED);
	assert_int_equal(diag.off, 16);
	assert_string_equal(diag.path, "partition[1].type");
	b.data[4 + 12 + 1] = 0;
	b.data[0] = 11;
	assert_int_equal(read_table(&b, &diag, &t), ERR_DAMAGED);
	assert_int_equal(t.count, 0);
	buf_free(&b);
}

static void places_outside_or_over_others_are_faults(void **state)
{
	static const uint32_t odd[][3] = {
		{ 102, 0x10000, 0x80000 },       { 103, 0x8f000, 0x2000 },
		{ 104, 0xff000, 0x2000 },        { 105, 0x1234, 0x1000 },
		{ 106, 0xfffff000, 0xfffff000 },
	};
	struct buf b = { 0 };
	struct partition_table t;
	struct diag diag;

	(void)state;
	flash_put_table(&b, odd, 5);
	flash_fill(&b, PARTITION_PAGE);
	assert_int_equal(read_table(&b, &diag, &t), ERR_NONE);
	assert_null(partition_fault(&t, 0, 1 << 20));
	assert_string_equal(partition_fault(&t, 1, 1 << 20), "over another partition");
	assert_string_equal(partition_fault(&t, 2, 1 << 20), "outside the flash");
	assert_string_equal(partition_fault(&t, 3, 1 << 20), "not at pages of 4 KB");
	assert_string_equal(partition_fault(&t, 4, 0), "outside any flash");
	buf_free(&b);
}

static void an_esp32_s_table_ends_at_erased_flash(void **state)
{
	struct buf b = { 0 };
	struct partition_table t;
	struct diag diag = { 0 };

	(void)state;
	flash_put_entry32(&b, 0, 0x10, 0x10000, 0x100000, "ota_0");
	flash_put_entry32(&b, PARTITION_LFS32, 2, 0x110000, 0x10000, "sixteen letters.");
	flash_fill(&b, PARTITION_BYTES32);
	assert_int_equal(partition_read32(b.data, b.len, 0, &diag, &t), ERR_NONE);
	assert_int_equal(t.count, 2);
	assert_int_equal(partition_find(&t, PARTITION_LFS32, 1), 2);
	assert_int_equal(partition_find(&t, PARTITION_LFS32, 2), 1);
	b.data[65] = 0x51;
	assert_int_equal(partition_read32(b.data, b.len, 0, &diag, &t), ERR_DAMAGED);
	assert_int_equal(diag.off, 64);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_has_its_segments_and_checksum),
		cmocka_unit_test(an_esp32_image_has_a_digest),
		cmocka_unit_test(every_prefix_is_cut_off),
		cmocka_unit_test(fields_that_lie_are_named),
		cmocka_unit_test(deleted_records_are_passed_over),
		cmocka_unit_test(a_table_that_never_started_ends_with_the_code_s_end),
		cmocka_unit_test(two_tables_are_told_and_the_first_counts),
		cmocka_unit_test(a_record_that_leaves_the_page_is_named),
		cmocka_unit_test(code_is_no_table),
		cmocka_unit_test(entries_that_are_none_are_named),
		cmocka_unit_test(places_outside_or_over_others_are_faults),
		cmocka_unit_test(an_esp32_s_table_ends_at_erased_flash),
	};

	return cmocka_run_group_tests_name("firmware images and partitions", tests, NULL, NULL);
}
