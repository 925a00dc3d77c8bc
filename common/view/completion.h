/* SPDX-License-Identifier: MIT */
/*
 * Completion scripts for shells, made of a table of options.
 */
#ifndef VIEW_COMPLETION_H
#define VIEW_COMPLETION_H

#include "common/view/manual.h"

/* Does the argument stand behind = alone? */
bool completion_is_optional(const struct option_row *r);

void completion_bash(FILE *f, const struct manual *m);
void completion_fish(FILE *f, const struct manual *m);
void completion_zsh(FILE *f, const struct manual *m);

#endif
