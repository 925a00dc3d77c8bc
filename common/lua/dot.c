/* SPDX-License-Identifier: MIT */
/* The graph of modules, for Graphviz. */
#include "common/lua/book.h"
#include "common/lua/shown.h"
#include "common/view/escape.h"

/*
 * A DOT string of escaped text. DOT's labels have escapes of their own, and a backslash stands for
 * itself only when doubled: so no two names become one.
 */
static void put_name(const struct lua_image *img, uint32_t string, struct buf *out,
		     struct buf *scratch)
{
	scratch->len = 0;
	if (string < img->nstrings)
		escape_text(scratch, img->strings[string].text,
			    lua_shown_name(img, &img->strings[string]));
	out->failed |= scratch->failed;
	buf_byte(out, '"');
	for (size_t i = 0; i < scratch->len; i++) {
		if (scratch->data[i] == '"' || scratch->data[i] == '\\')
			buf_byte(out, '\\');
		buf_byte(out, scratch->data[i]);
	}
	buf_byte(out, '"');
}

static void put_edge(const struct lua_image *img, const struct lua_require *q, struct buf *out,
		     struct buf *scratch)
{
	uint32_t from = img->protos[q->proto].module;

	if (q->name == LUA_NONE || from >= img->nmodules)
		return;
	buf_byte(out, '\t');
	put_name(img, img->modules[from].name, out, scratch);
	buf_str(out, " -> ");
	put_name(img, q->module == LUA_NONE ? q->name : img->modules[q->module].name, out, scratch);
	buf_str(out, q->kind == LUA_REQUIRE ? ";\n" : " [style=dashed];\n");
}

void lua_requires_dot(const struct lua_book *b, struct buf *out)
{
	const struct lua_image *img = b->img;
	struct buf scratch = { 0 };

	buf_str(out, "digraph modules {\n\trankdir=LR;\n\tnode [shape=box];\n");
	for (uint32_t i = 0; img && i < img->nmodules; i++) {
		buf_byte(out, '\t');
		put_name(img, img->modules[i].name, out, &scratch);
		buf_str(out, ";\n");
	}
	for (uint32_t i = 0; i < b->xref.nrequires; i++)
		put_edge(img, &b->xref.requires[i], out, &scratch);
	buf_str(out, "}\n");
	buf_free(&scratch);
}
