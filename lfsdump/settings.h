/* SPDX-License-Identifier: MIT */
/*
 * What the command line asks for.
 */
#ifndef LFSDUMP_SETTINGS_H
#define LFSDUMP_SETTINGS_H

#include "common/lua/check.h"
#include "common/view/options.h"
#include "common/view/place.h"

enum { VIEWS_MAX = 16 };

struct job;

struct settings {
	struct output_style style;
	/* in the order asked for; none: the default */
	const struct lua_view_entry *views[VIEWS_MAX];
	unsigned nviews;
	const char *xref;   /* text or glob */
	const char *output; /* NULL: standard output */
	uint32_t base;      /* mapped address of the image; 0: not given */
	enum when colour;
	const struct job *job;      /* NULL: views */
	const char *extract;        /* the folder for --extract */
	const char *against;        /* the folder for --against */
	struct check_target target; /* --check */
	bool force;                 /* files that are there may be overwritten */
	bool diff;                  /* the two files against each other */
	bool dot, columns_help, no_pager;
	char **files;
	int nfiles;
};

/*
 * Reads argv. Returns 0 to go on; otherwise *status is the exit status, and what was to be said
 * (help, version, a usage error) has been said.
 */
int settings_read(struct settings *s, int argc, char **argv, int *status);

#endif
