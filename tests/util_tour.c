/* SPDX-License-Identifier: MIT */
#include "tests/util_tour.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/extract.h"
#include "common/lua/format.h"
#include "common/lua/identity.h"
#include "common/lua/ncdu.h"
#include "common/view/escape.h"
#include "common/view/output.h"

struct tour {
	struct lua_book book;
	const uint8_t *data;
	size_t len;
	struct buf text, scratch;
	uint64_t rows, rows_max;
	const char *where;
};

static void broken(const struct tour *t, const char *what)
{
	fprintf(stderr, "broken promise: %s: %s\n", t->where, what);
	abort();
}

/* SGR sequences as the tables use them: ESC [ digits and ; m. */
static size_t colour_length(const uint8_t *p, size_t n)
{
	size_t i = 2;

	if (n < 3 || p[0] != 0x1b || p[1] != '[')
		return 0;
	while (i < n && ((p[i] >= '0' && p[i] <= '9') || p[i] == ';'))
		i++;
	return i < n && p[i] == 'm' ? i + 1 : 0;
}

const char *tour_text_fault(const uint8_t *p, size_t n, const char *allowed)
{
	bool colour = strchr(allowed, 'm') != NULL;
	uint32_t code;

	for (size_t i = 0; i < n;) {
		size_t k = colour ? colour_length(p + i, n - i) : 0;

		if (k == 0)
			k = utf8_length(p + i, n - i, &code);
		else
			code = 'm';
		if (k == 0)
			return "no valid UTF-8";
		if ((code < 0x20 && (code == 0 || !strchr(allowed, (int)code))) || code == 0x7f)
			return "a control byte";
		if (code >= 0x80 && code < 0xa0)
			return "a C1 control";
		i += k;
	}
	return NULL;
}

static void check_text(const struct tour *t, const void *p, size_t n, const char *allowed)
{
	const char *fault = tour_text_fault(p, n, allowed);

	if (fault)
		broken(t, fault);
}

static void check_diag(const struct tour *t, const struct diag *d)
{
	uint64_t end = t->book.img && d->inflated ? t->book.img->nbytes : t->len;
	char line[400];

	if (!d->text[0])
		broken(t, "an error without words");
	diag_format(d, line, sizeof(line));
	check_text(t, line, strlen(line), "");
	if (d->placed && d->off > end && d->off > t->book.img->flash_size)
		broken(t, "an error behind the end of the file");
}

static void tour_row(struct tour *t, const struct view *v, uint64_t row)
{
	struct view_cell cell;

	for (unsigned c = 0; c < v->ncolumns; c++) {
		t->scratch.len = 0;
		t->text.len = 0;
		cell = (struct view_cell){ .kind = VIEW_EMPTY };
		v->cell(&t->book, row, c, &cell, &t->scratch);
		output_cell_text(&t->text, &v->columns[c], &cell, false);
		check_text(t, t->text.data, t->text.len, "");
	}
	t->text.len = 0;
	output_json_row(&t->text, v, &t->book, row);
	check_text(t, t->text.data, t->text.len, "");
}

static void tour_rows(struct tour *t, const struct view *v, uint64_t row, unsigned depth)
{
	uint64_t n = v->count(&t->book, row);
	bool heading = false;

	if (++t->rows > t->rows_max || depth > LUA_DEPTH_MAX + 2)
		broken(t, "rows without end");
	t->text.len = 0;
	if (row != VIEW_ROOT && v->heading)
		heading = v->heading(&t->book, row, &t->text);
	if (row != VIEW_ROOT && !heading)
		tour_row(t, v, row);
	for (uint64_t i = 0; i < n; i++)
		tour_rows(t, v, v->child(&t->book, row, i), depth + 1);
}

static void tour_form(struct tour *t, const struct view *v, enum output_form form)
{
	static const char *const allowed[] = { [OUTPUT_TABLE] = "\nm",
					       [OUTPUT_JSON] = "",
					       [OUTPUT_CSV] = "\n",
					       [OUTPUT_TSV] = "\n\t",
					       [OUTPUT_MARKDOWN] = "\n" };
	struct output_style style = { .form = form, .colour = form == OUTPUT_TABLE, .width = 100 };
	struct diag diag = { 0 };
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (!f)
		abort();
	output_view(f, v, &t->book, &style, &diag);
	fclose(f);
	check_text(t, text, n, allowed[form]);
	free(text);
}

static void tour_view(struct tour *t, const struct view *v, unsigned parts)
{
	t->where = v->name;
	t->rows = 0;
	if (!t->book.img && v != &lua_view_damage)
		return;
	if (parts & TOUR_ROWS)
		tour_rows(t, v, VIEW_ROOT, 0);
	for (unsigned form = OUTPUT_TABLE; form <= OUTPUT_MARKDOWN; form++)
		if (parts & TOUR_TABLE << form)
			tour_form(t, v, (enum output_form)form);
}

/* The same modules, whatever the writer made of their order in flash. */
static bool same_content(const struct lua_image *img, const struct buf *saved)
{
	uint8_t a[SHA256_BYTES], b[SHA256_BYTES];
	struct diag diag = { 0 };
	struct lua_image *again;
	bool same = false;

	lua_identity(img, a);
	if (lua_image_load(saved->data, saved->len, &diag, &again) == ERR_NONE) {
		lua_identity(again, b);
		same = memcmp(a, b, sizeof(a)) == 0;
	}
	lua_image_free(again);
	return same;
}

/*
 * What was read without a word of complaint must be written as it was: a stream to the byte, an
 * image of flash (whose strings another writer may have ordered otherwise) with the same content.
 */
static void tour_save(struct tour *t)
{
	const struct lua_image *img = t->book.img;
	bool stream = img->traits.form == LUA_FORM_CHUNK || img->traits.form == LUA_FORM_PORTABLE;
	bool sound = !t->book.diag.code && !img->note_count;
	struct diag diag = { 0 };
	struct buf out = { 0 };
	enum err e;

	t->where = "save";
	if (!img->format->save)
		return;
	e = img->format->save(img, &diag, &out);
	if (sound && stream && (e || out.len != t->len || memcmp(out.data, t->data, t->len) != 0))
		broken(t, "a sound stream is not saved as it was");
	if (sound && !stream && !e && !same_content(img, &out))
		broken(t, "a sound image is not saved with the same content");
	buf_free(&out);
}

/* What is made of a book beside its views. */
static void tour_exports(struct tour *t)
{
	const struct lua_image *img = t->book.img;
	uint8_t id[SHA256_BYTES];
	struct buf out = { 0 };

	t->where = "dot";
	lua_requires_dot(&t->book, &out);
	check_text(t, out.data, out.len, "\n\t");
	t->where = "ncdu";
	out.len = 0;
	lua_ncdu(&t->book, &out);
	check_text(t, out.data, out.len, "\n");
	lua_identity(img, id);
	for (uint32_t i = 0; i < img->nmodules && i < 4; i++) {
		struct diag diag = { 0 };

		out.len = 0;
		lua_extract(img, i, &diag, &out);
	}
	buf_free(&out);
}

void tour_bytes(const uint8_t *data, size_t len, unsigned parts)
{
	struct tour t = { .data = data, .len = len, .where = "open", .rows_max = 1 << 24 };

	lua_book_open(&t.book, "file", data, len);
	if (t.book.diag.code)
		check_diag(&t, &t.book.diag);
	if (t.book.img) {
		for (uint32_t i = 0; i < t.book.img->note_count && i < LUA_NOTES_MAX; i++)
			check_diag(&t, &t.book.img->notes[i]);
		lua_book_map(&t.book, LUA_VIEW_FLASH | LUA_VIEW_STORED, NULL);
		lua_book_want(&t.book, NULL, NULL);
		tour_save(&t);
		tour_exports(&t);
		tour_view(&t, &lua_view_format, parts);
		tour_view(&t, &lua_view_words, parts);
		tour_view(&t, &lua_view_lines, parts);
	}
	for (unsigned i = 0; i < lua_view_count; i++)
		tour_view(&t, lua_views[i].view, parts);
	buf_free(&t.text);
	buf_free(&t.scratch);
	lua_book_close(&t.book);
}
