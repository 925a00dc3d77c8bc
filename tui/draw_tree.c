/* SPDX-License-Identifier: MIT */
/* The left side. */
#include <string.h>

#include "common/view/escape.h"
#include "common/view/output.h"
#include "tui/draw.h"

enum {
	SIZE_WIDTH = 8,
	BAR_NARROW = 5,
	BAR_WIDE = 8,
	BAR_FROM = 26,
	WIDE_FROM = 40,
	DEEP = 8,
	PATH_GOOD = 16
};

static void escaped(const struct app *a, const struct buf *text, struct buf *out)
{
	out->len = 0;
	escape_text(out, text->data, text->len);
	if (a->ascii)
		lines_ascii(out);
}

static void put_bar(struct screen *s, int y, int x, int width, double share, enum look look)
{
	unsigned steps = s->ascii ? 1 : 8;
	unsigned n = (unsigned)(share * width * steps + 0.5);

	if (!n && share > 0)
		n = 1;
	for (unsigned i = 0; i * steps < n; i++) {
		unsigned rest = n - i * steps;
		char block[4] = { '\xe2', '\x96', (char)(0x90 - (rest < 8 ? rest : 8)), 0 };

		screen_puts(s, y, x + (int)i, 1, look, s->ascii ? "#" : block);
	}
}

static const char *fold_mark(const struct app *a, const struct tree_item *item)
{
	if (item->leaf)
		return "  ";
	if (a->ascii)
		return item->open ? "- " : "+ ";
	return item->open ? "▾ " : "▸ ";
}

/* A long path is cut at its front: the file's name is what tells files apart. */
static void put_label(struct screen *s, int y, int x, int width, const struct buf *text,
		      enum look look, bool path)
{
	size_t all = text_width(text->data, text->len);
	const char *dots = s->ascii ? "..." : "…";
	int n = s->ascii ? 3 : 1;

	if (all <= (size_t)(width > 0 ? width : 0)) {
		screen_put(s, y, x, width, 0, look, text->data, text->len);
	} else if (path) {
		screen_puts(s, y, x, width, look, dots);
		screen_put(s, y, x + n, width - n, (unsigned)(all - (size_t)width) + (unsigned)n,
			   look, text->data, text->len);
	} else {
		screen_put(s, y, x, width - n, 0, look, text->data, text->len);
		screen_puts(s, y, x + (width > n ? width - n : 0), n, look, dots);
	}
}

static void tree_line(const struct app *a, struct screen *s, uint32_t i, int y, int width)
{
	const struct tree_item *item = &a->tree.items[i];
	bool here = i == a->tree.cursor;
	enum look look = !here ? LOOK_TEXT : a->in_pane ? LOOK_CURSOR_OFF : LOOK_CURSOR;
	int bar = width >= WIDE_FROM ? BAR_WIDE : width >= BAR_FROM ? BAR_NARROW : 0;
	int right = item->size < 0 ? width : width - SIZE_WIDTH - (bar ? bar + 1 : 0);
	int x = (int)(item->depth < DEEP ? item->depth : DEEP);
	const struct view_column size = { .type = VIEW_SIZE };
	struct buf label = { 0 };
	struct buf text = { 0 };
	struct view_cell cell;

	screen_fill(s, y, 0, width, look);
	x += screen_puts(s, y, x, width - x, look, fold_mark(a, item));
	item->subject->kind->label(item->subject, item->node, &label);
	escaped(a, &label, &text);
	put_label(s, y, x, right - x, &text, look, item->node == VIEW_ROOT);
	if (item->size >= 0 && right > 4) {
		label.len = 0;
		view_int(&cell, item->size);
		output_cell_text(&label, &size, &cell, a->ascii);
		screen_put(s, y, right + SIZE_WIDTH - (int)label.len, (int)label.len, 0, look,
			   label.data, label.len);
		if (bar)
			put_bar(s, y, width - bar, bar, item->share, here ? look : LOOK_BAR);
	}
	buf_free(&label);
	buf_free(&text);
}

void draw_tree(const struct app *a, struct screen *s, const struct layout *l)
{
	static const char *const orders[] = { "by size", "by name", "as in the file" };
	int x = screen_puts(s, 0, 0, l->tree_width, LOOK_HEAD, " lfstui  ");

	screen_paint(s, 0, 0, l->tree_width, LOOK_HEAD);
	screen_puts(s, 0, x, l->tree_width - x, LOOK_HEAD, orders[a->tree.order]);
	for (int i = 0; i <= l->height && a->tree.top + (uint32_t)i < a->tree.count; i++)
		tree_line(a, s, a->tree.top + (uint32_t)i, 1 + i, l->tree_width);
}

/* Paths are long, and cut at their front. */
int draw_tree_width(const struct app *a)
{
	struct buf label = { 0 };
	struct buf text = { 0 };
	int most = 0;

	for (uint32_t i = 0; i < a->tree.count; i++) {
		const struct tree_item *item = &a->tree.items[i];
		int depth = (int)(item->depth < DEEP ? item->depth : DEEP);
		int width;

		label.len = 0;
		item->subject->kind->label(item->subject, item->node, &label);
		escaped(a, &label, &text);
		width = (int)text_width(text.data, text.len);
		if (item->node == VIEW_ROOT && width > PATH_GOOD)
			width = PATH_GOOD;
		width += depth + 2;
		most = width > most ? width : most;
	}
	buf_free(&label);
	buf_free(&text);
	most += SIZE_WIDTH + 1;
	return most + (most + BAR_WIDE >= WIDE_FROM ? BAR_WIDE : BAR_NARROW);
}
