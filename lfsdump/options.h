/* SPDX-License-Identifier: MIT */
/*
 * lfsdump's options as data: for getopt_long, --help, the man page and completions.
 */
#ifndef LFSDUMP_OPTIONS_H
#define LFSDUMP_OPTIONS_H

#include <stdbool.h>

#include "common/view/options.h"

/* Ids of options; a view's id is its index in lua_views, or OPT_FIRMWARE_VIEW and that in
 * firmware_views. */
enum {
	OPT_FIRMWARE_VIEW = 128,
	OPT_JSON = 256,
	OPT_CSV,
	OPT_TSV,
	OPT_MARKDOWN,
	OPT_DOT,
	OPT_DISASM,
	OPT_SORT,
	OPT_COLUMNS,
	OPT_FILTER,
	OPT_OUTPUT,
	OPT_COLOR,
	OPT_ASCII,
	OPT_JOBS,
	OPT_NO_PAGER,
	OPT_BASE,
	OPT_CHECK,
	OPT_FOR,
	OPT_BANNER,
	OPT_OLD,
	OPT_LFS_SIZE,
	OPT_DIFF,
	OPT_AGAINST,
	OPT_EXTRACT,
	OPT_EXTRACT_LFS,
	OPT_LFS_ADDRESS,
	OPT_FIRMWARE,
	OPT_FORCE,
	OPT_ID,
	OPT_NCDU,
	OPT_HTML,
	OPT_TUI,
	OPT_HELP,
	OPT_VERSION,
};

/* The rows of all options, those of the views first; the last one is empty. */
struct lfsdump_options {
	struct option_row rows[OPTIONS_MAX];
};
void lfsdump_options(struct lfsdump_options *out);

/* --help, or --help=WHAT as manual_write takes it. False: there is no such thing. */
bool options_print_help(const char *what);

#endif
