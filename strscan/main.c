/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/file.h"
#include "common/strings/capture.h"
#include "common/strings/view_strings.h"
#include "strscan/report.h"
#include "strscan/settings.h"
#include "strscan/terminal.h"

/* All that lives as long as the program. */
struct scan {
	struct settings s;
	struct string_set set;
	struct lua_book image;
	int lua;          /* of the RAM dumps; 0: there are none */
	bool printed;     /* there is an output */
	struct buf *held; /* --keep-file: what its globs live in */
	uint32_t nheld, held_cap;
};

static const char *shown(const char *path)
{
	return strcmp(path, "-") == 0 ? "(standard input)" : path;
}

static int load_input(struct scan *scan, const char *path)
{
	struct diag diag = { 0 };
	struct file file;
	uint32_t notes = scan->set.note_count;
	int status;

	if (file_load(path, &diag, &file) == ERR_NONE)
		string_input_load(&scan->set, file.data, file.len, &diag);
	file_close(&file);
	status = report_notes(shown(path), &scan->set, notes);
	if (diag.code)
		report(shown(path), &diag);
	return status || diag.code ? 1 : 0;
}

/* A census is printed, else the dump's strings are added. */
static int load_dump(struct scan *scan, const struct dump_name *name, FILE *f)
{
	struct ram_dump dump = { .base = name->base, .strt = name->strt };
	struct ram_census census = { 0 };
	struct diag diag = { 0 };
	struct file file;
	uint32_t notes = scan->set.note_count;
	int status;

	if (file_load(name->path, &diag, &file) == ERR_NONE) {
		dump.data = file.data;
		dump.len = file.len;
		ram_strings(&scan->set, &dump, &diag);
		scan->lua = dump.lua;
	}
	if (f && !diag.code && ram_census(&dump, &diag, &census) == ERR_NONE) {
		output_view(f, &ram_view, &census, &scan->s.style, &diag);
		fputs(scan->s.format == FORMAT_JSON ? "\n" : "", f);
		scan->printed = true;
	}
	file_close(&file);
	status = report_notes(shown(name->path), &scan->set, notes);
	if (diag.code)
		report(shown(name->path), &diag);
	return status || diag.code ? 1 : 0;
}

static int load_image(struct scan *scan, const char *path)
{
	struct diag diag = { 0 };
	struct file file;
	struct lua_book *book = &scan->image;

	if (file_load(path, &diag, &file) == ERR_NONE)
		lua_book_open(book, path, file.data, file.len);
	file_close(&file);
	if (!diag.code)
		diag = book->diag;
	if (!diag.code && book->img->traits.form == LUA_FORM_CHUNK)
		diag_fail(&diag, ERR_KIND, "a compiled chunk, not an LFS image");
	if (diag.code)
		report(path, &diag);
	else if (book->img->note_count)
		report(path, &book->img->notes[0]);
	return diag.code ? 1 : 0;
}

/* Every line of a text is a glob. */
static enum err add_globs(struct globs *globs, char *line, struct diag *diag)
{
	for (bool last = false; !last;) {
		char *end = line + strcspn(line, "\r\n");

		last = *end == '\0';
		*end = '\0';
		if (*line && !globs_add(globs, line))
			return diag_fail(diag, ERR_MEMORY, "out of memory");
		line = end + 1;
	}
	return ERR_NONE;
}

static int load_globs(struct scan *scan, const char *path)
{
	struct buf *text = vec_grow(&scan->held, &scan->nheld, &scan->held_cap, sizeof(*text), 1);
	struct diag diag = { 0 };
	struct file file = { 0 };

	if (!text)
		diag_fail(&diag, ERR_MEMORY, "out of memory");
	else if (file_load(path, &diag, &file) == ERR_NONE) {
		buf_put(text, file.data, file.len);
		buf_byte(text, '\0');
		if (text->failed)
			diag_fail(&diag, ERR_MEMORY, "out of memory");
		else
			add_globs(&scan->s.keep, (char *)text->data, &diag);
	}
	file_close(&file);
	if (diag.code)
		report(path, &diag);
	return diag.code ? 1 : 0;
}

static enum err judge(struct scan *scan, struct diag *diag)
{
	const struct settings *s = &scan->s;
	struct string_filter filter = {
		.image = scan->image.img ? &scan->image : NULL,
		.min_seen = s->min_seen,
		.lua = scan->set.device.lua,
		.keep = s->keep.list,
		.drop = s->drop.list,
		.budget = s->budget,
	};

	if (!filter.lua)
		filter.lua = scan->lua;
	if (!filter.lua && filter.image)
		filter.lua = (int)filter.image->img->traits.version;
	return string_judge(&scan->set, &filter, diag);
}

static void print_totals(struct buf *out, const struct string_set *set)
{
	struct string_totals t = string_totals(set);

	buf_printf(out, "{\"captures\":%u,\"totals\":{\"kept\":%u,\"ram\":%u,\"flash\":%u",
		   (unsigned)set->captures, (unsigned)t.kept, (unsigned)t.ram, (unsigned)t.flash);
	buf_str(out, ",\"left_out\":{");
	for (unsigned v = STRING_KEPT + 1; v < STRING_VERDICTS; v++)
		buf_printf(out, "%s\"%s\":%u", v > STRING_KEPT + 1 ? "," : "",
			   string_verdict_words[v], (unsigned)t.dropped[v]);
	buf_str(out, "}},\"strings\":");
}

/* Lua, or a list as text, JSON or CSV. */
static enum err print_strings(struct scan *scan, FILE *f, struct diag *diag)
{
	const struct settings *s = &scan->s;
	struct string_list list = { &scan->set, &scan->image, s->list };
	struct buf out = { 0 };
	enum err e = ERR_NONE;

	if (s->format == FORMAT_LUA)
		string_generate(&scan->set, &out);
	else if (s->format == FORMAT_JSON)
		print_totals(&out, &scan->set);
	if (out.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	else
		fwrite(out.data, 1, out.len, f);
	buf_free(&out);
	if (s->format != FORMAT_LUA && !diag->code)
		e = output_view(f, &string_view, &list, &s->style, diag);
	if (s->format == FORMAT_JSON)
		fputs("}\n", f);
	return e ? e : diag->code;
}

static int print_capture(struct scan *scan, FILE *f)
{
	struct diag diag = { 0 };
	struct buf out = { 0 };

	capture_write(&scan->set, &out);
	if (out.failed) {
		diag_fail(&diag, ERR_MEMORY, "out of memory");
		report(scan->s.output ? scan->s.output : "standard output", &diag);
	} else {
		fwrite(out.data, 1, out.len, f);
		scan->printed = true;
	}
	buf_free(&out);
	return diag.code ? 1 : 0;
}

static int print_result(struct scan *scan, FILE *f)
{
	struct diag diag = { 0 };

	if (scan->s.capture)
		return print_capture(scan, f);

	if (judge(scan, &diag) || print_strings(scan, f, &diag)) {
		report(scan->s.output ? scan->s.output : "standard output", &diag);
		return 1;
	}
	fflush(f);
	scan->printed = true;
	report_totals(&scan->set);
	if (scan->image.img)
		report_missing(&scan->set, scan->image.img);
	return 0;
}

/* All inputs, and what is done with them. Returns 1 when anything was wrong. */
static int run(struct scan *scan, FILE *f)
{
	struct settings *s = &scan->s;
	int status = 0;

	if (s->rebuild.wanted) {
		scan->printed = rebuild_run(&s->rebuild, s->files, s->nfiles, f);
		return !scan->printed;
	}
	for (uint32_t i = 0; i < s->nkeep_files; i++)
		status |= load_globs(scan, s->keep_files[i]);
	if (s->image)
		status |= load_image(scan, s->image);
	if (status)
		return status;
	for (uint32_t i = 0; i < s->ndumps; i++)
		status |= load_dump(scan, &s->dumps[i], s->census ? f : NULL);
	for (int i = 0; i < s->nfiles; i++)
		status |= load_input(scan, s->files[i]);
	if (s->live_wanted) {
		status |= live_run(&s->live, s->format == FORMAT_JSON, &scan->set, f);
		scan->printed = s->live.probe && !status;
		/* A capture is whole or it is none. */
		if (status || !s->live.capture)
			return status;
	}
	/* Damage does not keep the rest from being of use, if there is any. */
	if (!s->census && (scan->set.count || !status))
		status |= print_result(scan, f);
	return status;
}

static int finish(const struct scan *scan, struct output *out)
{
	const char *name = scan->s.output ? scan->s.output : "standard output";
	struct diag diag = { 0 };

	if (!scan->printed)
		output_abort(out);
	else if (scan->s.output)
		output_commit(out, &diag);
	else if (fflush(stdout) != 0 || ferror(stdout))
		diag_fail(&diag, ERR_IO, "%s", strerror(errno));
	if (diag.code)
		report(name, &diag);
	return diag.code ? 1 : 0;
}

static void scan_free(struct scan *scan)
{
	for (uint32_t i = 0; i < scan->nheld; i++)
		buf_free(&scan->held[i]);
	free(scan->held);
	string_set_free(&scan->set);
	lua_book_close(&scan->image);
	settings_free(&scan->s);
}

int main(int argc, char **argv)
{
	static struct scan scan;
	struct output out = { 0 };
	struct diag diag = { 0 };
	int status = 0;

	if (settings_read(&scan.s, argc, argv, &status)) {
		settings_free(&scan.s);
		return status;
	}
	terminal_style(&scan.s);
	if (scan.s.output && output_open(scan.s.output, &diag, &out)) {
		report(scan.s.output, &diag);
		status = 1;
	} else {
		status = run(&scan, scan.s.output ? out.stream : stdout);
		status |= finish(&scan, &out);
	}
	scan_free(&scan);
	return status;
}
