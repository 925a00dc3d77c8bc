/* SPDX-License-Identifier: MIT */
/* What the chip maps of a flash, or its boot loader copies to memory. */
#include "common/base/rd.h"
#include "common/firmware/flash_map.h"

enum { BOOT_2 = 0x1000 };

static enum firmware_chip chip_of(const struct bin_image *image)
{
	if (!image->esp32)
		return CHIP_ESP8266;
	switch (image->chip) {
	case 0: return CHIP_ESP32;
	case 2: return CHIP_ESP32S2;
	case 9: return CHIP_ESP32S3;
	default: return bin_is_riscv(image) ? CHIP_ESP32C3 : CHIP_UNKNOWN;
	}
}

static const char *name_of(enum firmware_area area, bool code)
{
	switch (area) {
	case AREA_IRAM: return "iram";
	case AREA_DRAM: return "dram";
	case AREA_FLASH: return code ? "flash.text" : "flash.rodata";
	default: return "other";
	}
}

static void add_segment(struct firmware *fw, const struct bin_segment *segment)
{
	uint32_t address = segment->address;
	struct firmware_section s = { .address = address, .size = segment->size };

	s.area = firmware_area_of(fw->chip, address);
	s.code = s.area == AREA_IRAM || (s.area == AREA_FLASH && address >= 0x40000000);
	s.name = name_of(s.area, s.code);
	s.written = s.area == AREA_DRAM;
	s.bytes = fw->data + segment->off;
	s.nbytes = segment->present;
	s.off = segment->off;
	firmware_add_section(fw, &s, segment->off - 8, "segment.address");
}

/* Without a table: up to the LFS region that was found, or to where nothing follows. */
static uint32_t code_end(const struct firmware *fw)
{
	const struct flash_map *m = fw->flash;
	uint64_t end = m->start + (uint64_t)fw->len;
	uint32_t to = end < FLASH_WINDOW ? (uint32_t)end : FLASH_WINDOW;

	for (uint32_t i = 0; i < m->nlfs; i++)
		if (m->lfs[i].image && m->lfs[i].address > PARTITION_AT && m->lfs[i].address < to)
			to = m->lfs[i].address;
	while (to > PARTITION_AT && fw->data[to - m->start - 1] == 0xff)
		to--;
	return to;
}

/* The flash code of an ESP8266 stands in flash as it is. */
static void add_irom0(struct firmware *fw)
{
	const struct flash_map *m = fw->flash;
	uint32_t item = partition_find(&m->table, PARTITION_IROM0, 0);
	struct firmware_section s = { .name = ".irom0.text",
				      .address = FLASH_MAPPED + PARTITION_AT,
				      .area = AREA_FLASH,
				      .code = true };
	size_t off = PARTITION_AT - m->start;
	uint32_t end;

	if (m->start > PARTITION_AT)
		return;
	end = code_end(fw);
	if (item < m->table.count && m->table.items[item].address == PARTITION_AT &&
	    m->table.items[item].size)
		end = PARTITION_AT + m->table.items[item].size;
	else if (m->table.fresh)
		end = m->table.irom0_end - FLASH_MAPPED;
	if (end <= PARTITION_AT || end > FLASH_WINDOW || off >= fw->len)
		return;
	s.size = end - PARTITION_AT;
	s.nbytes = fw->len - off < s.size ? (uint32_t)(fw->len - off) : s.size;
	s.bytes = fw->data + off;
	s.off = off;
	firmware_add_section(fw, &s, m->table.off, "irom0");
	if (s.nbytes < s.size)
		diag_fail_at(firmware_note(fw), ERR_TRUNCATED, fw->len, "irom0",
			     "%u bytes of flash code wanted, %u are there", (unsigned)s.size,
			     (unsigned)s.nbytes);
}

/*
 * Version 2: flash code is a segment, mapped where it stands. The file does not tell where: the
 * SDK's boot loader, at flash address 0, has the first application behind it.
 */
static void add_irom0_2(struct firmware *fw, const struct bin_image *image)
{
	struct bin_segment s = image->segments[0];

	if (s.off < FLASH_WINDOW - BOOT_2) {
		s.address = FLASH_MAPPED + BOOT_2 + (uint32_t)s.off;
		add_segment(fw, &s);
	}
}

void flash_add_sections(struct firmware *fw)
{
	const struct flash_map *m = fw->flash;
	const struct bin_image *image = m->app < m->nimages ? &m->images[m->app] : NULL;

	fw->chip = image        ? chip_of(image)
		   : !m->esp32  ? CHIP_ESP8266
		   : m->nimages ? chip_of(&m->images[0])
				: CHIP_UNKNOWN;
	if (image) {
		fw->entry = image->entry;
		if (image->version == 2 && image->nsegments)
			add_irom0_2(fw, image);
		for (uint32_t i = image->version - 1u; i < image->nsegments; i++)
			if (image->segments[i].address)
				add_segment(fw, &image->segments[i]);
	}
	if (!m->esp32 && !(image && image->version == 2))
		add_irom0(fw);
}
