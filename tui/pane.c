/* SPDX-License-Identifier: MIT */
#include "tui/pane.h"

#include <stdio.h>
#include <string.h>

#include "common/view/escape.h"

enum { ROWS_AHEAD = 500 };

static struct lines *make_lines(const struct pane *p)
{
	const struct output_style style = { .width = p->width > 0 ? (unsigned)p->width : 80,
					    .ascii = p->ascii,
					    .sort = p->sort[0] ? p->sort : NULL };

	return lines_open(p->page.view, p->page.ctx, &style);
}

static enum err open_lines(struct pane *p, struct diag *diag)
{
	lines_close(p->lines);
	p->lines = make_lines(p);
	return p->lines ? ERR_NONE : diag_fail(diag, ERR_MEMORY, "out of memory");
}

static void begin(struct pane *p)
{
	pane_close(p);
	p->top = p->cursor = 0;
	p->pan = 0;
	p->sort[0] = '\0';
}

void pane_close(struct pane *p)
{
	lines_close(p->lines);
	lines_close(p->coming);
	p->lines = p->coming = NULL;
	subject_page_close(&p->page);
}

/* The last line at or before one; 0 when there are none. */
static uint64_t clamp(struct pane *p, uint64_t line)
{
	struct lines_line at;
	uint64_t n;

	if (lines_at(p->lines, line, &at))
		return line;
	n = lines_count(p->lines);
	return n && line >= n ? n - 1 : n ? line : 0;
}

static void keep_in_sight(struct pane *p)
{
	uint64_t height = p->height > 0 ? (uint64_t)p->height : 1;

	if (p->cursor < p->top)
		p->top = p->cursor;
	else if (p->cursor - p->top >= height)
		p->top = p->cursor - height + 1;
}

/* Panned, lines are whole: what was cut off is to be seen. Records are broken into lines. */
static void fit_lines(struct pane *p)
{
	bool whole = p->pan && !p->page.view->record;
	uint64_t down = p->cursor - p->top;

	lines_fit(p->lines, whole ? 0 : p->width > 0 ? (unsigned)p->width : 1, &p->cursor);
	p->top = p->cursor > down ? p->cursor - down : 0;
}

/* The widest of the lines that are seen. */
static size_t widest(struct pane *p)
{
	struct buf text = { 0 };
	struct lines_line at;
	size_t most;

	lines_look(p->lines, p->top, p->height > 0 ? (unsigned)p->height : 0);
	lines_head(p->lines, &text);
	most = text_width(text.data, text.len);
	for (int i = 0; i < p->height && lines_at(p->lines, p->top + (uint64_t)i, &at); i++) {
		size_t width;

		text.len = 0;
		lines_text(p->lines, &at, &text);
		if (p->ascii)
			lines_ascii(&text);
		width = text_width(text.data, text.len);
		most = width > most ? width : most;
	}
	buf_free(&text);
	return most;
}

/* Ends panning where the lines end. */
static void keep_pan(struct pane *p)
{
	size_t width = p->width > 0 ? (size_t)p->width : 1;
	size_t most;

	fit_lines(p);
	if (!p->pan)
		return;
	most = widest(p);
	if (p->pan + width > most)
		p->pan = most > width ? (unsigned)(most - width) : 0;
	fit_lines(p);
}

void pane_fit(struct pane *p, int width, int height)
{
	p->width = width;
	p->height = height;
	if (!p->lines)
		return;
	fit_lines(p);
	p->cursor = clamp(p, p->cursor);
	p->top = clamp(p, p->top);
	keep_in_sight(p);
	keep_pan(p);
}

void pane_to(struct pane *p, uint64_t line)
{
	if (!p->lines)
		return;
	p->cursor = clamp(p, line);
	keep_in_sight(p);
}

static bool is_blank(struct pane *p, uint64_t line)
{
	struct lines_line at;

	return lines_at(p->lines, line, &at) && at.kind == LINES_BLANK;
}

void pane_move(struct pane *p, int64_t by)
{
	uint64_t back = by < 0 ? 0 - (uint64_t)by : 0;

	if (!p->lines)
		return;
	if (by < 0)
		pane_to(p, p->cursor > back ? p->cursor - back : 0);
	else
		pane_to(p, p->cursor + (uint64_t)by);
	if (is_blank(p, p->cursor))
		pane_to(p, by < 0 && p->cursor ? p->cursor - 1 : p->cursor + 1);
}

static void to_row(struct pane *p, uint64_t row)
{
	uint64_t line = row == VIEW_ROOT ? 0 : lines_find(p->lines, row);
	uint64_t third = p->height > 3 ? (uint64_t)p->height / 3 : 0;

	if (line == UINT64_MAX)
		line = 0;
	p->cursor = clamp(p, line);
	if (p->cursor < p->top || p->cursor >= p->top + (uint64_t)(p->height > 0 ? p->height : 1))
		p->top = p->cursor > third ? p->cursor - third : 0;
	keep_in_sight(p);
}

enum err pane_show(struct pane *p, const struct subject_place *place, struct diag *diag)
{
	begin(p);
	if (subject_page_open(place, &p->page, diag) || open_lines(p, diag)) {
		pane_close(p);
		return diag->code;
	}
	to_row(p, place->row);
	return ERR_NONE;
}

enum err pane_show_view(struct pane *p, const struct view *view, const void *ctx, struct diag *diag)
{
	begin(p);
	p->page.view = view;
	p->page.ctx = ctx;
	p->page.place.view = view;
	return open_lines(p, diag);
}

void pane_scroll(struct pane *p, int64_t by)
{
	uint64_t height = p->height > 0 ? (uint64_t)p->height : 1;
	uint64_t back = by < 0 ? 0 - (uint64_t)by : 0;
	struct lines_line at;

	if (!p->lines)
		return;
	if (by < 0)
		p->top = p->top > back ? p->top - back : 0;
	else if (lines_at(p->lines, p->top + height - 1 + (uint64_t)by, &at))
		p->top += (uint64_t)by;
	else
		p->top = lines_count(p->lines) > height ? lines_count(p->lines) - height : 0;
	if (p->cursor < p->top)
		p->cursor = p->top;
	else if (p->cursor >= p->top + height)
		p->cursor = p->top + height - 1;
	p->cursor = clamp(p, p->cursor);
}

void pane_pan(struct pane *p, int columns)
{
	enum { PAN_MAX = 1 << 20 };
	int64_t pan = (int64_t)p->pan + columns;

	if (!p->lines)
		return;
	p->pan = pan < 0 ? 0 : pan > PAN_MAX ? PAN_MAX : (unsigned)pan;
	keep_pan(p);
}

bool pane_row(struct pane *p, uint64_t *row)
{
	struct lines_line at;

	if (!p->lines || !lines_at(p->lines, p->cursor, &at) || at.kind == LINES_BLANK)
		return false;
	*row = at.row;
	return true;
}

/* The column that sort names, or ncolumns. */
static unsigned sorted_column(const struct pane *p)
{
	const char *name = p->sort + (p->sort[0] == '-');

	return view_column_find(p->page.view, name, strlen(name));
}

/* Shows the lines that came; the cursor stays on its row. */
static void take_coming(struct pane *p)
{
	uint64_t row = VIEW_ROOT;

	pane_row(p, &row);
	lines_close(p->lines);
	p->lines = p->coming;
	p->coming = NULL;
	fit_lines(p);
	to_row(p, row);
}

bool pane_work(struct pane *p)
{
	if (!p->coming)
		return p->lines && lines_more(p->lines, ROWS_AHEAD);
	if (!lines_more(p->coming, ROWS_AHEAD))
		take_coming(p);
	return true;
}

static void settle(struct pane *p)
{
	while (p->coming)
		pane_work(p);
}

/* Sorts as p->sort says: what is soon done at once. */
static void resort(struct pane *p)
{
	lines_close(p->coming);
	p->coming = make_lines(p);
	if (!p->coming)
		p->failed = true;
	else
		pane_work(p);
}

void pane_sort_by(struct pane *p, unsigned column)
{
	const struct view_column *c;
	bool same;

	if (!p->lines || p->page.view->record)
		return;
	if (column >= p->page.view->ncolumns) {
		p->sort[0] = '\0';
		resort(p);
		return;
	}
	c = &p->page.view->columns[column];
	same = sorted_column(p) == column;
	/* the largest numbers are wanted first, and the first letters */
	snprintf(p->sort, sizeof(p->sort), "%s%s",
		 (c->type != VIEW_TEXT) != (same && p->sort[0] == '-') ? "-" : "", c->name);
	resort(p);
}

static bool sorts_by(const struct pane *p, unsigned column)
{
	const struct view_column *c = &p->page.view->columns[column];

	return c->type != VIEW_BAR && !(c->flags & (VIEW_HIDDEN | VIEW_JSON_ONLY));
}

void pane_sort_next(struct pane *p, unsigned count)
{
	unsigned around = 1; /* so many steps lead back to the same */
	unsigned n;
	unsigned column;

	if (!p->lines || p->page.view->record)
		return;
	n = p->page.view->ncolumns;
	column = p->sort[0] ? sorted_column(p) : n;
	for (unsigned i = 0; i < n; i++)
		around += sorts_by(p, i);
	if (count > around)
		count = (count - 1) % around + 1;
	for (unsigned i = 0; i < count; i++) {
		do {
			column = column >= n ? 0 : column + 1;
		} while (column < n && !sorts_by(p, column));
	}
	p->sort[0] = '\0';
	pane_sort_by(p, column);
}

void pane_sort_turn(struct pane *p)
{
	char turned[sizeof(p->sort)];

	if (!p->lines || !p->sort[0])
		return;
	snprintf(turned, sizeof(turned), "%s%.60s", p->sort[0] == '-' ? "" : "-",
		 p->sort + (p->sort[0] == '-'));
	memcpy(p->sort, turned, sizeof(turned));
	resort(p);
}

void pane_sort_as(struct pane *p, const char *sort)
{
	if (!p->lines || strcmp(p->sort, sort) == 0)
		return;
	snprintf(p->sort, sizeof(p->sort), "%s", sort);
	resort(p);
	settle(p);
}
