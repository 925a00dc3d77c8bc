/* SPDX-License-Identifier: MIT */
/* Views of an image as a whole: summary, format, bytes by kind, modules, damage. */
#include "common/lua/book.h"
#include "common/lua/shown.h"
#include "common/view/damage.h"

#include <stdio.h>
#include <string.h>

static uint64_t one_row(const void *ctx, uint64_t row)
{
	const struct lua_book *b = ctx;

	return row == VIEW_ROOT && b->img ? 1 : 0;
}

/* Summary */

enum {
	SUM_FILE,
	SUM_FORMAT,
	SUM_TIME,
	SUM_FILE_SIZE,
	SUM_FLASH_SIZE,
	SUM_MODULES,
	SUM_PROTOS,
	SUM_STRINGS,
	SUM_INSTRUCTIONS,
	SUM_BUCKETS,
	SUM_SEED,
	SUM_COLUMNS
};

static const struct view_column summary_columns[] = {
	[SUM_FILE] = { "file", "file", VIEW_TEXT, VIEW_HIDDEN, "name of the file" },
	[SUM_FORMAT] = { "format", "format", VIEW_TEXT, 0, "the format in words" },
	[SUM_TIME] = { "build_time", "build time", VIEW_TIME, 0,
		       "when luac.cross built the image" },
	[SUM_FILE_SIZE] = { "file_size", "file size", VIEW_SIZE, 0, "bytes of the file" },
	[SUM_FLASH_SIZE] = { "flash_size", "size in flash", VIEW_SIZE, 0,
			     "bytes in flash as the device's loader lays the image out" },
	[SUM_MODULES] = { "modules", "modules", VIEW_COUNT, 0, "modules" },
	[SUM_PROTOS] = { "prototypes", "prototypes", VIEW_COUNT, 0, "prototypes of all modules" },
	[SUM_STRINGS] = { "strings", "strings", VIEW_COUNT, 0,
			  "strings in the table, those included that every 5.3 image holds" },
	[SUM_INSTRUCTIONS] = { "instructions", "instructions", VIEW_COUNT, VIEW_HIDDEN,
			       "instructions" },
	[SUM_BUCKETS] = { "buckets", "hash buckets", VIEW_COUNT, VIEW_HIDDEN,
			  "buckets of the string table" },
	[SUM_SEED] = { "seed", "hash seed", VIEW_HEX, VIEW_HIDDEN, "seed of the hashes (5.3)" },
};

static int64_t count_instructions(const struct lua_image *img)
{
	int64_t n = 0;

	for (uint32_t i = 0; i < img->nprotos; i++)
		n += img->protos[i].ncode;
	return n;
}

static void summary_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			 struct buf *scratch)
{
	const struct lua_book *b = ctx;
	const struct lua_image *img = b->img;
	bool chunk = img->traits.form == LUA_FORM_CHUNK;

	(void)row;
	switch (column) {
	case SUM_FILE: view_text(c, b->file); break;
	case SUM_FORMAT:
		lua_format_words(img, scratch);
		view_bytes(c, scratch->data, scratch->len);
		break;
	case SUM_TIME:
		if (img->has_time)
			view_int(c, img->build_time);
		break;
	case SUM_FILE_SIZE: view_int(c, (int64_t)img->file_size); break;
	case SUM_FLASH_SIZE:
		if (!chunk)
			view_int(c, (int64_t)img->flash_size);
		break;
	case SUM_MODULES:
		if (!chunk)
			view_int(c, img->nmodules);
		break;
	case SUM_PROTOS: view_int(c, img->nprotos); break;
	case SUM_STRINGS: view_int(c, img->nstrings); break;
	case SUM_INSTRUCTIONS: view_int(c, count_instructions(img)); break;
	case SUM_BUCKETS:
		if (!chunk)
			view_int(c, img->header.buckets);
		break;
	case SUM_SEED:
		if (img->traits.version == LUA_53 && !chunk)
			view_int(c, img->header.seed);
		break;
	default: break;
	}
}

const struct view lua_view_summary = {
	.name = "summary",
	.title = NULL,
	.help = "what the file is, its sizes and numbers",
	.columns = summary_columns,
	.ncolumns = SUM_COLUMNS,
	.record = true,
	.count = one_row,
	.child = view_nth,
	.cell = summary_cell,
};

/* Format: the JSON object that says the same in values */

enum { FMT_LUA, FMT_FORM, FMT_NUMBER, FMT_INTEGER, FMT_FLOAT, FMT_PACKED, FMT_TAGS, FMT_COLUMNS };

static const struct view_column format_columns[] = {
	[FMT_LUA] = { "lua", NULL, VIEW_TEXT, 0, "Lua version: 5.1 or 5.3" },
	[FMT_FORM] = { "form", NULL, VIEW_TEXT, 0, "chunk, relocatable, portable or absolute" },
	[FMT_NUMBER] = { "number", NULL, VIEW_TEXT, 0, "double, integer, or integer+float (5.3)" },
	[FMT_INTEGER] = { "integer_bytes", NULL, VIEW_COUNT, 0, "size of an integer; 0: none" },
	[FMT_FLOAT] = { "float_bytes", NULL, VIEW_COUNT, 0, "size of a float; 0: none" },
	[FMT_PACKED] = { "packed", NULL, VIEW_BOOL, 0, "TValues packed to 12 bytes (5.1 images)" },
	[FMT_TAGS] = { "tags", NULL, VIEW_TEXT, 0,
		       "type tags: current, or 2018 (until April 2020)" },
};

static void format_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			struct buf *scratch)
{
	static const char *const forms[] = {
		[LUA_FORM_CHUNK] = "chunk",
		[LUA_FORM_RELOCATABLE] = "relocatable",
		[LUA_FORM_PORTABLE] = "portable",
		[LUA_FORM_ABSOLUTE] = "absolute",
	};
	const struct lua_traits *t = &((const struct lua_book *)ctx)->img->traits;

	(void)row;
	(void)scratch;
	switch (column) {
	case FMT_LUA: view_text(c, t->version == LUA_51 ? "5.1" : "5.3"); break;
	case FMT_FORM: view_text(c, forms[t->form]); break;
	case FMT_NUMBER:
		view_text(c, t->version == LUA_53 ? "integer+float"
			     : t->float_bytes     ? "double"
						  : "integer");
		break;
	case FMT_INTEGER: view_int(c, t->integer_bytes); break;
	case FMT_FLOAT: view_int(c, t->float_bytes); break;
	case FMT_PACKED:
		if (t->version == LUA_51 && t->form != LUA_FORM_CHUNK)
			view_bool(c, t->packed);
		break;
	case FMT_TAGS: view_text(c, t->old_tags ? "2018" : "current"); break;
	default: break;
	}
}

const struct view lua_view_format = {
	.name = "format",
	.title = "Format",
	.help = "the format in values",
	.columns = format_columns,
	.ncolumns = FMT_COLUMNS,
	.record = true,
	.count = one_row,
	.child = view_nth,
	.cell = format_cell,
};

/* Bytes by kind */

enum { BYTES_PART, BYTES_BYTES, BYTES_SHARE, BYTES_BAR, BYTES_COLUMNS };

static const struct view_column bytes_columns[] = {
	[BYTES_PART] = { "part", "part", VIEW_TEXT, 0, "what the bytes hold" },
	[BYTES_BYTES] = { "bytes", "bytes", VIEW_SIZE, 0, "how many; they add up to the size" },
	[BYTES_SHARE] = { "share", "share", VIEW_SHARE, 0, "of the whole size" },
	[BYTES_BAR] = { "bar", "", VIEW_BAR, 0, "the same as a bar against the largest" },
};

/* Only kinds that there are. */
static uint64_t bytes_count(const void *ctx, uint64_t row)
{
	const struct lua_book *b = ctx;
	uint64_t n = 0;

	for (unsigned i = 0; row == VIEW_ROOT && b->img && i < LUA_BYTE_KINDS; i++)
		n += b->layout.sum[i] != 0;
	return n;
}

static uint64_t bytes_child(const void *ctx, uint64_t row, uint64_t n)
{
	const struct lua_book *b = ctx;
	unsigned i = 0;

	(void)row;
	for (; i < LUA_BYTE_KINDS - 1; i++)
		if (b->layout.sum[i] && n-- == 0)
			break;
	return i;
}

static uint32_t largest_sum(const struct lua_layout *l)
{
	uint32_t largest = 1;

	for (unsigned i = 0; i < LUA_BYTE_KINDS; i++)
		if (l->sum[i] > largest)
			largest = l->sum[i];
	return largest;
}

static void bytes_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		       struct buf *scratch)
{
	const struct lua_layout *l = &((const struct lua_book *)ctx)->layout;

	(void)scratch;
	switch (column) {
	case BYTES_PART: view_text(c, lua_byte_kinds[row].words); break;
	case BYTES_BYTES: view_int(c, l->sum[row]); break;
	case BYTES_SHARE: view_real(c, l->size ? (double)l->sum[row] / l->size : 0); break;
	case BYTES_BAR: view_real(c, (double)l->sum[row] / largest_sum(l)); break;
	default: break;
	}
}

const struct view lua_view_bytes = {
	.name = "bytes",
	.title = "Where the bytes go",
	.help = "bytes by what they hold, adding up to the size in flash (a chunk: of the file)",
	.columns = bytes_columns,
	.ncolumns = BYTES_COLUMNS,
	.count = bytes_count,
	.child = bytes_child,
	.cell = bytes_cell,
};

/* Modules */

enum {
	MOD_NAME,
	MOD_SIZE,
	MOD_BAR,
	MOD_PROTO_BYTES,
	MOD_STRING_BYTES,
	MOD_PROTOS,
	MOD_CODE,
	MOD_SOURCE,
	MOD_OFFSET,
	MOD_COLUMNS
};

static const struct view_column modules_columns[] = {
	[MOD_NAME] = { "name", "module", VIEW_TEXT, 0, "name of the module" },
	[MOD_SIZE] = { "size", "size", VIEW_SIZE, 0,
		       "bytes: its prototypes and the strings that no other module uses" },
	[MOD_BAR] = { "bar", "", VIEW_BAR, 0, "size against the largest" },
	[MOD_PROTO_BYTES] = { "prototype_bytes", "prototypes'", VIEW_SIZE, VIEW_HIDDEN,
			      "bytes of its prototypes with code, constants and names" },
	[MOD_STRING_BYTES] = { "string_bytes", "strings'", VIEW_SIZE, VIEW_HIDDEN,
			       "bytes of the strings that it alone uses" },
	[MOD_PROTOS] = { "prototypes", "prototypes", VIEW_COUNT, 0, "number of prototypes" },
	[MOD_CODE] = { "instructions", "instructions", VIEW_COUNT, VIEW_MINOR,
		       "number of instructions" },
	[MOD_SOURCE] = { "source", "source", VIEW_TEXT, 0, "name of the source as compiled in" },
	[MOD_OFFSET] = { "offset", "offset", VIEW_HEX, VIEW_HIDDEN, "of its root prototype" },
};

static uint64_t modules_count(const void *ctx, uint64_t row)
{
	const struct lua_book *b = ctx;

	return row == VIEW_ROOT && b->img ? b->img->nmodules : 0;
}

static void count_tree(const struct lua_image *img, uint32_t module, int64_t *protos, int64_t *code)
{
	uint32_t root = img->modules[module].proto;

	/* Parents come first, depth first: a tree is one run of prototypes. */
	for (uint32_t i = root; i < img->nprotos && img->protos[i].module == module; i++) {
		++*protos;
		*code += img->protos[i].ncode;
	}
}

static void modules_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			 struct buf *scratch)
{
	const struct lua_book *b = ctx;
	const struct lua_image *img = b->img;
	uint32_t root = img->modules[row].proto;
	const struct lua_proto *p = root < img->nprotos ? &img->protos[root] : NULL;
	uint32_t size = lua_module_size(b, (uint32_t)row);
	uint32_t source = p ? lua_proto_source(img, root) : LUA_NONE;
	int64_t protos = 0;
	int64_t code = 0;

	(void)scratch;
	switch (column) {
	case MOD_NAME: lua_module_cell(img, (uint32_t)row, c); break;
	case MOD_SIZE: view_int(c, size); break;
	case MOD_BAR: view_real(c, size ? (double)size / b->largest_module : 0); break;
	case MOD_PROTO_BYTES: view_int(c, p ? p->total_size : 0); break;
	case MOD_STRING_BYTES: view_int(c, b->module_strings[row]); break;
	case MOD_PROTOS:
	case MOD_CODE:
		count_tree(img, (uint32_t)row, &protos, &code);
		view_int(c, column == MOD_PROTOS ? protos : code);
		break;
	case MOD_SOURCE:
		if (source != LUA_NONE)
			view_bytes(c, img->strings[source].text,
				   lua_shown(img, &img->strings[source]));
		break;
	case MOD_OFFSET:
		if (p)
			view_int(c, p->off);
		break;
	default: break;
	}
}

const struct view lua_view_modules = {
	.name = "modules",
	.title = "Modules",
	.help = "modules with their sizes, biggest first",
	.columns = modules_columns,
	.ncolumns = MOD_COLUMNS,
	.sort = "-size",
	.count = modules_count,
	.child = view_nth,
	.cell = modules_cell,
};

/* Damage */

static struct damage damage_of(const void *ctx)
{
	const struct lua_book *b = ctx;
	uint32_t notes = b->img ? b->img->note_count : 0;

	return (struct damage){ &b->diag, b->img ? b->img->notes : NULL,
				notes < LUA_NOTES_MAX ? notes : LUA_NOTES_MAX };
}

static uint64_t problem_count(const void *ctx, uint64_t row)
{
	const struct damage d = damage_of(ctx);

	return damage_count(&d, row);
}

static void problem_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			 struct buf *scratch)
{
	const struct damage d = damage_of(ctx);

	(void)scratch;
	damage_cell(&d, row, column, c);
}

const struct view lua_view_damage = {
	.name = "damage",
	.title = "Damage",
	.help = "everything that is wrong with the file",
	.columns = damage_columns,
	.ncolumns = DAMAGE_COLUMNS,
	.count = problem_count,
	.child = view_nth,
	.cell = problem_cell,
};
