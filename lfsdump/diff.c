/* SPDX-License-Identifier: MIT */
#include "lfsdump/diff.h"

#include <string.h>

#include "common/base/file.h"
#include "common/lua/diff.h"
#include "common/view/escape.h"
#include "lfsdump/firmware.h"
#include "lfsdump/report.h"

const struct view *diff_view(const struct view *v)
{
	if (v == &lua_view_summary)
		return &lua_diff_view_summary;
	if (v == &lua_view_bytes)
		return &lua_diff_view_bytes;
	if (v == &lua_view_modules)
		return &lua_diff_view_modules;
	if (v == &lua_view_strings)
		return &lua_diff_view_strings;
	return NULL;
}

/* What is to be shown: the views asked for, or all that say anything. */
static unsigned choose(const struct settings *s, const struct lua_diff *d,
		       const struct view *views[VIEWS_MAX])
{
	bool one = s->style.form == OUTPUT_CSV || s->style.form == OUTPUT_TSV;
	bool all = s->style.form == OUTPUT_JSON;
	unsigned n = 0;

	for (unsigned i = 0; i < s->nviews; i++)
		views[n++] = diff_view(s->views[i].image->view);
	if (n)
		return n;
	if (one) {
		views[n++] = &lua_diff_view_modules;
		return n;
	}
	views[n++] = &lua_diff_view_summary;
	if (all || d->verdict == DIFF_DIFFERS || d->book[0]->layout.size != d->book[1]->layout.size)
		views[n++] = &lua_diff_view_bytes;
	if (all || d->ntop)
		views[n++] = &lua_diff_view_modules;
	if (all || d->nstrings)
		views[n++] = &lua_diff_view_strings;
	return n;
}

static void put_name(struct buf *out, const struct lua_book *b,
		     void (*escape)(struct buf *, const uint8_t *, size_t))
{
	escape(out, (const uint8_t *)b->file, strlen(b->file));
}

static enum err print_names(FILE *f, const struct lua_diff *d, struct diag *diag)
{
	struct buf out = { 0 };

	put_name(&out, d->book[0], escape_text);
	buf_str(&out, " -> ");
	put_name(&out, d->book[1], escape_text);
	buf_byte(&out, '\n');
	return print_buf(f, &out, diag);
}

/* For a pull request: a sentence takes the summary's place. */
static enum err print_markdown_head(FILE *f, const struct lua_diff *d, struct diag *diag)
{
	struct buf out = { 0 };
	struct buf sentence = { 0 };

	buf_str(&out, "## ");
	put_name(&out, d->book[0], escape_markdown);
	buf_str(&out, " → ");
	put_name(&out, d->book[1], escape_markdown);
	buf_str(&out, "\n\n");
	lua_diff_sentence(d, &sentence);
	escape_markdown(&out, sentence.data, sentence.len);
	buf_byte(&out, '\n');
	out.failed |= sentence.failed;
	buf_free(&sentence);
	return print_buf(f, &out, diag);
}

static enum err print_markdown(FILE *f, const struct settings *s, const struct lua_diff *d,
			       const struct view *const *views, unsigned n, struct diag *diag)
{
	enum err e = print_markdown_head(f, d, diag);

	for (unsigned i = 0; i < n && !e; i++) {
		if (views[i] == &lua_diff_view_summary && s->nviews == 0)
			continue;
		fprintf(f, "\n### %s\n\n", views[i]->title ? views[i]->title : "Summary");
		e = output_view(f, views[i], d, &s->style, diag);
	}
	return e;
}

static enum err print_json(FILE *f, const struct settings *s, const struct lua_diff *d,
			   const struct view *const *views, unsigned n, struct diag *diag)
{
	struct buf out = { 0 };
	enum err e;

	buf_str(&out, "{\"schema\":1,\"old\":");
	put_name(&out, d->book[0], escape_json);
	buf_str(&out, ",\"new\":");
	put_name(&out, d->book[1], escape_json);
	buf_printf(&out, ",\"same\":%s", d->verdict == DIFF_EQUAL ? "true" : "false");
	e = print_buf(f, &out, diag);
	for (unsigned i = 0; i < n && !e; i++) {
		fprintf(f, ",\"%s\":", views[i]->name);
		e = output_view(f, views[i], d, &s->style, diag);
	}
	fputs("}\n", f);
	return e;
}

static enum err print(FILE *f, const struct settings *s, const struct lua_diff *d,
		      struct diag *diag)
{
	const struct view *views[VIEWS_MAX];
	unsigned n = choose(s, d, views);
	enum err e = ERR_NONE;

	if (s->style.form == OUTPUT_JSON)
		return print_json(f, s, d, views, n, diag);
	if (s->style.form == OUTPUT_MARKDOWN)
		return print_markdown(f, s, d, views, n, diag);
	if (s->style.form == OUTPUT_TABLE && s->nviews == 0)
		e = print_names(f, d, diag);
	for (unsigned i = 0; i < n && !e; i++) {
		if (i)
			fputc('\n', f);
		e = output_view(f, views[i], d, &s->style, diag);
	}
	return e;
}

struct loaded {
	struct file file;
	struct lua_book book;
};

static void load(const char *path, struct loaded *out)
{
	const char *shown = file_shown_name(path);

	*out = (struct loaded){ .book = { .file = shown } };
	if (file_load_max(path, FIRMWARE_FILE_MAX, &out->book.diag, &out->file) == ERR_NONE)
		lua_book_open(&out->book, shown, out->file.data, out->file.len);
}

static void unload(struct loaded *l)
{
	lua_book_close(&l->book);
	file_close(&l->file);
}

static bool is_firmware(const struct loaded *l)
{
	return l->book.diag.code == ERR_KIND && firmware_probe(l->file.data, l->file.len);
}

static int diff_firmwares(FILE *f, const struct settings *s, const struct loaded *old,
			  const struct loaded *now)
{
	struct firmware a, b;
	int status;

	firmware_open(&a, old->book.file, old->file.data, old->file.len);
	firmware_open(&b, now->book.file, now->file.data, now->file.len);
	status = firmware_diff_files(f, s, &a, &b);
	firmware_close(&a);
	firmware_close(&b);
	return status;
}

static enum err check_views(const struct settings *s, struct diag *diag)
{
	for (unsigned i = 0; i < s->nviews; i++)
		if (!s->views[i].image || !diff_view(s->views[i].image->view))
			return diag_fail(diag, ERR_KIND, "no --%s of images", s->views[i].name);
	return ERR_NONE;
}

static int diff_images(FILE *f, const struct settings *s, const struct lua_book *old,
		       const struct lua_book *now)
{
	struct lua_diff d = { 0 };
	struct diag diag = { 0 };
	int status = report_damage(old) | report_damage(now);

	if (old->img && now->img && !check_views(s, &diag)) {
		if (lua_diff_make(old, now, &diag, &d) == ERR_NONE)
			print(f, s, &d, &diag);
		status |= d.verdict != DIFF_EQUAL;
	}
	if (diag.code) {
		complain("--diff", &diag);
		status = 1;
	}
	lua_diff_free(&d);
	return status;
}

int diff_files(FILE *f, const struct settings *s)
{
	struct loaded old, now;
	int status;

	load(s->files[0], &old);
	load(s->files[1], &now);
	if (is_firmware(&old) && is_firmware(&now))
		status = diff_firmwares(f, s, &old, &now);
	else
		status = diff_images(f, s, &old.book, &now.book);
	unload(&old);
	unload(&now);
	return status;
}
