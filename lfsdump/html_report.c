/* SPDX-License-Identifier: MIT */
/* The reports in a page: a JSON block for its script, and plain tables where there is none. */
#include <string.h>

#include "common/lua/book.h"
#include "common/view/html.h"
#include "lfsdump/html.h"
#include "lfsdump/report.h"

static void begin(FILE *f, const char *name, const char *kind, struct diag *diag)
{
	struct buf out = { 0 };

	buf_str(&out, "<script type=\"application/json\" class=\"report\">\n{\"name\":");
	html_string(&out, (const uint8_t *)name, strlen(name));
	buf_printf(&out, ",\"kind\":\"%s\"", kind);
	print_buf(f, &out, diag);
}

static void begin_views(FILE *f, const char *name, const char *kind, struct diag *diag)
{
	begin(f, name, kind, diag);
	fputs(",\n\"views\":[\n", f);
}

static void end_views(FILE *f)
{
	fputs("]}\n</script>\n", f);
}

void html_report_failure(FILE *f, const char *name, const struct diag *why)
{
	struct diag none = { 0 }; /* there is one to be told already */
	struct buf out = { 0 };
	char text[400];

	diag_format(why, text, sizeof(text));
	begin(f, name, "failure", &none);
	buf_str(&out, ",\"error\":");
	html_string(&out, (const uint8_t *)text, strlen(text));
	buf_str(&out, ",\"views\":[]}\n</script>\n<noscript><h1>");
	html_text(&out, (const uint8_t *)name, strlen(name));
	buf_str(&out, "</h1>\n<p>");
	html_text(&out, (const uint8_t *)text, strlen(text));
	buf_str(&out, "</noscript>\n");
	print_buf(f, &out, &none);
}

static void plain_begin(FILE *f, const char *name, struct diag *diag)
{
	struct buf out = { 0 };

	buf_str(&out, "<noscript><h1>");
	html_text(&out, (const uint8_t *)name, strlen(name));
	buf_str(&out, "</h1>\n<p>The rest of this report needs JavaScript.\n");
	print_buf(f, &out, diag);
}

enum { PLAIN_VIEWS = 3 };

enum err html_report_views(FILE *f, const char *name, const char *kind,
			   const struct view *const *views, unsigned n, const void *ctx,
			   struct diag *diag)
{
	enum err e = ERR_NONE;

	begin_views(f, name, kind, diag);
	for (unsigned i = 0; i < n && !e; i++) {
		fputs(i ? ",\n" : "", f);
		e = html_view(f, views[i], ctx, NULL, diag);
	}
	end_views(f);
	plain_begin(f, name, diag);
	for (unsigned i = 0; i < n && i < PLAIN_VIEWS && !e; i++)
		e = html_table(f, views[i], ctx, diag);
	fputs("</noscript>\n", f);
	return e ? e : diag->code;
}

/* Subjects */

/* The first row of a place that names none. */
static bool first_row(const struct subject_place *to, uint64_t *row, struct diag *diag)
{
	struct diag own = { 0 };
	struct subject_page page;
	bool found = subject_page_open(to, &page, &own) == ERR_NONE &&
		     page.view->count(page.ctx, VIEW_ROOT);

	if (found)
		*row = page.view->child(page.ctx, VIEW_ROOT, 0);
	subject_page_close(&page);
	if (own.code == ERR_MEMORY)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	return found;
}

struct following {
	const struct subject_page *page;
	struct diag *diag;
};

/* Links lead to views of the whole, which are all that a report has. */
static bool follow(void *arg, uint64_t row, struct html_link *link)
{
	const struct following *following = arg;
	const struct subject_page *page = following->page;
	struct subject *s = page->place.subject;
	struct subject_place to = { 0 };

	if (!subject_follow(page, row, &to) || to.subject != s ||
	    subject_view_index(s, VIEW_ROOT, to.view) < 0)
		return false;
	link->view = to.view->name;
	link->row = to.row;
	return to.row != VIEW_ROOT || to.topic != SUBJECT_ANY ||
	       first_row(&to, &link->row, following->diag);
}

enum err html_report_open(struct subject *s, const struct view *v, struct subject_page *page,
			  struct diag *diag)
{
	struct subject_place place = { s, VIEW_ROOT, v, SUBJECT_ANY, VIEW_ROOT };

	return subject_page_open(&place, page, diag);
}

/* Bytes one by one would make the report as large again, and --hex shows them. */
static bool is_left_out(const struct view *v)
{
	return v == &lua_view_hex;
}

static enum err put_views(FILE *f, struct subject *s, struct diag *diag)
{
	const struct view *v;
	bool comma = false;

	for (unsigned i = 0; !diag->code && (v = s->kind->view(s, VIEW_ROOT, i)) != NULL; i++) {
		struct subject_page page;
		struct following following = { &page, diag };
		struct html_extra extra = { .follow = follow, .arg = &following };

		if (is_left_out(v))
			continue;
		if (html_report_open(s, v, &page, diag) == ERR_NONE) {
			fputs(comma ? ",\n" : "", f);
			html_view(f, page.view, page.ctx, &extra, diag);
			comma = true;
		}
		subject_page_close(&page);
	}
	return diag->code;
}

/* Views that only the nodes of what changed have: functions side by side. */
static enum err put_changes(FILE *f, struct subject *s, uint64_t parent, uint64_t node,
			    struct diag *diag)
{
	uint64_t n = s->kind->count(s, node);
	const struct view *v = node == VIEW_ROOT ? NULL : s->kind->view(s, node, 0);

	if (v && subject_view_index(s, VIEW_ROOT, v) < 0) {
		struct subject_place place = { s, node, v, SUBJECT_ANY, VIEW_ROOT };
		struct buf name = { 0 };
		struct html_extra extra = { .heading = &name };
		struct subject_page page;

		s->kind->label(s, parent, &name);
		buf_str(&name, ": ");
		s->kind->label(s, node, &name);
		if (name.failed)
			diag_fail(diag, ERR_MEMORY, "out of memory");
		fputs(",\n", f);
		if (subject_page_open(&place, &page, diag) == ERR_NONE)
			html_view(f, page.view, page.ctx, &extra, diag);
		subject_page_close(&page);
		buf_free(&name);
	}
	for (uint64_t i = 0; i < n && !diag->code; i++)
		put_changes(f, s, node, s->kind->child(s, node, i), diag);
	return diag->code;
}

static enum err put_plain(FILE *f, struct subject *s, const char *name, struct diag *diag)
{
	const struct view *v;

	plain_begin(f, name, diag);
	for (unsigned i = 0; !diag->code && i < PLAIN_VIEWS; i++) {
		struct subject_page page;

		v = s->kind->view(s, VIEW_ROOT, i);
		if (!v)
			break;
		if (html_report_open(s, v, &page, diag) == ERR_NONE)
			html_table(f, page.view, page.ctx, diag);
		subject_page_close(&page);
	}
	fputs("</noscript>\n", f);
	return diag->code;
}

static enum err put_subject(FILE *f, struct subject *s, const char *name, struct diag *diag)
{
	begin_views(f, name, s->kind->words, diag);
	put_views(f, s, diag);
	if (s->kind->compares)
		put_changes(f, s, VIEW_ROOT, VIEW_ROOT, diag);
	end_views(f);
	return diag->code ? diag->code : put_plain(f, s, name, diag);
}

enum err html_report_subject(FILE *f, struct subject *s, struct diag *diag)
{
	struct buf name = { 0 };

	if (put_subject(f, s, s->name, diag) || !s->inside)
		return diag->code;
	buf_printf(&name, "%s: LFS image", s->name);
	buf_byte(&name, 0);
	if (name.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	else
		put_subject(f, s->inside, (const char *)name.data, diag);
	buf_free(&name);
	return diag->code;
}
