/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/base/file.h"
#include "common/view/escape.h"
#include "lfsdump/diff.h"
#include "lfsdump/document.h"
#include "lfsdump/jobs.h"
#include "lfsdump/report.h"
#include "lfsdump/settings.h"
#include "lfsdump/terminal.h"

enum { MODULES_SHOWN = 12 };

static enum err print_view(FILE *f, const struct settings *s, const struct lua_book *book,
			   const struct view *v, struct diag *diag)
{
	struct output_style style = s->style;
	enum err e;

	if (style.form == OUTPUT_JSON) {
		fprintf(f, ",\"%s\":", v->name);
		return output_view(f, v, book, &style, diag);
	}
	e = output_view(f, v, book, &style, diag);
	return e;
}

static enum err print_default(FILE *f, const struct settings *s, const struct lua_book *book,
			      struct diag *diag)
{
	static const struct view *const views[] = { &lua_view_summary, &lua_view_bytes,
						    &lua_view_modules };
	struct output_style style = s->style;
	unsigned n = style.form == OUTPUT_CSV || style.form == OUTPUT_TSV ? 1 : 3;
	enum err e = ERR_NONE;

	if (s->style.form == OUTPUT_JSON)
		return document_write(f, book);
	for (unsigned i = 0; i < n && !e; i++) {
		if (i == 2 && book->img->traits.form == LUA_FORM_CHUNK)
			break;
		if (i && style.form != OUTPUT_CSV && style.form != OUTPUT_TSV)
			fputc('\n', f);
		style.limit = i == 2 ? MODULES_SHOWN : 0;
		e = output_view(f, views[i], book, &style, diag);
	}
	return e;
}

static enum err print_dot(FILE *f, const struct lua_book *book)
{
	struct buf out = { 0 };
	bool failed;

	lua_requires_dot(book, &out);
	fwrite(out.data, 1, out.len, f);
	failed = out.failed;
	buf_free(&out);
	return failed ? ERR_MEMORY : ERR_NONE;
}

/* All views of one file that can be shown of it. */
static enum err print_book(FILE *f, const struct settings *s, struct lua_book *book,
			   struct diag *diag)
{
	enum err e = ERR_NONE;
	bool json = s->style.form == OUTPUT_JSON;
	unsigned needs = 0;

	for (unsigned i = 0; i < s->nviews; i++)
		needs |= s->views[i]->needs;
	e = lua_book_map(book, needs);
	if (!e && (needs & LUA_VIEW_STUDY))
		e = lua_book_study(book, s->xref);
	if (s->dot)
		return e ? e : print_dot(f, book);
	if (s->nviews == 0)
		return book->img || json ? print_default(f, s, book, diag) : ERR_NONE;
	if (json) {
		struct buf name = { 0 };

		escape_json(&name, (const uint8_t *)book->file, strlen(book->file));
		fprintf(f, "{\"file\":%.*s", (int)name.len, (const char *)name.data);
		buf_free(&name);
	}
	for (unsigned i = 0; i < s->nviews && !e; i++) {
		if (i && !json)
			fputc('\n', f);
		e = print_view(f, s, book, s->views[i]->view, diag);
	}
	if (json)
		fputs("}\n", f);
	return e;
}

static void print_file_name(FILE *f, const struct settings *s, int index)
{
	const char *name = s->files[index];
	struct buf line = { 0 };

	if (s->nfiles < 2 || (s->style.form != OUTPUT_TABLE && s->style.form != OUTPUT_MARKDOWN))
		return;
	if (index)
		buf_byte(&line, '\n');
	buf_str(&line, s->style.form == OUTPUT_MARKDOWN ? "## " : "== ");
	if (s->style.form == OUTPUT_MARKDOWN)
		escape_markdown(&line, (const uint8_t *)name, strlen(name));
	else
		escape_text(&line, (const uint8_t *)name, strlen(name));
	buf_str(&line, s->style.form == OUTPUT_MARKDOWN ? "\n\n" : "\n");
	fwrite(line.data, 1, line.len, f);
	buf_free(&line);
}

/* Returns 1 when anything was wrong with the file. */
static int dump_file(FILE *f, struct settings *s, int index)
{
	const char *path = s->files[index];
	const char *shown = strcmp(path, "-") == 0 ? "(standard input)" : path;
	struct lua_book book = { .file = shown };
	struct diag diag = { 0 };
	enum err failure = ERR_NONE;
	int status = 0;

	if (file_load(path, &book.diag, &s->raw) == ERR_NONE)
		lua_book_open(&book, shown, s->raw.data, s->raw.len);
	if (!s->job || !s->job->judges_damage)
		file_close(&s->raw);
	book.base = s->base;
	if (!s->job || s->job->names_files)
		print_file_name(f, s, index);
	if (s->nfiles > 1)
		s->style.file = shown;
	if (s->job)
		failure = s->job->run(f, s, &book, &diag);
	else
		print_book(f, s, &book, &diag);
	s->style.no_header = true;
	fflush(f);
	if (!s->job || !s->job->judges_damage || book.diag.code == ERR_IO)
		status = report_damage(&book);
	if (diag.code)
		complain(shown, &diag);
	if (diag.code || failure)
		status = 1;
	lua_book_close(&book);
	file_close(&s->raw);
	return status;
}

static int finish(struct settings *s, struct output *out, int status)
{
	struct diag diag = { 0 };

	if (!s->output) {
		if (fflush(stdout) != 0 || ferror(stdout)) {
			diag_fail(&diag, ERR_IO, "%s", strerror(errno));
			complain("standard output", &diag);
			status = 1;
		}
		pager_wait();
		return status;
	}
	if (output_commit(out, &diag)) {
		complain(s->output, &diag);
		return 1;
	}
	return status;
}

int main(int argc, char **argv)
{
	struct settings s;
	struct output out = { 0 };
	struct diag diag = { 0 };
	int status = 0;

	if (settings_read(&s, argc, argv, &status))
		return status;
	terminal_style(&s);
	if (s.output && output_open(s.output, &diag, &out)) {
		complain(s.output, &diag);
		return 1;
	}
	if (!s.output)
		pager_start(&s);
	if (s.diff)
		status = diff_files(s.output ? out.stream : stdout, &s);
	for (int i = 0; i < s.nfiles && !s.diff; i++)
		status |= dump_file(s.output ? out.stream : stdout, &s, i);
	return finish(&s, &out, status);
}
