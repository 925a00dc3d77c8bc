/* SPDX-License-Identifier: MIT */
#include "tests/util_flash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/sha256.h"
#include "common/firmware/target.h"
#include "common/firmware/view_flash.h"
#include "common/view/output.h"

static void put_segment(struct buf *out, uint32_t address, uint32_t size, uint8_t *sum)
{
	buf_u32(out, address);
	buf_u32(out, size);
	for (uint32_t i = 0; i < size; i++) {
		uint8_t c = (uint8_t)(i * 7 + address / 16);

		buf_byte(out, c);
		*sum ^= c;
	}
}

static void put_sum(struct buf *out, size_t from, uint8_t sum)
{
	while ((out->len - from) % 16 != 15)
		buf_byte(out, 0);
	buf_byte(out, sum);
}

void flash_put_bin(struct buf *out)
{
	static const uint8_t head[] = { 0xe9, 2, 2, 0x20 };
	size_t from = out->len;
	uint8_t sum = 0xef;

	buf_put(out, head, sizeof(head));
	buf_u32(out, 0x40100004);
	put_segment(out, 0x40100000, 84, &sum);
	put_segment(out, 0x3ffe8000, 12, &sum);
	put_sum(out, from, sum);
}

void flash_put_bin32(struct buf *out, uint16_t chip)
{
	static const uint8_t head[] = { 0xe9, 2, 2, 0x20 };
	size_t from = out->len;
	uint8_t sha[SHA256_BYTES];
	struct sha256 s = sha256_begin();
	uint8_t sum = 0xef;

	buf_put(out, head, sizeof(head));
	buf_u32(out, 0x40080000);
	buf_u32(out, 0xee);
	buf_u32(out, chip);
	buf_u32(out, 0);
	buf_u32(out, 0x01000000);
	put_segment(out, 0x40080000, 64, &sum);
	put_segment(out, 0x3ffb0000, 20, &sum);
	put_sum(out, from, sum);
	sha256_add(&s, out->data + from, out->len - from);
	sha256_end(&s, sha);
	buf_put(out, sha, sizeof(sha));
}

void flash_fill(struct buf *out, size_t to)
{
	while (out->len < to)
		buf_byte(out, 0xff);
}

void flash_put_table(struct buf *out, const uint32_t (*items)[3], uint8_t n)
{
	buf_byte(out, (uint8_t)(3 * n));
	buf_byte(out, RECORD_TABLE);
	buf_byte(out, 0);
	buf_byte(out, 0);
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < 3; k++)
			buf_u32(out, items[i][k]);
}

void flash_put_entry32(struct buf *out, uint8_t type, uint8_t subtype, uint32_t address,
		       uint32_t size, const char *label)
{
	char text[16] = "";

	strncpy(text, label, sizeof(text) - 1);
	buf_byte(out, 0xaa);
	buf_byte(out, 0x50);
	buf_byte(out, type);
	buf_byte(out, subtype);
	buf_u32(out, address);
	buf_u32(out, size);
	buf_put(out, text, sizeof(text));
	buf_u32(out, 0);
}

void flash_put_dump(struct buf *out, const uint8_t *region, size_t len)
{
	static const uint32_t items[][3] = {
		{ 101, 0, 0xb000 },
		{ 4, 0xd000, 0x1000 },
		{ 5, 0xf000, 0x1000 },
		{ 102, 0x10000, FLASH_TEST_LFS - 0x10000 },
		{ 103, FLASH_TEST_LFS, FLASH_TEST_REGION },
		{ 106, FLASH_TEST_LFS + FLASH_TEST_REGION, 0x20000 },
		{ 6, 0xfd000, 0x3000 },
	};

	flash_put_bin(out);
	flash_fill(out, PARTITION_AT);
	flash_put_table(out, items, 7);
	flash_fill(out, FLASH_TEST_LFS);
	buf_put(out, region, len);
	flash_fill(out, 1 << 20);
}

void flash_put_dump32(struct buf *out, uint32_t lfs, const uint8_t *region, size_t len)
{
	flash_fill(out, 0x1000);
	flash_put_bin32(out, 0);
	flash_fill(out, PARTITION_AT32);
	flash_put_entry32(out, 1, 2, 0x9000, 0x6000, "nvs");
	flash_put_entry32(out, 0, 0, 0x10000, 0x20000, "factory");
	flash_put_entry32(out, PARTITION_LFS32, 1, lfs, 0x10000, "lfs0");
	buf_byte(out, 0xeb);
	buf_byte(out, 0xeb);
	flash_fill(out, 0x10000);
	flash_put_bin32(out, 0);
	flash_fill(out, lfs);
	buf_put(out, region, len);
	flash_fill(out, 0x100000);
}

static void need_words(const struct diag *diag)
{
	if (!diag->code || diag->text[0])
		return;
	fprintf(stderr, "a failure without words\n");
	abort();
}

static void print_all(const struct firmware *fw)
{
	static const struct view *const views[] = { &flash_view_images, &flash_view_segments,
						    &flash_view_partitions, &flash_view_records,
						    &flash_view_lfs };
	FILE *f = fopen("/dev/null", "w");

	for (unsigned i = 0; f && i < 5; i++) {
		for (int form = OUTPUT_TABLE; form <= OUTPUT_MARKDOWN; form++) {
			struct output_style style = { .form = (enum output_form)form };
			struct diag diag = { 0 };

			output_view(f, views[i], fw, &style, &diag);
			need_words(&diag);
		}
	}
	if (f)
		fclose(f);
}

void flash_tour(const uint8_t *data, size_t len)
{
	struct check_target target;
	struct firmware fw;
	struct flash_lfs lfs;
	struct buf missing = { 0 };
	struct diag diag[3] = { 0 };

	need_words((firmware_open(&fw, "flash", data, len), &fw.diag));
	for (uint32_t i = 0; i < fw.note_count && i < FIRMWARE_NOTES_MAX; i++)
		need_words(&fw.notes[i]);
	print_all(&fw);
	flash_missing(&fw, &missing);
	firmware_target(&fw, &target, &diag[0]);
	if (flash_find_lfs(&fw, 0, 0, &diag[1], &lfs) == ERR_NONE) {
		struct check_report report = { 0 };
		struct lua_book book = { 0 };

		lua_book_open(&book, "LFS", data + lfs.off, lfs.present);
		if (!diag[0].code)
			firmware_uses(&fw, &book, &target, &report, &diag[2]);
		check_free(&report);
		lua_book_close(&book);
	}
	for (unsigned i = 0; i < 3; i++)
		need_words(&diag[i]);
	buf_free(&missing);
	firmware_close(&fw);
}
