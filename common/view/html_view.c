/* SPDX-License-Identifier: MIT */
/* A view as JSON for the report's script. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "common/view/html.h"
#include "common/view/html_texts.h"
#include "common/view/parts.h"

#define NUMBER_MAX (INT64_C(1) << 53) /* up to which a script's numbers are exact */

struct writing {
	FILE *f;
	const struct view *v;
	const void *ctx;
	const struct html_extra *extra;
	struct html_texts texts;
	struct buf out, scratch, text;
	struct buf ids, levels, links; /* written behind the rows */
	bool ids_differ, has_levels, has_links;
};

static void put_string(struct buf *out, const char *s)
{
	html_quoted(out, (const uint8_t *)s, strlen(s));
}

static void put_member(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "\"%s\":", name);
	put_string(out, value ? value : "");
	buf_byte(out, ',');
}

static bool is_number(const struct view_column *column, const struct view_cell *c)
{
	switch (column->type) {
	case VIEW_COUNT:
	case VIEW_SIZE:
	case VIEW_CHANGE:
	case VIEW_HEX: return c->kind == VIEW_INT && c->i <= NUMBER_MAX && c->i >= -NUMBER_MAX;
	case VIEW_SHARE:
	case VIEW_BAR: return c->kind == VIEW_DOUBLE && isfinite(c->d);
	default: return false;
	}
}

static void put_cell(struct writing *w, uint64_t row, unsigned column)
{
	const struct view_column *col = &w->v->columns[column];
	struct view_cell c;

	cell_get(w->v, w->ctx, row, column, &c, &w->scratch);
	if (c.kind == VIEW_EMPTY) {
		buf_str(&w->out, "null");
	} else if (c.kind == VIEW_BOOLEAN) {
		buf_str(&w->out, c.b ? "true" : "false");
	} else if (c.kind == VIEW_ROWS) {
		buf_int(&w->out, c.rows.count);
	} else if (is_number(col, &c) && c.kind == VIEW_INT) {
		buf_int(&w->out, c.i);
	} else if (is_number(col, &c)) {
		double_text(&w->out, c.d);
	} else {
		w->text.len = 0;
		output_cell_text(&w->text, col, &c, false);
		/* a number that is too large is its text, not the number of one */
		if (col->type != VIEW_TEXT && col->type != VIEW_REAL && col->type != VIEW_TIME)
			html_quoted(&w->out, w->text.data, w->text.len);
		else
			buf_int(&w->out, html_texts_add(&w->texts, w->text.data, w->text.len));
	}
}

static void put_heading(struct writing *w, uint64_t row)
{
	w->scratch.len = 0;
	w->text.len = 0;
	w->v->heading(w->ctx, row, &w->scratch);
	escape_text(&w->text, w->scratch.data, w->scratch.len);
	buf_int(&w->out, html_texts_add(&w->texts, w->text.data, w->text.len));
}

static void put_link(struct writing *w, uint64_t row)
{
	struct html_link to = { 0 };

	if (!w->extra->follow || !w->extra->follow(w->extra->arg, row, &to)) {
		buf_byte(&w->links, '0');
		return;
	}
	w->has_links = true;
	buf_byte(&w->links, '[');
	put_string(&w->links, to.view);
	if (to.row != VIEW_ROOT)
		buf_printf(&w->links, ",%" PRIu64, to.row);
	buf_byte(&w->links, ']');
}

static void put_row(struct writing *w, const struct rows_row *row, uint64_t index)
{
	const char *comma = index ? "," : "";

	buf_str(&w->out, index ? ",\n" : "\n");
	if (row->heading) {
		put_heading(w, row->id);
	} else {
		buf_byte(&w->out, '[');
		for (unsigned i = 0; i < w->v->ncolumns; i++) {
			buf_str(&w->out, i ? "," : "");
			put_cell(w, row->id, i);
		}
		buf_byte(&w->out, ']');
	}
	w->ids_differ |= row->id != index;
	w->has_levels |= row->depth != 0;
	buf_printf(&w->ids, "%s%" PRIu64, comma, row->id);
	buf_printf(&w->levels, "%s%" PRIu32, comma, row->depth);
	buf_str(&w->links, comma);
	put_link(w, row->id);
	drain(w->f, &w->out, DRAIN_SIZE);
}

static void put_columns(struct writing *w)
{
	buf_str(&w->out, "\"columns\":[");
	for (unsigned i = 0; i < w->v->ncolumns; i++) {
		const struct view_column *c = &w->v->columns[i];

		buf_str(&w->out, i ? ",{" : "{");
		put_member(&w->out, "name", c->name);
		put_member(&w->out, "title", column_title(c));
		put_member(&w->out, "type", column_type_word(c));
		put_member(&w->out, "help", c->help);
		buf_printf(&w->out, "\"right\":%s,\"hidden\":%s,\"ifany\":%s,\"context\":%s}",
			   column_is_right(c) ? "true" : "false",
			   c->flags & (VIEW_HIDDEN | VIEW_JSON_ONLY) ? "true" : "false",
			   c->flags & VIEW_IF_ANY ? "true" : "false",
			   c->flags & VIEW_CONTEXT ? "true" : "false");
	}
	buf_byte(&w->out, ']');
}

static void put_list(struct writing *w, const char *name, const struct buf *items)
{
	buf_printf(&w->out, ",\n\"%s\":[", name);
	buf_put(&w->out, items->data, items->len);
	w->out.failed |= items->failed;
	buf_byte(&w->out, ']');
	drain(w->f, &w->out, DRAIN_SIZE);
}

static void put_texts(struct writing *w)
{
	buf_str(&w->out, ",\n\"texts\":[");
	for (uint32_t i = 0; i < w->texts.count && !w->texts.failed; i++) {
		size_t n;
		const uint8_t *p = html_texts_get(&w->texts, i, &n);

		buf_str(&w->out, i ? ",\n" : "");
		html_quoted(&w->out, p, n);
		drain(w->f, &w->out, DRAIN_SIZE);
	}
	buf_byte(&w->out, ']');
}

static void put_head(struct writing *w)
{
	if (!w->extra->heading)
		return;
	buf_str(&w->out, "\"heading\":");
	html_string(&w->out, w->extra->heading->data, w->extra->heading->len);
	buf_byte(&w->out, ',');
}

static void put_view(struct writing *w, struct rows *rows)
{
	struct rows_row row;
	uint64_t n = 0;

	buf_byte(&w->out, '{');
	put_member(&w->out, "name", w->v->name);
	put_head(w);
	put_member(&w->out, "title", w->v->title);
	put_member(&w->out, "help", w->v->help);
	put_member(&w->out, "sort", w->v->sort);
	buf_printf(&w->out, "\"record\":%s,", w->v->record ? "true" : "false");
	put_columns(w);
	buf_str(&w->out, ",\n\"rows\":[");
	while (rows_next(rows, &row))
		put_row(w, &row, n++);
	buf_byte(&w->out, ']');
	if (w->ids_differ)
		put_list(w, "ids", &w->ids);
	if (w->has_levels)
		put_list(w, "levels", &w->levels);
	if (w->has_links)
		put_list(w, "links", &w->links);
	put_texts(w);
	buf_byte(&w->out, '}');
	drain(w->f, &w->out, 0);
}

enum err html_view(FILE *f, const struct view *v, const void *ctx, const struct html_extra *extra,
		   struct diag *diag)
{
	static const struct html_extra none;
	const struct output_style style = { 0 };
	struct writing w = { .f = f, .v = v, .ctx = ctx, .extra = extra ? extra : &none };
	struct rows rows;

	rows_init(&rows, v, ctx, &style, false);
	put_view(&w, &rows);
	if (rows_failed(&rows) || w.texts.failed || w.out.failed || w.scratch.failed ||
	    w.text.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	rows_free(&rows);
	html_texts_free(&w.texts);
	buf_free(&w.out);
	buf_free(&w.scratch);
	buf_free(&w.text);
	buf_free(&w.ids);
	buf_free(&w.levels);
	buf_free(&w.links);
	return diag->code;
}
