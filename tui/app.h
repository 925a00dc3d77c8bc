/* SPDX-License-Identifier: MIT */
/*
 * The browser without a terminal: events change its state, its state makes a screen.
 */
#ifndef TUI_APP_H
#define TUI_APP_H

#include "tui/marks.h"
#include "tui/pane.h"
#include "tui/popup.h"
#include "tui/search.h"
#include "tui/tree.h"

/* Where somebody was. */
struct spot {
	struct subject_place place;
	uint64_t top, cursor;
	char sort[64];
	bool found; /* the list of what was found */
};

struct app {
	struct subject **subjects;
	unsigned nsubjects;
	struct tree tree;
	struct pane pane;
	struct spot *history;
	uint32_t nhistory, history_cap;
	const char *view; /* name of the view that is wanted at every node; NULL: the first */
	bool in_pane;     /* the focus */
	bool zoom;
	int split; /* columns of the tree; 0: as many as fit well */
	int wide;  /* columns that its names have taken at most so far */
	bool dragging;
	unsigned count; /* typed before a key; 0: none */
	struct popup popup;
	struct prompt prompt;
	struct search search;
	struct marks marks;
	struct buf output; /* name of the file that is to be replaced, once that is allowed */
	enum prompt_kind output_for;
	char message[240];
	bool error;        /* the message is of a failure */
	bool failed;       /* no memory; to be told */
	char progress[80]; /* of what goes on meanwhile */
	int rows, cols;
	bool ascii;
	bool live; /* there is a device */
	/* What the terminal is to do; it clears them. */
	struct buf copy; /* to the clipboard, when not empty */
	bool redraw;
	bool connect;
	bool quit;
};

/* The subjects stay the caller's. */
void app_begin(struct app *a, struct subject **subjects, unsigned n, bool ascii);
void app_end(struct app *a);

void app_resize(struct app *a, int rows, int cols);
void app_event(struct app *a, const struct event *e);
/* A subject has other strings now: shows them, with the cursor on the same one. */
void app_refresh(struct app *a);
/* Goes on with a search for some milliseconds. True: there is more to do. */
bool app_work(struct app *a);
void app_draw(struct app *a, struct screen *s);

/* For the files that the browser consists of. */

/* How the screen is divided. */
struct layout {
	int top, height;        /* of tree and lines */
	int tree_width;         /* 0: no tree */
	int pane_x, pane_width; /* 0: no pane */
	int head;               /* row of the columns' titles */
	int status;             /* rows; keys: -1: none */
	int keys;
};
struct layout app_layout(const struct app *a);

void app_say(struct app *a, bool error, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Shows the node under the tree's cursor. */
void app_show_node(struct app *a);
/* Goes to a place; remember: Backspace comes back. */
void app_go(struct app *a, const struct subject_place *to, bool remember);
void app_back(struct app *a);
void app_view_next(struct app *a, int by);

void app_do(struct app *a, enum action action, unsigned count, bool counted);
/* Leaves, but asks first when marked strings would be lost. */
void app_quit(struct app *a);
void app_prompt_key(struct app *a, uint32_t key);
void app_mouse(struct app *a, const struct event *e);

/* The string under the pane's cursor; false: there is none. */
bool app_row_text(struct app *a, const uint8_t **text, size_t *len);

/* app_output.c: what goes to files, popups and the clipboard. */
void app_mark(struct app *a);
void app_ask_write(struct app *a);
void app_ask_export(struct app *a);
void app_write(struct app *a, enum prompt_kind what, const char *path, bool replace);
void app_copy(struct app *a);
void app_info(struct app *a);

#endif
