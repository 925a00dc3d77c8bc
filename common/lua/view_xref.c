/* SPDX-License-Identifier: MIT */
/* Who uses what: references to strings, globals, and the graph of modules. */
#include "common/lua/book.h"
#include "common/lua/listing.h"
#include "common/lua/shown.h"

static void string(const struct lua_image *img, uint32_t s, struct view_cell *c)
{
	if (s < img->nstrings)
		view_bytes(c, img->strings[s].text, lua_shown(img, &img->strings[s]));
}

/* Columns that say where: the same in references and requires. */
enum { AT_MODULE, AT_FUNCTION, AT_LINE, AT_PC, AT_COLUMNS };
#define AT_COLUMN_LIST \
	[AT_MODULE] = { "module", "module", VIEW_TEXT, 0, "module" }, \
	[AT_FUNCTION] = { "function", "function", VIEW_TEXT, VIEW_MINOR, "prototype" }, \
	[AT_LINE] = { "line", "line", VIEW_COUNT, VIEW_MINOR, "source line" }, \
	[AT_PC] = { "pc", "pc", VIEW_COUNT, VIEW_HIDDEN, "instruction, 1 first" }

static void at_cell(const struct lua_book *b, uint32_t proto, uint32_t pc, unsigned column,
		    struct view_cell *c, struct buf *scratch)
{
	if (proto == LUA_NONE)
		return;
	switch (column) {
	case AT_MODULE: lua_module_cell(b->img, b->img->protos[proto].module, c); break;
	case AT_FUNCTION:
		lua_proto_title(b->img, proto, scratch);
		view_bytes(c, scratch->data, scratch->len);
		break;
	case AT_LINE:
		if (pc != LUA_NONE && b->lines[b->code_first[proto] + pc])
			view_int(c, b->lines[b->code_first[proto] + pc]);
		break;
	case AT_PC:
		if (pc != LUA_NONE)
			view_int(c, (int64_t)pc + 1);
		break;
	default: break;
	}
}

/* References */

enum { R_KIND = AT_COLUMNS, R_OBJECT, R_STRING, R_COLUMNS };

static const struct view_column ref_columns[] = {
	AT_COLUMN_LIST,
	[R_KIND] = { "kind", "kind", VIEW_TEXT, 0, "how it is used" },
	[R_OBJECT] = { "object", "of", VIEW_TEXT, VIEW_MINOR,
		       "fields and methods: of what, where it is known" },
	[R_STRING] = { "string", "string", VIEW_TEXT, VIEW_ELASTIC, "the string" },
};

static uint64_t ref_count(const void *ctx, uint64_t row)
{
	const struct lua_book *b = ctx;

	return row == VIEW_ROOT ? b->nrows : 0;
}

/* An object is a path only where something is looked up; for names it is a number. */
static bool has_path(const struct lua_ref *r)
{
	return r->object != LUA_NONE &&
	       (r->kind == LUA_REF_FIELD_READ || r->kind == LUA_REF_FIELD_WRITE ||
		r->kind == LUA_REF_METHOD);
}

static void ref_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		     struct buf *scratch)
{
	const struct lua_book *b = ctx;
	const struct lua_ref *r = &b->xref.refs[b->rows[row]];

	switch (column) {
	case R_KIND: view_text(c, lua_ref_words[r->kind]); break;
	case R_OBJECT:
		if (has_path(r))
			view_text(c, lua_xref_path(&b->xref, r->object));
		break;
	case R_STRING: string(b->img, r->string, c); break;
	default: at_cell(b, r->proto, r->pc, column, c, scratch); break;
	}
}

const struct view lua_view_refs = {
	.name = "xref",
	.title = "References",
	.help = "who uses the string or global TEXT (a glob, too)",
	.columns = ref_columns,
	.ncolumns = R_COLUMNS,
	.count = ref_count,
	.child = view_nth,
	.cell = ref_cell,
};

/* Globals */

enum { G_NAME, G_READS, G_WRITES, G_COLUMNS };

static const struct view_column global_columns[] = {
	[G_NAME] = { "name", "global", VIEW_TEXT, 0, "name of the global variable" },
	[G_READS] = { "reads", "read", VIEW_COUNT, 0, "instructions that read it" },
	[G_WRITES] = { "writes", "written", VIEW_COUNT, 0, "instructions that write it" },
};

static uint64_t global_count(const void *ctx, uint64_t row)
{
	const struct lua_book *b = ctx;

	return row == VIEW_ROOT ? b->xref.nglobals : 0;
}

static void global_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			struct buf *scratch)
{
	const struct lua_book *b = ctx;
	const struct lua_global *g = &b->xref.globals[row];

	(void)scratch;
	if (column == G_NAME)
		string(b->img, g->name, c);
	else
		view_int(c, column == G_READS ? g->reads : g->writes);
}

const struct view lua_view_globals = {
	.name = "globals",
	.title = "Globals",
	.help = "global variables that are read and written",
	.columns = global_columns,
	.ncolumns = G_COLUMNS,
	.count = global_count,
	.child = view_nth,
	.cell = global_cell,
};

/* Requires */

enum { Q_HOW = AT_COLUMNS, Q_NAME, Q_INSIDE, Q_COLUMNS };

static const struct view_column require_columns[] = {
	AT_COLUMN_LIST,
	[Q_HOW] = { "how", "how", VIEW_TEXT, 0, "require, file (dofile, loadfile), LFS" },
	[Q_NAME] = { "name", "wants", VIEW_TEXT, 0, "the name asked for; empty: made at run time" },
	[Q_INSIDE] = { "inside", "in image", VIEW_BOOL, 0, "a module of this image has the name" },
};

static uint64_t require_count(const void *ctx, uint64_t row)
{
	const struct lua_book *b = ctx;

	return row == VIEW_ROOT ? b->xref.nrequires : 0;
}

static void require_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			 struct buf *scratch)
{
	const struct lua_book *b = ctx;
	const struct lua_require *q = &b->xref.requires[row];

	switch (column) {
	case Q_HOW: view_text(c, lua_require_words[q->kind]); break;
	case Q_NAME: string(b->img, q->name, c); break;
	case Q_INSIDE: view_bool(c, q->module != LUA_NONE); break;
	default: at_cell(b, q->proto, q->pc, column, c, scratch); break;
	}
}

const struct view lua_view_requires = {
	.name = "requires",
	.title = "Modules that need others",
	.help = "which module asks for which, and whether the image has it",
	.columns = require_columns,
	.ncolumns = Q_COLUMNS,
	.count = require_count,
	.child = view_nth,
	.cell = require_cell,
};
