/* SPDX-License-Identifier: MIT */
/*
 * Damaged ELF files: prefixes and manglings are survived, and say what is wrong.
 */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/firmware/firmware.h"
#include "tests/util_firmware.h"
#include "tests/util_golden.h"

#define SAMPLES "tests/corpus/elf/5*"

enum { TOUR_EVERY = 64 };

/* A copy that is exactly as large, so that a sanitizer sees the first byte behind it. */
static uint8_t *copy_of(const uint8_t *data, size_t len)
{
	uint8_t *p = malloc(len ? len : 1);

	assert_non_null(p);
	if (len)
		memcpy(p, data, len);
	return p;
}

static void cut(const char *path)
{
	struct file f = golden_file(path);

	for (size_t n = 0; n < f.len; n++) {
		uint8_t *p = copy_of(f.data, n);

		if (n % TOUR_EVERY == 0)
			firmware_tour(p, n);
		if (firmware_check(p, n))
			fail_msg("%s: %zu bytes of %zu are taken for sound", path, n, f.len);
		free(p);
	}
	file_close(&f);
}

static void every_prefix_fails(void **state)
{
	(void)state;
	golden_each(SAMPLES, cut);
}

static void mangle(const char *path)
{
	static const uint32_t values[] = { 0, 1, 0x7fffffff, 0xfffffff0, 0xffffffff };
	struct file f = golden_file(path);
	unsigned count = 0;

	for (size_t at = 20; at + 4 <= f.len; at += 4)
		for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
			uint8_t *p = copy_of(f.data, f.len);

			memcpy(p + at, &values[v], 4);
			if (++count % TOUR_EVERY == 0)
				firmware_tour(p, f.len);
			else
				firmware_check(p, f.len);
			free(p);
		}
	file_close(&f);
}

static void every_word_may_lie(void **state)
{
	(void)state;
	golden_each(SAMPLES, mangle);
}

/* 20,000 ROTables that all have the same long entries: work must not grow with the product. */
static void tables_that_share_their_entries_do_no_harm(void **state)
{
	enum { TABLES = 20000, ENTRIES = 4000, AT = 0x1000, BASE = 0x40210000 };
	size_t size = AT + 16 * TABLES + 12 * ENTRIES + 16;
	uint8_t *p = calloc(1, size);
	Elf32_Ehdr h = { .e_ident = { 0x7f, 'E', 'L', 'F', 1, 1, 1 },
			 .e_type = ET_EXEC,
			 .e_machine = EM_XTENSA,
			 .e_version = 1,
			 .e_phoff = sizeof(h),
			 .e_ehsize = sizeof(h),
			 .e_phentsize = sizeof(Elf32_Phdr),
			 .e_phnum = 1 };
	Elf32_Phdr ph = { .p_type = PT_LOAD,
			  .p_offset = AT,
			  .p_vaddr = BASE,
			  .p_filesz = (uint32_t)size - AT,
			  .p_memsz = (uint32_t)size - AT,
			  .p_flags = PF_R | PF_X };
	uint32_t entries = BASE + 16 * TABLES;

	(void)state;
	assert_non_null(p);
	memcpy(p, &h, sizeof(h));
	memcpy(p + sizeof(h), &ph, sizeof(ph));
	for (uint32_t i = 0; i < TABLES; i++) {
		uint32_t table[4] = { 1, 0x15 | (ENTRIES & 0xffu) << 24, 0, entries };

		memcpy(p + AT + 16 * (size_t)i, table, sizeof(table));
	}
	for (uint32_t i = 0; i < ENTRIES; i++) {
		uint32_t entry[3] = { entries + 12 * ENTRIES + 4, BASE, 0x26 };

		memcpy(p + AT + 16 * TABLES + 12 * (size_t)i, entry, sizeof(entry));
	}
	memcpy(p + size - 12, "key", 4);
	assert_false(firmware_check(p, size)); /* a note says that the tables are too much */
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_prefix_fails),
		cmocka_unit_test(every_word_may_lie),
		cmocka_unit_test(tables_that_share_their_entries_do_no_harm),
	};

	return cmocka_run_group_tests_name("firmware_damage", tests, NULL, NULL);
}
