/* SPDX-License-Identifier: MIT */
#include "tui/app.h"
#include "tui/draw.h"

enum { WHEEL = 3 };

static void click_tree(struct app *a, uint32_t line)
{
	struct tree *t = &a->tree;
	uint32_t i = t->top + line;
	bool again = !a->in_pane && i == t->cursor;

	a->in_pane = false;
	if (i >= t->count)
		return;
	t->cursor = i;
	if (again && t->items[i].open)
		tree_close(t, i);
	else if (again)
		tree_open(t, i);
	else
		app_show_node(a);
}

static void click_pane(struct app *a, const struct layout *l, const struct event *e)
{
	uint64_t line = a->pane.top + (uint64_t)(e->y - l->top);
	bool again = a->in_pane && line == a->pane.cursor;

	if (e->y < l->head) {
		app_view_next(a, draw_tab_at(a, l, e->x));
	} else if (e->y == l->head && a->pane.lines) {
		pane_sort_by(&a->pane,
			     lines_column_at(a->pane.lines,
					     (size_t)(e->x - l->pane_x - 1) + a->pane.pan));
	} else if (e->y >= l->top && e->y < l->top + l->height) {
		a->in_pane = true;
		if (again)
			app_do(a, DO_ENTER, 1, false);
		else
			pane_to(&a->pane, line);
	}
}

static void press(struct app *a, const struct layout *l, const struct event *e)
{
	if (l->tree_width && l->pane_width && e->x == l->tree_width)
		a->dragging = true;
	else if (e->x < l->tree_width && e->y >= 1 && e->y <= l->height + 1)
		click_tree(a, (uint32_t)(e->y - 1));
	else if (l->pane_width && e->x >= l->pane_x)
		click_pane(a, l, e);
}

static void wheel(struct app *a, const struct layout *l, const struct event *e)
{
	int64_t by = e->mouse == MOUSE_WHEEL_UP ? -WHEEL : WHEEL;

	if (a->popup.title)
		popup_key(&a->popup, 0, by < 0 ? DO_UP : DO_DOWN, WHEEL);
	else if (e->x < l->tree_width)
		tree_scroll(&a->tree, by);
	else
		pane_scroll(&a->pane, by);
}

void app_mouse(struct app *a, const struct event *e)
{
	struct layout l = app_layout(a);

	if (e->mouse == MOUSE_WHEEL_UP || e->mouse == MOUSE_WHEEL_DOWN) {
		wheel(a, &l, e);
	} else if (e->mouse == MOUSE_RELEASE) {
		a->dragging = false;
	} else if (e->mouse == MOUSE_DRAG) {
		if (a->dragging)
			a->split = e->x > 0 ? e->x : 1;
	} else if (a->popup.title) {
		popup_close(&a->popup);
	} else if (!a->prompt.kind) {
		app_say(a, false, "%s", "");
		press(a, &l, e);
	}
}
