/* SPDX-License-Identifier: MIT */
#include "tui/theme.h"

#include <stdlib.h>
#include <string.h>

enum { BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE, OWN = -1 };

/* Ends with a NULL name. */
static const struct theme themes[] = {
	{ "dark",
	  { [LOOK_TEXT] = { OWN, OWN, 0, 0, 0, 0 },
	    [LOOK_DIM] = { CYAN, OWN, 0, 0, 0, 0 },
	    [LOOK_TITLE] = { YELLOW, OWN, 1, 0, 0, 0 },
	    [LOOK_HEAD] = { OWN, OWN, 1, 0, 0, 1 },
	    [LOOK_TAB] = { WHITE, BLUE, 0, 0, 0, 0 },
	    [LOOK_TAB_ON] = { BLACK, WHITE, 0, 0, 0, 0 },
	    [LOOK_BAR] = { GREEN, OWN, 0, 0, 0, 0 },
	    [LOOK_CURSOR] = { BLACK, CYAN, 0, 0, 0, 0 },
	    [LOOK_CURSOR_OFF] = { OWN, OWN, 1, 0, 0, 1 },
	    [LOOK_MATCH] = { BLACK, YELLOW, 0, 0, 0, 0 },
	    [LOOK_MARK] = { GREEN, OWN, 1, 0, 0, 0 },
	    [LOOK_STATUS] = { WHITE, BLUE, 0, 0, 0, 0 },
	    [LOOK_ERROR] = { WHITE, RED, 1, 0, 0, 0 },
	    [LOOK_KEY] = { CYAN, OWN, 1, 0, 0, 0 },
	    [LOOK_KEY_TEXT] = { OWN, OWN, 0, 0, 0, 0 },
	    [LOOK_FRAME] = { BLUE, OWN, 1, 0, 0, 0 },
	    [LOOK_POPUP] = { OWN, OWN, 0, 0, 0, 0 } } },
	{ "light",
	  { [LOOK_TEXT] = { OWN, OWN, 0, 0, 0, 0 },
	    [LOOK_DIM] = { BLUE, OWN, 0, 0, 0, 0 },
	    [LOOK_TITLE] = { MAGENTA, OWN, 1, 0, 0, 0 },
	    [LOOK_HEAD] = { OWN, OWN, 1, 0, 0, 1 },
	    [LOOK_TAB] = { BLACK, CYAN, 0, 0, 0, 0 },
	    [LOOK_TAB_ON] = { WHITE, BLUE, 1, 0, 0, 0 },
	    [LOOK_BAR] = { GREEN, OWN, 0, 0, 0, 0 },
	    [LOOK_CURSOR] = { WHITE, BLUE, 0, 0, 0, 0 },
	    [LOOK_CURSOR_OFF] = { OWN, OWN, 1, 0, 0, 1 },
	    [LOOK_MATCH] = { BLACK, YELLOW, 0, 0, 0, 0 },
	    [LOOK_MARK] = { RED, OWN, 1, 0, 0, 0 },
	    [LOOK_STATUS] = { BLACK, CYAN, 0, 0, 0, 0 },
	    [LOOK_ERROR] = { WHITE, RED, 1, 0, 0, 0 },
	    [LOOK_KEY] = { BLUE, OWN, 1, 0, 0, 0 },
	    [LOOK_KEY_TEXT] = { OWN, OWN, 0, 0, 0, 0 },
	    [LOOK_FRAME] = { BLUE, OWN, 0, 0, 0, 0 },
	    [LOOK_POPUP] = { OWN, OWN, 0, 0, 0, 0 } } },
	{ "mono",
	  { [LOOK_TEXT] = { OWN, OWN, 0, 0, 0, 0 },
	    [LOOK_DIM] = { OWN, OWN, 0, 0, 0, 0 },
	    [LOOK_TITLE] = { OWN, OWN, 1, 0, 0, 0 },
	    [LOOK_HEAD] = { OWN, OWN, 0, 0, 0, 1 },
	    [LOOK_TAB] = { OWN, OWN, 0, 0, 1, 0 },
	    [LOOK_TAB_ON] = { OWN, OWN, 1, 0, 0, 0 },
	    [LOOK_BAR] = { OWN, OWN, 0, 0, 0, 0 },
	    [LOOK_CURSOR] = { OWN, OWN, 0, 0, 1, 0 },
	    [LOOK_CURSOR_OFF] = { OWN, OWN, 0, 0, 0, 1 },
	    [LOOK_MATCH] = { OWN, OWN, 1, 0, 0, 1 },
	    [LOOK_MARK] = { OWN, OWN, 1, 0, 0, 0 },
	    [LOOK_STATUS] = { OWN, OWN, 0, 0, 1, 0 },
	    [LOOK_ERROR] = { OWN, OWN, 1, 0, 1, 0 },
	    [LOOK_KEY] = { OWN, OWN, 1, 0, 0, 0 },
	    [LOOK_KEY_TEXT] = { OWN, OWN, 0, 0, 0, 0 },
	    [LOOK_FRAME] = { OWN, OWN, 0, 0, 0, 0 },
	    [LOOK_POPUP] = { OWN, OWN, 0, 0, 0, 0 } } },
	{ 0 },
};

const struct theme *theme_find(const char *name)
{
	for (const struct theme *t = themes; t->name; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

const struct theme *theme_choose(const char *asked, const char *no_color, const char *colours)
{
	/* "15;0": front and back, as rxvt and Konsole tell them */
	const char *back = colours ? strrchr(colours, ';') : NULL;
	int light = back && (strcmp(back, ";7") == 0 || atoi(back + 1) >= 9);

	if (asked)
		return theme_find(asked);
	if (no_color && no_color[0])
		return theme_find("mono");
	return theme_find(light ? "light" : "dark");
}
