/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "common/base/file.h"
#include "common/view/escape.h"
#include "lfsdump/browser.h"
#include "lfsdump/diff.h"
#include "lfsdump/document.h"
#include "lfsdump/firmware.h"
#include "lfsdump/html.h"
#include "lfsdump/jobs.h"
#include "lfsdump/report.h"
#include "lfsdump/settings.h"
#include "lfsdump/terminal.h"
#include "lfsdump/workers.h"

/* Modules of the summary: what a terminal has room for, but so many at least. */
enum { MODULES_SHOWN = 12, MODULES_MIN = 2 };
/* Lines around its rows: the summary, two blank ones, two headings, "... more" and the prompt. */
enum { LINES_AROUND = 7 + 2 + 2 + 2 };

/* Rows of the module list that fit below the rest. */
static unsigned modules_shown(const struct settings *s, const struct lua_book *book)
{
	unsigned used = LINES_AROUND;

	for (unsigned i = 0; i < LUA_BYTE_KINDS; i++)
		used += book->layout.sum[i] != 0;
	if (!s->style.height)
		return MODULES_SHOWN;
	return s->style.height > used + MODULES_MIN ? s->style.height - used : MODULES_MIN;
}

static enum err print_default(FILE *f, const struct settings *s, const struct lua_book *book,
			      struct diag *diag)
{
	static const struct view *const views[] = { &lua_view_summary, &lua_view_bytes,
						    &lua_view_modules };
	struct output_style style = s->style;
	bool text = style.form == OUTPUT_TABLE;
	unsigned n = style.form == OUTPUT_CSV || style.form == OUTPUT_TSV ? 1 : 3;
	enum err e = ERR_NONE;

	if (s->style.form == OUTPUT_JSON)
		return document_write(f, book, diag);
	for (unsigned i = 0; i < n && !e; i++) {
		if (i == 2 && book->img->traits.form == LUA_FORM_CHUNK)
			break;
		if (i && style.form != OUTPUT_CSV && style.form != OUTPUT_TSV)
			fputc('\n', f);
		style.no_title = text;
		style.limit = i == 2 ? modules_shown(s, book) : 0;
		e = output_view(f, views[i], book, &style, diag);
	}
	return e;
}

static enum err print_dot(FILE *f, const struct lua_book *book, struct diag *diag)
{
	struct buf out = { 0 };

	lua_requires_dot(book, &out);
	return print_buf(f, &out, diag);
}

static enum err print_views(FILE *f, const struct settings *s, const struct lua_book *book,
			    struct diag *diag)
{
	const struct view *views[VIEWS_MAX];

	for (unsigned i = 0; i < s->nviews; i++) {
		if (!s->views[i].image)
			return diag_fail(diag, ERR_KIND,
					 "--%s takes a firmware, such as an ELF file",
					 s->views[i].name);
		views[i] = s->views[i].image->view;
	}
	return document_views(f, &s->style, book->file, book, views, s->nviews, diag);
}

/* All views of one file that can be shown of it. */
static enum err print_book(FILE *f, const struct settings *s, struct lua_book *book,
			   struct diag *diag)
{
	unsigned needs = 0;
	enum err e;

	for (unsigned i = 0; i < s->nviews; i++)
		needs |= s->views[i].image ? s->views[i].image->needs : 0;
	e = lua_book_map(book, needs, diag);
	if (!e && (needs & LUA_VIEW_STUDY))
		e = lua_book_study(book, diag);
	if (!e && s->xref)
		e = lua_book_want(book, s->xref, diag);
	if (e)
		return e;
	if (s->dot)
		return print_dot(f, book, diag);
	if (s->nviews)
		return print_views(f, s, book, diag);
	if (book->img || s->style.form == OUTPUT_JSON)
		return print_default(f, s, book, diag);
	return ERR_NONE;
}

static enum err print_file_name(FILE *f, const struct settings *s, int index, struct diag *diag)
{
	const char *name = file_shown_name(s->files[index]);
	bool markdown = s->style.form == OUTPUT_MARKDOWN;
	struct buf line = { 0 };

	if (s->nfiles < 2 || (s->style.form != OUTPUT_TABLE && !markdown))
		return ERR_NONE;
	buf_str(&line, index ? "\n" : "");
	buf_str(&line, markdown ? "## " : "== ");
	(markdown ? escape_markdown : escape_text)(&line, (const uint8_t *)name, strlen(name));
	buf_str(&line, markdown ? "\n\n" : "\n");
	return print_buf(f, &line, diag);
}

static enum err work_on(FILE *f, const struct settings *s, int index, struct lua_book *book,
			struct file *raw, struct diag *diag)
{
	const struct input in = { .book = book, .raw = raw };
	enum err e = ERR_NONE;

	if (!s->job || !s->job->judges_damage)
		file_close(raw);
	if (!s->job || s->job->names_files)
		e = print_file_name(f, s, index, diag);
	if (e)
		return e;
	return s->job ? s->job->run(f, s, &in, diag) : print_book(f, s, book, diag);
}

/* The largest images are as large as flash chips; firmwares with debug data are larger. */
static enum err load_file(const char *path, struct diag *diag, struct file *raw)
{
	if (file_load_max(path, FIRMWARE_FILE_MAX, diag, raw))
		return diag->code;
	if (raw->len <= FILE_MAX || firmware_probe(raw->data, raw->len))
		return ERR_NONE;
	file_close(raw);
	return file_too_large(diag, FILE_MAX);
}

/* Jobs that judge any bytes open a firmware themselves. */
static bool is_firmware(const struct settings *s, const struct lua_book *book,
			const struct file *raw)
{
	return book->diag.code == ERR_KIND && (!s->job || !s->job->judges_damage) &&
	       firmware_probe(raw->data, raw->len);
}

/* The LFS image in a flash. */
static enum err show_part(FILE *f, const struct settings *s, struct lua_book *book,
			  struct diag *diag)
{
	const struct input in = { .book = book };

	return s->job ? s->job->run(f, s, &in, diag) : print_book(f, s, book, diag);
}

static int dump_firmware(FILE *f, struct settings *s, int index, const char *shown,
			 const struct file *raw)
{
	struct diag diag = { 0 };

	if (s->nfiles > 1)
		s->style.file = shown;
	if (!s->job && print_file_name(f, s, index, &diag)) {
		complain(shown, &diag);
		return 1;
	}
	return firmware_show(f, s, shown, raw->data, raw->len, show_part);
}

/* Returns 1 when anything was wrong with the file. */
static int dump_file(FILE *f, void *settings, int index)
{
	struct settings *s = settings;
	const char *path = s->files[index];
	const char *shown = file_shown_name(path);
	struct lua_book book = { .file = shown };
	struct diag diag = { 0 };
	struct file raw;
	enum err failure;
	int status = 0;

	s->style.no_header = index > 0;
	if (load_file(path, &book.diag, &raw) == ERR_NONE)
		lua_book_open(&book, shown, raw.data, raw.len);
	if (is_firmware(s, &book, &raw)) {
		status = dump_firmware(f, s, index, shown, &raw);
		lua_book_close(&book);
		file_close(&raw);
		return status;
	}
	book.base = s->base;
	if (s->nfiles > 1)
		s->style.file = shown;
	failure = work_on(f, s, index, &book, &raw, &diag);
	fflush(f);
	if (!s->job || !s->job->judges_damage || book.diag.code == ERR_IO ||
	    book.diag.code == ERR_MEMORY)
		status = report_damage(&book);
	if (diag.code)
		complain(shown, &diag);
	if (diag.code || failure)
		status = 1;
	lua_book_close(&book);
	file_close(&raw);
	return status;
}

static int finish(struct settings *s, struct output *out, int status)
{
	struct diag diag = { 0 };

	if (!s->output) {
		status |= report_output();
		pager_wait();
		return status;
	}
	if (file_flush(out->stream, &diag) == ERR_NONE) {
		/* nothing to show, or half of it: what is there may stay */
		if (status && (report_unfinished() || ftell(out->stream) == 0)) {
			output_abort(out);
			return status;
		}
		output_commit(out, &diag);
	}
	if (diag.code) {
		complain(s->output, &diag);
		status = 1;
	}
	output_abort(out);
	return status;
}

/* A report that shows no file is none. */
static int finish_report(struct settings *s, struct output *out)
{
	bool shown;
	int status = html_report_files(s->output ? out->stream : stdout, s, &shown);

	if (s->output && !shown) {
		output_abort(out);
		return status;
	}
	return finish(s, out, status);
}

int main(int argc, char **argv)
{
	struct settings s;
	struct output out = { 0 };
	struct diag diag = { 0 };
	int status = 0;

	file_fill_standard();
	if (settings_read(&s, argc, argv, &status))
		return status;
	if (s.tui)
		return browser_run(argv[0], s.files);
	terminal_style(&s);
	if (s.output && output_open(s.output, &diag, &out)) {
		complain(s.output, &diag);
		return 1;
	}
	if (!s.output && !s.html)
		pager_start(&s);
	if (s.html)
		return finish_report(&s, &out);
	if (s.diff)
		status = diff_files(s.output ? out.stream : stdout, &s);
	else
		status = workers_run(s.output ? out.stream : stdout, s.jobs, s.files, s.nfiles,
				     dump_file, &s);
	return finish(&s, &out, status);
}
