/* SPDX-License-Identifier: MIT */
#include "tui/draw.h"

#include <inttypes.h>
#include <string.h>

#include "common/view/escape.h"
#include "common/view/output.h"

/* The names of the place's views, each between blanks; so many columns lead to view i. */
static int tabs_width(const struct subject_place *at, unsigned n)
{
	const struct view *v;
	int x = 0;

	for (unsigned i = 0; i < n && (v = at->subject->kind->view(at->subject, at->node, i)); i++)
		x += (int)strlen(v->name) + 2;
	return x;
}

/* Columns of the tabs that are left out, so that the current one is seen. */
static int tabs_skip(const struct subject_place *at, int current, int width)
{
	int end = tabs_width(at, (unsigned)current + 1);

	return end > width ? end - width : 0;
}

static void draw_tabs(const struct app *a, struct screen *s, const struct layout *l)
{
	const struct subject_place *at = &a->pane.page.place;
	const struct view *v;
	int current, x;

	screen_fill(s, 0, l->pane_x, l->pane_width, LOOK_TAB);
	if (!at->subject) {
		screen_puts(s, 0, l->pane_x, l->pane_width, LOOK_TAB_ON,
			    a->pane.lines ? " found " : "");
		return;
	}
	current = subject_view_index(at->subject, at->node, at->view);
	x = l->pane_x - tabs_skip(at, current, l->pane_width);
	for (unsigned i = 0; (v = at->subject->kind->view(at->subject, at->node, i)); i++) {
		enum look look = (int)i == current ? LOOK_TAB_ON : LOOK_TAB;
		char name[40] = " ";
		int cut = x < l->pane_x ? l->pane_x - x : 0;
		int n;

		strncat(name, v->name, sizeof(name) - 3);
		strcat(name, " ");
		n = (int)strlen(name);
		if (cut < n)
			screen_puts(s, 0, x + cut, l->pane_x + l->pane_width - x - cut, look,
				    name + cut);
		x += n;
	}
	if (tabs_skip(at, current, l->pane_width))
		screen_puts(s, 0, l->pane_x, 1, LOOK_TAB, s->ascii ? "<" : "‹");
	if (x > l->pane_x + l->pane_width)
		screen_puts(s, 0, l->pane_x + l->pane_width - 1, 1, LOOK_TAB, s->ascii ? ">" : "›");
}

int draw_tab_at(const struct app *a, const struct layout *l, int x)
{
	const struct subject_place *at = &a->pane.page.place;
	int current, offset;

	if (!at->subject)
		return 0;
	current = subject_view_index(at->subject, at->node, at->view);
	offset = x - l->pane_x + tabs_skip(at, current, l->pane_width);
	for (unsigned i = 0; at->subject->kind->view(at->subject, at->node, i); i++)
		if (offset < tabs_width(at, i + 1))
			return (int)i - current;
	return 0;
}

/* Paints what the search looks for in a line. */
static void paint_matches(const struct app *a, struct screen *s, const struct buf *text, int y,
			  int x, int width)
{
	size_t at = 0;

	if (!a->search.pattern.len)
		return;
	while ((at = search_match(&a->search, text->data, text->len, at)) != SIZE_MAX) {
		int from = (int)text_width(text->data, at) - (int)a->pane.pan;
		int n = (int)text_width(text->data + at, a->search.pattern.len);

		if (from < 0) {
			n += from;
			from = 0;
		}
		if (n > width - from)
			n = width - from;
		if (n > 0)
			screen_paint(s, y, x + from, n, LOOK_MATCH);
		at += a->search.pattern.len;
	}
}

static bool is_marked(const struct app *a, const struct lines_line *line)
{
	const struct subject_page *page = &a->pane.page;
	const uint8_t *text;
	size_t len;

	return a->marks.count && page->place.subject && line->kind == LINES_ROW &&
	       subject_text(page, line->row, &text, &len) && marks_has(&a->marks, text, len);
}

static bool is_new(const struct app *a, const struct lines_line *line)
{
	const struct subject_page *page = &a->pane.page;
	const struct subject *s = page->place.subject;

	return s && s->kind->is_new && line->kind == LINES_ROW &&
	       s->kind->is_new(s, page, line->row);
}

static void pane_line(struct app *a, struct screen *s, const struct layout *l,
		      const struct lines_line *line, uint64_t i)
{
	int y = l->top + (int)(i - a->pane.top);
	int x = l->pane_x + 1;
	int width = l->pane_width - 1;
	bool here = i == a->pane.cursor;
	enum look look = line->kind == LINES_HEADING  ? LOOK_TITLE
			 : line->kind == LINES_DETAIL ? LOOK_DIM
						      : LOOK_TEXT;
	struct buf text = { 0 };

	if (here)
		look = a->in_pane ? LOOK_CURSOR : LOOK_CURSOR_OFF;
	lines_text(a->pane.lines, line, &text);
	if (a->ascii)
		lines_ascii(&text);
	screen_fill(s, y, l->pane_x, l->pane_width, look);
	screen_put(s, y, x, width, a->pane.pan, look, text.data, text.len);
	if (text_width(text.data, text.len) > a->pane.pan + (size_t)width)
		screen_puts(s, y, x + width - 1, 1, here ? look : LOOK_FRAME, s->ascii ? ">" : "›");
	if (!here)
		paint_matches(a, s, &text, y, x, width);
	if (is_marked(a, line))
		screen_puts(s, y, l->pane_x, 1, LOOK_MARK, "*");
	else if (is_new(a, line))
		screen_puts(s, y, l->pane_x, 1, LOOK_MARK, "+");
	buf_free(&text);
}

static void draw_pane(struct app *a, struct screen *s, const struct layout *l)
{
	struct buf head = { 0 };
	struct lines_line line;

	draw_tabs(a, s, l);
	if (!a->pane.lines)
		return;
	lines_look(a->pane.lines, a->pane.top, l->height > 0 ? (unsigned)l->height : 0);
	screen_fill(s, l->head, l->pane_x, l->pane_width, LOOK_HEAD);
	if (lines_head(a->pane.lines, &head))
		screen_put(s, l->head, l->pane_x + 1, l->pane_width - 1, a->pane.pan, LOOK_HEAD,
			   head.data, head.len);
	else
		screen_puts(s, l->head, l->pane_x + 1, l->pane_width - 1, LOOK_HEAD,
			    a->pane.page.view->help);
	buf_free(&head);
	for (int i = 0; i < l->height; i++)
		if (lines_at(a->pane.lines, a->pane.top + (uint64_t)i, &line))
			pane_line(a, s, l, &line, a->pane.top + (uint64_t)i);
	if (!lines_at(a->pane.lines, 0, &line))
		screen_puts(s, l->top, l->pane_x + 1, l->pane_width - 1, LOOK_DIM, "(none)");
}

/* "app.img > httpd > code" */
static void put_place(const struct app *a, struct buf *out)
{
	const struct subject_place *at = &a->pane.page.place;
	struct buf label = { 0 };
	size_t from = 0;

	if (!a->pane.lines)
		return;
	if (!at->subject) {
		buf_str(out, "found: ");
		escape_text(out, a->search.pattern.data, a->search.pattern.len);
		return;
	}
	at->subject->kind->label(at->subject, at->node, &label);
	for (size_t i = 0; at->node == VIEW_ROOT && i < label.len; i++)
		if (label.data[i] == '/' && label.len > 5 && memcmp(label.data, "/dev/", 5) != 0)
			from = i + 1; /* folders are in the tree */
	escape_text(out, label.data + from, label.len - from);
	buf_printf(out, ": %s", at->view->name);
	if (at->topic != SUBJECT_ANY && at->subject->kind->topic) {
		label.len = 0;
		buf_str(out, ", ");
		at->subject->kind->topic(at->subject, at->topic, &label);
		escape_text(out, label.data, label.len);
	}
	buf_free(&label);
}

/* What a device tells of itself; empty without one. */
static void put_state(const struct app *a, struct buf *out)
{
	const struct subject *s = a->pane.page.place.subject;

	if (a->pane.lines && s && s->kind->state)
		s->kind->state(s, out);
}

/* Where there is no room for both, the state: tabs and tree tell the place, too. */
static void put_left(const struct app *a, struct buf *out, size_t width)
{
	struct buf state = { 0 };

	put_place(a, out);
	put_state(a, &state);
	buf_str(out, state.len ? ", " : "");
	buf_put(out, state.data, state.len);
	if (state.len && text_width(out->data, out->len) > width) {
		out->len = 0;
		buf_put(out, state.data, state.len);
	}
	buf_free(&state);
}

/* Half a number must not look like one. */
static void cut(struct buf *text, size_t width, bool ascii)
{
	size_t dots = ascii ? 3 : 1;

	if (text_width(text->data, text->len) <= width)
		return;
	text->len = text_cut(text->data, text->len, width > dots ? width - dots : 0);
	buf_str(text, width < dots ? "" : ascii ? "..." : "…");
}

static void put_right(const struct app *a, struct buf *out)
{
	if (a->count)
		buf_printf(out, "%u  ", a->count);
	if (a->progress[0])
		buf_printf(out, "%s  ", a->progress);
	if (a->search.running)
		buf_str(out, "searching...  ");
	if (a->pane.coming)
		buf_str(out, "sorting...  ");
	if (a->marks.count)
		buf_printf(out, "%u marked: RAM -%u, flash +%u  ", (unsigned)a->marks.count,
			   (unsigned)a->marks.totals.ram, (unsigned)a->marks.totals.flash);
	if (a->pane.sort[0])
		buf_printf(out, "by %s%s  ", a->pane.sort + (a->pane.sort[0] == '-'),
			   a->pane.sort[0] == '-' ? ", down" : "");
	if (a->pane.lines && lines_known(a->pane.lines))
		buf_printf(out, "%" PRIu64 "/%" PRIu64 "%s", a->pane.cursor + 1,
			   lines_known(a->pane.lines), lines_more(a->pane.lines, 0) ? "+" : "");
}

/* Whoever watches a device sees what it tells, if need be instead of the line's number. */
static bool fits_alone(const struct app *a, const struct buf *left, const struct buf *right,
		       int cols)
{
	const struct subject *s = a->pane.page.place.subject;
	bool number = right->len && !memchr(right->data, ' ', right->len);

	return s && s->kind->state && number && text_width(left->data, left->len) <= (size_t)cols;
}

static void draw_status(const struct app *a, struct screen *s, const struct layout *l)
{
	enum { LEFT_MIN = 8 };
	struct buf left = { 0 };
	struct buf right = { 0 };
	enum look look = a->message[0] && a->error ? LOOK_ERROR : LOOK_STATUS;
	int width;
	bool whole;

	put_right(a, &right);
	width = s->cols - (int)right.len - 2;
	if (a->message[0])
		escape_text(&left, (const uint8_t *)a->message, strlen(a->message));
	else
		put_left(a, &left, width > 0 ? (size_t)width : 0);
	if (a->ascii)
		lines_ascii(&left);
	whole = text_width(left.data, left.len) <= (size_t)(width > 0 ? width : 0);
	if (!whole && (a->message[0] || fits_alone(a, &left, &right, s->cols)))
		width = 0; /* it is read once, the rest can be read later */
	else if (!whole && width < LEFT_MIN) {
		/* what is added up is worth more than the place */
		left.len = 0;
		buf_put(&left, right.data, right.len);
		width = 0;
	}
	cut(&left, (size_t)(width > 0 ? width : s->cols), a->ascii);
	screen_fill(s, l->status, 0, s->cols, look);
	screen_put(s, l->status, 0, s->cols, 0, look, left.data, left.len);
	if (width > 0)
		screen_put(s, l->status, s->cols - (int)right.len, (int)right.len, 0, look,
			   right.data, right.len);
	buf_free(&left);
	buf_free(&right);
}

/* So many columns are used; x when there is no room. The key is the one with the shortest name. */
static int put_key(struct screen *s, int y, int x, const struct key_row *r)
{
	char names[4][16];
	const char *key = key_label(r->keys[0], names[0]);

	for (unsigned i = 1; i < 4 && r->keys[i]; i++) {
		const char *other = key_label(r->keys[i], names[i]);

		if (strlen(other) < strlen(key))
			key = other;
	}

	if (x + (int)(strlen(key) + strlen(r->bar)) + 1 > s->cols)
		return x;
	x += screen_puts(s, y, x, s->cols - x, LOOK_KEY, key) + 1;
	return x + screen_puts(s, y, x, s->cols - x, LOOK_KEY_TEXT, r->bar) + 2;
}

/* How to learn more and how to get out stand on the narrowest screen. */
static void draw_keys(struct screen *s, int y)
{
	int x = 0;

	screen_fill(s, y, 0, s->cols, LOOK_KEY_TEXT);
	for (int pass = 0; pass < 2; pass++)
		for (const struct key_row *r = key_rows; r->help; r++)
			if (r->bar && (r->action == DO_HELP || r->action == DO_QUIT) == !pass)
				x = put_key(s, y, x, r);
}

void app_draw(struct app *a, struct screen *s)
{
	struct layout l = app_layout(a);

	screen_clear(s);
	if (l.tree_width)
		draw_tree(a, s, &l);
	if (l.pane_width)
		draw_pane(a, s, &l);
	for (int y = 0; l.tree_width && l.pane_width && y < l.status; y++)
		screen_puts(s, y, l.tree_width, 1, LOOK_FRAME, s->ascii ? "|" : "│");
	draw_status(a, s, &l);
	if (l.keys >= 0)
		draw_keys(s, l.keys);
	if (a->prompt.kind)
		prompt_draw(&a->prompt, s, l.keys >= 0 ? l.keys : l.status);
	if (a->popup.title)
		popup_draw(&a->popup, s);
}
