/* SPDX-License-Identifier: MIT */
/*
 * Views by name: an image, a firmware, a flash dump and comparisons may each have one of their own.
 */
#ifndef LFSDUMP_CHOICE_H
#define LFSDUMP_CHOICE_H

#include "lfsdump/settings.h"

enum { CHOICE_KINDS = 4 };

/* Asks for the view of that name, once; image: the one of images, or NULL. */
void choice_add(struct settings *s, const char *name, const struct lua_view_entry *image);

/* All views that a name stands for, depending on the file; returns how many. */
unsigned choice_views(const struct settings *s, const char *name,
		      const struct view *out[CHOICE_KINDS]);

/* Columns, order and filter must be those of one of them. ERR_KIND, ERR_MEMORY as output_check. */
enum err choice_check(const struct settings *s, const struct view_choice *choice,
		      struct diag *diag);

/* Prints the columns of those asked for, or of all. */
void choice_help(const struct settings *s);

#endif
