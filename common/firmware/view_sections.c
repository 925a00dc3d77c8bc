/* SPDX-License-Identifier: MIT */
/* Sections, damage, and the list of all views. */
#include <string.h>

#include "common/firmware/view_firmware.h"
#include "common/firmware/view_flash.h"
#include "common/view/damage.h"

/* Sections */

enum { C_NAME, C_ADDRESS, C_SIZE, C_MEMORY, C_OFFSET, C_STORED, C_CODE, C_WRITTEN, C_COLUMNS };

static const struct view_column section_columns[] = {
	[C_NAME] = { "name", "section", VIEW_TEXT, 0, "name of the section" },
	[C_ADDRESS] = { "address", "address", VIEW_HEX, 0, "where it is mapped" },
	[C_SIZE] = { "size", "size", VIEW_SIZE, 0, "bytes that it takes there" },
	[C_MEMORY] = { "memory", "memory", VIEW_TEXT, 0, "which memory that is" },
	[C_OFFSET] = { "offset", "offset", VIEW_HEX, 0, "of its bytes in the file" },
	[C_STORED] = { "stored", "in file", VIEW_SIZE, 0, "bytes that the file has of it" },
	[C_CODE] = { "code", "code", VIEW_BOOL, 0, "is it executed?" },
	[C_WRITTEN] = { "written", "writable", VIEW_BOOL, 0, "is it written to?" },
};

static uint64_t sections_count(const void *ctx, uint64_t row)
{
	return row == VIEW_ROOT ? ((const struct firmware *)ctx)->nsections : 0;
}

static void section_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			 struct buf *scratch)
{
	const struct firmware_section *s = &((const struct firmware *)ctx)->sections[row];

	(void)scratch;
	switch (column) {
	case C_NAME: view_text(c, s->name); break;
	case C_ADDRESS: view_int(c, s->address); break;
	case C_SIZE: view_int(c, s->size); break;
	case C_MEMORY: view_text(c, firmware_area_names[s->area]); break;
	case C_OFFSET:
		if (s->bytes)
			view_int(c, (int64_t)s->off);
		break;
	case C_STORED: view_int(c, s->nbytes); break;
	case C_CODE: view_bool(c, s->code); break;
	case C_WRITTEN: view_bool(c, s->written); break;
	default: break;
	}
}

static const struct view sections_view = {
	.name = "sections",
	.title = "Sections",
	.help = "what is mapped where",
	.columns = section_columns,
	.ncolumns = C_COLUMNS,
	.count = sections_count,
	.child = view_nth,
	.cell = section_cell,
};

/* Damage */

static struct damage damage_of(const void *ctx)
{
	const struct firmware *fw = ctx;

	return (struct damage){ &fw->diag, fw->notes,
				fw->note_count < FIRMWARE_NOTES_MAX ? fw->note_count
								    : FIRMWARE_NOTES_MAX };
}

static uint64_t problem_count(const void *ctx, uint64_t row)
{
	const struct damage d = damage_of(ctx);

	return damage_count(&d, row);
}

static void problem_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			 struct buf *scratch)
{
	const struct damage d = damage_of(ctx);

	(void)scratch;
	damage_cell(&d, row, column, c);
}

const struct view firmware_view_damage = {
	.name = "damage",
	.title = "Damage",
	.help = "everything that is wrong with the file",
	.columns = damage_columns,
	.ncolumns = DAMAGE_COLUMNS,
	.count = problem_count,
	.child = view_nth,
	.cell = problem_cell,
};

/* All views */

enum {
	ANY = 1 << FIRMWARE_ELF | 1 << FIRMWARE_BIN | 1 << FIRMWARE_DUMP,
	ELF = 1 << FIRMWARE_ELF,
	FLASH = 1 << FIRMWARE_BIN | 1 << FIRMWARE_DUMP
};

const struct firmware_view_entry firmware_views[] = {
	{ &firmware_view_summary, ANY, true, false },
	{ &firmware_view_memory, ELF, true, false },
	{ &flash_view_images, FLASH, true, false },
	{ &flash_view_segments, FLASH, true, false },
	{ &flash_view_partitions, FLASH, true, false },
	{ &flash_view_records, FLASH, false, false },
	{ &flash_view_lfs, FLASH, true, false },
	{ &sections_view, ANY, false, false },
	{ &firmware_view_modules, ELF, true, false },
	{ &firmware_view_sources, ELF, false, false },
	{ &firmware_view_rotables, ANY, false, true },
	{ &firmware_view_functions, ANY, false, true },
	{ &firmware_view_symbols, ELF, false, true },
	{ &firmware_view_strings, ELF | 1 << FIRMWARE_BIN, false, false },
	{ &firmware_view_damage, ANY, false, false },
};
const unsigned firmware_view_count = sizeof(firmware_views) / sizeof(firmware_views[0]);

const struct view *firmware_view_find(const char *name, enum firmware_form form)
{
	for (unsigned i = 0; i < firmware_view_count; i++)
		if (firmware_views[i].forms & 1u << form &&
		    !strcmp(firmware_views[i].view->name, name))
			return firmware_views[i].view;
	return NULL;
}
