/* SPDX-License-Identifier: MIT */
/* Symbols and strings. */
#include "common/firmware/view_firmware.h"

enum {
	Y_NAME,
	Y_KIND,
	Y_SIZE,
	Y_ADDRESS,
	Y_SECTION,
	Y_MEMORY,
	Y_MODULE,
	Y_SOURCE,
	Y_LUA,
	Y_GLOBAL,
	Y_COLUMNS
};

static const struct view_column symbol_columns[] = {
	[Y_NAME] = { "name", "symbol", VIEW_TEXT, VIEW_ELASTIC, "its name" },
	[Y_KIND] = { "kind", "kind", VIEW_TEXT, 0, "function, object, absolute or label" },
	[Y_SIZE] = { "size", "size", VIEW_SIZE, 0, "bytes" },
	[Y_ADDRESS] = { "address", "address", VIEW_HEX, 0, "its address, or value" },
	[Y_SECTION] = { "section", "section", VIEW_TEXT, 0, "section" },
	[Y_MEMORY] = { "memory", "memory", VIEW_TEXT, VIEW_HIDDEN,
		       "IRAM, DRAM, flash, ROM, other" },
	[Y_MODULE] = { "module", "module", VIEW_TEXT, VIEW_IF_ANY, "the module that it is of" },
	[Y_SOURCE] = { "source", "source", VIEW_TEXT, VIEW_IF_ANY, "source file, where known" },
	[Y_LUA] = { "lua", "in Lua", VIEW_TEXT, VIEW_HIDDEN, "what Lua calls the function" },
	[Y_GLOBAL] = { "global", "global", VIEW_BOOL, VIEW_HIDDEN, "is it known to all files?" },
};

static uint64_t symbols_count(const void *ctx, uint64_t row)
{
	return row == VIEW_ROOT ? ((const struct firmware *)ctx)->nsymbols : 0;
}

static const char *kind_words(const struct firmware_symbol *s)
{
	if (s->kind == SYMBOL_FUNCTION)
		return "function";
	if (s->kind == SYMBOL_OBJECT)
		return "object";
	return s->absolute ? "absolute" : "label";
}

static void symbol_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			struct buf *scratch)
{
	const struct firmware *fw = ctx;
	const struct firmware_symbol *s = &fw->symbols[row];

	switch (column) {
	case Y_NAME: view_text(c, s->name); break;
	case Y_KIND: view_text(c, kind_words(s)); break;
	case Y_SIZE: view_int(c, s->size); break;
	case Y_ADDRESS: view_int(c, s->address); break;
	case Y_SECTION:
		if (s->section != FIRMWARE_NONE && !s->absolute)
			view_text(c, fw->sections[s->section].name);
		break;
	case Y_MEMORY:
		view_text(c, firmware_area_names[firmware_area_of(fw->chip, s->address)]);
		break;
	case Y_MODULE:
		if (s->module != FIRMWARE_NONE)
			view_text(c, fw->modules[s->module].name);
		break;
	case Y_SOURCE:
		if (s->source != FIRMWARE_NONE)
			view_text(c, fw->sources[s->source].name);
		break;
	case Y_LUA:
		if (firmware_lua_name(fw, s->address, scratch))
			view_bytes(c, scratch->data, scratch->len);
		break;
	case Y_GLOBAL: view_bool(c, s->global); break;
	default: break;
	}
}

const struct view firmware_view_symbols = {
	.name = "symbols",
	.title = "Symbols",
	.help = "everything that has a name in C, the largest first",
	.columns = symbol_columns,
	.ncolumns = Y_COLUMNS,
	.sort = "-size",
	.count = symbols_count,
	.child = view_nth,
	.cell = symbol_cell,
};

/* Strings */

enum { X_ADDRESS, X_LENGTH, X_SYMBOL, X_TEXT, X_COLUMNS };

static const struct view_column string_columns[] = {
	[X_ADDRESS] = { "address", "address", VIEW_HEX, 0, "of its first byte" },
	[X_LENGTH] = { "length", "length", VIEW_SIZE, 0, "bytes without the NUL" },
	[X_SYMBOL] = { "symbol", "symbol", VIEW_TEXT, VIEW_HIDDEN, "the object that holds it" },
	[X_TEXT] = { "text", "text", VIEW_TEXT, VIEW_ELASTIC, "the bytes" },
};

static uint64_t strings_count(const void *ctx, uint64_t row)
{
	return row == VIEW_ROOT ? ((const struct firmware *)ctx)->ntexts : 0;
}

static void string_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			struct buf *scratch)
{
	const struct firmware *fw = ctx;
	const struct firmware_text *t = &fw->texts[row];
	uint32_t s;

	(void)scratch;
	switch (column) {
	case X_ADDRESS: view_int(c, t->address); break;
	case X_LENGTH: view_int(c, t->len); break;
	case X_SYMBOL:
		s = firmware_symbol_at(fw, t->address);
		if (s != FIRMWARE_NONE)
			view_text(c, fw->symbols[s].name);
		break;
	case X_TEXT: view_bytes(c, t->p, t->len); break;
	default: break;
	}
}

const struct view firmware_view_strings = {
	.name = "strings",
	.title = "Strings",
	.help = "strings that stand in flash and read-only data, by address",
	.columns = string_columns,
	.ncolumns = X_COLUMNS,
	.count = strings_count,
	.child = view_nth,
	.cell = string_cell,
};
