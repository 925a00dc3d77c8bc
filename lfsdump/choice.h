/* SPDX-License-Identifier: MIT */
/*
 * Views by name: an image, a firmware, a flash dump and comparisons may each have one of their own.
 */
#ifndef LFSDUMP_CHOICE_H
#define LFSDUMP_CHOICE_H

#include "lfsdump/settings.h"

/* Asks for the view of that name, once; image: the one of images, or NULL. */
void choice_add(struct settings *s, const char *name, const struct lua_view_entry *image);

/* Columns, order and filter must be those of one of them. ERR_KIND, ERR_MEMORY as output_check. */
enum err choice_check(const struct settings *s, const struct view_choice *choice,
		      struct diag *diag);

/*
 * Calls fn for every view that was asked for, or for all. of: ", of an image" or ", of a firmware"
 * where a name stands for both, else "".
 */
typedef void choice_fn(void *ctx, const char *name, const char *of, const struct view *v);
void choice_each(const struct settings *s, choice_fn *fn, void *ctx);

#endif
