/* SPDX-License-Identifier: MIT */
/* Every byte of an image: where it goes in flash, and what the file has. */
#include "common/lua/book.h"
#include "common/lua/listing.h"

#include <inttypes.h>

enum { L_OFFSET, L_ADDRESS, L_LENGTH, L_KIND, L_PART, L_OWNER, L_WHO, L_INDEX, L_BYTES, L_COLUMNS };

/* The bytes themselves are what the hex view is for; tables have them as lines below the row. */
#define COLUMNS(bytes_flags) \
	[L_OFFSET] = { "offset", "offset", VIEW_HEX, 0, "of the first byte" }, \
	[L_ADDRESS] = { "address", "address", VIEW_HEX, VIEW_IF_ANY, \
			"where the byte is mapped; known for absolute images and with --base" }, \
	[L_LENGTH] = { "length", "length", VIEW_SIZE, 0, "bytes; they add up to the size" }, \
	[L_KIND] = { "kind", "kind", VIEW_TEXT, 0, "what the bytes hold, as in --bytes" }, \
	[L_PART] = { "part", "part", VIEW_TEXT, 0, \
		     "of a prototype: record, children, constants, code, lines, locals, " \
		     "upvalues" }, \
	[L_OWNER] = { "owner", "owner", VIEW_TEXT, VIEW_ELASTIC, \
		      "the string's text, the prototype, or the module" }, \
	[L_WHO] = { "owner_kind", "owner is", VIEW_TEXT, VIEW_HIDDEN, \
		    "image, string, prototype or module" }, \
	[L_INDEX] = { "owner_index", "index", VIEW_COUNT, VIEW_HIDDEN, \
		      "number of the string, prototype or module, 0 first" }, \
	[L_BYTES] = { "bytes", "bytes", VIEW_TEXT, bytes_flags, \
		      "the bytes in hexadecimal; null when flash has none of them yet" }

static const struct view_column columns[] = { COLUMNS(VIEW_JSON_ONLY) };
static const struct view_column hex_columns[] = { COLUMNS(VIEW_HIDDEN) };

static uint64_t flash_count(const void *ctx, uint64_t row)
{
	const struct lua_book *b = ctx;

	return row == VIEW_ROOT ? b->flash.count : 0;
}

static uint64_t stored_count(const void *ctx, uint64_t row)
{
	const struct lua_book *b = ctx;

	return row == VIEW_ROOT ? b->stored.count : 0;
}

static void owner_cell(const struct lua_image *img, const struct lua_byte_range *r,
		       struct view_cell *c, struct buf *scratch)
{
	switch (r->who) {
	case LUA_OWNER_STRING:
		if (!(img->strings[r->owner].uses & LUA_USE_LINEINFO))
			view_bytes(c, img->strings[r->owner].text, img->strings[r->owner].len);
		break;
	case LUA_OWNER_PROTO:
		lua_proto_title(img, r->owner, scratch);
		view_bytes(c, scratch->data, scratch->len);
		break;
	case LUA_OWNER_MODULE: lua_module_cell(img, r->owner, c); break;
	default: break;
	}
}

/* The bytes of a range as far as they are there; *n gets how many. */
static const uint8_t *range_bytes(const struct lua_image *img, const struct lua_byte_range *r,
				  size_t *n)
{
	size_t left = r->off < img->nbytes ? img->nbytes - r->off : 0;

	*n = r->len < left ? r->len : left;
	return img->bytes + (*n ? r->off : 0);
}

static void bytes_cell(const struct lua_image *img, const struct lua_byte_range *r,
		       struct view_cell *c, struct buf *scratch)
{
	static const char digits[] = "0123456789abcdef";
	size_t n;
	const uint8_t *p = range_bytes(img, r, &n);

	for (size_t i = 0; i < n; i++) {
		buf_byte(scratch, (uint8_t)digits[p[i] >> 4]);
		buf_byte(scratch, (uint8_t)digits[p[i] & 15]);
	}
	view_bytes(c, scratch->data, scratch->len);
}

/* computed: the bytes are not those of the file. */
static void range_cell(const struct lua_book *b, const struct lua_byte_range *r, bool computed,
		       unsigned column, struct view_cell *c, struct buf *scratch)
{
	static const char *const who[] = { "image", "string", "prototype", "module" };

	switch (column) {
	case L_OFFSET: view_int(c, r->off); break;
	case L_LENGTH: view_int(c, r->len); break;
	case L_KIND: view_text(c, lua_range_kind_words(r)); break;
	case L_PART: view_text(c, lua_range_part_words(r)); break;
	case L_OWNER: owner_cell(b->img, r, c, scratch); break;
	case L_WHO: view_text(c, who[r->who]); break;
	case L_INDEX:
		if (r->who != LUA_OWNER_IMAGE)
			view_int(c, r->owner);
		break;
	case L_BYTES:
		if (!computed)
			bytes_cell(b->img, r, c, scratch);
		break;
	default: break;
	}
}

static void address_cell(const struct lua_book *b, const struct lua_byte_range *r,
			 struct view_cell *c)
{
	uint32_t base = b->base ? b->base : b->img->header.base;

	if (base && b->img->traits.form != LUA_FORM_CHUNK)
		view_int(c, (uint32_t)(base + r->off));
}

static void flash_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		       struct buf *scratch)
{
	const struct lua_book *b = ctx;

	if (column == L_ADDRESS)
		address_cell(b, &b->flash.items[row], c);
	else
		range_cell(b, &b->flash.items[row], b->layout.computed, column, c, scratch);
}

const struct view lua_view_layout = {
	.name = "layout",
	.title = "Layout",
	.help = "every byte in flash: what it holds and whose it is (5.3: as the loader will lay "
		"the image out; a chunk: of the file)",
	.columns = columns,
	.ncolumns = L_COLUMNS,
	.count = flash_count,
	.child = view_nth,
	.cell = flash_cell,
};

/* Behind the image (flags), and in a stream, nothing has an address. */
static void stored_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			struct buf *scratch)
{
	const struct lua_book *b = ctx;
	const struct lua_byte_range *r = &b->stored.items[row];

	if (column != L_ADDRESS)
		range_cell(b, r, false, column, c, scratch);
	else if (!b->layout.computed && r->off < b->layout.size)
		address_cell(b, r, c);
}

/* "000001c0  1b 4c 75 61 ...  .Lua" */
static bool stored_detail(const void *ctx, uint64_t row, uint64_t line, unsigned bytes,
			  struct buf *out)
{
	const struct lua_book *b = ctx;
	const struct lua_byte_range *r = &b->stored.items[row];
	size_t n;
	const uint8_t *p = range_bytes(b->img, r, &n);
	size_t from, len;

	if (line >= (n + bytes - 1) / bytes)
		return false;
	from = (size_t)line * bytes;
	len = n - from < bytes ? n - from : bytes;
	buf_printf(out, "%08" PRIx32 " ", (uint32_t)(r->off + from));
	for (size_t i = 0; i < bytes; i++) {
		buf_str(out, i && i % 8 == 0 ? "  " : " ");
		if (i < len)
			buf_printf(out, "%02x", p[from + i]);
		else
			buf_str(out, "  ");
	}
	buf_str(out, "  ");
	for (size_t i = from; i < from + len; i++)
		buf_byte(out, p[i] >= 0x20 && p[i] < 0x7f ? p[i] : '.');
	return true;
}

const struct view lua_view_hex = {
	.name = "hex",
	.title = "Bytes of the file",
	.help = "every byte of the file (5.1: inflated) in the same way, with a hex dump in text "
		"output; a 5.3 image's bytes in flash are made by its loader, so these are the "
		"file's own",
	.columns = hex_columns,
	.ncolumns = L_COLUMNS,
	.count = stored_count,
	.child = view_nth,
	.cell = stored_cell,
	.detail = stored_detail,
};
