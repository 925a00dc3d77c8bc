/* SPDX-License-Identifier: MIT */
/* Views of the difference between two firmwares. */
#include <string.h>

#include "common/firmware/diff.h"
#include "common/firmware/view_firmware.h"

/* Summary */

enum { S_CONTENT, S_OLD, S_NEW, S_OLD_SIZE, S_NEW_SIZE, S_CHANGE, S_SAME, S_COLUMNS };

static const struct view_column summary_columns[] = {
	[S_CONTENT] = { "content", "content", VIEW_TEXT, VIEW_NO_JSON,
			"the same in every byte of every section, or not" },
	[S_OLD] = { "old", "old", VIEW_TEXT, 0, "what the old one is" },
	[S_NEW] = { "new", "new", VIEW_TEXT, 0, "what the new one is" },
	[S_OLD_SIZE] = { "old_size", "old size", VIEW_SIZE, 0, "bytes of its sections" },
	[S_NEW_SIZE] = { "new_size", "new size", VIEW_SIZE, 0, "bytes of its sections" },
	[S_CHANGE] = { "change", "change", VIEW_CHANGE, 0, "bytes more or less" },
	[S_SAME] = { "same", "same", VIEW_BOOL, VIEW_HIDDEN, "is the content the same?" },
};

static int64_t all_bytes(const struct firmware *fw)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < fw->nsections; i++)
		sum += fw->sections[i].size;
	return sum;
}

static void summary_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			 struct buf *scratch)
{
	const struct firmware_diff *d = ctx;

	(void)row;
	switch (column) {
	case S_CONTENT: view_text(c, d->same ? "the same" : "differs"); break;
	case S_OLD:
	case S_NEW:
		buf_str(scratch, firmware_chip_names[d->fw[column - S_OLD]->chip]);
		if (d->fw[column - S_OLD]->lua.version)
			buf_str(scratch, ", ");
		firmware_lua_words(d->fw[column - S_OLD], scratch);
		view_bytes(c, scratch->data, scratch->len);
		break;
	case S_OLD_SIZE:
	case S_NEW_SIZE: view_int(c, all_bytes(d->fw[column - S_OLD_SIZE])); break;
	case S_CHANGE: view_int(c, all_bytes(d->fw[1]) - all_bytes(d->fw[0])); break;
	case S_SAME: view_bool(c, d->same); break;
	default: break;
	}
}

static const struct view summary = {
	.name = "summary",
	.title = NULL,
	.help = "whether the content is the same, what both are, and sizes",
	.columns = summary_columns,
	.ncolumns = S_COLUMNS,
	.record = true,
	.count = view_one,
	.child = view_nth,
	.cell = summary_cell,
};

/* Changes by name; the memories are a list of the same kind. */

enum { D_NAME, D_WHAT, D_OLD, D_NEW, D_CHANGE, D_COLUMNS };

#define CHANGE_COLUMNS(key, title, help) \
	[D_NAME] = { key, title, VIEW_TEXT, VIEW_ELASTIC, help }, \
	[D_WHAT] = { "status", "what", VIEW_TEXT, 0, \
		     "same, added, removed, grown, shrunk or changed (in the same size)" }, \
	[D_OLD] = { "old_size", "old", VIEW_SIZE, 0, "bytes of the old one" }, \
	[D_NEW] = { "new_size", "new", VIEW_SIZE, 0, "bytes of the new one" }, \
	[D_CHANGE] = { "change", "change", VIEW_CHANGE, 0, "bytes more or less" }

static const struct view_column memory_columns[] = { CHANGE_COLUMNS("memory", "memory",
								    "IRAM, DRAM, flash, other") };
static const struct view_column module_columns[] = { CHANGE_COLUMNS("module", "module",
								    "the module") };
static const struct view_column source_columns[] = { CHANGE_COLUMNS("source", "source",
								    "the source file") };
static const struct view_column symbol_columns[] = { CHANGE_COLUMNS("symbol", "symbol",
								    "the symbol") };

static const char *status_of(const struct firmware_change *c)
{
	if (c->size[0] < 0)
		return "added";
	if (c->size[1] < 0)
		return "removed";
	if (c->size[0] != c->size[1])
		return c->size[1] > c->size[0] ? "grown" : "shrunk";
	return c->changed ? "changed" : "same";
}

static void change_cell(const struct firmware_change *item, unsigned column, struct view_cell *c)
{
	int64_t old = item->size[0] < 0 ? 0 : item->size[0];
	int64_t now = item->size[1] < 0 ? 0 : item->size[1];

	switch (column) {
	case D_NAME: view_text(c, item->name); break;
	case D_WHAT: view_text(c, status_of(item)); break;
	case D_OLD:
		if (item->size[0] >= 0)
			view_int(c, old);
		break;
	case D_NEW:
		if (item->size[1] >= 0)
			view_int(c, now);
		break;
	case D_CHANGE: view_int(c, now - old); break;
	default: break;
	}
}

static const enum firmware_area areas[] = { AREA_IRAM, AREA_DRAM, AREA_FLASH };

static uint64_t memory_count(const void *ctx, uint64_t row)
{
	(void)ctx;
	return row == VIEW_ROOT ? sizeof(areas) / sizeof(areas[0]) : 0;
}

static void memory_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			struct buf *scratch)
{
	const struct firmware_diff *d = ctx;
	struct firmware_change item = { .name = firmware_area_names[areas[row]] };

	(void)scratch;
	for (unsigned i = 0; i < 2; i++)
		item.size[i] = firmware_area_used(d->fw[i], areas[row]);
	change_cell(&item, column, c);
}

#define CHANGES(list) \
	static uint64_t list##_count(const void *ctx, uint64_t row) \
	{ \
		return row == VIEW_ROOT ? ((const struct firmware_diff *)ctx)->list.count : 0; \
	} \
	static void list##_cell(const void *ctx, uint64_t row, unsigned column, \
				struct view_cell *c, struct buf *scratch) \
	{ \
		(void)scratch; \
		change_cell(&((const struct firmware_diff *)ctx)->list.items[row], column, c); \
	}

CHANGES(modules)
CHANGES(sources)
CHANGES(symbols)

static const struct view memory = {
	.name = "memory",
	.title = "Memory",
	.help = "bytes of the memories",
	.columns = memory_columns,
	.ncolumns = D_COLUMNS,
	.count = memory_count,
	.child = view_nth,
	.cell = memory_cell,
};

const struct view firmware_diff_modules = {
	.name = "modules",
	.title = "Modules",
	.help = "modules that came, went or changed in size, the biggest change first",
	.columns = module_columns,
	.ncolumns = D_COLUMNS,
	.count = modules_count,
	.child = view_nth,
	.cell = modules_cell,
};

const struct view firmware_diff_sources = {
	.name = "sources",
	.title = "Source files",
	.help = "source files that came, went or changed in size, the biggest change first",
	.columns = source_columns,
	.ncolumns = D_COLUMNS,
	.count = sources_count,
	.child = view_nth,
	.cell = sources_cell,
};

const struct view firmware_diff_symbols = {
	.name = "symbols",
	.title = "Symbols",
	.help = "functions and objects that came, went or changed, the biggest change first",
	.columns = symbol_columns,
	.ncolumns = D_COLUMNS,
	.count = symbols_count,
	.child = view_nth,
	.cell = symbols_cell,
};

const struct view *firmware_diff_nth(unsigned i)
{
	static const struct view *const views[] = { &summary, &memory, &firmware_diff_modules,
						    &firmware_diff_sources,
						    &firmware_diff_symbols };

	return i < sizeof(views) / sizeof(views[0]) ? views[i] : NULL;
}
