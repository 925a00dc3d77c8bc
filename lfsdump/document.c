/* SPDX-License-Identifier: MIT */
#include "lfsdump/document.h"

#include <inttypes.h>

#include "common/view/output.h"
#include "lfsdump/report.h"

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

enum err document_write(FILE *f, const struct lua_book *book, struct diag *diag)
{
	static const struct view *const views[] = { &lua_view_modules, &lua_view_protos,
						    &lua_view_strings, &lua_view_damage };
	const struct output_style style = { .form = OUTPUT_JSON };
	unsigned first = book->img ? 0 : 3;
	struct buf out = { 0 };
	enum err e;

	json_begin(&out, book->file);
	if (book->img)
		head(&out, book);
	e = print_buf(f, &out, diag);
	for (unsigned i = first; i < sizeof(views) / sizeof(views[0]) && !e; i++) {
		fprintf(f, ",\"%s\":", views[i]->name);
		e = output_view(f, views[i], book, &style, diag);
	}
	fputs("}\n", f);
	return e;
}

enum err document_views(FILE *f, const struct output_style *style, const char *file,
			const void *ctx, const struct view *const *views, unsigned n,
			struct diag *diag)
{
	bool json = style->form == OUTPUT_JSON;
	struct buf head = { 0 };
	enum err e;

	if (json)
		json_begin(&head, file);
	e = print_buf(f, &head, diag);
	for (unsigned i = 0; i < n && !e; i++) {
		if (json)
			fprintf(f, ",\"%s\":", views[i]->name);
		else if (i)
			fputc('\n', f);
		e = output_view(f, views[i], ctx, style, diag);
	}
	if (json)
		fputs("}\n", f);
	return e;
}
