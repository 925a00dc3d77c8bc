/* SPDX-License-Identifier: MIT */
/*
 * How the looks look. Colours are those of the terminal: 0 to 7, -1 its own.
 */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdbool.h>

#include "tui/screen.h"

struct paint {
	signed char front, back;
	bool bold, dim, reverse, underline;
};

struct theme {
	const char *name;
	struct paint looks[LOOKS];
};

/* By name; NULL: there is none. */
const struct theme *theme_find(const char *name);

/* The one that fits: what was asked for, else by NO_COLOR and COLORFGBG (NULL: not set). */
const struct theme *theme_choose(const char *asked, const char *no_color, const char *colours);

#endif
