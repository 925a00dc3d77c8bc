/* SPDX-License-Identifier: MIT */
/* What prototypes hold: constants, upvalues, locals; and code words and lines for JSON's lists. */
#include "common/lua/view_items.h"

#include "common/lua/listing.h"
#include "common/lua/shown.h"

uint64_t lua_item_child(const void *ctx, uint64_t row, uint64_t i)
{
	(void)ctx;
	if (row == VIEW_ROOT)
		return lua_item_row(i, LUA_NONE);
	return lua_item_row(lua_item_proto(row), (uint32_t)i);
}

bool lua_item_heading(const void *ctx, uint64_t row, struct buf *out)
{
	const struct lua_book *b = ctx;
	struct view_cell module = { 0 };

	if (lua_item_index(row) != LUA_NONE)
		return false;
	lua_module_cell(b->img, b->img->protos[lua_item_proto(row)].module, &module);
	if (module.kind == VIEW_BYTES) {
		buf_put(out, module.bytes.p, module.bytes.n);
		buf_str(out, ": ");
	}
	lua_proto_title(b->img, lua_item_proto(row), out);
	return true;
}

void lua_item_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		   struct buf *scratch)
{
	const struct lua_image *img = ((const struct lua_book *)ctx)->img;
	uint32_t proto = lua_item_proto(row);

	if (column == LUA_ITEM_MODULE) {
		lua_module_cell(img, img->protos[proto].module, c);
	} else if (column == LUA_ITEM_FUNCTION) {
		lua_proto_title(img, proto, scratch);
		view_bytes(c, scratch->data, scratch->len);
	}
}

/* Rows: every prototype's heading, and below it as many as the slice says. */
static uint64_t items(const void *ctx, uint64_t row, size_t slice)
{
	const struct lua_image *img = ((const struct lua_book *)ctx)->img;
	const char *p;

	if (!img)
		return 0;
	if (row == VIEW_ROOT)
		return img->nprotos;
	if (lua_item_index(row) != LUA_NONE)
		return 0;
	p = (const char *)&img->protos[lua_item_proto(row)];
	return ((const struct lua_slice *)(const void *)(p + slice))->count;
}

static void name_cell(const struct lua_image *img, uint32_t string, struct view_cell *c)
{
	if (string != LUA_NONE)
		view_bytes(c, img->strings[string].text, lua_shown(img, &img->strings[string]));
}

/* Constants */

enum { K_INDEX = LUA_ITEM_FIRST, K_TYPE, K_TEXT, K_VALUE, K_COLUMNS };

static const struct view_column constant_columns[] = {
	LUA_ITEM_COLUMNS[K_INDEX] = { "index", "index", VIEW_COUNT, VIEW_NO_JSON,
				      "number, 1 first" },
	[K_TYPE] = { "type", "type", VIEW_TEXT, 0, "nil, boolean, integer, float or string" },
	[K_TEXT] = { "text", "value", VIEW_TEXT, VIEW_NO_JSON | VIEW_SOURCE, "as Lua source" },
	[K_VALUE] = { "value", "value", VIEW_REAL, VIEW_JSON_ONLY, "the value; strings as bytes" },
};

static uint64_t constants_count(const void *ctx, uint64_t row)
{
	return items(ctx, row, offsetof(struct lua_proto, constants));
}

static void value_cell(const struct lua_image *img, const struct lua_const *k, struct view_cell *c)
{
	switch (k->type) {
	case LUA_NIL: break;
	case LUA_BOOLEAN: view_bool(c, k->b); break;
	case LUA_INTEGER: view_int(c, k->i); break;
	case LUA_FLOAT: view_real(c, k->f); break;
	case LUA_STRING: name_cell(img, k->string, c); break;
	}
}

static void constant_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			  struct buf *scratch)
{
	static const char *const types[] = { "nil", "boolean", "integer", "float", "string" };
	const struct lua_image *img = ((const struct lua_book *)ctx)->img;
	const struct lua_proto *p = &img->protos[lua_item_proto(row)];
	const struct lua_const *k = &img->constants[p->constants.first + lua_item_index(row)];

	switch (column) {
	case K_INDEX: view_int(c, (int64_t)lua_item_index(row) + 1); break;
	case K_TYPE: view_text(c, types[k->type]); break;
	case K_TEXT:
		lua_constant_text(img, k, scratch);
		view_bytes(c, scratch->data, scratch->len);
		break;
	case K_VALUE: value_cell(img, k, c); break;
	default: lua_item_cell(ctx, row, column, c, scratch); break;
	}
}

const struct view lua_view_constants = {
	.name = "constants",
	.title = "Constants",
	.help = "constants of every prototype",
	.columns = constant_columns,
	.ncolumns = K_COLUMNS,
	.count = constants_count,
	.child = lua_item_child,
	.cell = constant_cell,
	.heading = lua_item_heading,
};

/* Upvalues */

enum { U_INDEX = LUA_ITEM_FIRST, U_NAME, U_INSTACK, U_FROM, U_COLUMNS };

static const struct view_column upvalue_columns[] = {
	LUA_ITEM_COLUMNS[U_INDEX] = { "number", "number", VIEW_COUNT, VIEW_NO_JSON,
				      "number, 0 first" },
	[U_NAME] = { "name", "name", VIEW_TEXT, 0, "name; empty when debug data was dropped" },
	[U_INSTACK] = { "instack", "in stack", VIEW_BOOL, 0,
			"5.3: a register of the function around it, else one of its upvalues" },
	[U_FROM] = { "index", "from", VIEW_COUNT, 0, "5.3: which register or upvalue" },
};

static uint64_t upvalues_count(const void *ctx, uint64_t row)
{
	return items(ctx, row, offsetof(struct lua_proto, upvalues));
}

static void upvalue_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			 struct buf *scratch)
{
	const struct lua_image *img = ((const struct lua_book *)ctx)->img;
	const struct lua_proto *p = &img->protos[lua_item_proto(row)];
	const struct lua_upvalue *u = &img->upvalues[p->upvalues.first + lua_item_index(row)];

	switch (column) {
	case U_INDEX: view_int(c, lua_item_index(row)); break;
	case U_NAME: name_cell(img, u->name, c); break;
	case U_INSTACK:
		if (img->traits.version == LUA_53)
			view_bool(c, u->instack);
		break;
	case U_FROM:
		if (img->traits.version == LUA_53)
			view_int(c, u->index);
		break;
	default: lua_item_cell(ctx, row, column, c, scratch); break;
	}
}

const struct view lua_view_upvalues = {
	.name = "upvalues",
	.title = "Upvalues",
	.help = "upvalues of every prototype",
	.columns = upvalue_columns,
	.ncolumns = U_COLUMNS,
	.count = upvalues_count,
	.child = lua_item_child,
	.cell = upvalue_cell,
	.heading = lua_item_heading,
};

/* Locals */

enum { L_INDEX = LUA_ITEM_FIRST, L_NAME, L_START, L_END, L_COLUMNS };

static const struct view_column local_columns[] = {
	LUA_ITEM_COLUMNS[L_INDEX] = { "number", "number", VIEW_COUNT, VIEW_NO_JSON,
				      "number, 0 first" },
	[L_NAME] = { "name", "name", VIEW_TEXT, 0, "name of the variable" },
	[L_START] = { "start_pc", "from", VIEW_COUNT, 0,
		      "first instruction where it is alive, 0 first" },
	[L_END] = { "end_pc", "to", VIEW_COUNT, 0, "first instruction where it is not" },
};

static uint64_t locals_count(const void *ctx, uint64_t row)
{
	return items(ctx, row, offsetof(struct lua_proto, locals));
}

static void local_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		       struct buf *scratch)
{
	const struct lua_image *img = ((const struct lua_book *)ctx)->img;
	const struct lua_proto *p = &img->protos[lua_item_proto(row)];
	const struct lua_local *l = &img->locals[p->locals.first + lua_item_index(row)];

	switch (column) {
	case L_INDEX: view_int(c, lua_item_index(row)); break;
	case L_NAME: name_cell(img, l->name, c); break;
	case L_START: view_int(c, l->start_pc); break;
	case L_END: view_int(c, l->end_pc); break;
	default: lua_item_cell(ctx, row, column, c, scratch); break;
	}
}

const struct view lua_view_locals = {
	.name = "locals",
	.title = "Locals",
	.help = "named local variables of every prototype, where debug data kept them",
	.columns = local_columns,
	.ncolumns = L_COLUMNS,
	.count = locals_count,
	.child = lua_item_child,
	.cell = local_cell,
	.heading = lua_item_heading,
};
