/* SPDX-License-Identifier: MIT */
#include "common/firmware/flash_map.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/rd.h"

enum {
	PAGE = PARTITION_PAGE,
	DUMP_MIN = 512 << 10,
	FLASH_LARGEST = 16 << 20,
};

static bool erased(const uint8_t *data, size_t from, size_t to)
{
	while (from < to && data[from] == 0xff)
		from++;
	return from >= to;
}

/* The page at which an ESP32's image begins, behind erased ones: its boot loader, or an application
 * that was put where it belongs. 0: there is none. */
static size_t behind_erased32(const uint8_t *data, size_t len)
{
	struct bin_image image;
	struct diag diag = { 0 };
	size_t at = 0;

	while (len - at > PAGE && erased(data, at, at + PAGE))
		at += PAGE;
	if (!at || !bin_probe(data + at, len - at))
		return 0;
	bin_read(data, len, at, &diag, &image);
	return image.esp32 && image.nsegments ? at : 0;
}

/* A damaged or cut header: the count of segments is none, but the flash mode is one. */
static bool is_bad_head(const uint8_t *data, size_t len)
{
	return len && data[0] == BIN_MAGIC && !bin_probe(data, len) && (len < 3 || data[2] <= 3);
}

/* The partition page where a flash has it; the begin may be lost. */
static bool table_in_place(const uint8_t *data, size_t len)
{
	return len > PARTITION_AT && partition_probe(data + PARTITION_AT, len - PARTITION_AT);
}

static bool table32_in_place(const uint8_t *data, size_t len)
{
	return len > PARTITION_AT32 + 2 && data[PARTITION_AT32] == 0xaa &&
	       data[PARTITION_AT32 + 1] == 0x50;
}

/* A flash of old firmware whose begin is lost, or a piece of a flash: LFS at a page tells. */
static bool lfs_in_pages(const uint8_t *data, size_t len)
{
	uint32_t size, base;

	for (size_t at = PAGE; at < len; at += PAGE)
		if (flash_is_lfs(data + at, len - at, &size, &base))
			return true;
	return false;
}

static bool probe(const uint8_t *data, size_t len)
{
	uint32_t size, base;

	if (flash_is_lfs(data, len, &size, &base))
		return false;
	return bin_probe(data, len) || is_bad_head(data, len) || partition_probe(data, len) ||
	       behind_erased32(data, len) || table_in_place(data, len) ||
	       table32_in_place(data, len) || lfs_in_pages(data, len) || flash_is_irom0(data, len);
}

/*
 * What a whole dump has. The header may tell less than there is, as a build has it that esptool did
 * not correct, so that a part of a flash does not show where it ends.
 */
static uint32_t size_of(const struct firmware *fw, const struct bin_image *image)
{
	uint32_t size = bin_flash_size(image);
	bool whole = fw->len >= DUMP_MIN && (fw->len & (fw->len - 1)) == 0;

	return size && whole && size <= fw->len ? (uint32_t)fw->len : FLASH_LARGEST;
}

static struct bin_image *add_image(struct firmware *fw, uint64_t off, struct diag *diag)
{
	struct flash_map *m = fw->flash;
	struct bin_image *image = &m->images[m->nimages];

	if (m->nimages == FLASH_IMAGES_MAX || off >= fw->len ||
	    (!bin_probe(fw->data + off, fw->len - (size_t)off) &&
	     (off || !is_bad_head(fw->data, fw->len))))
		return NULL;
	bin_read(fw->data, fw->len, off, diag, image);
	m->nimages++;
	return image;
}

/* A failure that does not stop the reading. */
static void keep(struct firmware *fw, const struct diag *diag)
{
	struct diag *to = diag->code && diag->code != ERR_KIND ? firmware_note(fw) : NULL;

	if (to)
		*to = *diag;
}

static void check_image(struct firmware *fw, const struct bin_image *image)
{
	if (image->has_sum && image->sum != image->stored_sum)
		diag_fail_at(firmware_note(fw), ERR_DAMAGED, image->sum_off, "checksum",
			     "0x%02x, but the segments' is 0x%02x", image->stored_sum, image->sum);
	if (image->digest == BIN_DIGEST_BAD)
		diag_fail_at(firmware_note(fw), ERR_DAMAGED, image->digest_off, "digest",
			     "the SHA-256 is another one");
}

/* One of the images that a flash holds beside others: what is wrong with it is noted. */
static struct bin_image *read_image(struct firmware *fw, uint64_t off)
{
	struct diag diag = { 0 };
	struct bin_image *image = add_image(fw, off, &diag);

	keep(fw, &diag);
	if (image)
		check_image(fw, image);
	return image;
}

static void check_table(struct firmware *fw)
{
	const struct flash_map *m = fw->flash;

	for (uint32_t i = 0; i < m->table.count; i++) {
		const char *fault = partition_fault(&m->table, i, m->flash_size);
		char path[32];

		snprintf(path, sizeof(path), "partition[%" PRIu32 "].address", i);
		if (fault)
			diag_fail_at(firmware_note(fw), ERR_DAMAGED, m->table.items[i].off + 4,
				     path, "0x%" PRIx32 ", size 0x%" PRIx32 ": %s",
				     m->table.items[i].address, m->table.items[i].size, fault);
	}
	if (m->table.spare)
		diag_fail_at(firmware_note(fw), ERR_DAMAGED, m->table.off - 4, "record",
			     "%" PRIu32 " more partition tables behind this one; the firmware uses "
			     "the first",
			     m->table.spare);
}

/* The begin of a flash that is an ESP32's: images are where its table says. */
static void read_flash32(struct firmware *fw, uint64_t boot)
{
	struct flash_map *m = fw->flash;
	struct diag diag = { 0 };
	const struct bin_image *first = read_image(fw, boot);

	m->esp32 = true;
	if (first)
		m->flash_size = size_of(fw, first);
	partition_read32(fw->data, fw->len, PARTITION_AT32, &diag, &m->table);
	keep(fw, &diag);
	check_table(fw);
	for (uint32_t i = 0; i < m->table.count; i++) {
		if (m->table.items[i].type != PARTITION_APP32)
			continue;
		if (read_image(fw, m->table.items[i].address) && m->app == FIRMWARE_NONE)
			m->app = m->nimages - 1;
	}
	if (first && m->table.kind == PARTITION_NONE)
		m->app = 0;
}

/* More than the image's file, but the table's place is not all there: a dump that was cut. */
static bool is_table_cut(const struct firmware *fw)
{
	const struct flash_map *m = fw->flash;
	uint64_t end = m->esp32 ? PARTITION_AT32 + PARTITION_BYTES32
				: PARTITION_AT + PARTITION_PAGE;

	return m->table.kind == PARTITION_NONE && m->nimages && m->images[0].nsegments &&
	       m->images[0].version == 1 && fw->len > m->images[0].end && fw->len < end;
}

static void read_page(struct firmware *fw)
{
	struct flash_map *m = fw->flash;
	struct diag diag = { 0 };

	partition_read(fw->data, fw->len, PARTITION_AT - m->start, &diag, &m->table);
	if (m->table.kind == PARTITION_NONE) /* what is no table is code of old firmware */
		m->table = (struct partition_table){ 0 };
	else
		keep(fw, &diag);
	check_table(fw);
}

/* Neither images nor a table: where the file begins in flash the pointers of its LFS image tell. */
static void place_piece(struct firmware *fw)
{
	struct flash_map *m = fw->flash;
	uint32_t size, base;

	for (size_t at = PAGE; at < fw->len; at += PAGE) {
		if (!flash_is_lfs(fw->data + at, fw->len - at, &size, &base))
			continue;
		m->esp32 = base < FLASH_MAPPED || base >= FLASH_MAPPED_END;
		m->piece = m->esp32;
		if (!m->esp32 && base - FLASH_MAPPED >= at)
			m->start = base - FLASH_MAPPED - (uint32_t)at;
		return;
	}
}

/* The flash code of an ESP8266 alone; until 2019 it had no table. */
static bool is_raw(const uint8_t *data, size_t len)
{
	if (bin_probe(data, len))
		return false;
	return partition_probe(data, len) ||
	       (flash_is_irom0(data, len) && !table_in_place(data, len) &&
		!lfs_in_pages(data, len));
}

static void read_flash(struct firmware *fw)
{
	struct flash_map *m = fw->flash;
	bool raw = is_raw(fw->data, fw->len);
	size_t behind = behind_erased32(fw->data, fw->len);
	struct bin_image *first;

	if (behind) {
		read_flash32(fw, behind);
		return;
	}
	if (table32_in_place(fw->data, fw->len)) {
		read_flash32(fw, 0);
		return;
	}
	m->start = raw ? PARTITION_AT : 0;
	first = raw ? NULL : add_image(fw, 0, &fw->diag);
	if (first) {
		check_image(fw, first);
		m->app = 0;
		m->esp32 = first->esp32;
		m->flash_size = size_of(fw, first);
	}
	if (!m->esp32 && !(first && first->version == 2))
		read_page(fw);
	if (!first && !raw && m->table.kind == PARTITION_NONE)
		place_piece(fw);
}

/* What follows the code is more than a .bin has. */
static enum firmware_form form_of(const struct firmware *fw)
{
	const struct flash_map *m = fw->flash;
	bool power = (fw->len & (fw->len - 1)) == 0;

	if (m->table_cut)
		return FIRMWARE_DUMP;
	if (m->table.kind == PARTITION_ESP32)
		return FIRMWARE_DUMP;
	if (m->app == FIRMWARE_NONE)
		return m->table.fresh || (m->table.kind == PARTITION_NONE &&
					  is_raw(fw->data, fw->len))
			       ? FIRMWARE_BIN
			       : FIRMWARE_DUMP;
	if (m->table.kind == PARTITION_ESP8266 && !m->table.fresh)
		return FIRMWARE_DUMP;
	if (m->table.fresh && fw->len > m->table.irom0_end - FLASH_MAPPED + (size_t)PAGE)
		return FIRMWARE_DUMP;
	return power && fw->len >= DUMP_MIN && !m->table.fresh ? FIRMWARE_DUMP : FIRMWARE_BIN;
}

static enum err load(struct firmware *fw)
{
	fw->flash = calloc(1, sizeof(*fw->flash));
	if (!fw->flash)
		return diag_fail(&fw->diag, ERR_MEMORY, "out of memory");
	fw->flash->app = FIRMWARE_NONE;
	read_flash(fw);
	fw->flash->table_cut = is_table_cut(fw);
	fw->form = form_of(fw);
	flash_locate(fw);
	flash_add_sections(fw);
	return fw->diag.code;
}

const struct firmware_format firmware_flash = { "flash", probe, load };
