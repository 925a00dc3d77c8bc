/* SPDX-License-Identifier: MIT */
#include "common/lua/view_check.h"

enum { F_LEVEL, F_MESSAGE, F_CAUSE, F_REMEDY, F_OFFSET, F_FIELD, F_COLUMNS };

static const struct view_column columns[] = {
	[F_LEVEL] = { "level", "finding", VIEW_TEXT, 0,
		      "refused: the loader refuses the file; error: it loads, and then goes wrong; "
		      "note: advice" },
	[F_MESSAGE] = { "message", "device says", VIEW_TEXT, 0,
			"exactly what the device prints; empty when it has no words for it" },
	[F_CAUSE] = { "cause", "cause", VIEW_TEXT, 0, "what is wrong" },
	[F_REMEDY] = { "remedy", "remedy", VIEW_TEXT, 0, "what to do" },
	[F_OFFSET] = { "offset", "offset", VIEW_HEX, 0,
		       "byte offset of the guilty field (a gzip file: in the inflated image)" },
	[F_FIELD] = { "field", "field", VIEW_TEXT, 0, "its path" },
};

static uint64_t count(const void *ctx, uint64_t row)
{
	return row == VIEW_ROOT ? ((const struct check_report *)ctx)->count : 0;
}

static void cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		 struct buf *scratch)
{
	static const char *const levels[] = {
		[CHECK_REFUSED] = "refused",
		[CHECK_ERROR] = "error",
		[CHECK_NOTE] = "note",
	};
	const struct check_finding *f = &((const struct check_report *)ctx)->findings[row];

	(void)scratch;
	switch (column) {
	case F_LEVEL: view_text(c, levels[f->level]); break;
	case F_MESSAGE: view_text(c, f->message); break;
	case F_CAUSE: view_text(c, f->cause); break;
	case F_REMEDY: view_text(c, f->remedy); break;
	case F_OFFSET:
		if (f->placed)
			view_int(c, (int64_t)f->off);
		break;
	case F_FIELD: view_text(c, f->path); break;
	default: break;
	}
}

const struct view lua_view_check = {
	.name = "findings",
	.title = NULL,
	.help = "what the device would say to the file, and what would go wrong after that",
	.columns = columns,
	.ncolumns = F_COLUMNS,
	.record = true,
	.count = count,
	.child = view_nth,
	.cell = cell,
};
