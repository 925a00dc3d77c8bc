/* SPDX-License-Identifier: MIT */
/*
 * Completion scripts for shells, made of a table of options.
 */
#ifndef VIEW_COMPLETION_H
#define VIEW_COMPLETION_H

#include "common/view/manual.h"

/* What is offered for the argument of an option. */
enum completion_kind {
	COMPLETION_NOTHING,
	COMPLETION_FILES,
	COMPLETION_FOLDERS,
	COMPLETION_COLUMNS,
	COMPLETION_WORDS,
};

/* Of an option with an argument. words: those of COMPLETION_WORDS. */
enum completion_kind completion_kind(const struct manual *m, const struct option_row *r,
				     const char **words);
/* Does any option take columns? */
bool completion_has_columns(const struct manual *m);
/* Does the argument stand behind = alone? */
bool completion_is_optional(const struct option_row *r);

void completion_bash(FILE *f, const struct manual *m);
void completion_fish(FILE *f, const struct manual *m);
void completion_zsh(FILE *f, const struct manual *m);

#endif
