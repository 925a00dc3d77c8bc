/* SPDX-License-Identifier: MIT */
/* Prototypes as a tree. Row ids are the indexes of the model. */
#include "common/lua/book.h"
#include "common/lua/listing.h"

#include "common/lua/shown.h"
#include "common/lua/view_items.h"

enum {
	P_FUNCTION,
	P_ID,
	P_PARENT,
	P_MODULE,
	P_SOURCE,
	P_FIRST,
	P_LAST,
	P_PARAMS,
	P_VARARG,
	P_STACK,
	P_NUPS,
	P_UPVALUES,
	P_CONSTANTS,
	P_CODE,
	P_CHILDREN,
	P_LINES,
	P_LOCALS,
	P_OWN,
	P_TOTAL,
	P_OFFSET,
	P_COLUMNS
};

static const struct view_column columns[] = {
	[P_FUNCTION] = { "function", "prototype", VIEW_TEXT, VIEW_TREE | VIEW_NO_JSON,
			 "source and lines, as luac names it" },
	[P_ID] = { "id", "id", VIEW_COUNT, VIEW_HIDDEN, "number of the prototype, parents first" },
	[P_PARENT] = { "parent", "parent", VIEW_COUNT, VIEW_HIDDEN, "number of the one around it" },
	[P_MODULE] = { "module", "module", VIEW_TEXT, VIEW_HIDDEN, "module that it belongs to" },
	[P_SOURCE] = { "source", "source", VIEW_TEXT, VIEW_HIDDEN, "name of the source" },
	[P_FIRST] = { "line_first", "from", VIEW_COUNT, VIEW_HIDDEN,
		      "line of its function keyword" },
	[P_LAST] = { "line_last", "to", VIEW_COUNT, VIEW_HIDDEN, "line of its end" },
	[P_PARAMS] = { "params", "params", VIEW_COUNT, VIEW_MINOR, "fixed parameters" },
	[P_VARARG] = { "vararg", "vararg", VIEW_BOOL, VIEW_MINOR, "takes ..." },
	[P_STACK] = { "stack", "stack", VIEW_COUNT, VIEW_MINOR, "registers" },
	[P_NUPS] = { "nups", "nups", VIEW_COUNT, VIEW_HIDDEN, "upvalues, named or not" },
	[P_UPVALUES] = { "upvalues", "upvalues", VIEW_LIST, VIEW_MINOR, "upvalues" },
	[P_CONSTANTS] = { "constants", "constants", VIEW_LIST, 0, "constants" },
	[P_CODE] = { "code", "code", VIEW_LIST, 0, "instructions; JSON: their words" },
	[P_CHILDREN] = { "children", "children", VIEW_COUNT, VIEW_MINOR,
			 "prototypes right below it" },
	[P_LINES] = { "lines", "lines", VIEW_LIST, VIEW_JSON_ONLY,
		      "line of each instruction; null: no line info" },
	[P_LOCALS] = { "locals", "locals", VIEW_LIST, VIEW_HIDDEN, "named local variables" },
	[P_OWN] = { "own_size", "own", VIEW_SIZE, 0, "bytes, its strings not counted" },
	[P_TOTAL] = { "total_size", "total", VIEW_SIZE, 0, "the same with all below it" },
	[P_OFFSET] = { "offset", "offset", VIEW_HEX, 0, "byte offset in the image (stream: file)" },
};

static uint64_t count(const void *ctx, uint64_t row)
{
	const struct lua_book *b = ctx;
	const uint32_t *first;

	if (!b->img)
		return 0;
	first = &b->tree_first[row == VIEW_ROOT ? 0 : row + 1];
	return first[1] - first[0];
}

static uint64_t child(const void *ctx, uint64_t row, uint64_t i)
{
	const struct lua_book *b = ctx;

	return b->tree[b->tree_first[row == VIEW_ROOT ? 0 : row + 1] + i];
}

static void rows(struct view_cell *c, const struct view *view, uint64_t first, uint32_t n)
{
	c->kind = VIEW_ROWS;
	c->rows.view = view;
	c->rows.first = first;
	c->rows.count = n;
}

static void list_cell(const struct lua_image *img, uint64_t row, unsigned column,
		      struct view_cell *c)
{
	const struct lua_proto *p = &img->protos[row];

	switch (column) {
	case P_UPVALUES:
		rows(c, &lua_view_upvalues, lua_item_row(row, 0), p->upvalues.count);
		break;
	case P_CONSTANTS:
		rows(c, &lua_view_constants, lua_item_row(row, 0), p->constants.count);
		break;
	case P_CODE: rows(c, &lua_view_words, lua_item_row(row, 0), p->ncode); break;
	case P_LINES:
		if (p->lineinfo)
			rows(c, &lua_view_lines, lua_item_row(row, 0), p->ncode);
		break;
	case P_LOCALS: rows(c, &lua_view_locals, lua_item_row(row, 0), p->locals.count); break;
	default: break;
	}
}

static void number_cell(const void *ctx, const struct lua_image *img, uint64_t row, unsigned column,
			struct view_cell *c)
{
	const struct lua_proto *p = &img->protos[row];

	switch (column) {
	case P_ID: view_int(c, (int64_t)row); break;
	case P_PARENT:
		if (p->parent != LUA_NONE)
			view_int(c, p->parent);
		break;
	case P_FIRST: view_int(c, p->line_first); break;
	case P_LAST: view_int(c, p->line_last); break;
	case P_PARAMS: view_int(c, p->params); break;
	case P_VARARG: view_bool(c, p->vararg != 0); break;
	case P_STACK: view_int(c, p->stack); break;
	case P_NUPS:
		view_int(c, img->traits.version == LUA_51 ? p->nups : p->upvalues.count);
		break;
	case P_CHILDREN: view_int(c, (int64_t)count(ctx, row)); break;
	case P_OWN: view_int(c, p->own_size); break;
	case P_TOTAL: view_int(c, p->total_size); break;
	case P_OFFSET: view_int(c, p->off); break;
	default: list_cell(img, row, column, c); break;
	}
}

static void cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		 struct buf *scratch)
{
	const struct lua_image *img = ((const struct lua_book *)ctx)->img;
	uint32_t source;

	switch (column) {
	case P_FUNCTION:
		lua_proto_title(img, (uint32_t)row, scratch);
		view_bytes(c, scratch->data, scratch->len);
		break;
	case P_MODULE: lua_module_cell(img, img->protos[row].module, c); break;
	case P_SOURCE:
		source = lua_proto_source(img, (uint32_t)row);
		if (source != LUA_NONE)
			view_bytes(c, img->strings[source].text,
				   lua_shown(img, &img->strings[source]));
		break;
	default: number_cell(ctx, img, row, column, c); break;
	}
}

const struct view lua_view_protos = {
	.name = "prototypes",
	.title = "Prototypes",
	.help = "prototypes as a tree, with sizes",
	.columns = columns,
	.ncolumns = P_COLUMNS,
	.count = count,
	.child = child,
	.cell = cell,
};
