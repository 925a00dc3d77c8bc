/* SPDX-License-Identifier: MIT */
/*
 * What stands on top: texts to read, a line to type.
 */
#ifndef TUI_POPUP_H
#define TUI_POPUP_H

#include "common/base/buf.h"
#include "tui/keys.h"
#include "tui/screen.h"

/* A text in a frame; open as long as it has a title. */
struct popup {
	const char *title;
	struct buf text; /* escaped lines, each ended by \n */
	uint32_t lines;
	uint32_t top;
	int height;     /* of the lines that were shown last */
	int help_width; /* of the help's lines; 0: it is no help */
	bool brief;     /* a message: a key closes it and does what it always does */
};

void popup_close(struct popup *p);
/* True while it stays open. */
bool popup_key(struct popup *p, uint32_t key, enum action action, unsigned count);
void popup_draw(struct popup *p, struct screen *s);
void popup_help(struct popup *p);
/* A message in lines of so many columns. */
void popup_tell(struct popup *p, const char *title, const char *text, int width);
/* Counts the lines of the text; the popup is open then. */
void popup_show(struct popup *p, const char *title);

enum prompt_kind {
	PROMPT_NONE,
	PROMPT_SEARCH,
	PROMPT_FIND,
	PROMPT_EXPORT,
	PROMPT_WRITE,
	PROMPT_REPLACE, /* y or n, as those below */
	PROMPT_LEAVE,
};

struct prompt {
	enum prompt_kind kind;
	const char *words; /* before the text */
	struct buf text;   /* UTF-8 */
	size_t at;         /* the cursor, in bytes */
	struct buf last;   /* what was searched for last; Up brings it back */
};

void prompt_open(struct prompt *p, enum prompt_kind kind, const char *words, const char *text);
void prompt_close(struct prompt *p);
/* A key goes into the text. K_ENTER and K_ESCAPE are the caller's. */
void prompt_key(struct prompt *p, uint32_t key);
void prompt_draw(const struct prompt *p, struct screen *s, int y);

#endif
