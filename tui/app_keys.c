/* SPDX-License-Identifier: MIT */
/* What keys and mouse do. */
#include <stdlib.h>
#include <string.h>

#include "tui/app.h"

enum { PAN = 8 };

static void tree_enter(struct app *a)
{
	const struct tree_item *item = tree_at(&a->tree);

	if (item && !item->leaf && !item->open)
		tree_open(&a->tree, a->tree.cursor);
	else
		a->in_pane = item != NULL;
}

static void tree_right(struct app *a)
{
	const struct tree_item *item = tree_at(&a->tree);

	if (item && item->open)
		tree_move(&a->tree, 1);
	else
		tree_enter(a);
}

static void tree_left(struct app *a)
{
	const struct tree_item *item = tree_at(&a->tree);

	if (item && item->open)
		tree_close(&a->tree, a->tree.cursor);
	else
		a->tree.cursor = tree_parent(&a->tree, a->tree.cursor);
	tree_move(&a->tree, 0);
}

static void tree_do(struct app *a, enum action action, unsigned count, bool counted)
{
	struct tree *t = &a->tree;
	const struct tree_item *before = tree_at(t);
	uint64_t node = before ? before->node : 0;
	const struct subject *subject = before ? before->subject : NULL;

	switch (action) {
	case DO_UP: tree_move(t, -(int64_t)count); break;
	case DO_DOWN: tree_move(t, count); break;
	case DO_PAGE_UP: tree_move(t, -(int64_t)count * t->height); break;
	case DO_PAGE_DOWN: tree_move(t, (int64_t)count * t->height); break;
	case DO_HALF_UP: tree_move(t, -(int64_t)count * t->height / 2); break;
	case DO_HALF_DOWN: tree_move(t, (int64_t)count * t->height / 2); break;
	case DO_TOP: tree_move(t, (counted ? (int64_t)count - 1 : 0) - t->cursor); break;
	case DO_BOTTOM: tree_move(t, (int64_t)(counted ? count - 1 : t->count) - t->cursor); break;
	case DO_ENTER: tree_enter(a); break;
	case DO_RIGHT: tree_right(a); break;
	case DO_LEFT: tree_left(a); break;
	case DO_SORT: tree_sort(t, (t->order + count) % TREE_ORDERS); break;
	default: break;
	}
	before = tree_at(t);
	if (before && (before->node != node || before->subject != subject))
		app_show_node(a);
}

static void follow(struct app *a)
{
	struct pane *p = &a->pane;
	struct subject_place to = { 0 };
	uint64_t row;

	if (!pane_row(p, &row))
		return;
	if (!p->page.place.subject) {
		to = a->search.hits[row].place;
		app_go(a, &to, true);
	} else if (subject_follow(&p->page, row, &to)) {
		app_go(a, &to, true);
	} else {
		app_say(a, false, "leads nowhere; i tells all about it");
	}
}

static void users(struct app *a)
{
	struct subject *own = a->pane.page.place.subject;
	struct subject_place to;
	const uint8_t *text;
	size_t len;

	if (!app_row_text(a, &text, &len)) {
		app_say(a, false, "no string here");
		return;
	}
	for (unsigned i = 0; i <= a->nsubjects; i++) {
		struct subject *s = i ? a->subjects[i - 1] : own;

		if (!s->kind->find || !s->kind->find(s, text, len, &to))
			continue;
		app_go(a, &to, true);
		return;
	}
	app_say(a, false, "no image that was opened has this string");
}

static void next_match(struct app *a, bool turned, unsigned count)
{
	if (!a->search.pattern.len)
		app_say(a, false, "nothing was searched for yet: /");
	else
		search_begin(&a->search, &a->pane, a->search.back != turned, count);
}

static void pane_left(struct app *a, unsigned count)
{
	if (a->pane.pan)
		pane_pan(&a->pane, -(int)(count * PAN));
	else
		a->in_pane = false;
}

static void pane_do(struct app *a, enum action action, unsigned count, bool counted)
{
	struct pane *p = &a->pane;
	int64_t page = p->height > 1 ? p->height : 1;

	switch (action) {
	case DO_UP: pane_move(p, -(int64_t)count); break;
	case DO_DOWN: pane_move(p, count); break;
	case DO_PAGE_UP: pane_move(p, -page * count); break;
	case DO_PAGE_DOWN: pane_move(p, page * count); break;
	case DO_HALF_UP: pane_move(p, -page * count / 2); break;
	case DO_HALF_DOWN: pane_move(p, page * count / 2); break;
	case DO_TOP: pane_to(p, counted ? count - 1 : 0); break;
	case DO_BOTTOM: pane_to(p, counted ? count - 1 : UINT64_MAX - 1); break;
	case DO_ENTER: follow(a); break;
	case DO_LEFT: pane_left(a, count); break;
	case DO_RIGHT: pane_pan(p, (int)(count * PAN)); break;
	case DO_SORT: pane_sort_next(p, count); break;
	default: break;
	}
}

void app_quit(struct app *a)
{
	if (!a->marks.count || a->marks.written) {
		a->quit = true;
		return;
	}
	popup_close(&a->popup);
	prompt_open(&a->prompt, PROMPT_LEAVE, "The marks are not written. Leave? (y/n) ", "");
}

static void close_level(struct app *a)
{
	const struct subject_place *at = &a->pane.page.place;

	if (a->nhistory && a->in_pane && (!at->subject || at->topic != SUBJECT_ANY))
		app_back(a);
	else if (a->in_pane)
		a->in_pane = false;
	else
		app_quit(a);
}

void app_do(struct app *a, enum action action, unsigned count, bool counted)
{
	switch (action) {
	case DO_BACK: app_back(a); break;
	case DO_OTHER: a->in_pane = !a->in_pane; break;
	case DO_ZOOM: a->zoom = !a->zoom; break;
	case DO_VIEW_NEXT: app_view_next(a, (int)count); break;
	case DO_VIEW_BACK: app_view_next(a, -(int)count); break;
	case DO_PAN_LEFT: pane_pan(&a->pane, -(int)(count * PAN)); break;
	case DO_PAN_RIGHT: pane_pan(&a->pane, (int)(count * PAN)); break;
	case DO_SORT_TURN: pane_sort_turn(&a->pane); break;
	case DO_SEARCH: prompt_open(&a->prompt, PROMPT_SEARCH, "Search: ", ""); break;
	case DO_FIND_ALL:
		prompt_open(&a->prompt, PROMPT_FIND, "Find in all views of all files: ", "");
		break;
	case DO_NEXT: next_match(a, false, count); break;
	case DO_PREVIOUS: next_match(a, true, count); break;
	case DO_USERS: users(a); break;
	case DO_MARK: app_mark(a); break;
	case DO_WRITE: app_ask_write(a); break;
	case DO_EXPORT: app_ask_export(a); break;
	case DO_COPY: app_copy(a); break;
	case DO_INFO: app_info(a); break;
	case DO_CONNECT:
		a->connect = a->live;
		if (!a->live)
			app_say(a, false, "no device: lfstui -p PORT connects to one");
		break;
	case DO_HELP: popup_help(&a->popup); break;
	case DO_REDRAW: a->redraw = true; break;
	case DO_CLOSE: close_level(a); break;
	case DO_QUIT: app_quit(a); break;
	default: (a->in_pane ? pane_do : tree_do)(a, action, count, counted); break;
	}
}

static void search_typed(struct app *a, bool everywhere)
{
	struct prompt *p = &a->prompt;
	bool back = !everywhere && p->text.len && p->text.data[0] == '?';
	struct buf pattern = { .data = p->text.data, .len = p->text.len };

	if (back) {
		pattern.data++;
		pattern.len--;
	}
	if (!pattern.len) /* as in vi: the same again */
		pattern = p->last;
	if (!pattern.len)
		return;
	search_set(&a->search, &pattern);
	if (pattern.data != p->last.data) {
		p->last.len = 0;
		buf_put(&p->last, pattern.data, pattern.len);
	}
	a->search.back = back;
	if (everywhere)
		search_begin_all(&a->search, a->subjects, a->nsubjects, a->ascii);
	else
		search_begin(&a->search, &a->pane, back, 1);
	a->in_pane |= !everywhere;
}

/* "~/" is the user's folder, as for the shell. */
static void write_typed(struct app *a, enum prompt_kind kind)
{
	const struct buf *text = &a->prompt.text;
	const char *home = getenv("HOME");
	size_t skip = 0;
	struct buf path = { 0 };

	if (home && text->len > 1 && text->data[0] == '~' && text->data[1] == '/') {
		buf_str(&path, home);
		skip = 1;
	}
	buf_put(&path, text->data + skip, text->len - skip);
	buf_byte(&path, 0);
	if (path.failed)
		a->failed = true;
	else
		app_write(a, kind, (const char *)path.data, false);
	buf_free(&path);
}

static void typed(struct app *a)
{
	enum prompt_kind kind = a->prompt.kind;

	prompt_close(&a->prompt);
	if (kind == PROMPT_SEARCH || kind == PROMPT_FIND) {
		search_typed(a, kind == PROMPT_FIND);
		return;
	}
	if (a->prompt.text.len)
		write_typed(a, kind);
}

/* Questions: all keys but y mean no. */
static void answer(struct app *a, bool yes)
{
	enum prompt_kind kind = a->prompt.kind;

	prompt_close(&a->prompt);
	if (kind == PROMPT_LEAVE)
		a->quit = yes;
	else if (yes)
		app_write(a, a->output_for, (const char *)a->output.data, true);
	else
		app_say(a, false, "not written");
}

void app_prompt_key(struct app *a, uint32_t key)
{
	bool gone = key == K_ESCAPE || key == K_CONTROL('C') ||
		    (key == K_BACKSPACE && !a->prompt.text.len);

	if (a->prompt.kind == PROMPT_REPLACE || a->prompt.kind == PROMPT_LEAVE) {
		answer(a, key == 'y' || key == 'Y');
	} else if (gone) {
		prompt_close(&a->prompt);
	} else if (key == K_ENTER) {
		typed(a);
	} else {
		prompt_key(&a->prompt, key);
	}
}
