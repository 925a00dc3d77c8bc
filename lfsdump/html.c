/* SPDX-License-Identifier: MIT */
#include "lfsdump/html.h"

#include <string.h>

#include "common/base/file.h"
#include "common/firmware/view_disasm.h"
#include "common/view/html.h"
#include "lfsdump/code.h"
#include "lfsdump/kind.h"
#include "lfsdump/report.h"

struct page {
	FILE *f;
	const struct settings *s;
	bool shown; /* something is in the report */
	int status;
};

static void fail(struct page *p, const char *name, const struct diag *diag)
{
	if (p->s->diff) /* nothing is compared */
		complain(name, diag);
	else
		complain_told(name, diag);
	html_report_failure(p->f, name, diag);
	p->status = 1;
}

/* What is wrong with a file: in the report it is a view of its own. */
static void tell_damage(struct page *p, struct subject *s)
{
	struct diag diag = { 0 };
	struct subject_page page;
	const struct view *v;
	unsigned i = 0;

	while ((v = s->kind->view(s, VIEW_ROOT, i)) != NULL && strcmp(v->name, "damage") != 0)
		i++;
	if (!v)
		return;
	if (html_report_open(s, v, &page, &diag) == ERR_NONE &&
	    page.view->count(page.ctx, VIEW_ROOT))
		diag_fail(&diag, ERR_DAMAGED, "damaged: the report lists what is wrong");
	subject_page_close(&page);
	if (!diag.code)
		return;
	complain(s->name, s->diag.code ? &s->diag : &diag);
	p->status = 1;
}

static void show_subject(struct page *p, struct subject *s)
{
	struct diag diag = { 0 };

	p->shown = true;
	if (html_report_subject(p->f, s, &diag)) {
		complain(s->name, &diag);
		p->status = 1;
	}
	tell_damage(p, s);
	if (s->inside)
		tell_damage(p, s->inside);
}

struct opened {
	const char *name;
	struct file file;
	struct firmware fw;
};

static enum err open_firmware(struct opened *o, const char *path, struct diag *diag)
{
	*o = (struct opened){ .name = file_shown_name(path) };
	if (file_load_max(path, FIRMWARE_FILE_MAX, diag, &o->file))
		return diag->code;
	if (!firmware_probe(o->file.data, o->file.len))
		return diag_fail(diag, ERR_KIND, "no firmware");
	firmware_open(&o->fw, o->name, o->file.data, o->file.len);
	return firmware_study(&o->fw, diag);
}

static void close_firmware(struct opened *o)
{
	firmware_close(&o->fw);
	file_close(&o->file);
}

/* The code that --disasm asks for, as a report beside that of the firmware. */
static void show_code(struct page *p, const char *path)
{
	const struct view *const views[] = { &firmware_view_disasm };
	struct disasm d = { 0 };
	struct diag diag = { 0 };
	struct opened o;

	if (open_firmware(&o, path, &diag) == ERR_NONE) {
		if (code_open(&d, p->s->disasm, &o.fw, &diag) == ERR_NONE)
			html_report_views(p->f, p->s->disasm, "code", views, 1, &d, &diag);
		disasm_close(&d);
	}
	close_firmware(&o);
	if (diag.code) {
		complain(path, &diag);
		p->status = 1;
	}
}

/* Strings alone, such as any text has, are for another program. */
static void open_loaded(const char *name, const struct file *file, struct diag *diag,
			struct subject **out)
{
	struct lua_book book = { 0 };

	if (kind_shown(file->data, file->len)) {
		subject_open_file(name, file, diag, out);
		return;
	}
	lua_book_open(&book, name, file->data, file->len);
	*diag = book.diag;
	lua_book_close(&book);
}

/* NULL: the failure is told. */
static struct subject *open_file(struct page *p, const char *path)
{
	const char *name = file_shown_name(path);
	struct diag diag = { 0 };
	struct subject *s = NULL;
	struct file file;

	if (file_load_max(path, FIRMWARE_FILE_MAX, &diag, &file) == ERR_NONE)
		open_loaded(name, &file, &diag, &s);
	file_close(&file);
	if (!s)
		fail(p, name, &diag);
	return s;
}

static void show_file(struct page *p, const char *path)
{
	struct subject *s = open_file(p, path);

	if (!s)
		return;
	show_subject(p, s);
	subject_close(s);
	if (p->s->disasm)
		show_code(p, path);
}

/* The summary of what changed tells. */
static bool is_same(struct subject *diff)
{
	static const char same[] = "same";
	const struct view *v = diff->kind->view(diff, VIEW_ROOT, 0);
	struct view_cell c = { 0 };
	struct buf scratch = { 0 };
	struct subject_page page;
	struct diag none = { 0 };

	if (html_report_open(diff, v, &page, &none) == ERR_NONE)
		v->cell(page.ctx, 0, view_column_find(v, same, strlen(same)), &c, &scratch);
	subject_page_close(&page);
	buf_free(&scratch);
	return c.kind == VIEW_BOOLEAN && c.b;
}

/* What became of the first, then both. */
static void show_diff(struct page *p)
{
	struct subject *side[2];
	struct subject *diff = NULL;
	struct diag diag = { 0 };

	for (unsigned i = 0; i < 2; i++)
		side[i] = open_file(p, p->s->files[i]);
	if (side[0] && side[1] && subject_compare(side[0], side[1], &diag, &diff))
		fail(p, "--diff", &diag);
	if (diff) {
		show_subject(p, diff);
		p->status |= !is_same(diff);
	}
	for (unsigned i = 0; i < 2; i++)
		if (side[i])
			show_subject(p, side[i]);
	subject_close(diff);
	subject_close(side[0]);
	subject_close(side[1]);
}

/* What the page is called. */
static void put_title(const struct settings *s, struct buf *out)
{
	buf_str(out, file_shown_name(s->files[0]));
	if (s->diff)
		buf_printf(out, " \xe2\x86\x92 %s", file_shown_name(s->files[1]));
	else if (s->nfiles > 1)
		buf_printf(out, " and %d more", s->nfiles - 1);
	buf_byte(out, 0);
}

int html_report_files(FILE *f, const struct settings *s, bool *shown)
{
	struct page p = { .f = f, .s = s };
	struct diag diag = { 0 };
	struct buf title = { 0 };

	put_title(s, &title);
	if (title.failed)
		diag_fail(&diag, ERR_MEMORY, "out of memory");
	else
		html_begin(f, (const char *)title.data, &diag);
	if (diag.code) {
		complain("--html", &diag);
		p.status = 1;
	} else if (s->diff) {
		show_diff(&p);
	} else {
		for (int i = 0; i < s->nfiles; i++)
			show_file(&p, s->files[i]);
	}
	html_end(f);
	buf_free(&title);
	*shown = p.shown;
	return p.status;
}
