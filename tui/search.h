/* SPDX-License-Identifier: MIT */
/*
 * Looking for a text: line by line in a pane, or in all views of all files. It is done bit by bit,
 * so that keys are answered meanwhile.
 */
#ifndef TUI_SEARCH_H
#define TUI_SEARCH_H

#include "tui/pane.h"

enum { SEARCH_HITS_MAX = 10000 }; /* more are not collected */

struct hit {
	struct subject_place place;
	size_t text, len; /* its line, in hit_text */
};

struct search {
	struct buf pattern; /* as typed; empty: nothing was searched for */
	bool fold;          /* capitals are small letters */
	bool back;          /* n goes up */
	enum { SEARCH_IDLE, SEARCH_PANE, SEARCH_ALL } running;
	/* In the pane: */
	uint64_t at;    /* the line to look at next */
	uint64_t start; /* where it ends when nothing is found */
	bool up, wrapped;
	unsigned repeat; /* matches to pass over */
	/* In all: */
	struct subject **subjects;
	unsigned nsubjects, subject, view;
	struct subject_page page;
	struct lines *lines;
	struct hit *hits;
	uint32_t nhits, hits_cap;
	struct buf hit_text;
	struct buf line; /* scratch */
	bool failed;     /* no memory */
};

enum search_result { SEARCH_MORE, SEARCH_FOUND, SEARCH_NONE };

void search_free(struct search *s);
void search_set(struct search *s, const struct buf *pattern);

/* Where the pattern stands in a text from offset on; its offset, or SIZE_MAX. */
size_t search_match(const struct search *s, const uint8_t *text, size_t n, size_t from);

/* Begins at the line behind (up: before) the cursor. */
void search_begin(struct search *s, const struct pane *p, bool up, unsigned count);
/* Looks at some lines. SEARCH_FOUND: the pane's cursor is there. */
enum search_result search_step(struct search *s, struct pane *p);

/* Begins to collect what is found anywhere. */
void search_begin_all(struct search *s, struct subject **subjects, unsigned n, bool ascii);
enum search_result search_step_all(struct search *s, bool ascii);

/* What was found, as a view; its ctx is the search. Rows are hits. */
extern const struct view search_view;

#endif
