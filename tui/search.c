/* SPDX-License-Identifier: MIT */
#include "tui/search.h"

#include <stdlib.h>
#include <string.h>

enum {
	STEP = 512,        /* lines looked at in one go */
	LINE_WIDTH = 1000, /* columns of a line that are looked at */
};

static void stop(struct search *s)
{
	s->running = SEARCH_IDLE;
	lines_close(s->lines);
	s->lines = NULL;
	subject_page_close(&s->page);
}

void search_free(struct search *s)
{
	stop(s);
	free(s->hits);
	buf_free(&s->hit_text);
	buf_free(&s->pattern);
	buf_free(&s->line);
	*s = (struct search){ 0 };
}

static uint8_t fold(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

void search_set(struct search *s, const struct buf *pattern)
{
	stop(s);
	s->pattern.len = 0;
	buf_put(&s->pattern, pattern->data, pattern->len);
	s->fold = true;
	for (size_t i = 0; i < pattern->len; i++)
		if (fold(pattern->data[i]) != pattern->data[i])
			s->fold = false;
}

size_t search_match(const struct search *s, const uint8_t *text, size_t n, size_t from)
{
	const uint8_t *p = s->pattern.data;
	size_t len = s->pattern.len;

	for (size_t i = from; len && len <= n && i <= n - len; i++) {
		size_t k = 0;

		while (k < len && (s->fold ? fold(text[i + k]) : text[i + k]) == p[k])
			k++;
		if (k == len)
			return i;
	}
	return SIZE_MAX;
}

static bool line_matches(struct search *s, struct lines *l, const struct lines_line *line)
{
	s->line.len = 0;
	lines_whole(l, line, &s->line);
	return search_match(s, s->line.data, s->line.len, 0) != SIZE_MAX;
}

void search_begin(struct search *s, const struct pane *p, bool up, unsigned count)
{
	stop(s);
	if (!p->lines || !s->pattern.len)
		return;
	s->running = SEARCH_PANE;
	s->up = up;
	s->wrapped = false;
	s->repeat = count;
	s->start = s->at = p->cursor;
}

/* The next line to look at, around the end. */
static void advance(struct search *s, struct pane *p)
{
	struct lines_line line;

	if (s->up && s->at == 0) {
		s->at = lines_count(p->lines);
		s->wrapped = true;
	}
	if (s->up) {
		s->at -= s->at > 0;
	} else if (!lines_at(p->lines, ++s->at, &line)) {
		s->at = 0;
		s->wrapped = true;
	}
}

enum search_result search_step(struct search *s, struct pane *p)
{
	struct lines_line line;

	for (unsigned i = 0; p->lines && i < STEP; i++) {
		advance(s, p);
		if (lines_at(p->lines, s->at, &line) && line_matches(s, p->lines, &line) &&
		    s->repeat-- <= 1) {
			s->running = SEARCH_IDLE;
			pane_to(p, s->at);
			return SEARCH_FOUND;
		}
		if (s->at == s->start) {
			s->running = SEARCH_IDLE;
			return SEARCH_NONE;
		}
	}
	return SEARCH_MORE;
}

void search_begin_all(struct search *s, struct subject **subjects, unsigned n, bool ascii)
{
	(void)ascii;
	stop(s);
	s->running = SEARCH_ALL;
	s->subjects = subjects;
	s->nsubjects = n;
	s->subject = s->view = 0;
	s->nhits = 0;
	s->hit_text.len = 0;
}

/* Opens the next view that there is. False: that was the last. */
static bool next_view(struct search *s, bool ascii)
{
	const struct output_style style = { .width = LINE_WIDTH, .ascii = ascii };
	struct subject_place place = { .node = VIEW_ROOT, .topic = SUBJECT_ANY };
	struct diag diag = { 0 };

	lines_close(s->lines);
	s->lines = NULL;
	subject_page_close(&s->page);
	s->at = 0;
	for (; s->subject < s->nsubjects; s->subject++, s->view = 0) {
		place.subject = s->subjects[s->subject];
		place.view = place.subject->kind->view(place.subject, VIEW_ROOT, s->view);
		if (!place.view)
			continue;
		s->view++;
		if (subject_page_open(&place, &s->page, &diag) == ERR_NONE)
			s->lines = lines_open(s->page.view, s->page.ctx, &style);
		s->failed |= !s->lines && (!diag.code || diag.code == ERR_MEMORY);
		return true;
	}
	return false;
}

static void add_hit(struct search *s, uint64_t row)
{
	struct hit *h = s->nhits ? &s->hits[s->nhits - 1] : NULL;
	size_t start = 0;

	if (h && h->place.subject == s->page.place.subject && h->place.view == s->page.place.view &&
	    h->place.row == row)
		return;
	h = vec_grow(&s->hits, &s->nhits, &s->hits_cap, sizeof(*h), 1);
	if (!h) {
		s->failed = true;
		return;
	}
	while (start < s->line.len && s->line.data[start] == ' ')
		start++;
	h->place = s->page.place;
	h->place.row = row;
	h->text = s->hit_text.len;
	h->len = s->line.len - start;
	buf_put(&s->hit_text, s->line.data + start, h->len);
	if (s->hit_text.failed)
		h->len = 0;
}

enum search_result search_step_all(struct search *s, bool ascii)
{
	struct lines_line line;

	for (unsigned i = 0; i < STEP; i++) {
		if (s->nhits >= SEARCH_HITS_MAX || (!s->lines && !next_view(s, ascii))) {
			stop(s);
			return s->nhits ? SEARCH_FOUND : SEARCH_NONE;
		}
		if (!s->lines)
			continue;
		if (!lines_at(s->lines, s->at++, &line)) {
			s->failed |= lines_failed(s->lines);
			lines_close(s->lines);
			s->lines = NULL;
		} else if (line.kind != LINES_BLANK && line_matches(s, s->lines, &line)) {
			s->line.len = 0;
			lines_text(s->lines, &line, &s->line);
			add_hit(s, line.row);
		}
	}
	return SEARCH_MORE;
}

enum { F_FILE, F_VIEW, F_LINE, F_COLUMNS };

static const struct view_column columns[] = {
	[F_FILE] = { "file", "file", VIEW_TEXT, 0, "file" },
	[F_VIEW] = { "view", "view", VIEW_TEXT, 0, "view" },
	[F_LINE] = { "line", "line", VIEW_TEXT, VIEW_SOURCE, "its line" },
};

static uint64_t count(const void *ctx, uint64_t row)
{
	return row == VIEW_ROOT ? ((const struct search *)ctx)->nhits : 0;
}

static void cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		 struct buf *scratch)
{
	const struct search *s = ctx;
	const struct hit *h = &s->hits[row];
	const char *name = h->place.subject->name;
	const char *slash = strrchr(name, '/');

	(void)scratch;
	switch (column) {
	case F_FILE: view_text(c, slash && slash[1] ? slash + 1 : name); break;
	case F_VIEW: view_text(c, h->place.view->name); break;
	case F_LINE: view_bytes(c, s->hit_text.data + h->text, h->len); break;
	default: break;
	}
}

const struct view search_view = {
	.name = "found",
	.title = "Found",
	.help = "what was found in all views of all files",
	.columns = columns,
	.ncolumns = F_COLUMNS,
	.count = count,
	.child = view_nth,
	.cell = cell,
};
