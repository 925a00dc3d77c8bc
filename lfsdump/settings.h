/* SPDX-License-Identifier: MIT */
/*
 * What the command line asks for.
 */
#ifndef LFSDUMP_SETTINGS_H
#define LFSDUMP_SETTINGS_H

#include "common/lua/book.h"
#include "common/view/options.h"
#include "common/view/output.h"

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

enum { VIEWS_MAX = 16 };

struct settings {
	struct output_style style;
	const struct lua_view_entry
		*views[VIEWS_MAX]; /* in the order asked for; none: the default */
	unsigned nviews;
	const char *xref;   /* text or glob */
	const char *output; /* NULL: standard output */
	enum when colour;
	bool dot, columns_help, no_pager;
	char **files;
	int nfiles;
};

/* Rows for --help, man page and completions. */
extern const struct option_row settings_rows[];

/*
 * Reads argv. Returns 0 to go on; otherwise *status is the exit status, and what was to be said
 * (help, version, a usage error) has been said.
 */
int settings_read(struct settings *s, int argc, char **argv, int *status);

#endif
