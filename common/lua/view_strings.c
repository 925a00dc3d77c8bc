/* SPDX-License-Identifier: MIT */
/* ROstrings: the string table of an image, or the strings that a chunk mentions. */
#include "common/lua/book.h"
#include "common/lua/listing.h"

enum {
	S_LENGTH,
	S_HASH,
	S_BUCKET,
	S_CHAIN,
	S_REFS,
	S_KIND,
	S_FLASH,
	S_OFFSET,
	S_MODULE,
	S_USERS,
	S_TEXT,
	S_COLUMNS
};

static const struct view_column columns[] = {
	[S_LENGTH] = { "length", "length", VIEW_COUNT, 0, "bytes" },
	[S_HASH] = { "hash", "hash", VIEW_HEX, VIEW_HIDDEN,
		     "the firmware's hash; none for a long string of 5.3" },
	[S_BUCKET] = { "bucket", "bucket", VIEW_COUNT, VIEW_HIDDEN,
		       "its bucket of the string table" },
	[S_CHAIN] = { "chain", "place", VIEW_COUNT, VIEW_HIDDEN,
		      "place in the bucket's chain, 0 first" },
	[S_REFS] = { "refs", "refs", VIEW_COUNT, 0, "references to it" },
	[S_KIND] = { "kind", "kind", VIEW_TEXT, VIEW_MINOR,
		     "constant, module, source, name (local or upvalue), line_info, fixed (5.3: "
		     "laid out by the firmware), unused" },
	[S_FLASH] = { "flash", "flash", VIEW_SIZE, VIEW_HIDDEN, "bytes in flash" },
	[S_OFFSET] = { "offset", "offset", VIEW_HEX, VIEW_HIDDEN,
		       "byte offset (stream: first mention)" },
	[S_MODULE] = { "module", "module", VIEW_TEXT, VIEW_HIDDEN | VIEW_NO_JSON,
		       "the one module that uses it" },
	[S_USERS] = { "users", "used by", VIEW_TEXT, VIEW_NO_JSON | VIEW_MINOR,
		      "functions that refer to it: source and first line" },
	[S_TEXT] = { "text", "string", VIEW_TEXT, VIEW_ELASTIC,
		     "the bytes; empty for packed line info" },
};

static uint64_t count(const void *ctx, uint64_t row)
{
	const struct lua_book *b = ctx;

	return row == VIEW_ROOT && b->img ? b->img->nstrings : 0;
}

enum { USERS_SHOWN = 2 };

/* The first few prototypes that use the string, each once; refs of a string stand by prototype. */
static void users(const struct lua_book *b, uint64_t row, struct buf *out)
{
	uint32_t last = LUA_NONE;
	unsigned shown = 0;

	if (!b->xref.first)
		return;
	for (uint32_t i = b->xref.first[row]; i < b->xref.first[row + 1]; i++) {
		uint32_t proto = b->xref.refs[i].proto;

		if (proto == last || proto == LUA_NONE)
			continue;
		last = proto;
		if (shown == USERS_SHOWN) {
			buf_str(out, " ...");
			return;
		}
		if (shown++)
			buf_str(out, " ");
		lua_proto_place(b->img, proto, out);
	}
}

/* Where the string stands in the table; a chunk has none. */
static void table_cell(const struct lua_image *img, const struct lua_string *s, unsigned column,
		       struct view_cell *c)
{
	if (img->traits.form == LUA_FORM_CHUNK)
		return;
	if (column == S_HASH && (img->traits.version == LUA_51 || s->len <= LUA_SHORT_MAX))
		view_int(c, s->hash);
	else if (column == S_CHAIN && s->chain != LUA_NONE)
		view_int(c, s->chain);
	else if (column == S_BUCKET && s->chain != LUA_NONE && img->header.buckets)
		view_int(c, s->hash & (img->header.buckets - 1));
}

static void cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		 struct buf *scratch)
{
	const struct lua_book *b = ctx;
	const struct lua_string *s = &b->img->strings[row];

	switch (column) {
	case S_TEXT:
		if (!(s->uses & LUA_USE_LINEINFO))
			view_bytes(c, s->text, s->len);
		break;
	case S_LENGTH: view_int(c, s->len); break;
	case S_REFS: view_int(c, s->refs); break;
	case S_KIND: view_text(c, lua_string_kind(s)); break;
	case S_FLASH:
		if (b->img->traits.form != LUA_FORM_CHUNK)
			view_int(c, (int64_t)lua_string_bytes(s->len));
		break;
	case S_OFFSET:
		if (!(s->uses & LUA_USE_FIXED) || b->img->traits.form != LUA_FORM_PORTABLE)
			view_int(c, s->off);
		break;
	case S_MODULE: lua_module_cell(b->img, b->string_module[row], c); break;
	case S_USERS:
		users(b, row, scratch);
		view_bytes(c, scratch->data, scratch->len);
		break;
	default: table_cell(b->img, s, column, c); break;
	}
}

const struct view lua_view_strings = {
	.name = "strings",
	.title = "ROstrings",
	.help = "ROstrings, which cost no RAM: text, hash, bucket, references, users",
	.columns = columns,
	.ncolumns = S_COLUMNS,
	.count = count,
	.child = view_nth,
	.cell = cell,
};
