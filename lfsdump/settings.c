/* SPDX-License-Identifier: MIT */
#include "lfsdump/settings.h"

#include <stdio.h>
#include <string.h>

#define VERSION "0.1.0"

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
	V_DAMAGE
};

const struct option_row settings_rows[] = {
	{ NULL, 0, NULL, "Views (several may be given; without one: summary, bytes and modules)",
	  0 },
	{ "summary", 0, NULL, "what the file is, its sizes and numbers", OPT_VIEW + V_SUMMARY },
	{ "bytes", 'b', NULL, "where the bytes go", OPT_VIEW + V_BYTES },
	{ "modules", 'm', NULL, "modules with sizes, biggest first", OPT_VIEW + V_MODULES },
	{ "prototypes", 'p', NULL, "prototypes as a tree", OPT_VIEW + V_PROTOS },
	{ "strings", 's', NULL, "ROstrings: text, hash, bucket, references, users",
	  OPT_VIEW + V_STRINGS },
	{ "constants", 'k', NULL, "constants of every prototype", OPT_VIEW + V_CONSTANTS },
	{ "upvalues", 'u', NULL, "upvalues of every prototype", OPT_VIEW + V_UPVALUES },
	{ "locals", 'l', NULL, "named locals of every prototype", OPT_VIEW + V_LOCALS },
	{ "code", 'c', NULL, "listing of all instructions", OPT_VIEW + V_CODE },
	{ "xref", 'x', "TEXT", "who uses the string or global TEXT (a glob, too)",
	  OPT_VIEW + V_XREF },
	{ "globals", 'g', NULL, "globals read and written", OPT_VIEW + V_GLOBALS },
	{ "requires", 'r', NULL, "which module asks for which", OPT_VIEW + V_REQUIRES },
	{ "damage", 0, NULL, "everything that is wrong with the file", OPT_VIEW + V_DAMAGE },
	{ NULL, 0, NULL, "Output", 0 },
	{ "json", 'j', NULL, "JSON, one line a file; without a view: the whole file (schema 1)",
	  OPT_JSON },
	{ "csv", 0, NULL, "comma-separated values", OPT_CSV },
	{ "tsv", 0, NULL, "tab-separated values", OPT_TSV },
	{ "markdown", 0, NULL, "Markdown tables", OPT_MARKDOWN },
	{ "dot", 0, NULL, "with --requires: the graph of modules for Graphviz", OPT_DOT },
	{ "sort", 0, "COLUMN", "sort rows by a column; -COLUMN: descending", OPT_SORT },
	{ "columns", 0, "LIST",
	  "columns, comma-separated; +LIST: in addition; help: which there are", OPT_COLUMNS },
	{ "filter", 0, "GLOB",
	  "rows with a text cell that GLOB matches; COLUMN=GLOB: in that column", OPT_FILTER },
	{ "output", 'o', "FILE", "write to FILE; it appears only when whole", OPT_OUTPUT },
	{ "color", 0, "[WHEN]", "auto, always or never; NO_COLOR is honoured", OPT_COLOR },
	{ "ascii", 0, NULL, "bars and trees without UTF-8 characters", OPT_ASCII },
	{ "no-pager", 0, NULL, "do not page output on a terminal", OPT_NO_PAGER },
	{ "help", 'h', NULL, "this text", OPT_HELP },
	{ "version", 'V', NULL, "version of the program", OPT_VERSION },
	{ NULL, 0, NULL, NULL, 0 },
};

static void help(void)
{
	puts("Usage: lfsdump [OPTION]... FILE...\n"
	     "Shows what is in images for NodeMCU's Lua Flash Store and in compiled Lua chunks.\n"
	     "FILE - is standard input.");
	options_help(stdout, settings_rows);
	puts("\nExit status: 0 all is well, 1 a file is damaged or cannot be read or written, 2 "
	     "usage.");
}

static int usage(const char *what, const char *value)
{
	fprintf(stderr, "lfsdump: %s%s%s\nTry 'lfsdump --help'.\n", what, value ? ": " : "",
		value ? value : "");
	return -1;
}

static int add_view(struct settings *s, unsigned index)
{
	for (unsigned i = 0; i < s->nviews; i++)
		if (s->views[i] == &lua_views[index])
			return 0;
	if (s->nviews < VIEWS_MAX)
		s->views[s->nviews++] = &lua_views[index];
	return 0;
}

static int set_colour(struct settings *s, const char *when)
{
	if (!when || strcmp(when, "always") == 0)
		s->colour = WHEN_ALWAYS;
	else if (strcmp(when, "never") == 0)
		s->colour = WHEN_NEVER;
	else if (strcmp(when, "auto") == 0)
		s->colour = WHEN_AUTO;
	else
		return usage("--color takes auto, always or never, not", when);
	return 0;
}

/* 0: go on; -1: usage error; 1: done. */
static int take(struct settings *s, int id, const char *arg)
{
	if (id < (int)lua_view_count) {
		if (id == V_XREF)
			s->xref = arg;
		return add_view(s, (unsigned)id);
	}
	switch (id) {
	case OPT_JSON: s->style.form = OUTPUT_JSON; break;
	case OPT_CSV: s->style.form = OUTPUT_CSV; break;
	case OPT_TSV: s->style.form = OUTPUT_TSV; break;
	case OPT_MARKDOWN: s->style.form = OUTPUT_MARKDOWN; break;
	case OPT_DOT: s->dot = true; break;
	case OPT_SORT: s->style.sort = arg; break;
	case OPT_COLUMNS:
		s->columns_help = strcmp(arg, "help") == 0;
		s->style.columns = arg;
		break;
	case OPT_FILTER: s->style.filter = arg; break;
	case OPT_OUTPUT: s->output = arg; break;
	case OPT_COLOR: return set_colour(s, arg);
	case OPT_ASCII: s->style.ascii = true; break;
	case OPT_NO_PAGER: s->no_pager = true; break;
	case OPT_HELP: help(); return 1;
	case OPT_VERSION: puts("lfsdump " VERSION); return 1;
	default: return -1;
	}
	return 0;
}

/* What --columns, --sort and --filter say must make sense for every view that is asked for. */
static int check(const struct settings *s)
{
	struct diag diag = { 0 };

	if (s->dot && (s->nviews != 1 || s->views[0] != &lua_views[V_REQUIRES]))
		return usage("--dot goes with --requires alone", NULL);
	if (s->columns_help)
		return 0;
	if (s->style.form == OUTPUT_CSV || s->style.form == OUTPUT_TSV) {
		if (s->nviews > 1)
			return usage("one view at a time as CSV or TSV", NULL);
	}
	if (s->nviews == 0 && (s->style.columns || s->style.sort || s->style.filter))
		return usage("--columns, --sort and --filter need a view, such as --strings", NULL);
	for (unsigned i = 0; i < s->nviews; i++)
		if (output_check(s->views[i]->view, &s->style, &diag))
			return usage(diag.text, NULL);
	return 0;
}

static int columns_help(const struct settings *s)
{
	for (unsigned i = 0; i < (s->nviews ? s->nviews : lua_view_count); i++) {
		const struct view *v = s->nviews ? s->views[i]->view : lua_views[i].view;

		printf("%s--%s: %s\n", i ? "\n" : "", v->name, v->help);
		output_columns_help(stdout, v);
	}
	return 1;
}

int settings_read(struct settings *s, int argc, char **argv, int *status)
{
	struct options o;
	int r = 0;
	int id;

	*s = (struct settings){ 0 };
	options_make(&o, settings_rows);
	while (r == 0 && (id = getopt_long(argc, argv, o.shorts, o.longs, NULL)) != -1) {
		if (id == '?' || id == ':')
			r = usage(id == ':' ? "an argument is missing" : "unknown option",
				  argv[optind - 1]);
		else
			r = take(s, options_id(settings_rows, id), optarg);
	}
	if (r == 0)
		r = check(s);
	if (r == 0 && s->columns_help)
		r = columns_help(s);
	s->files = argv + optind;
	s->nfiles = argc - optind;
	if (r == 0 && s->nfiles == 0)
		r = usage("no file given", NULL);
	if (r == 1 && (fflush(stdout) != 0 || ferror(stdout)))
		*status = 1;
	else
		*status = r < 0 ? 2 : 0;
	return r;
}
