/* SPDX-License-Identifier: MIT */
#include "lfsdump/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/file.h"
#include "common/base/version.h"
#include "common/firmware/view_firmware.h"
#include "common/view/escape.h"
#include "common/view/manual.h"
#include "lfsdump/check.h"
#include "lfsdump/check_firmware.h"
#include "lfsdump/choice.h"
#include "lfsdump/jobs.h"
#include "lfsdump/kind.h"
#include "lfsdump/options.h"
#include "lfsdump/report.h"
#include "lfsdump/workers.h"

static int usage(const char *what, const char *value)
{
	complain_usage(what, value);
	fputs("Try 'lfsdump --help'.\n", stderr);
	return -1;
}

static int usage_of(const struct job *job, const char *what)
{
	char text[120];

	snprintf(text, sizeof(text), "%s %s", job->name, what);
	return usage(text, NULL);
}

/* What a check of --columns, --sort and --filter says. */
static int bad_style(const struct diag *diag)
{
	if (diag->code != ERR_MEMORY)
		return usage(diag->text, NULL);
	complain("command line", diag);
	return -2;
}

static int set_colour(struct settings *s, const char *when)
{
	return when_parse(when, &s->colour)
		       ? 0
		       : usage("--color takes auto, always or never, not", when);
}

static int set_base(struct settings *s, const char *arg)
{
	char *end;
	unsigned long long value = strtoull(arg, &end, 0);

	if (arg[0] < '0' || arg[0] > '9' || *end || value == 0 || value > UINT32_MAX || value % 4)
		return usage("--base takes an address such as 0x40296000, not", arg);
	s->base = (uint32_t)value;
	return 0;
}

static int set_region(struct settings *s, const char *arg)
{
	s->target.region = check_size(arg);
	return s->target.region ? 0 : usage("--lfs-size takes a number of bytes, not", arg);
}

static int set_lfs_address(struct settings *s, const char *arg)
{
	s->lfs_address = check_size(arg);
	return s->lfs_address && s->lfs_address % 4 == 0
		       ? 0
		       : usage("--lfs-addr takes an address such as 0x96000, not", arg);
}

static int set_job(struct settings *s, const struct job *job)
{
	if (s->job && s->job != job)
		return usage_of(job, "does not go with another of its kind");
	s->job = job;
	return 0;
}

/* What is said of the firmware: all of it by one option. */
static int set_target(struct settings *s, int id, const char *arg)
{
	if (s->targets++)
		return usage("only one of --for, --banner and --firmware, once", NULL);
	if (id == OPT_FOR && strcmp(arg, "help") == 0) {
		check_kinds_table(stdout);
		return 1;
	}
	if (id == OPT_FOR)
		return check_set_kind(s, arg) ? 0 : -1;
	s->target_file = arg;
	if (id == OPT_BANNER)
		return check_set_banner(s, arg) ? 0 : -1;
	return check_set_firmware(s, arg) ? 0 : -2;
}

/* True when the option is a view. */
static bool take_view(struct settings *s, int id, const char *arg)
{
	if (id < (int)lua_view_count) {
		if (lua_views[id].view == &lua_view_refs)
			s->xref = arg;
		choice_add(s, lua_views[id].view->name, &lua_views[id]);
		return true;
	}
	if (id < OPT_FIRMWARE_VIEW || id >= OPT_JSON)
		return false;
	choice_add(s, firmware_views[id - OPT_FIRMWARE_VIEW].view->name, NULL);
	return true;
}

static int set_disasm(struct settings *s, const char *arg)
{
	if (s->disasm)
		return usage("--disasm can be given once, not also", arg);
	s->disasm = arg;
	choice_add(s, "disasm", NULL);
	return 0;
}

/* 0: go on; -1: usage error; -2: failure; 1: done. */
static int take(struct settings *s, int id, const char *arg)
{
	if (take_view(s, id, arg))
		return 0;
	switch (id) {
	case OPT_JSON: s->style.form = OUTPUT_JSON; break;
	case OPT_CSV: s->style.form = OUTPUT_CSV; break;
	case OPT_TSV: s->style.form = OUTPUT_TSV; break;
	case OPT_MARKDOWN: s->style.form = OUTPUT_MARKDOWN; break;
	case OPT_DOT: s->dot = true; break;
	case OPT_DISASM: return set_disasm(s, arg);
	case OPT_SORT: s->style.sort = arg; break;
	case OPT_COLUMNS:
		s->columns_help = strcmp(arg, "help") == 0;
		s->style.columns = arg;
		break;
	case OPT_FILTER: s->style.filter = arg; break;
	case OPT_OUTPUT: s->output = arg; break;
	case OPT_COLOR: return set_colour(s, arg);
	case OPT_ASCII: s->style.ascii = true; break;
	case OPT_JOBS:
		if (workers_count(arg, &s->jobs))
			break;
		return usage("--jobs takes a number from 1 to 256, or auto, not", arg);
	case OPT_NO_PAGER: s->no_pager = true; break;
	case OPT_CHECK: return set_job(s, &job_check);
	case OPT_FOR:
	case OPT_BANNER:
	case OPT_FIRMWARE: return set_target(s, id, arg);
	case OPT_LFS_ADDRESS: return set_lfs_address(s, arg);
	case OPT_EXTRACT_LFS: return set_job(s, &job_extract_lfs);
	case OPT_OLD: s->target.old_tags = true; break;
	case OPT_LFS_SIZE: return set_region(s, arg);
	case OPT_AGAINST: s->against = arg; return set_job(s, &job_against);
	case OPT_DIFF: s->diff = true; break;
	case OPT_BASE: return set_base(s, arg);
	case OPT_FORCE: s->force = true; break;
	case OPT_ID: return set_job(s, &job_id);
	case OPT_NCDU: return set_job(s, &job_ncdu);
	case OPT_HTML: s->html = arg; break;
	case OPT_TUI: s->tui = true; break;
	case OPT_EXTRACT: s->extract = arg; return set_job(s, &job_extract);
	case OPT_HELP:
		return options_print_help(arg) ? 1
					       : usage("--help takes " MANUAL_WHAT ", not", arg);
	case OPT_VERSION: puts("lfsdump " VERSION); return 1;
	default: return -1;
	}
	return 0;
}

/* Options that mean something only beside others. */
static int check_company(const struct settings *s)
{
	const struct check_target *t = &s->target;

	if (s->dot && (s->job || s->nviews != 1 || !s->views[0].image ||
		       s->views[0].image->view != &lua_view_requires))
		return usage("--dot goes with --requires alone", NULL);
	if (s->force && s->job != &job_extract && !s->output && !s->html)
		return usage("--force goes with --extract, --output and --html", NULL);
	if ((t->known || t->old_tags) && s->job != &job_check)
		return usage("--for, --banner, --firmware and --old-firmware go with --check",
			     NULL);
	if (t->region && s->job && s->job != &job_check && s->job != &job_extract_lfs)
		return usage_of(s->job, "does not go with --lfs-size");
	if (s->job == &job_extract_lfs && !s->output)
		return usage("--extract-lfs needs --output", NULL);
	if (s->extract && !s->extract[0])
		return usage("--extract takes a folder", NULL);
	return 0;
}

/* The browser shows all there is of the files. */
static int check_tui(const struct settings *s)
{
	if (s->html || s->output)
		return usage("--tui writes no file: it has no place beside --html and --output",
			     NULL);
	if (s->job || s->style.form != OUTPUT_TABLE || s->nviews)
		return usage("--tui shows all views, and goes with files alone", NULL);
	if (s->style.columns || s->style.sort || s->style.filter || s->base || s->lfs_address)
		return usage("--tui takes no columns, order, filter or addresses", NULL);
	return 0;
}

/* A report is of whole files, with all that there is to say of them. */
static int check_html(struct settings *s)
{
	if (s->job || s->style.form != OUTPUT_TABLE || s->nviews > (s->disasm != NULL))
		return usage("--html shows all views, and goes with --diff or --disasm alone",
			     NULL);
	if (s->style.columns || s->style.sort || s->style.filter || s->base || s->lfs_address ||
	    s->target.region)
		return usage("--html takes no columns, order, filter or addresses", NULL);
	if (s->output)
		return usage("--html names the output: --output has no place beside it", NULL);
	if (s->html[0] == '-' && s->html[1])
		return usage("--html takes the report's name, such as --html report.html, or one "
			     "with ./ before it, not",
			     s->html);
	s->output = strcmp(s->html, "-") != 0 ? s->html : NULL;
	return 0;
}

static int check_job(const struct settings *s)
{
	struct diag diag = { 0 };

	if (s->nviews || s->diff)
		return usage_of(s->job, "shows no views and compares nothing");
	if (!(s->job->forms & 1u << s->style.form))
		return usage_of(s->job, "has no such output");
	if (!s->job->view) {
		if (s->style.columns || s->style.sort || s->style.filter)
			return usage_of(s->job, "has no columns");
		return 0;
	}
	if (s->columns_help || !output_check(s->job->view, &s->style, &diag))
		return 0;
	return bad_style(&diag);
}

/* What --columns, --sort and --filter say must make sense for every view that is asked for. */
static int check_views(const struct settings *s)
{
	struct diag diag = { 0 };
	bool values = s->style.form == OUTPUT_CSV || s->style.form == OUTPUT_TSV;

	if (s->columns_help)
		return 0;
	if (values && s->nviews > 1)
		return usage("one view at a time as CSV or TSV", NULL);
	if (s->nviews == 0 && (s->style.columns || s->style.sort || s->style.filter))
		return usage("--columns, --sort and --filter need a view, such as --strings", NULL);
	for (unsigned i = 0; i < s->nviews; i++)
		if (choice_check(s, &s->views[i], &diag))
			return bad_style(&diag);
	return 0;
}

static int fail(const char *path, const struct diag *diag)
{
	complain(path, diag);
	return diag->code == ERR_KIND ? -1 : -2;
}

/* A file name too many or too few makes an output of what was to be shown. */
static int check_replaced(const struct settings *s)
{
	struct diag diag = { 0 };
	const char *kind;

	if (!s->output || s->force || s->job == &job_extract_lfs)
		return 0;
	if (kind_of_file(s->output, &diag, &kind) == ERR_NONE && kind)
		diag_fail(&diag, ERR_KIND, "is %s, which --force replaces%s", kind,
			  s->html ? "; --html takes the report's name first" : "");
	return diag.code ? fail(s->output, &diag) : 0;
}

/* The only file may have been taken for the name of the report. */
static int no_file(const struct settings *s)
{
	struct diag diag = { 0 };
	struct buf text = { 0 };
	const char *kind = NULL;

	if (!s->html || kind_of_file(s->html, &diag, &kind) || !kind)
		return diag.code ? fail(s->html, &diag) : usage("no file given", NULL);
	buf_str(&text, "--html takes the report's name first: --html report.html ");
	escape_text(&text, (const uint8_t *)s->html, strlen(s->html));
	buf_byte(&text, 0);
	usage(text.failed ? "--html takes the report's name first" : (const char *)text.data, NULL);
	buf_free(&text);
	return -1;
}

/* An output must not replace what it is made of, and standard input has one content. */
static int check_inputs(const struct settings *s)
{
	const char *target = s->target_file;
	unsigned piped = target && !strcmp(target, "-");
	bool same = target && s->output && file_is_same(target, s->output);

	for (int i = 0; i < s->nfiles; i++) {
		piped += !strcmp(s->files[i], "-");
		same |= s->output && file_is_same(s->files[i], s->output);
	}
	if (piped > 1)
		return usage("standard input can be read once only", NULL);
	return same ? usage("the output is one of the inputs", s->output) : check_replaced(s);
}

static int check_files(const struct settings *s)
{
	if (s->diff && s->nfiles != 2)
		return usage("--diff takes two files, the old one and the new one", NULL);
	if (s->job && s->job->one_file && s->nfiles > 1)
		return usage_of(s->job, "takes one file");
	if (s->nfiles == 0)
		return no_file(s);
	return check_inputs(s);
}

static void print_columns(void *ctx, const char *name, const char *of, const struct view *v)
{
	const char **separator = ctx;

	printf("%s--%s%s: %s\n", *separator, name, of, v->help);
	output_columns_help(stdout, v);
	*separator = "\n";
}

static int columns_help(const struct settings *s)
{
	const char *separator = "";

	if (s->job) {
		printf("%s: %s\n", s->job->name, s->job->view ? s->job->view->help : "no columns");
		if (s->job->view)
			output_columns_help(stdout, s->job->view);
		return 1;
	}
	choice_each(s, print_columns, &separator);
	return 1;
}

int settings_read(struct settings *s, int argc, char **argv, int *status)
{
	struct lfsdump_options known = { 0 };
	struct options o;
	int r = 0;
	int id;

	*s = (struct settings){ 0 };
	lfsdump_options(&known);
	options_make(&o, known.rows);
	while (r == 0 && (id = getopt_long(argc, argv, o.shorts, o.longs, NULL)) != -1) {
		if (id == '?' || id == ':')
			r = usage(id == ':' ? "an argument is missing" : "unknown option",
				  argv[optind - 1]);
		else
			r = take(s, options_id(known.rows, id), optarg);
	}
	s->files = argv + optind;
	s->nfiles = argc - optind;
	if (r == 0)
		r = check_company(s);
	if (r == 0 && s->tui)
		r = check_tui(s);
	if (r == 0 && s->html)
		r = check_html(s);
	if (r == 0)
		r = s->job ? check_job(s) : check_views(s);
	if (r == 0 && s->columns_help)
		r = columns_help(s);
	if (r == 0)
		r = check_files(s);
	*status = r == 1 ? report_output() : r == -1 ? 2 : r == -2;
	return r;
}
