/* SPDX-License-Identifier: MIT */
/*
 * Keys and what they do, as one table, of which the help and the key bar are made.
 */
#ifndef TUI_KEYS_H
#define TUI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key is a character, or one of these. */
enum key {
	K_NONE = 0x110000,
	K_UP,
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_PAGE_UP,
	K_PAGE_DOWN,
	K_HOME,
	K_END,
	K_ENTER,
	K_ESCAPE,
	K_TAB,
	K_BACK_TAB,
	K_BACKSPACE,
	K_DELETE,
	K_SHIFT_LEFT,
	K_SHIFT_RIGHT,
	K_F1,
	K_F10,
};
#define K_CONTROL(letter) ((uint32_t)(letter)&31)

enum action {
	DO_NOTHING,
	DO_UP,
	DO_DOWN,
	DO_LEFT,
	DO_RIGHT,
	DO_PAGE_UP,
	DO_PAGE_DOWN,
	DO_HALF_UP,
	DO_HALF_DOWN,
	DO_TOP,
	DO_BOTTOM,
	DO_ENTER,
	DO_BACK,
	DO_OTHER,
	DO_ZOOM,
	DO_VIEW_NEXT,
	DO_VIEW_BACK,
	DO_PAN_LEFT,
	DO_PAN_RIGHT,
	DO_SORT,
	DO_SORT_TURN,
	DO_SEARCH,
	DO_FIND_ALL,
	DO_NEXT,
	DO_PREVIOUS,
	DO_USERS,
	DO_MARK,
	DO_WRITE,
	DO_EXPORT,
	DO_COPY,
	DO_INFO,
	DO_CONNECT,
	DO_HELP,
	DO_REDRAW,
	DO_CLOSE,
	DO_QUIT,
	ACTIONS
};

struct key_row {
	uint32_t keys[4];   /* 0 ends them */
	enum action action; /* DO_NOTHING: help is the title of a group */
	const char *help;
	const char *bar; /* a word for the key bar; NULL: not there */
};
extern const struct key_row key_rows[]; /* ends with an empty row */

/* What a key does. */
enum action key_action(uint32_t key);

/* A key's name, "PgUp", "^R", "x"; out has room for 16 bytes. */
const char *key_label(uint32_t key, char *out);

enum mouse { MOUSE_PRESS, MOUSE_DRAG, MOUSE_RELEASE, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

/* What the terminal tells. */
struct event {
	enum { EVENT_NONE, EVENT_KEY, EVENT_MOUSE } kind;
	uint32_t key;
	enum mouse mouse;
	int y, x;
};

#endif
