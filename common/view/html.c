/* SPDX-License-Identifier: MIT */
#include "common/view/html.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/sha256.h"
#include "common/view/html_data.h"
#include "common/view/html_texts.h"
#include "common/view/parts.h"

enum { PLAIN_ROWS = 100 }; /* of a plain table */

static void put_markup(struct buf *out, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		switch (p[i]) {
		case '<': buf_str(out, "&lt;"); break;
		case '>': buf_str(out, "&gt;"); break;
		case '&': buf_str(out, "&amp;"); break;
		case '"': buf_str(out, "&quot;"); break;
		default: buf_byte(out, p[i]);
		}
	}
}

void html_quoted(struct buf *out, const uint8_t *p, size_t n)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '<') /* no tag and no comment begins or ends in a script */
			buf_str(out, "\\u003c");
		else if (p[i] == '"' || p[i] == '\\')
			buf_printf(out, "\\%c", p[i]);
		else
			buf_byte(out, p[i]);
	}
	buf_byte(out, '"');
}

static void escape_then(struct buf *out, const uint8_t *p, size_t n,
			void (*put)(struct buf *, const uint8_t *, size_t))
{
	struct buf text = { 0 };

	escape_text(&text, p, n);
	put(out, text.data, text.len);
	out->failed |= text.failed;
	buf_free(&text);
}

void html_text(struct buf *out, const uint8_t *p, size_t n)
{
	escape_then(out, p, n, put_markup);
}

void html_string(struct buf *out, const uint8_t *p, size_t n)
{
	escape_then(out, p, n, html_quoted);
}

/* 'sha256-...' of a policy, in base 64. */
static void put_hash(struct buf *out, const void *data, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	struct sha256 s = sha256_begin();
	uint8_t hash[SHA256_BYTES + 1] = { 0 };

	sha256_add(&s, data, len);
	sha256_end(&s, hash);
	buf_str(out, "'sha256-");
	for (unsigned i = 0; i < SHA256_BYTES; i += 3) {
		uint32_t v = (uint32_t)hash[i] << 16 | (uint32_t)hash[i + 1] << 8;

		v |= i + 2 < SHA256_BYTES ? hash[i + 2] : 0;
		buf_byte(out, (uint8_t)digits[v >> 18]);
		buf_byte(out, (uint8_t)digits[v >> 12 & 63]);
		buf_byte(out, (uint8_t)digits[v >> 6 & 63]);
		buf_byte(out, i + 2 < SHA256_BYTES ? (uint8_t)digits[v & 63] : '=');
	}
	buf_byte(out, '\'');
}

enum err html_begin(FILE *f, const char *title, struct diag *diag)
{
	struct buf out = { 0 };

	buf_str(&out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		      "base-uri 'none'; form-action 'none'; img-src data:; style-src ");
	put_hash(&out, html_style, html_style_len);
	buf_str(&out, "; script-src ");
	put_hash(&out, html_script, html_script_len);
	buf_str(&out, "\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"
		      "<meta name=\"color-scheme\" content=\"light dark\">\n"
		      "<link rel=\"icon\" href=\"data:,\">\n<title>");
	html_text(&out, (const uint8_t *)title, strlen(title));
	buf_str(&out, "</title>\n<style>");
	buf_put(&out, html_style, html_style_len);
	buf_str(&out, "</style>\n</head>\n<body>\n");
	if (out.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	drain(f, &out, 0);
	buf_free(&out);
	return diag->code;
}

void html_end(FILE *f)
{
	fputs("<script>", f);
	fwrite(html_script, 1, html_script_len, f);
	fputs("</script>\n</body>\n</html>\n", f);
}

static void put_tag(struct buf *out, const struct view_column *c, const char *tag)
{
	buf_printf(out, "<%s%s>", tag, column_is_right(c) ? " class=\"right\"" : "");
}

static void put_plain_cell(struct buf *out, const struct view *v, const void *ctx, uint64_t row,
			   unsigned column)
{
	struct buf scratch = { 0 };
	struct buf text = { 0 };
	struct view_cell c;

	cell_get(v, ctx, row, column, &c, &scratch);
	output_cell_text(&text, &v->columns[column], &c, false);
	put_markup(out, text.data, text.len);
	out->failed |= scratch.failed | text.failed;
	buf_free(&scratch);
	buf_free(&text);
}

static void put_plain_row(struct buf *out, const struct view *v, const void *ctx, uint64_t row,
			  const unsigned *columns, unsigned ncolumns)
{
	buf_str(out, v->record ? "" : "<tr>");
	for (unsigned i = 0; i < ncolumns; i++) {
		const struct view_column *c = &v->columns[columns[i]];

		if (v->record)
			buf_printf(out, "<tr><th>%s", column_title(c));
		put_tag(out, c, "td");
		put_plain_cell(out, v, ctx, row, columns[i]);
		buf_str(out, v->record ? "\n" : "");
	}
	buf_str(out, v->record ? "" : "\n");
}

static void put_plain(struct buf *out, const struct view *v, const void *ctx,
		      const unsigned *columns, unsigned ncolumns)
{
	const struct output_style style = { 0 };
	struct rows_row row;
	struct rows rows;
	unsigned n = 0;

	buf_printf(out, "<h2>%s</h2>\n<table>\n", v->title ? v->title : v->name);
	for (unsigned i = 0; i < ncolumns && !v->record; i++) {
		put_tag(out, &v->columns[columns[i]], "th");
		buf_str(out, column_title(&v->columns[columns[i]]));
	}
	rows_init(&rows, v, ctx, &style, true);
	while (n++ < PLAIN_ROWS && rows_next(&rows, &row))
		put_plain_row(out, v, ctx, row.id, columns, ncolumns);
	out->failed |= rows_failed(&rows);
	rows_free(&rows);
	buf_str(out, "</table>\n");
}

enum err html_table(FILE *f, const struct view *v, const void *ctx, struct diag *diag)
{
	const struct output_style style = { 0 };
	struct buf out = { 0 };
	unsigned *columns, ncolumns;

	if (columns_select(v, &style, diag, &columns, &ncolumns))
		return diag->code;
	put_plain(&out, v, ctx, columns, ncolumns);
	if (out.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	drain(f, &out, 0);
	buf_free(&out);
	free(columns);
	return diag->code;
}
