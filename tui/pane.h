/* SPDX-License-Identifier: MIT */
/*
 * The right side: a view, a line under the cursor, and what part of it all is to be seen.
 */
#ifndef TUI_PANE_H
#define TUI_PANE_H

#include "common/open/subject.h"
#include "common/view/lines.h"

struct pane {
	struct subject_page page; /* place.subject NULL: a view of the browser's own */
	struct lines *lines;      /* NULL: nothing is shown */
	struct lines *coming;     /* the same sorted anew, when that takes a while; else NULL */
	uint64_t top, cursor;     /* lines */
	unsigned pan;             /* columns that are left out */
	char sort[64];            /* column, perhaps with "-" before it; "": as the view has it */
	int width, height;        /* of the lines */
	bool ascii;
	bool failed; /* no memory for another order */
};

/* Shows a place, with the cursor on its row. On failure the pane is empty. */
enum err pane_show(struct pane *p, const struct subject_place *place, struct diag *diag);
/* Shows a view that is of no subject. */
enum err pane_show_view(struct pane *p, const struct view *view, const void *ctx,
			struct diag *diag);
void pane_close(struct pane *p);

/* Goes on with what takes a while, for a millisecond or two; false: nothing is left to do. */
bool pane_work(struct pane *p);

/* The part that is seen has another size. */
void pane_fit(struct pane *p, int width, int height);

/* Moves the cursor, and what is seen with it. */
void pane_move(struct pane *p, int64_t lines);
void pane_to(struct pane *p, uint64_t line);
/* Moves what is seen, and the cursor with it. */
void pane_scroll(struct pane *p, int64_t lines);
void pane_pan(struct pane *p, int columns);

/* The row under the cursor; false: there is none. */
bool pane_row(struct pane *p, uint64_t *row);

/* Sorts by the next column (count further), by a column, or the other way round. */
void pane_sort_next(struct pane *p, unsigned count);
void pane_sort_by(struct pane *p, unsigned column);
void pane_sort_turn(struct pane *p);
/* Sorts as pane.sort was at another time, and waits for it. */
void pane_sort_as(struct pane *p, const char *sort);

#endif
