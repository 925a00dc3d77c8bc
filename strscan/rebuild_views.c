/* SPDX-License-Identifier: MIT */
/* Modules and sizes, before and after. */
#include "strscan/rebuild_job.h"

/* Modules */

enum { M_NAME, M_STATUS, M_BEFORE, M_AFTER, M_WAS, M_FROM, M_COLUMNS };

static const struct view_column module_columns[] = {
	[M_NAME] = { "module", NULL, VIEW_TEXT, 0, "its name" },
	[M_STATUS] = { "status", NULL, VIEW_TEXT, 0,
		       "kept, renamed or removed; added; replaced: there was one of the name; "
		       "joined: "
		       "strings of several are in it" },
	[M_BEFORE] = { "before", NULL, VIEW_SIZE, 0, "bytes in the image to start from" },
	[M_AFTER] = { "after", NULL, VIEW_SIZE, 0, "bytes in the new image" },
	[M_WAS] = { "was", NULL, VIEW_TEXT, VIEW_IF_ANY, "its name before" },
	[M_FROM] = { "from", NULL, VIEW_TEXT, 0, "the input that has it" },
};

static uint64_t module_count(const void *ctx, uint64_t row)
{
	return row == VIEW_ROOT ? ((const struct rebuild_result *)ctx)->job->count : 0;
}

static void module_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			struct buf *scratch)
{
	static const char *const words[] = { "kept",   "added",   "replaced",
					     "joined", "renamed", "removed" };
	const struct rebuild_result *r = ctx;
	const struct job_module *m = &r->job->modules[row];

	(void)scratch;
	switch (column) {
	case M_NAME: view_bytes(c, m->in.name, m->in.name_len); break;
	case M_STATUS: view_text(c, words[m->status]); break;
	case M_BEFORE:
		if (m->old != LUA_NONE)
			view_int(c, lua_module_size(r->job->first, m->old));
		break;
	case M_AFTER:
		if (r->place[row] != LUA_NONE)
			view_int(c, lua_module_size(r->book, r->place[row]));
		break;
	case M_WAS:
		if (m->status == MODULE_RENAMED)
			lua_module_cell(r->job->first->img, m->old, c);
		break;
	case M_FROM: view_text(c, m->from); break;
	default: break;
	}
}

const struct view rebuild_modules_view = {
	.name = "modules",
	.title = "Modules",
	.help = "what became of the modules",
	.columns = module_columns,
	.ncolumns = M_COLUMNS,
	.count = module_count,
	.child = view_nth,
	.cell = module_cell,
};

/* Sizes */

enum { S_WHAT, S_BEFORE, S_AFTER, S_CHANGE, S_COLUMNS };

static const struct view_column size_columns[] = {
	[S_WHAT] = { "what", "", VIEW_TEXT, 0, "what is counted" },
	[S_BEFORE] = { "before", NULL, VIEW_SIZE, 0, "in the image to start from" },
	[S_AFTER] = { "after", NULL, VIEW_SIZE, 0, "in the new image" },
	[S_CHANGE] = { "change", NULL, VIEW_CHANGE, 0, "how much more or less" },
};

enum { IN_FLASH, IN_FILE, MODULES, STRINGS, SIZE_ROWS };

static uint64_t size_count(const void *ctx, uint64_t row)
{
	(void)ctx;
	return row == VIEW_ROOT ? SIZE_ROWS : 0;
}

static int64_t size_of(const struct lua_image *img, uint64_t row)
{
	switch (row) {
	case IN_FLASH: return (int64_t)img->flash_size;
	case IN_FILE: return (int64_t)img->file_size;
	case MODULES: return img->nmodules;
	default: return img->nstrings;
	}
}

static void size_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		      struct buf *scratch)
{
	static const char *const words[] = { "size in flash", "size of the file", "modules",
					     "strings" };
	const struct rebuild_result *r = ctx;
	const struct lua_book *first = r->job->first;
	int64_t after = size_of(r->book->img, row);

	(void)scratch;
	if (column == S_WHAT)
		view_text(c, words[row]);
	else if (column == S_AFTER)
		view_int(c, after);
	else if (first && column == S_BEFORE)
		view_int(c, size_of(first->img, row));
	else if (first)
		view_int(c, after - size_of(first->img, row));
}

const struct view rebuild_sizes_view = {
	.name = "sizes",
	.help = "before and after",
	.columns = size_columns,
	.ncolumns = S_COLUMNS,
	.count = size_count,
	.child = view_nth,
	.cell = size_cell,
};
