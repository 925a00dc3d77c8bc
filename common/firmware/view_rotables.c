/* SPDX-License-Identifier: MIT */
/* ROTables as a tree, and the C functions in them as a list. */
#include "common/firmware/view_firmware.h"

/* Row ids: what is shown in the upper half, its index in the lower. */
enum { NUMBER_TAG = 3 };
enum what { ROW_ENTRY, ROW_ROOT, ROW_META }; /* ROW_META: of the table with that index */

static uint64_t row_id(enum what what, uint32_t index)
{
	return (uint64_t)what << 32 | index;
}

static enum what row_what(uint64_t row)
{
	return (enum what)(row >> 32);
}

static uint32_t row_index(uint64_t row)
{
	return (uint32_t)row;
}

/* The table that a row is; FIRMWARE_NONE: it is none, or none that is known. */
static uint32_t row_table(const struct firmware *fw, uint64_t row)
{
	switch (row_what(row)) {
	case ROW_ROOT: return row_index(row);
	case ROW_META: return fw->tables[row_index(row)].metatable;
	default: return fw->entries[row_index(row)].table;
	}
}

/* The table whose content stands below a row: each table's does so once. */
static uint32_t table_below(const struct firmware *fw, uint64_t row)
{
	uint32_t t = row_table(fw, row);
	bool here = false;

	if (t == FIRMWARE_NONE)
		return t;
	switch (row_what(row)) {
	case ROW_ROOT: here = true; break;
	case ROW_META:
		here = fw->tables[t].reach == REACH_META && fw->tables[t].parent == row_index(row);
		break;
	case ROW_ENTRY:
		here = fw->tables[t].reach == REACH_ENTRY && fw->tables[t].via == row_index(row);
		break;
	}
	return here ? t : FIRMWARE_NONE;
}

uint64_t firmware_table_row(const struct firmware *fw, uint32_t table)
{
	const struct firmware_table *t = &fw->tables[table];

	switch (t->reach) {
	case REACH_ENTRY: return row_id(ROW_ENTRY, t->via);
	case REACH_META: return row_id(ROW_META, t->parent);
	default: return row_id(ROW_ROOT, table);
	}
}

static uint64_t tree_count(const void *ctx, uint64_t row)
{
	const struct firmware *fw = ctx;
	uint32_t t;

	if (row == VIEW_ROOT)
		return fw->nroots;
	t = table_below(fw, row);
	if (t == FIRMWARE_NONE)
		return 0;
	return fw->tables[t].count + (fw->tables[t].metatable != FIRMWARE_NONE);
}

static uint64_t tree_child(const void *ctx, uint64_t row, uint64_t i)
{
	const struct firmware *fw = ctx;
	uint32_t t;

	if (row == VIEW_ROOT)
		return row_id(ROW_ROOT, fw->roots[i]);
	t = table_below(fw, row);
	if (fw->tables[t].metatable != FIRMWARE_NONE && i-- == 0)
		return row_id(ROW_META, t);
	return row_id(ROW_ENTRY, fw->tables[t].first + (uint32_t)i);
}

enum {
	T_NAME,
	T_PATH,
	T_KIND,
	T_VALUE,
	T_ADDRESS,
	T_SIZE,
	T_SYMBOL,
	T_MODULE,
	T_SOURCE,
	T_TAG,
	T_COLUMNS
};

static const struct view_column tree_columns[] = {
	[T_NAME] = { "name", "name", VIEW_TEXT, VIEW_TREE, "the key" },
	[T_PATH] = { "path", "path", VIEW_TEXT, VIEW_HIDDEN, "how Lua gets there: gpio.mode" },
	[T_KIND] = { "kind", "kind", VIEW_TEXT, 0,
		     "function, table, metatable, number (5.1), integer, float, pointer, nil" },
	[T_VALUE] = { "value", "value", VIEW_REAL, 0, "of a number" },
	[T_ADDRESS] = { "address", "address", VIEW_HEX, 0, "of the function or the table" },
	[T_SIZE] = { "size", "size", VIEW_SIZE, 0,
		     "bytes of the function, by its symbol; of the table and its entries" },
	[T_SYMBOL] = { "symbol", "symbol", VIEW_TEXT, VIEW_ELASTIC, "its name in C" },
	[T_MODULE] = { "module", "module", VIEW_TEXT, VIEW_HIDDEN, "the module" },
	[T_SOURCE] = { "source", "source", VIEW_TEXT, VIEW_HIDDEN, "source file, where known" },
	[T_TAG] = { "tag", "tag", VIEW_HEX, VIEW_HIDDEN, "type tag of the value" },
};

static const char *kind_words(const struct firmware *fw, uint64_t row)
{
	static const char *const words[] = {
		[VALUE_NIL] = "nil",         [VALUE_FUNCTION] = "function",
		[VALUE_TABLE] = "table",     [VALUE_INTEGER] = "integer",
		[VALUE_FLOAT] = "float",     [VALUE_POINTER] = "pointer",
		[VALUE_UNKNOWN] = "unknown",
	};

	if (row_what(row) == ROW_ENTRY && fw->lua.version == 51 &&
	    fw->entries[row_index(row)].tag == NUMBER_TAG)
		return "number"; /* 5.1 has one type of them */
	if (row_what(row) == ROW_ENTRY)
		return words[fw->entries[row_index(row)].value];
	if (row_what(row) == ROW_ROOT && fw->tables[row_index(row)].reach == REACH_BASE)
		return "table";
	return "metatable";
}

static void name_cell(const struct firmware *fw, uint64_t row, struct view_cell *c,
		      struct buf *scratch)
{
	if (row_what(row) == ROW_ENTRY) {
		view_text(c, fw->entries[row_index(row)].key);
	} else if (row_what(row) == ROW_META) {
		view_text(c, "(metatable)");
	} else {
		firmware_table_path(fw, row_index(row), scratch);
		view_bytes(c, scratch->data, scratch->len);
	}
}

static void path_cell(const struct firmware *fw, uint64_t row, struct view_cell *c,
		      struct buf *scratch)
{
	uint32_t t = row_table(fw, row);

	if (row_what(row) == ROW_ENTRY)
		firmware_entry_name(fw, row_index(row), scratch);
	else if (t != FIRMWARE_NONE)
		firmware_table_path(fw, t, scratch);
	view_bytes(c, scratch->data, scratch->len);
}

/* Where it is: the function's, the table's, or the pointer's value; false: it has no place. */
static bool row_address(const struct firmware *fw, uint64_t row, uint32_t *out)
{
	uint32_t t = row_table(fw, row);
	const struct firmware_entry *e;

	if (t != FIRMWARE_NONE) {
		*out = fw->tables[t].address;
		return true;
	}
	if (row_what(row) != ROW_ENTRY)
		return false;
	e = &fw->entries[row_index(row)];
	*out = e->address;
	return e->value == VALUE_FUNCTION || e->value == VALUE_TABLE || e->value == VALUE_POINTER;
}

static uint32_t row_symbol(const struct firmware *fw, uint64_t row)
{
	uint32_t t = row_table(fw, row);
	uint32_t address;
	uint32_t s = row_address(fw, row, &address) ? firmware_symbol_at(fw, address)
						    : FIRMWARE_NONE;

	if (t != FIRMWARE_NONE && fw->tables[t].reach == REACH_BASE)
		return FIRMWARE_NONE; /* the symbol there is its first entry's */
	if (s != FIRMWARE_NONE && fw->symbols[s].address != address)
		return FIRMWARE_NONE;
	return s;
}

static void size_cell(const struct firmware *fw, uint64_t row, struct view_cell *c)
{
	static const uint32_t table_bytes = 16;
	uint32_t t = row_table(fw, row);
	uint32_t s = row_symbol(fw, row);
	uint32_t step = fw->lua.tvalue_bytes == 16 ? 24 : fw->lua.tvalue_bytes + 4u;

	if (t != FIRMWARE_NONE)
		view_int(c, (fw->tables[t].reach == REACH_BASE ? 0 : table_bytes) +
				    (int64_t)fw->tables[t].count * step);
	else if (s != FIRMWARE_NONE && fw->symbols[s].size)
		view_int(c, fw->symbols[s].size);
}

static void number_cell(const struct firmware *fw, uint64_t row, struct view_cell *c)
{
	const struct firmware_entry *e = &fw->entries[row_index(row)];

	if (row_what(row) != ROW_ENTRY)
		return;
	if (e->value == VALUE_INTEGER)
		view_int(c, e->i);
	else if (e->value == VALUE_FLOAT)
		view_real(c, e->f);
}

static void symbol_cell(const struct firmware *fw, uint32_t s, unsigned column, struct view_cell *c)
{
	const struct firmware_symbol *sym;

	if (s == FIRMWARE_NONE)
		return;
	sym = &fw->symbols[s];
	if (column == T_SYMBOL)
		view_text(c, sym->name);
	else if (column == T_SOURCE && sym->source != FIRMWARE_NONE)
		view_text(c, fw->sources[sym->source].name);
	else if (column == T_MODULE && sym->module != FIRMWARE_NONE)
		view_text(c, fw->modules[sym->module].name);
}

static void tree_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		      struct buf *scratch)
{
	const struct firmware *fw = ctx;
	uint32_t address;

	switch (column) {
	case T_NAME: name_cell(fw, row, c, scratch); break;
	case T_PATH: path_cell(fw, row, c, scratch); break;
	case T_KIND: view_text(c, kind_words(fw, row)); break;
	case T_VALUE: number_cell(fw, row, c); break;
	case T_ADDRESS:
		if (row_address(fw, row, &address))
			view_int(c, address);
		break;
	case T_SIZE: size_cell(fw, row, c); break;
	case T_TAG:
		if (row_what(row) == ROW_ENTRY)
			view_int(c, fw->entries[row_index(row)].tag);
		break;
	default: symbol_cell(fw, row_symbol(fw, row), column, c); break;
	}
}

const struct view firmware_view_rotables = {
	.name = "rotables",
	.title = "ROTables",
	.help = "what Lua finds in flash: modules, their functions, numbers and tables; then "
		"metatables that the registry alone holds",
	.columns = tree_columns,
	.ncolumns = T_COLUMNS,
	.count = tree_count,
	.child = tree_child,
	.cell = tree_cell,
};

/* Functions */

static const struct view_column function_columns[] = {
	[T_NAME] = { "key", "key", VIEW_TEXT, VIEW_HIDDEN, "the key alone" },
	[T_PATH] = { "name", "name", VIEW_TEXT, 0, "as Lua calls it: gpio.mode, net.socket:send" },
	[T_KIND] = { "kind", "kind", VIEW_TEXT, VIEW_HIDDEN, "function" },
	[T_VALUE] = { "value", "value", VIEW_REAL, VIEW_HIDDEN | VIEW_NO_JSON, "none" },
	[T_ADDRESS] = { "address", "address", VIEW_HEX, 0, "where its code is" },
	[T_SIZE] = { "size", "size", VIEW_SIZE, 0, "bytes of code, by its symbol" },
	[T_SYMBOL] = { "symbol", "symbol", VIEW_TEXT, 0, "its name in C" },
	[T_MODULE] = { "module", "module", VIEW_TEXT, VIEW_HIDDEN, "the module" },
	[T_SOURCE] = { "source", "source", VIEW_TEXT, 0, "source file, where known" },
	[T_TAG] = { "tag", "tag", VIEW_HEX, VIEW_HIDDEN, "type tag of the value" },
};

static uint64_t functions_count(const void *ctx, uint64_t row)
{
	return row == VIEW_ROOT ? ((const struct firmware *)ctx)->nfunctions : 0;
}

static uint64_t functions_child(const void *ctx, uint64_t row, uint64_t i)
{
	(void)row;
	return row_id(ROW_ENTRY, ((const struct firmware *)ctx)->functions[i]);
}

const struct view firmware_view_functions = {
	.name = "functions",
	.title = "C functions",
	.help = "C functions that Lua can call, by address",
	.columns = function_columns,
	.ncolumns = T_COLUMNS,
	.count = functions_count,
	.child = functions_child,
	.cell = tree_cell,
};
