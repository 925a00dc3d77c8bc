/* SPDX-License-Identifier: MIT */
#include "common/lua/against.h"

static const char *const status_words[] = {
	[AGAINST_STALE] = "stale",
	[AGAINST_MISSING] = "missing in the image",
	[AGAINST_EXTRA] = "not in the tree",
	[AGAINST_UNSURE] = "cannot tell",
	[AGAINST_SAME] = "same",
};

enum { A_NAME, A_STATUS, A_HOW, A_PATH, A_COLUMNS };

static const struct view_column columns[] = {
	[A_NAME] = { "name", "module", VIEW_TEXT, 0,
		     "the module; of a source its name up to the first dot" },
	[A_STATUS] = { "status", "status", VIEW_TEXT, 0,
		       "same, stale, missing in the image, not in the tree, cannot tell" },
	[A_HOW] = { "how", "how it was told", VIEW_TEXT, 0, "by name, by lines or by content" },
	[A_PATH] = { "source", "source", VIEW_TEXT, 0, "the source's file" },
};

static uint64_t count(const void *ctx, uint64_t row)
{
	return row == VIEW_ROOT ? ((const struct lua_against *)ctx)->count : 0;
}

static void cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		 struct buf *scratch)
{
	const struct lua_against_row *r = &((const struct lua_against *)ctx)->rows[row];
	const char *texts[A_COLUMNS] = { [A_STATUS] = status_words[r->verdict.status],
					 [A_HOW] = r->verdict.how,
					 [A_PATH] = r->path };

	(void)scratch;
	if (column == A_NAME)
		view_bytes(c, r->name, r->name_len);
	else
		view_text(c, texts[column]);
}

const struct view lua_against_view = {
	.name = "against",
	.title = "Modules against sources",
	.help = "which modules were built from the sources in a folder",
	.columns = columns,
	.ncolumns = A_COLUMNS,
	.count = count,
	.child = view_nth,
	.cell = cell,
};
