/* SPDX-License-Identifier: MIT */
/* Where the bytes of the sections go: by module and by source file. */
#include "common/firmware/view_firmware.h"

const char *firmware_rest_words(enum firmware_rest rest)
{
	static const char *const words[FIRMWARE_RESTS] = {
		[REST_SYMBOLS] = "(other)",
		[REST_STRINGS] = "(strings)",
		[REST_PADDING] = "(padding)",
		[REST_OTHER] = "(no symbol)",
	};

	return words[rest];
}

static uint32_t total(const uint32_t *sizes)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < FIRMWARE_AREAS; i++)
		sum += sizes[i];
	return sum;
}

/* Rows: modules or source files by their index, then what is left. */

static const uint32_t *module_sizes(const struct firmware *fw, uint64_t row)
{
	return row < fw->nmodules ? fw->modules[row].sizes : fw->rest_modules[row - fw->nmodules];
}

static const uint32_t *source_sizes(const struct firmware *fw, uint64_t row)
{
	return row < fw->nsources ? fw->sources[row].sizes : fw->rest_sources[row - fw->nsources];
}

static uint64_t modules_count(const void *ctx, uint64_t row)
{
	return row == VIEW_ROOT ? ((const struct firmware *)ctx)->nmodules + FIRMWARE_RESTS : 0;
}

static uint64_t sources_count(const void *ctx, uint64_t row)
{
	return row == VIEW_ROOT ? ((const struct firmware *)ctx)->nsources + FIRMWARE_RESTS : 0;
}

enum {
	Z_NAME,
	Z_SIZE,
	Z_BAR,
	Z_FLASH,
	Z_IRAM,
	Z_DRAM,
	Z_OTHER,
	Z_FUNCTIONS, /* sources: the module */
	Z_OPEN,      /* sources: the path */
	Z_COLUMNS
};

#define SIZE_COLUMNS \
	[Z_SIZE] = { "size", "size", VIEW_SIZE, 0, "bytes; they add up to the sections" }, \
	[Z_BAR] = { "bar", "", VIEW_BAR, 0, "the same as a bar against all sections" }, \
	[Z_FLASH] = { "flash", "flash", VIEW_SIZE, 0, "of them in flash" }, \
	[Z_IRAM] = { "iram", "IRAM", VIEW_SIZE, 0, "of them in IRAM" }, \
	[Z_DRAM] = { "dram", "DRAM", VIEW_SIZE, 0, "of them in DRAM" }, \
	[Z_OTHER] = { "other", "other", VIEW_SIZE, VIEW_HIDDEN, "of them in other memory" }

static const struct view_column module_columns[] = {
	[Z_NAME] = { "name", "module", VIEW_TEXT, 0,
		     "the module; (other): symbols of none; (strings): of all; (padding); (no "
		     "symbol): "
		     "literals and constants" },
	SIZE_COLUMNS,
	[Z_FUNCTIONS] = { "functions", "functions", VIEW_COUNT, 0, "C functions for Lua" },
	[Z_OPEN] = { "open", "opened by", VIEW_TEXT, VIEW_HIDDEN, "what runs at start-up" },
};

static const struct view_column source_columns[] = {
	[Z_NAME] = { "name", "source", VIEW_TEXT, 0,
		     "the file; (other): symbols of no known file; (strings): of all; (padding); "
		     "(no symbol): literals and constants" },
	SIZE_COLUMNS,
	[Z_FUNCTIONS] = { "module", "module", VIEW_TEXT, 0, "the module that it is of" },
	[Z_OPEN] = { "path", "path", VIEW_TEXT, VIEW_HIDDEN, "its path, by debug data" },
};

static void sizes_cell(const struct firmware *fw, const uint32_t *sizes, unsigned column,
		       struct view_cell *c)
{
	switch (column) {
	case Z_SIZE: view_int(c, total(sizes)); break;
	case Z_BAR: view_real(c, fw->mapped ? (double)total(sizes) / (double)fw->mapped : 0); break;
	case Z_FLASH: view_int(c, sizes[AREA_FLASH]); break;
	case Z_IRAM: view_int(c, sizes[AREA_IRAM]); break;
	case Z_DRAM: view_int(c, sizes[AREA_DRAM]); break;
	case Z_OTHER: view_int(c, (int64_t)sizes[AREA_OTHER] + sizes[AREA_ROM]); break;
	default: break;
	}
}

static void module_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			struct buf *scratch)
{
	const struct firmware *fw = ctx;
	const struct firmware_module *m = row < fw->nmodules ? &fw->modules[row] : NULL;
	uint32_t open;

	(void)scratch;
	switch (column) {
	case Z_NAME:
		view_text(c, m ? m->name
			       : firmware_rest_words((enum firmware_rest)(row - fw->nmodules)));
		break;
	case Z_FUNCTIONS:
		if (m)
			view_int(c, m->functions);
		break;
	case Z_OPEN:
		open = m && m->open ? firmware_symbol_at(fw, m->open) : FIRMWARE_NONE;
		if (open != FIRMWARE_NONE)
			view_text(c, fw->symbols[open].name);
		break;
	default: sizes_cell(fw, module_sizes(fw, row), column, c); break;
	}
}

static void source_path(const struct firmware_source *s, struct buf *out)
{
	if (!s->path)
		return;
	if (s->folder) {
		buf_str(out, s->folder);
		buf_byte(out, '/');
	}
	buf_str(out, s->path);
}

static void source_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			struct buf *scratch)
{
	const struct firmware *fw = ctx;
	const struct firmware_source *s = row < fw->nsources ? &fw->sources[row] : NULL;

	switch (column) {
	case Z_NAME:
		view_text(c, s ? s->name
			       : firmware_rest_words((enum firmware_rest)(row - fw->nsources)));
		break;
	case Z_FUNCTIONS:
		if (s && s->module != FIRMWARE_NONE)
			view_text(c, fw->modules[s->module].name);
		break;
	case Z_OPEN:
		if (s)
			source_path(s, scratch);
		if (scratch->len)
			view_bytes(c, scratch->data, scratch->len);
		break;
	default: sizes_cell(fw, source_sizes(fw, row), column, c); break;
	}
}

const struct view firmware_view_modules = {
	.name = "modules",
	.title = "Modules",
	.help = "modules built in, with the bytes of their source files",
	.columns = module_columns,
	.ncolumns = Z_COLUMNS,
	.sort = "-size",
	.count = modules_count,
	.child = view_nth,
	.cell = module_cell,
};

const struct view firmware_view_sources = {
	.name = "sources",
	.title = "Source files",
	.help = "source files that the firmware was made of, with their bytes",
	.columns = source_columns,
	.ncolumns = Z_COLUMNS,
	.sort = "-size",
	.count = sources_count,
	.child = view_nth,
	.cell = source_cell,
};
