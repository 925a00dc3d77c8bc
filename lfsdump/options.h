/* SPDX-License-Identifier: MIT */
/*
 * lfsdump's options as data: for getopt_long, --help, the man page and completions.
 */
#ifndef LFSDUMP_OPTIONS_H
#define LFSDUMP_OPTIONS_H

#include "common/view/options.h"

/* Ids of options; a view's id is its index in lua_views. */
enum {
	OPT_VIEW = 0,
	OPT_JSON = 256,
	OPT_CSV,
	OPT_TSV,
	OPT_MARKDOWN,
	OPT_DOT,
	OPT_SORT,
	OPT_COLUMNS,
	OPT_FILTER,
	OPT_OUTPUT,
	OPT_COLOR,
	OPT_ASCII,
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
	OPT_FORCE,
	OPT_ID,
	OPT_NCDU,
	OPT_HELP,
	OPT_VERSION,
};

/* View options follow the order of lua_views. */
enum {
	V_SUMMARY,
	V_BYTES,
	V_MODULES,
	V_PROTOS,
	V_STRINGS,
	V_CONSTANTS,
	V_UPVALUES,
	V_LOCALS,
	V_CODE,
	V_XREF,
	V_GLOBALS,
	V_REQUIRES,
	V_DAMAGE,
	V_LAYOUT,
	V_HEX
};

extern const struct option_row lfsdump_options[];

void options_print_help(void);

#endif
