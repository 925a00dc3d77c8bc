/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/base/rd.h"
#include "common/firmware/firmware.h"
#include "common/view/escape.h"

const char *const firmware_chip_names[FIRMWARE_CHIPS] = {
	[CHIP_UNKNOWN] = "unknown",  [CHIP_ESP8266] = "ESP8266",  [CHIP_ESP32] = "ESP32",
	[CHIP_ESP32S2] = "ESP32-S2", [CHIP_ESP32S3] = "ESP32-S3", [CHIP_ESP32C3] = "ESP32-C3",
};

enum { SECTIONS_MAX = 4096 };

/* Where the chips have their memories, by their technical reference manuals. */
static const struct range {
	enum firmware_chip chip;
	enum firmware_area area;
	uint32_t from, to; /* to: first behind */
} ranges[] = {
	{ CHIP_ESP8266, AREA_ROM, 0x40000000, 0x40010000 },
	{ CHIP_ESP8266, AREA_IRAM, 0x40100000, 0x40110000 },
	{ CHIP_ESP8266, AREA_DRAM, 0x3ffe8000, 0x40000000 },
	{ CHIP_ESP8266, AREA_FLASH, 0x40200000, 0x40300000 },
	{ CHIP_ESP32, AREA_ROM, 0x40000000, 0x40070000 },
	{ CHIP_ESP32, AREA_IRAM, 0x40070000, 0x400c0000 },
	{ CHIP_ESP32, AREA_DRAM, 0x3ffae000, 0x40000000 },
	{ CHIP_ESP32, AREA_FLASH, 0x3f400000, 0x3f800000 },
	{ CHIP_ESP32, AREA_FLASH, 0x400c2000, 0x40c00000 },
	{ CHIP_ESP32S2, AREA_ROM, 0x40000000, 0x40020000 },
	{ CHIP_ESP32S2, AREA_IRAM, 0x40020000, 0x40070000 },
	{ CHIP_ESP32S2, AREA_DRAM, 0x3ffb0000, 0x40000000 },
	{ CHIP_ESP32S2, AREA_FLASH, 0x3f000000, 0x3ff80000 },
	{ CHIP_ESP32S2, AREA_FLASH, 0x40080000, 0x40800000 },
	{ CHIP_ESP32S3, AREA_ROM, 0x40000000, 0x40060000 },
	{ CHIP_ESP32S3, AREA_IRAM, 0x40370000, 0x403e0000 },
	{ CHIP_ESP32S3, AREA_DRAM, 0x3fc88000, 0x3fd00000 },
	{ CHIP_ESP32S3, AREA_FLASH, 0x3c000000, 0x3e000000 },
	{ CHIP_ESP32S3, AREA_FLASH, 0x42000000, 0x44000000 },
	{ CHIP_ESP32C3, AREA_ROM, 0x40000000, 0x40060000 },
	{ CHIP_ESP32C3, AREA_IRAM, 0x4037c000, 0x403e0000 },
	{ CHIP_ESP32C3, AREA_DRAM, 0x3fc80000, 0x3fce0000 },
	{ CHIP_ESP32C3, AREA_FLASH, 0x3c000000, 0x3c800000 },
	{ CHIP_ESP32C3, AREA_FLASH, 0x42000000, 0x42800000 },
};

enum firmware_area firmware_area_of(enum firmware_chip chip, uint32_t address)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (ranges[i].chip == chip && address >= ranges[i].from && address < ranges[i].to)
			return ranges[i].area;
	return AREA_OTHER;
}

/* How many sections begin at or below an address. */
static uint32_t sections_up_to(const struct firmware *fw, uint32_t address)
{
	uint32_t from = 0;
	uint32_t to = fw->nsections;

	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if (fw->sections[mid].address <= address)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

uint32_t firmware_section_at(const struct firmware *fw, uint32_t address)
{
	uint32_t i = sections_up_to(fw, address);

	if (i && address - fw->sections[i - 1].address < fw->sections[i - 1].size)
		return i - 1;
	return FIRMWARE_NONE;
}

/* Whether it may stand behind the first i sections; else a note says why not. */
static bool section_fits(struct firmware *fw, const struct firmware_section *s, uint32_t i,
			 uint64_t place, const char *field)
{
	const struct firmware_section *met = NULL;
	char name[41];

	if (fw->nsections == SECTIONS_MAX) {
		diag_fail_at(firmware_note(fw), ERR_LIMIT, place, field, "more than %d sections",
			     SECTIONS_MAX);
		return false;
	}
	if ((uint64_t)s->address + s->size > UINT64_C(1) << 32) {
		diag_fail_at(firmware_note(fw), ERR_DAMAGED, place, field,
			     "%u bytes from address 0x%x leave the address space",
			     (unsigned)s->size, (unsigned)s->address);
		return false;
	}
	if (i && s->address - fw->sections[i - 1].address < fw->sections[i - 1].size)
		met = &fw->sections[i - 1];
	else if (i < fw->nsections && fw->sections[i].address - s->address < s->size)
		met = &fw->sections[i];
	if (!met)
		return true;
	escape_words((const uint8_t *)met->name, strlen(met->name), name, sizeof(name));
	diag_fail_at(firmware_note(fw), ERR_DAMAGED, place, field,
		     "%u bytes at address 0x%x lie over %s", (unsigned)s->size,
		     (unsigned)s->address, name);
	return false;
}

bool firmware_add_section(struct firmware *fw, const struct firmware_section *s, uint64_t place,
			  const char *field)
{
	uint32_t i = sections_up_to(fw, s->address);

	if (!s->size || !section_fits(fw, s, i, place, field))
		return true;
	if (!vec_grow(&fw->sections, &fw->nsections, &fw->cap.sections, sizeof(*s), 1)) {
		diag_fail(&fw->diag, ERR_MEMORY, "out of memory");
		return false;
	}
	memmove(&fw->sections[i + 1], &fw->sections[i],
		(fw->nsections - 1 - i) * sizeof(fw->sections[0]));
	fw->sections[i] = *s;
	return true;
}

const uint8_t *firmware_bytes(const struct firmware *fw, uint32_t address, size_t *n)
{
	uint32_t i = firmware_section_at(fw, address);
	uint32_t at;

	*n = 0;
	if (i == FIRMWARE_NONE)
		return NULL;
	at = address - fw->sections[i].address;
	if (at >= fw->sections[i].nbytes)
		return NULL;
	*n = fw->sections[i].nbytes - at;
	return fw->sections[i].bytes + at;
}

bool firmware_word(const struct firmware *fw, uint32_t address, uint32_t *out)
{
	size_t n;
	const uint8_t *p = firmware_bytes(fw, address, &n);

	if (n < 4)
		return false;
	*out = le32(p);
	return true;
}

const char *firmware_string(const struct firmware *fw, uint32_t address, size_t *len)
{
	size_t n;
	const uint8_t *p = firmware_bytes(fw, address, &n);
	const uint8_t *end = p ? memchr(p, 0, n) : NULL;

	if (!end)
		return NULL;
	if (len)
		*len = (size_t)(end - p);
	return (const char *)p;
}
