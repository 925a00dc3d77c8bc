/* SPDX-License-Identifier: MIT */
/*
 * What the command line asks for.
 */
#ifndef LFSDUMP_SETTINGS_H
#define LFSDUMP_SETTINGS_H

#include "common/lua/check.h"
#include "common/view/options.h"
#include "common/view/place.h"

enum { VIEWS_MAX = 28 };

struct job;

/* A view by its name, of which an image and a firmware may each have one of their own. */
struct view_choice {
	const char *name;
	const struct lua_view_entry *image; /* NULL: no image has it */
};

struct settings {
	struct output_style style;
	/* in the order asked for; none: the default */
	struct view_choice views[VIEWS_MAX];
	unsigned nviews;
	const char *xref;     /* text or glob */
	const char *disasm;   /* function, address or glob; NULL: not asked for */
	const char *output;   /* NULL: standard output */
	uint32_t lfs_address; /* --lfs-addr: flash or mapped address; 0: not given */
	uint32_t base;        /* mapped address of the image; 0: not given */
	enum when colour;
	const struct job *job;      /* NULL: views */
	const char *extract;        /* the folder for --extract */
	const char *against;        /* the folder for --against */
	struct check_target target; /* --check */
	unsigned targets;           /* how many --for, --banner, --firmware there are */
	const char *target_file;    /* of the last --banner or --firmware */
	bool force;                 /* files that are there may be overwritten */
	bool tui;                   /* --tui: another program shows the files */
	const char *html;           /* --html: the report's file, or "-"; NULL: none */
	bool diff;                  /* the two files against each other */
	bool dot, columns_help, no_pager;
	unsigned jobs; /* processes that work on the files */
	char **files;
	int nfiles;
};

/*
 * Reads argv. Returns 0 to go on; otherwise *status is the exit status, and what was to be said
 * (help, version, a usage error) has been said.
 */
int settings_read(struct settings *s, int argc, char **argv, int *status);

#endif
