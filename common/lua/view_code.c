/* SPDX-License-Identifier: MIT */
/* Code: the listing, and its bare words and lines for JSON. */
#include "common/lua/view_items.h"

#include "common/lua/listing.h"

static uint64_t count(const void *ctx, uint64_t row)
{
	const struct lua_image *img = ((const struct lua_book *)ctx)->img;

	if (!img)
		return 0;
	if (row == VIEW_ROOT)
		return img->nprotos;
	return lua_item_index(row) == LUA_NONE ? img->protos[lua_item_proto(row)].ncode : 0;
}

static uint32_t line_of(const struct lua_book *b, uint64_t row)
{
	return b->lines[b->code_first[lua_item_proto(row)] + lua_item_index(row)];
}

static bool is_target(const struct lua_book *b, uint64_t row)
{
	uint32_t i = b->code_first[lua_item_proto(row)] + lua_item_index(row);

	return b->targets[i / 8] >> (i % 8) & 1;
}

enum {
	C_TARGET = LUA_ITEM_FIRST,
	C_PC,
	C_LINE,
	C_WORD,
	C_OP,
	C_OPERANDS,
	C_COMMENT,
	C_MEANING,
	C_COLUMNS
};

static const struct view_column columns[] = {
	LUA_ITEM_COLUMNS[C_TARGET] = { "target", "", VIEW_TEXT, 0, "> where a jump leads to" },
	[C_PC] = { "pc", "pc", VIEW_COUNT, 0, "number of the instruction, 1 first, as in luac" },
	[C_LINE] = { "line", "line", VIEW_COUNT, VIEW_MINOR, "source line" },
	[C_WORD] = { "word", "word", VIEW_HEX, VIEW_HIDDEN, "the instruction's 32 bits" },
	[C_OP] = { "op", "op", VIEW_TEXT, 0, "opcode" },
	[C_OPERANDS] = { "operands", "operands", VIEW_TEXT, 0,
			 "as luac prints them: registers from 0, constants from -1 down" },
	[C_COMMENT] = { "comment", "", VIEW_TEXT, VIEW_ELASTIC | VIEW_SOURCE,
			"constants, upvalues' names, jump targets, functions" },
	[C_MEANING] = { "meaning", "meaning", VIEW_TEXT, VIEW_HIDDEN, "what the opcode does" },
};

static void op_cell(const struct lua_image *img, uint64_t row, unsigned column, uint32_t word,
		    struct view_cell *c, struct buf *scratch)
{
	uint32_t proto = lua_item_proto(row);
	uint32_t pc = lua_item_index(row);
	struct lua_insn insn = lua_decode(lua_dialect_of(img->traits.version), word);

	if (lua_is_extra_word(img, proto, pc)) {
		if (column == C_OP)
			view_text(c, "(data)");
		else if (column == C_COMMENT) {
			buf_printf(scratch, "count of the SETLIST above: %u", word);
			view_bytes(c, scratch->data, scratch->len);
		}
		return;
	}
	if (column == C_OP)
		view_text(c, insn.op ? insn.op->name : "(unknown)");
	else if (column == C_MEANING && insn.op)
		view_text(c, insn.op->meaning);
	else if (column == C_OPERANDS)
		lua_operands(img, &insn, scratch);
	else if (column == C_COMMENT)
		lua_comment(img, proto, pc, scratch);
	if (scratch->len)
		view_bytes(c, scratch->data, scratch->len);
}

static void cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		 struct buf *scratch)
{
	const struct lua_book *b = ctx;
	uint32_t word = lua_word(&b->img->protos[lua_item_proto(row)], lua_item_index(row));

	switch (column) {
	case C_TARGET:
		if (is_target(b, row))
			view_text(c, ">");
		break;
	case C_PC: view_int(c, (int64_t)lua_item_index(row) + 1); break;
	case C_LINE:
		if (line_of(b, row))
			view_int(c, line_of(b, row));
		break;
	case C_WORD: view_int(c, word); break;
	case C_OP:
	case C_OPERANDS:
	case C_COMMENT:
	case C_MEANING: op_cell(b->img, row, column, word, c, scratch); break;
	default: lua_item_cell(ctx, row, column, c, scratch); break;
	}
}

const struct view lua_view_code = {
	.name = "code",
	.title = "Code",
	.help = "instructions with lines, names and constants resolved",
	.columns = columns,
	.ncolumns = C_COLUMNS,
	.count = count,
	.child = lua_item_child,
	.cell = cell,
	.heading = lua_item_heading,
};

static const struct view_column word_columns[] = {
	{ "word", "word", VIEW_COUNT, 0, "the instruction's 32 bits" },
};

static void word_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		      struct buf *scratch)
{
	const struct lua_image *img = ((const struct lua_book *)ctx)->img;

	(void)column;
	(void)scratch;
	view_int(c, lua_word(&img->protos[lua_item_proto(row)], lua_item_index(row)));
}

const struct view lua_view_words = {
	.name = "words",
	.title = "Instruction words",
	.help = "instructions as bare words",
	.columns = word_columns,
	.ncolumns = 1,
	.count = count,
	.child = lua_item_child,
	.cell = word_cell,
	.heading = lua_item_heading,
};

static const struct view_column line_columns[] = {
	{ "line", "line", VIEW_COUNT, 0, "source line of the instruction" },
};

static void line_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		      struct buf *scratch)
{
	(void)column;
	(void)scratch;
	view_int(c, line_of(ctx, row));
}

const struct view lua_view_lines = {
	.name = "lines",
	.title = "Lines",
	.help = "line of every instruction",
	.columns = line_columns,
	.ncolumns = 1,
	.count = count,
	.child = lua_item_child,
	.cell = line_cell,
	.heading = lua_item_heading,
};
