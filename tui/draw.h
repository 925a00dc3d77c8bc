/* SPDX-License-Identifier: MIT */
#ifndef TUI_DRAW_H
#define TUI_DRAW_H

#include "tui/app.h"

void draw_tree(const struct app *a, struct screen *s, const struct layout *l);

/* Columns that the tree's names and sizes need. */
int draw_tree_width(const struct app *a);

/* How many views further the name at column x is; 0: none, or the one that is shown. */
int draw_tab_at(const struct app *a, const struct layout *l, int x);

#endif
