/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "common/base/file.h"
#include "common/strings/view_strings.h"
#include "common/view/escape.h"
#include "strscan/report.h"
#include "strscan/scan.h"

/*
 * True when the same input was read before: said, and not to be counted again. Two logs may well be
 * alike; two dumps, or two captures with the time in them, are one that was copied.
 */
static bool is_known(struct scan *scan, const char *path, const struct file *file, bool dump)
{
	bool unique = dump || (file->len && file->data[0] == '{');
	struct scan_input *p = vec_grow(&scan->inputs, &scan->ninputs, &scan->inputs_cap,
					sizeof(*p), 1);
	struct sha256 sum = sha256_begin();

	if (!p)
		return false;
	sha256_add(&sum, file->data, file->len);
	sha256_end(&sum, p->hash);
	p->path = path;
	for (struct scan_input *q = scan->inputs; q < p; q++)
		if (!memcmp(q->hash, p->hash, sizeof(p->hash)) &&
		    (unique || file_is_same(q->path, path))) {
			report_remark(file_shown_name(path), "the same as %s: counted once",
				      file_shown_name(q->path));
			scan->ninputs--;
			return true;
		}
	return false;
}

/* What was noted of an input, and what it failed of. */
static int tell(struct scan *scan, const char *path, uint32_t notes, const struct diag *diag)
{
	int status = report_notes(file_shown_name(path), &scan->set, notes);

	scan->damaged |= status != 0;
	if (diag->code) {
		report(file_shown_name(path), diag);
		scan->lost = true;
	}
	return status || diag->code ? 1 : 0;
}

int scan_load_input(struct scan *scan, const char *path)
{
	struct diag diag = { 0 };
	struct file file;
	uint32_t notes = scan->set.note_count;

	if (file_load_max(path, STRING_INPUT_MAX, &diag, &file) == ERR_NONE &&
	    !is_known(scan, path, &file, false))
		string_input_load(&scan->set, file.data, file.len, &diag);
	file_close(&file);
	return tell(scan, path, notes, &diag);
}

static void print_census(struct scan *scan, const struct ram_dump *dump,
			 const struct ram_census *census, FILE *f, struct diag *diag)
{
	bool text = scan->s.style.form == OUTPUT_TABLE;
	struct output_style style = scan->s.style;
	struct buf line = { 0 };

	if (text) {
		escape_text(&line, (const uint8_t *)census->name, strlen(census->name));
		buf_printf(&line,
			   " from 0x%08x on, Lua %s: bytes as Lua counts them, without the heap's "
			   "block headers and rounding\n",
			   (unsigned)dump->base, dump->lua == 53 ? "5.3" : "5.1");
		if (line.failed)
			diag_fail(diag, ERR_MEMORY, "out of memory");
		else
			fwrite(line.data, 1, line.len, f);
		buf_free(&line);
	}
	style.no_header = scan->printed;
	if (!diag->code)
		output_view(f, &ram_view, census, &style, diag);
	fputs(scan->s.format == FORMAT_JSON ? "\n" : "", f);
	scan->printed = !diag->code;
}

int scan_load_dump(struct scan *scan, const struct dump_name *name, FILE *f)
{
	struct ram_dump dump = { .base = name->base, .strt = name->strt };
	struct ram_census census = { 0 };
	struct diag diag = { 0 };
	struct file file;
	uint32_t notes = scan->set.note_count;

	if (file_load(name->path, &diag, &file) == ERR_NONE &&
	    !is_known(scan, name->path, &file, true)) {
		dump.data = file.data;
		dump.len = file.len;
		if (scan->firmware.open && !dump.strt)
			dump.strt = forecast_string_table(&scan->firmware, &dump);
		ram_strings(&scan->set, &dump, &diag);
		scan->lua = dump.lua;
		if (f && !diag.code && ram_census(&dump, &diag, &census) == ERR_NONE) {
			census.name = file_shown_name(name->path);
			print_census(scan, &dump, &census, f, &diag);
		}
	}
	file_close(&file);
	return tell(scan, name->path, notes, &diag);
}

int scan_load_image(struct scan *scan, const char *path)
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

int scan_load_globs(struct scan *scan, const char *path)
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
