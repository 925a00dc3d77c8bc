/* SPDX-License-Identifier: MIT */
/* What leaves the browser: files, the clipboard; and all about a line. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "common/base/file.h"
#include "common/view/escape.h"
#include "common/view/output.h"
#include "tui/app.h"
#include "tui/clipboard.h"

bool app_row_text(struct app *a, const uint8_t **text, size_t *len)
{
	const struct subject_page *page = &a->pane.page;
	uint64_t row;

	return page->place.subject && pane_row(&a->pane, &row) &&
	       subject_text(page, row, text, len);
}

void app_mark(struct app *a)
{
	struct diag diag = { 0 };
	const uint8_t *text;
	size_t len;

	if (!app_row_text(a, &text, &len)) {
		app_say(a, false, "no string here");
		return;
	}
	if (marks_turn(&a->marks, text, len, &diag)) {
		app_say(a, true, "%s", diag.text);
		return;
	}
	if (marks_has(&a->marks, text, len) && a->marks.count > a->marks.totals.kept)
		app_say(a, false, "%u marked strings save nothing: in the image, empty or too long",
			(unsigned)(a->marks.count - a->marks.totals.kept));
	if (a->in_pane)
		pane_move(&a->pane, 1);
}

void app_ask_write(struct app *a)
{
	if (!a->marks.count)
		app_say(a, false, "no string is marked: m marks one");
	else
		prompt_open(&a->prompt, PROMPT_WRITE,
			    "Write the marked strings to: ", "dummy_strings.lua");
}

void app_ask_export(struct app *a)
{
	struct buf name = { 0 };

	if (!a->pane.lines)
		return;
	buf_printf(&name, "%s.txt", a->pane.page.view->name);
	buf_byte(&name, 0);
	if (!name.failed)
		prompt_open(&a->prompt, PROMPT_EXPORT,
			    "Export the view to: ", (const char *)name.data);
	buf_free(&name);
}

static enum output_form form_of(const char *path)
{
	static const struct {
		const char *end;
		enum output_form form;
	} forms[] = { { ".csv", OUTPUT_CSV },
		      { ".tsv", OUTPUT_TSV },
		      { ".json", OUTPUT_JSON },
		      { ".md", OUTPUT_MARKDOWN } };
	size_t n = strlen(path);

	for (unsigned i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t m = strlen(forms[i].end);

		if (n > m && strcasecmp(path + n - m, forms[i].end) == 0)
			return forms[i].form;
	}
	return OUTPUT_TABLE;
}

static void put_view(struct app *a, const char *path, FILE *f, struct diag *diag)
{
	const struct output_style style = { .form = form_of(path),
					    .ascii = a->ascii,
					    .sort = a->pane.sort[0] ? a->pane.sort : NULL };

	output_view(f, a->pane.page.view, a->pane.page.ctx, &style, diag);
	if (style.form == OUTPUT_JSON)
		fputc('\n', f);
}

static void put_strings(struct app *a, FILE *f, struct diag *diag)
{
	struct string_set set;
	struct buf out = { 0 };

	if (marks_judge(&a->marks, &set, diag) == ERR_NONE) {
		string_generate(&set, &out);
		if (out.failed)
			diag_fail(diag, ERR_MEMORY, "out of memory");
		else
			fwrite(out.data, 1, out.len, f);
	}
	buf_free(&out);
	string_set_free(&set);
}

void app_write(struct app *a, enum prompt_kind what, const char *path, bool replace)
{
	struct output out = { 0 };
	struct diag diag = { 0 };
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		app_say(a, true, "not written: no file but a folder, device or pipe: %.90s", path);
		return;
	}
	if (!replace && stat(path, &st) == 0) {
		a->output.len = 0;
		buf_put(&a->output, path, strlen(path) + 1);
		a->output_for = what;
		prompt_open(&a->prompt, PROMPT_REPLACE, "It is there. Replace it? (y/n) ", "");
		return;
	}
	if (output_open(path, &diag, &out) == ERR_NONE) {
		if (what == PROMPT_WRITE)
			put_strings(a, out.stream, &diag);
		else
			put_view(a, path, out.stream, &diag);
		if (!diag.code)
			output_commit(&out, &diag);
	}
	output_abort(&out);
	if (diag.code)
		app_say(a, true, "not written: %.140s: %.80s", diag.text, path);
	else
		a->marks.written |= what == PROMPT_WRITE;
	if (!diag.code)
		app_say(a, false, "written: %.200s", path);
}

void app_copy(struct app *a)
{
	struct lines_line line;
	const uint8_t *text;
	size_t len;

	a->copy.len = 0;
	if (app_row_text(a, &text, &len)) {
		buf_put(&a->copy, text, len);
	} else if (a->pane.lines && lines_at(a->pane.lines, a->pane.cursor, &line)) {
		lines_text(a->pane.lines, &line, &a->copy);
	}
	if (a->copy.len > CLIPBOARD_MAX)
		app_say(a, true, "%u bytes to the clipboard, of %zu: terminals take no more",
			CLIPBOARD_MAX, a->copy.len);
	else if (!a->copy.failed)
		app_say(a, false, "%zu bytes to the clipboard", a->copy.len);
}

/* The names of all columns; NULL: no memory. */
static char *all_columns(const struct view *v)
{
	struct buf names = { 0 };

	for (unsigned i = 0; i < v->ncolumns; i++) {
		if (v->columns[i].type == VIEW_BAR)
			continue;
		buf_str(&names, names.len ? "," : "");
		buf_str(&names, v->columns[i].name);
	}
	buf_byte(&names, 0);
	if (names.failed)
		buf_free(&names);
	return (char *)names.data;
}

/* A row with all its columns, one a line. */
static void put_row(struct app *a, uint64_t row, struct buf *out)
{
	enum { LINES_MAX = 1000 };
	struct lens lens = lens_make(a->pane.page.view, a->pane.page.ctx, VIEW_ROOT);
	char *columns = all_columns(lens.of);
	struct output_style style = { .width = (unsigned)(a->cols > 24 ? a->cols - 6 : 18),
				      .ascii = a->ascii,
				      .columns = columns };
	struct lines_line line;
	struct lines *l;

	lens.narrow.record = lens.alone = true;
	lens.narrow.heading = NULL;
	lens.narrow.detail = NULL;
	lens_add(&lens, row);
	l = columns ? lines_open(&lens.narrow, &lens, &style) : NULL;
	for (uint64_t i = 0; l && i < LINES_MAX && lines_at(l, i, &line); i++) {
		if (line.row != row)
			continue;
		lines_text(l, &line, out);
		buf_byte(out, '\n');
	}
	lines_close(l);
	lens_free(&lens);
	free(columns);
}

static void put_node(const struct tree_item *item, struct buf *out)
{
	struct buf text = { 0 };

	item->subject->kind->label(item->subject, item->node, &text);
	escape_text(out, text.data, text.len);
	buf_free(&text);
	buf_printf(out, "\n%s\n", item->subject->kind->words);
	if (item->size >= 0)
		buf_printf(out, "%lld bytes\n", (long long)item->size);
	if (item->subject->diag.code) {
		buf_str(out, item->subject->diag.text);
		buf_byte(out, '\n');
	}
}

void app_info(struct app *a)
{
	const struct tree_item *item = tree_at(&a->tree);
	struct lines_line line;
	uint64_t row;

	popup_close(&a->popup);
	if (!a->in_pane && item) {
		put_node(item, &a->popup.text);
	} else if (pane_row(&a->pane, &row) && lines_at(a->pane.lines, a->pane.cursor, &line)) {
		if (line.kind == LINES_HEADING) {
			lines_text(a->pane.lines, &line, &a->popup.text);
			buf_byte(&a->popup.text, '\n');
		} else {
			put_row(a, row, &a->popup.text);
		}
	}
	if (a->popup.text.len)
		popup_show(&a->popup, " Info ");
}
