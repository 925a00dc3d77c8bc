/* SPDX-License-Identifier: MIT */
/*
 * What else is made of a program's tables than --help: parts of its manual page, and completions
 * for shells. So no option and no column can lack either.
 */
#ifndef VIEW_MANUAL_H
#define VIEW_MANUAL_H

#include <stdbool.h>
#include <stdio.h>

#include "common/view/options.h"
#include "common/view/view.h"

/* What the argument of an option can be. */
struct manual_words {
	const char *option;
	const char *words; /* separated by blanks; NULL: those of nth */
	/* Word i and what it means; NULL: there are no more. */
	const char *(*nth)(unsigned i, const char **meaning);
};

/*
 * What an argument is called tells what completions offer for it: FILE, PATH, IMAGE, ELF and PORT
 * files, DIR folders, LIST and COLUMN columns of the views asked for, WHEN auto, always and never,
 * others the words of the option.
 */
struct manual {
	const char *program;
	const struct option_row *options;
	const struct manual_words *words; /* the last one is empty */
	void (*parts)(FILE *f);           /* more parts of the page; NULL: none */
};

/* What --help=WHAT takes. */
#define MANUAL_WHAT "bash fish zsh man"
/* What --help says of itself. */
#define MANUAL_HELP \
	"this help; bash, fish or zsh: completions for that shell; man: parts of the manual\npage"

/*
 * Writes a completion script, or parts of a manual page: what is to replace the lines
 * .\" @OPTIONS@ and so on of the page's text. False when there is no such thing.
 */
bool manual_write(FILE *f, const struct manual *m, const char *what);

/* For parts(): begins the part that replaces .\" @NAME@. */
void manual_part(FILE *f, const char *name);
/* A subsection. */
void manual_title(FILE *f, const char *title);
/* A list of names with what they are; width: of the longest name. */
void manual_list(FILE *f, size_t width);
void manual_item(FILE *f, const char *name, const char *text);
void manual_list_end(FILE *f);
/* The columns of a view as a subsection. */
void manual_columns(FILE *f, const char *title, const struct view *v);

#endif
