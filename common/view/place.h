/* SPDX-License-Identifier: MIT */
/*
 * Fitting an output to the place it goes to. Libraries do not read the environment: the program
 * hands over what it found there.
 */
#ifndef VIEW_PLACE_H
#define VIEW_PLACE_H

#include "common/view/output.h"

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

struct place {
	int fd;           /* of the output; -1: a file of its own, not a terminal */
	enum when colour; /* --color */
	const char *no_color, *term, *columns; /* NO_COLOR, TERM, COLUMNS; NULL: not set */
};

/* "auto", "always", "never"; NULL is always. False for anything else. */
bool when_parse(const char *text, enum when *out);

bool place_is_terminal(const struct place *place);

/*
 * Sets width, colour and, where the locale's characters are not UTF-8, ascii. The program has
 * called setlocale.
 */
void place_style(const struct place *place, struct output_style *style);

#endif
