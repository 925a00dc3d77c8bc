/* SPDX-License-Identifier: MIT */
/* Views of the difference between two images. */
#include <string.h>

#include "common/lua/diff.h"
#include "common/lua/listing.h"
#include "common/view/output.h"

static const char *const status_words[] = {
	[DIFF_SAME] = "same",
	[DIFF_ADDED] = "added",
	[DIFF_REMOVED] = "removed",
	[DIFF_GROWN] = "grown",
	[DIFF_SHRUNK] = "shrunk",
	[DIFF_CHANGED] = "changed",
	[DIFF_DEBUG] = "lines or names",
};

/* Summary */

enum {
	S_CONTENT,
	S_FORMAT,
	S_TIME,
	S_SIZE,
	S_SAME,
	S_OLD_FORMAT,
	S_NEW_FORMAT,
	S_OLD_TIME,
	S_NEW_TIME,
	S_OLD_SIZE,
	S_NEW_SIZE,
	S_CHANGE,
	S_COLUMNS
};

#define IN_WORDS  VIEW_NO_JSON
#define IN_VALUES VIEW_HIDDEN

static const struct view_column summary_columns[] = {
	[S_CONTENT] = { "content", "content", VIEW_TEXT, IN_WORDS,
			"the same, whatever build time, seed, base and packing are; or not" },
	[S_FORMAT] = { "format", "format", VIEW_TEXT, IN_WORDS, "old and new format" },
	[S_TIME] = { "build_time", "build time", VIEW_TEXT, IN_WORDS, "old and new build time" },
	[S_SIZE] = { "size", "size", VIEW_TEXT, IN_WORDS,
		     "old and new size in flash (a chunk's: of the file)" },
	[S_SAME] = { "same", "same", VIEW_BOOL, IN_VALUES, "is the content the same?" },
	[S_OLD_FORMAT] = { "old_format", "old format", VIEW_TEXT, IN_VALUES, "old format" },
	[S_NEW_FORMAT] = { "new_format", "new format", VIEW_TEXT, IN_VALUES, "new format" },
	[S_OLD_TIME] = { "old_time", "old time", VIEW_TIME, IN_VALUES, "old build time" },
	[S_NEW_TIME] = { "new_time", "new time", VIEW_TIME, IN_VALUES, "new build time" },
	[S_OLD_SIZE] = { "old_size", "old size", VIEW_SIZE, IN_VALUES, "old size" },
	[S_NEW_SIZE] = { "new_size", "new size", VIEW_SIZE, IN_VALUES, "new size" },
	[S_CHANGE] = { "change", "change", VIEW_CHANGE, 0, "bytes more or less" },
};

static const char *verdict_words(const struct lua_diff *d)
{
	switch (d->verdict) {
	case DIFF_EQUAL: return "the same";
	case DIFF_FORMAT: return "the same, for another firmware";
	case DIFF_ORDER: return "the same but for the order of the modules";
	default: return "differs";
	}
}

static int64_t change_of(const struct lua_diff *d)
{
	return (int64_t)d->book[1]->layout.size - d->book[0]->layout.size;
}

/* A value as tables print it. */
static void put_value(struct buf *out, enum view_type type, int64_t value)
{
	const struct view_column column = { .type = type };
	struct view_cell cell;

	view_int(&cell, value);
	output_cell_text(out, &column, &cell, true);
}

static void put_time(struct buf *out, const struct lua_image *img)
{
	if (img->has_time)
		put_value(out, VIEW_TIME, img->build_time);
	else
		buf_str(out, "none");
}

static void put_size(struct buf *out, const struct lua_book *b)
{
	put_value(out, VIEW_SIZE, b->layout.size);
}

/* "old -> new", or one of them when both are the same. */
static void put_both(const struct lua_diff *d, unsigned column, struct buf *out)
{
	struct buf text[2] = { { 0 }, { 0 } };
	bool same;

	for (unsigned side = 0; side < 2; side++) {
		if (column == S_FORMAT)
			lua_format_words(d->book[side]->img, &text[side]);
		else if (column == S_TIME)
			put_time(&text[side], d->book[side]->img);
		else
			put_size(&text[side], d->book[side]);
	}
	same = text[0].len == text[1].len && !memcmp(text[0].data, text[1].data, text[0].len);
	buf_put(out, text[0].data, text[0].len);
	if (!same) {
		buf_str(out, " -> ");
		buf_put(out, text[1].data, text[1].len);
	}
	out->failed |= text[0].failed || text[1].failed;
	buf_free(&text[0]);
	buf_free(&text[1]);
}

static void summary_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			 struct buf *scratch)
{
	const struct lua_diff *d = ctx;
	const struct lua_image *img;

	(void)row;
	switch (column) {
	case S_CONTENT: view_text(c, verdict_words(d)); break;
	case S_FORMAT:
	case S_TIME:
	case S_SIZE:
		put_both(d, column, scratch);
		view_bytes(c, scratch->data, scratch->len);
		break;
	case S_SAME: view_bool(c, d->verdict == DIFF_EQUAL); break;
	case S_OLD_FORMAT:
	case S_NEW_FORMAT:
		lua_format_words(d->book[column == S_NEW_FORMAT]->img, scratch);
		view_bytes(c, scratch->data, scratch->len);
		break;
	case S_OLD_TIME:
	case S_NEW_TIME:
		img = d->book[column == S_NEW_TIME]->img;
		if (img->has_time)
			view_int(c, img->build_time);
		break;
	case S_OLD_SIZE:
	case S_NEW_SIZE: view_int(c, d->book[column == S_NEW_SIZE]->layout.size); break;
	case S_CHANGE: view_int(c, change_of(d)); break;
	default: break;
	}
}

const struct view lua_diff_view_summary = {
	.name = "summary",
	.title = NULL,
	.help = "whether the content is the same, formats, times and sizes",
	.columns = summary_columns,
	.ncolumns = S_COLUMNS,
	.record = true,
	.count = view_one,
	.child = view_nth,
	.cell = summary_cell,
};

void lua_diff_sentence(const struct lua_diff *d, struct buf *out)
{
	buf_printf(out, "Content %s%s: ", d->verdict == DIFF_DIFFERS ? "" : "is ",
		   verdict_words(d));
	put_value(out, VIEW_CHANGE, change_of(d));
	buf_printf(out, " bytes%s (",
		   d->book[1]->img->traits.form == LUA_FORM_CHUNK ? "" : " in flash");
	put_both(d, S_SIZE, out);
	buf_str(out, "); format ");
	put_both(d, S_FORMAT, out);
	buf_str(out, "; build time ");
	put_both(d, S_TIME, out);
	buf_byte(out, '.');
}

/* Bytes by kind */

enum { B_PART, B_OLD, B_NEW, B_CHANGE, B_COLUMNS };

static const struct view_column bytes_columns[] = {
	[B_PART] = { "part", "part", VIEW_TEXT, 0, "what the bytes hold" },
	[B_OLD] = { "old", "old", VIEW_SIZE, 0, "bytes in the old image" },
	[B_NEW] = { "new", "new", VIEW_SIZE, 0, "bytes in the new image" },
	[B_CHANGE] = { "change", "change", VIEW_CHANGE, 0,
		       "bytes more or less; they add up to the change of the size" },
};

static uint64_t bytes_count(const void *ctx, uint64_t row)
{
	(void)ctx;
	return row == VIEW_ROOT ? LUA_BYTE_KINDS : 0;
}

static void bytes_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		       struct buf *scratch)
{
	const struct lua_diff *d = ctx;
	unsigned kind = d->kinds[row];
	int64_t old = d->book[0]->layout.sum[kind];
	int64_t now = d->book[1]->layout.sum[kind];

	(void)scratch;
	switch (column) {
	case B_PART: view_text(c, lua_byte_kinds[kind].words); break;
	case B_OLD: view_int(c, old); break;
	case B_NEW: view_int(c, now); break;
	case B_CHANGE: view_int(c, now - old); break;
	default: break;
	}
}

const struct view lua_diff_view_bytes = {
	.name = "bytes",
	.title = "Bytes by what they hold",
	.help = "bytes by what they hold, the biggest change first",
	.columns = bytes_columns,
	.ncolumns = B_COLUMNS,
	.count = bytes_count,
	.child = view_nth,
	.cell = bytes_cell,
};

/* Modules and prototypes */

enum { M_NAME, M_STATUS, M_OLD, M_NEW, M_CHANGE, M_WHAT, M_MODULE, M_OLD_ID, M_NEW_ID, M_COLUMNS };

static const struct view_column modules_columns[] = {
	[M_NAME] = { "name", "module, prototype", VIEW_TEXT, VIEW_TREE,
		     "module; below it what changed in it: prototypes (their own bytes), strings" },
	[M_STATUS] = { "status", "status", VIEW_TEXT, VIEW_MINOR,
		       "added, removed, grown, shrunk, changed (in as many bytes), lines or "
		       "names" },
	[M_OLD] = { "old", "old", VIEW_SIZE, 0, "bytes in the old image" },
	[M_NEW] = { "new", "new", VIEW_SIZE, 0, "bytes in the new image" },
	[M_CHANGE] = { "change", "change", VIEW_CHANGE, 0,
		       "bytes more or less; modules, shared strings and the image's own add up" },
	[M_WHAT] = { "kind", "kind", VIEW_TEXT, VIEW_HIDDEN,
		     "module, prototype, strings (that the module alone uses), shared, image" },
	[M_MODULE] = { "module", "module", VIEW_TEXT, VIEW_HIDDEN, "module that the row is of" },
	[M_OLD_ID] = { "old_id", "old id", VIEW_COUNT, VIEW_HIDDEN,
		       "number of the prototype in the old image" },
	[M_NEW_ID] = { "new_id", "new id", VIEW_COUNT, VIEW_HIDDEN,
		       "number of the prototype in the new image" },
};

static uint64_t modules_count(const void *ctx, uint64_t row)
{
	const struct lua_diff *d = ctx;

	return row == VIEW_ROOT ? d->ntop : d->rows[row].count;
}

static uint64_t modules_child(const void *ctx, uint64_t row, uint64_t i)
{
	const struct lua_diff *d = ctx;

	return row == VIEW_ROOT ? d->top[i] : d->rows[row].first + i;
}

/* The new image's module, or the one that is gone. */
static void module_cell(const struct lua_diff *d, const struct lua_diff_row *r, struct view_cell *c)
{
	unsigned side = r->module[1] != LUA_NONE;

	lua_module_cell(d->book[side]->img, r->module[side], c);
}

static void name_cell(const struct lua_diff *d, const struct lua_diff_row *r, struct view_cell *c,
		      struct buf *scratch)
{
	unsigned side = r->proto[1] != LUA_NONE;

	switch (r->what) {
	case DIFF_MODULE:
		module_cell(d, r, c);
		if (c->kind == VIEW_EMPTY)
			view_text(c, "(chunk)");
		break;
	case DIFF_PROTO:
		lua_proto_title(d->book[side]->img, r->proto[side], scratch);
		view_bytes(c, scratch->data, scratch->len);
		break;
	case DIFF_STRINGS: view_text(c, "(strings that only it uses)"); break;
	case DIFF_SHARED: view_text(c, "(shared strings)"); break;
	default: view_text(c, "(header, hash vector, lists)"); break;
	}
}

static void modules_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			 struct buf *scratch)
{
	static const char *const what[] = { "module", "prototype", "strings", "shared", "image" };
	const struct lua_diff *d = ctx;
	const struct lua_diff_row *r = &d->rows[row];

	switch (column) {
	case M_NAME: name_cell(d, r, c, scratch); break;
	case M_STATUS: view_text(c, status_words[r->status]); break;
	case M_OLD: view_int(c, r->size[0]); break;
	case M_NEW: view_int(c, r->size[1]); break;
	case M_CHANGE: view_int(c, r->size[1] - r->size[0]); break;
	case M_WHAT: view_text(c, what[r->what]); break;
	case M_MODULE:
		if (r->what <= DIFF_STRINGS)
			module_cell(d, r, c);
		break;
	case M_OLD_ID:
	case M_NEW_ID:
		if (r->what == DIFF_PROTO && r->proto[column == M_NEW_ID] != LUA_NONE)
			view_int(c, r->proto[column == M_NEW_ID]);
		break;
	default: break;
	}
}

const struct view lua_diff_view_modules = {
	.name = "modules",
	.title = "Modules and prototypes",
	.help = "modules and prototypes that changed, the biggest change first",
	.columns = modules_columns,
	.ncolumns = M_COLUMNS,
	.count = modules_count,
	.child = modules_child,
	.cell = modules_cell,
};

/* Strings */

enum { T_TEXT, T_STATUS, T_KIND, T_LENGTH, T_CHANGE, T_COLUMNS };

static const struct view_column strings_columns[] = {
	[T_TEXT] = { "text", "string", VIEW_TEXT, VIEW_ELASTIC, "the bytes" },
	[T_STATUS] = { "status", "status", VIEW_TEXT, 0, "added or removed" },
	[T_KIND] = { "kind", "kind", VIEW_TEXT, VIEW_MINOR,
		     "as in --strings: constant, module, name ..." },
	[T_LENGTH] = { "length", "length", VIEW_COUNT, VIEW_MINOR, "bytes of the text" },
	[T_CHANGE] = { "change", "change", VIEW_CHANGE, 0,
		       "bytes more or less in flash; none of a chunk" },
};

static uint64_t strings_count(const void *ctx, uint64_t row)
{
	return row == VIEW_ROOT ? ((const struct lua_diff *)ctx)->nstrings : 0;
}

static void strings_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			 struct buf *scratch)
{
	const struct lua_diff *d = ctx;
	bool added = d->strings[row].added;
	const struct lua_image *img = d->book[added]->img;
	const struct lua_string *s = &img->strings[d->strings[row].string];
	int64_t flash = (int64_t)lua_string_bytes(s->len);

	(void)scratch;
	switch (column) {
	case T_TEXT: view_bytes(c, s->text, s->len); break;
	case T_STATUS: view_text(c, status_words[added ? DIFF_ADDED : DIFF_REMOVED]); break;
	case T_KIND: view_text(c, lua_string_kind(s)); break;
	case T_LENGTH: view_int(c, s->len); break;
	case T_CHANGE:
		if (img->traits.form != LUA_FORM_CHUNK)
			view_int(c, added ? flash : -flash);
		break;
	default: break;
	}
}

const struct view lua_diff_view_strings = {
	.name = "strings",
	.title = "Strings",
	.help = "strings that came and went, the longest first",
	.columns = strings_columns,
	.ncolumns = T_COLUMNS,
	.sort = "-length",
	.count = strings_count,
	.child = view_nth,
	.cell = strings_cell,
};
