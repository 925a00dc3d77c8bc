/* SPDX-License-Identifier: MIT */
#include "lfsdump/document.h"

#include <inttypes.h>
#include <string.h>

#include "common/view/escape.h"
#include "common/view/output.h"

static void key(struct buf *out, const char *name)
{
	buf_printf(out, ",\"%s\":", name);
}

static void number(struct buf *out, const char *name, bool known, int64_t value)
{
	key(out, name);
	if (known)
		buf_printf(out, "%" PRId64, value);
	else
		buf_str(out, "null");
}

static void head(struct buf *out, const struct lua_book *book)
{
	const struct lua_image *img = book->img;
	const char *separator = "";

	key(out, "format");
	output_json_row(out, &lua_view_format, book, 0);
	number(out, "file_size", true, (int64_t)img->file_size);
	number(out, "flash_size", img->traits.form != LUA_FORM_CHUNK, (int64_t)img->flash_size);
	number(out, "build_time", img->has_time, img->build_time);
	key(out, "bytes");
	buf_byte(out, '{');
	for (unsigned i = 0; i < LUA_BYTE_KINDS; i++) {
		buf_printf(out, "%s\"%s\":%" PRIu32, separator, lua_byte_kinds[i].name,
			   book->layout.sum[i]);
		separator = ",";
	}
	buf_byte(out, '}');
}

static enum err rows(FILE *f, const struct lua_book *book, const struct view *v)
{
	fprintf(f, ",\"%s\":", v->name);
	return output_json_rows_to(f, v, book);
}

enum err document_write(FILE *f, const struct lua_book *book)
{
	struct buf out = { 0 };
	enum err e = ERR_NONE;

	buf_str(&out, "{\"schema\":1,\"file\":");
	escape_json(&out, (const uint8_t *)book->file, strlen(book->file));
	if (book->img)
		head(&out, book);
	fwrite(out.data, 1, out.len, f);
	if (out.failed)
		e = ERR_MEMORY;
	buf_free(&out);
	if (book->img && !e)
		e = rows(f, book, &lua_view_modules);
	if (book->img && !e)
		e = rows(f, book, &lua_view_protos);
	if (book->img && !e)
		e = rows(f, book, &lua_view_strings);
	if (!e)
		e = rows(f, book, &lua_view_damage);
	fputs("}\n", f);
	return e;
}
