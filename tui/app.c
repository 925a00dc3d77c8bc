/* SPDX-License-Identifier: MIT */
/* Where one is, and how one gets elsewhere. */
#include "tui/app.h"
#include "tui/draw.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HISTORY_MAX = 200,
	SINGLE_COLUMNS = 60, /* a narrower screen shows one pane */
	TREE_MIN = 16,
	TREE_MAX = 48,
	COUNT_MAX = 99999999,
};

void app_say(struct app *a, bool error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(a->message, sizeof(a->message), fmt, args);
	va_end(args);
	a->error = error;
	if (a->cols && (int)strlen(a->message) > a->cols && !a->prompt.kind)
		popup_tell(&a->popup, error ? " Failed " : " Note ", a->message, a->cols - 4);
}

struct layout app_layout(const struct app *a)
{
	struct layout l = { .keys = a->rows >= 6 ? a->rows - 1 : -1 };
	bool single = a->zoom || a->cols < SINGLE_COLUMNS;
	int split = a->split ? a->split : a->cols * 2 / 5;

	l.status = a->rows - (l.keys >= 0 ? 2 : 1);
	l.head = 1;
	l.top = 2;
	l.height = l.status > l.top ? l.status - l.top : 0;
	if (single && !a->in_pane) {
		l.tree_width = a->cols;
		return l;
	}
	if (single) {
		l.pane_width = a->cols;
		return l;
	}
	if (!a->split && split > TREE_MAX)
		split = TREE_MAX;
	if (!a->split && split > a->wide)
		split = a->wide;
	l.tree_width = split < TREE_MIN ? TREE_MIN : split > a->cols - 20 ? a->cols - 20 : split;
	l.pane_x = l.tree_width + 1;
	l.pane_width = a->cols - l.pane_x;
	return l;
}

/* The panes learn how much of them is seen. A column beside the lines is for marks. */
static void fit(struct app *a)
{
	struct layout l;
	int wide = draw_tree_width(a);

	if (wide > a->wide) /* it does not shrink, so that the divider keeps its place */
		a->wide = wide;
	l = app_layout(a);
	tree_fit(&a->tree, l.height + 1);
	pane_fit(&a->pane, l.pane_width > 1 ? l.pane_width - 1 : a->cols - 1, l.height);
}

void app_resize(struct app *a, int rows, int cols)
{
	a->rows = rows > 1 ? rows : 1;
	a->cols = cols > 1 ? cols : 1;
	fit(a);
}

/* A buffer that failed is emptied, so that it can be used again. */
static bool take_failure(struct buf *b)
{
	bool failed = b->failed;

	if (failed)
		buf_free(b);
	return failed;
}

/* What is not all there for want of memory is told, once each time. */
static void tell_failures(struct app *a)
{
	struct buf *const all[] = { &a->copy,           &a->output,         &a->prompt.text,
				    &a->prompt.last,    &a->search.pattern, &a->search.line,
				    &a->search.hit_text };
	bool failed = a->failed || a->pane.failed || a->tree.failed || a->search.failed ||
		      (a->pane.lines && lines_failed(a->pane.lines));

	a->failed = a->pane.failed = a->tree.failed = a->search.failed = false;
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		failed |= take_failure(all[i]);
	if (a->prompt.at > a->prompt.text.len)
		a->prompt.at = a->prompt.text.len;
	if (a->popup.text.failed) {
		popup_close(&a->popup);
		failed = true;
	}
	if (failed && !a->error)
		app_say(a, true, "out of memory: not all is there");
}

void app_begin(struct app *a, struct subject **subjects, unsigned n, bool ascii)
{
	*a = (struct app){ .subjects = subjects, .nsubjects = n, .ascii = ascii };
	a->pane.ascii = ascii;
	for (unsigned i = 0; i < n; i++)
		tree_add(&a->tree, subjects[i]);
	for (unsigned i = n; i-- > 0;) {
		if (subjects[i]->book)
			a->marks.image = subjects[i]->book;
		if (subjects[i]->diag.code)
			app_say(a, true, "%.60s: %.150s", subjects[i]->name,
				subjects[i]->diag.text);
		if (i == 0 || n <= 3)
			tree_open(&a->tree, i);
	}
	a->tree.cursor = 0;
	app_resize(a, 24, 80);
	app_show_node(a);
	tell_failures(a);
}

void app_end(struct app *a)
{
	search_free(&a->search);
	pane_close(&a->pane);
	tree_free(&a->tree);
	marks_free(&a->marks);
	popup_close(&a->popup);
	free(a->history);
	buf_free(&a->prompt.text);
	buf_free(&a->prompt.last);
	buf_free(&a->output);
	buf_free(&a->copy);
	*a = (struct app){ 0 };
}

/* The view that is wanted, if the node has it. */
static const struct view *wanted_view(const struct app *a, struct subject *s, uint64_t node)
{
	const struct view *v;

	for (unsigned i = 0; a->view && (v = s->kind->view(s, node, i)) != NULL; i++)
		if (strcmp(v->name, a->view) == 0)
			return v;
	return s->kind->view(s, node, 0);
}

static void show(struct app *a, const struct subject_place *place)
{
	struct diag diag = { 0 };

	if (a->search.running == SEARCH_PANE)
		a->search.running = SEARCH_IDLE;
	if (pane_show(&a->pane, place, &diag))
		app_say(a, true, "%s", diag.text);
}

void app_show_node(struct app *a)
{
	const struct tree_item *item = tree_at(&a->tree);
	struct subject_place place = { .topic = SUBJECT_ANY, .row = VIEW_ROOT };

	if (!item)
		return;
	place.subject = item->subject;
	place.node = item->node;
	place.view = wanted_view(a, item->subject, item->node);
	if (place.view)
		show(a, &place);
}

static void remember(struct app *a)
{
	struct spot *s;

	if (!a->pane.lines)
		return;
	if (a->nhistory == HISTORY_MAX)
		memmove(a->history, a->history + 1, --a->nhistory * sizeof(*s));
	s = vec_grow(&a->history, &a->nhistory, &a->history_cap, sizeof(*s), 1);
	if (!s) {
		a->failed = true;
		return;
	}
	*s = (struct spot){ a->pane.page.place, a->pane.top, a->pane.cursor, "", false };
	memcpy(s->sort, a->pane.sort, sizeof(s->sort));
	s->found = !s->place.subject;
}

void app_go(struct app *a, const struct subject_place *to, bool keep)
{
	if (keep)
		remember(a);
	tree_show(&a->tree, to->subject, to->node);
	a->in_pane = true;
	fit(a);
	show(a, to);
}

static void go_view(struct app *a, const struct view *v)
{
	struct diag diag = { 0 };

	remember(a);
	a->in_pane = true;
	fit(a);
	if (pane_show_view(&a->pane, v, &a->search, &diag))
		app_say(a, true, "%s", diag.text);
}

void app_back(struct app *a)
{
	struct spot s;

	if (!a->nhistory) {
		app_say(a, false, "nothing to go back to");
		return;
	}
	s = a->history[--a->nhistory];
	if (s.found) {
		go_view(a, &search_view);
		a->nhistory--;
	} else {
		app_go(a, &s.place, false);
	}
	pane_sort_as(&a->pane, s.sort);
	a->pane.top = s.top;
	pane_to(&a->pane, s.cursor);
}

void app_view_next(struct app *a, int by)
{
	struct subject_place place = a->pane.page.place;
	int n = 0;
	int i;

	if (!place.subject)
		return;
	while (place.subject->kind->view(place.subject, place.node, (unsigned)n))
		n++;
	i = subject_view_index(place.subject, place.node, place.view);
	if (i < 0 || n == 0)
		return;
	i = ((i + by) % n + n) % n;
	place.view = place.subject->kind->view(place.subject, place.node, (unsigned)i);
	place.topic = SUBJECT_ANY;
	place.row = VIEW_ROOT;
	a->view = place.view->name;
	show(a, &place);
}

void app_refresh(struct app *a)
{
	struct pane *p = &a->pane;
	struct subject_place place = p->page.place;
	uint64_t line = p->cursor;
	uint64_t top = p->top;
	char sort[sizeof(p->sort)];
	struct buf text = { 0 };
	const uint8_t *now;
	size_t n;
	uint64_t row;
	bool named = place.subject && pane_row(p, &row) && subject_text(&p->page, row, &now, &n);

	if (named)
		buf_put(&text, now, n);
	tree_sort(&a->tree, a->tree.order);
	if (!place.subject || place.topic != SUBJECT_ANY) {
		buf_free(&text);
		return;
	}
	place.row = VIEW_ROOT;
	memcpy(sort, p->sort, sizeof(sort));
	show(a, &place);
	pane_sort_as(p, sort);
	for (uint64_t i = 0; named && p->lines && i < lines_count(p->lines); i++) {
		pane_to(p, i);
		if (pane_row(p, &row) && subject_text(&p->page, row, &now, &n) && n == text.len &&
		    (n == 0 || memcmp(now, text.data, n) == 0)) {
			line = i;
			break;
		}
	}
	p->top = top;
	pane_to(p, line);
	buf_free(&text);
}

/* Digits before a key; 0 is one only behind others. */
static bool take_digit(struct app *a, uint32_t key)
{
	if (key < '0' || key > '9' || (key == '0' && !a->count))
		return false;
	if (a->count < COUNT_MAX)
		a->count = a->count * 10 + (key - '0');
	return true;
}

static void take_key(struct app *a, uint32_t key)
{
	enum action action = key_action(key);
	unsigned count = a->count ? a->count : 1;
	bool counted = a->count != 0;

	app_say(a, false, "%s", "");
	if (a->popup.brief) {
		popup_close(&a->popup);
		if (action == DO_CLOSE || action == DO_ENTER)
			return;
	}
	if (action == DO_QUIT && !a->prompt.kind) {
		app_quit(a);
	} else if (a->prompt.kind) {
		app_prompt_key(a, key);
	} else if (take_digit(a, key)) {
		return;
	} else if (a->popup.title) {
		popup_key(&a->popup, key, action, count);
	} else if (key == K_ESCAPE && (counted || a->search.running || !a->in_pane)) {
		a->search.running = SEARCH_IDLE;
	} else {
		app_do(a, action, count, counted);
	}
	a->count = 0;
}

void app_event(struct app *a, const struct event *e)
{
	if (e->kind == EVENT_KEY)
		take_key(a, e->key);
	else if (e->kind == EVENT_MOUSE)
		app_mouse(a, e);
	fit(a);
	tell_failures(a);
}

static bool work(struct app *a)
{
	enum search_result r = SEARCH_NONE;

	if (a->search.running == SEARCH_IDLE)
		return pane_work(&a->pane);
	if (a->search.running == SEARCH_PANE)
		r = search_step(&a->search, &a->pane);
	else
		r = search_step_all(&a->search, a->ascii);
	if (r == SEARCH_MORE)
		return true;
	if (r == SEARCH_NONE)
		app_say(a, true, "not found: %.*s", (int)a->search.pattern.len,
			(const char *)a->search.pattern.data);
	else if (a->search.nhits && !a->search.lines && a->search.hits && a->search.subjects)
		go_view(a, &search_view);
	else if (a->search.wrapped)
		app_say(a, false, "search went on at the other end");
	if (a->search.subjects && a->search.nhits == SEARCH_HITS_MAX)
		app_say(a, false, "the first %d are here; there may be more", SEARCH_HITS_MAX);
	if (a->search.subjects)
		a->search.subjects = NULL;
	return a->search.running != SEARCH_IDLE;
}

bool app_work(struct app *a)
{
	bool more = work(a);

	tell_failures(a);
	return more;
}
