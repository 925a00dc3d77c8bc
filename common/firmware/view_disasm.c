/* SPDX-License-Identifier: MIT */
/* Rows: headings are functions; their children are lines, numbered from the function's first. */
#include "common/firmware/view_disasm.h"

#include <string.h>

#define ROW(function, line) ((uint64_t)(function) << 32 | (line))
#define HEAD                UINT32_MAX

enum { C_FUNCTION, C_LABEL, C_ADDRESS, C_BYTES, C_OP, C_OPERANDS, C_COMMENT, C_COLUMNS };

static const struct view_column columns[] = {
	[C_FUNCTION] = { "function", "function", VIEW_TEXT, VIEW_CONTEXT, "function" },
	[C_LABEL] = { "target", "", VIEW_TEXT, 0, "> where a branch or jump leads to" },
	[C_ADDRESS] = { "address", "address", VIEW_HEX, 0, "address" },
	[C_BYTES] = { "bytes", "bytes", VIEW_TEXT, VIEW_HIDDEN, "the instruction's bytes" },
	[C_OP] = { "op", "op", VIEW_TEXT, 0, "instruction" },
	[C_OPERANDS] = { "operands", "operands", VIEW_TEXT, 0,
			 "registers, numbers, absolute addresses" },
	[C_COMMENT] = { "comment", "", VIEW_TEXT, VIEW_ELASTIC,
			"strings and names behind literals, what is called" },
};

uint64_t disasm_row(uint32_t function, uint32_t line)
{
	return ROW(function, line);
}

uint32_t disasm_row_function(uint64_t row, uint32_t *line)
{
	*line = (uint32_t)row == HEAD ? FIRMWARE_NONE : (uint32_t)row;
	return (uint32_t)(row >> 32);
}

static uint64_t count(const void *ctx, uint64_t row)
{
	const struct disasm *d = ctx;

	if (row == VIEW_ROOT)
		return d->nfunctions;
	return (uint32_t)row == HEAD ? d->functions[row >> 32].count : 0;
}

static uint64_t child(const void *ctx, uint64_t row, uint64_t i)
{
	const struct disasm *d = ctx;

	if (row == VIEW_ROOT)
		return ROW(i, HEAD);
	return ROW(row >> 32, d->functions[row >> 32].first + i);
}

static void put_function(const struct disasm *d, uint32_t function, struct buf *out)
{
	const struct disasm_function *f = &d->functions[function];

	if (f->symbol != FIRMWARE_NONE)
		buf_str(out, d->fw->symbols[f->symbol].name);
	else
		buf_printf(out, "0x%x", f->address);
}

static bool heading(const void *ctx, uint64_t row, struct buf *out)
{
	const struct disasm *d = ctx;
	struct buf lua = { 0 };

	if ((uint32_t)row != HEAD)
		return false;
	const struct disasm_function *f = &d->functions[row >> 32];
	put_function(d, (uint32_t)(row >> 32), out);
	if (firmware_lua_name(d->fw, f->address, &lua)) {
		buf_str(out, " = ");
		buf_put(out, lua.data, lua.len);
		out->failed |= lua.failed;
	}
	buf_printf(out, ", %u bytes",
		   f->symbol == FIRMWARE_NONE ? f->covered : f->end - f->address);
	buf_free(&lua);
	return true;
}

static void put_bytes(const struct firmware *fw, const struct disasm_line *l, struct buf *out)
{
	size_t n;
	const uint8_t *p = firmware_bytes(fw, l->address, &n);

	for (unsigned i = 0; p && i < l->len && i < n; i++)
		buf_printf(out, "%02x", p[i]);
}

/* Mnemonic, operands, comment. */
static const char *word(const struct disasm *d, const struct disasm_line *l, unsigned i)
{
	const char *at = (const char *)d->text.data + l->text;

	while (i--)
		at += strlen(at) + 1;
	return at;
}

static void cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		 struct buf *scratch)
{
	const struct disasm *d = ctx;

	if (column == C_FUNCTION)
		put_function(d, (uint32_t)(row >> 32), scratch);
	if ((uint32_t)row != HEAD && column != C_FUNCTION) {
		const struct disasm_line *l = &d->lines[(uint32_t)row];

		switch (column) {
		case C_LABEL: view_text(c, l->label ? ">" : ""); break;
		case C_ADDRESS: view_int(c, l->address); break;
		case C_BYTES: put_bytes(d->fw, l, scratch); break;
		case C_OP: view_text(c, word(d, l, 0)); break;
		case C_OPERANDS: view_text(c, word(d, l, 1)); break;
		case C_COMMENT: view_text(c, word(d, l, 2)); break;
		default: break;
		}
	}
	if (scratch->len)
		view_bytes(c, scratch->data, scratch->len);
}

const struct view firmware_view_disasm = {
	.name = "disasm",
	.title = "Disassembly",
	.help = "instructions of functions along their control flow, values and calls by name",
	.columns = columns,
	.ncolumns = C_COLUMNS,
	.count = count,
	.child = child,
	.cell = cell,
	.heading = heading,
};
