/* SPDX-License-Identifier: MIT */
#include "lfsdump/options.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/firmware/view_firmware.h"
#include "common/lua/book.h"
#include "common/view/manual.h"
#include "lfsdump/manual.h"
#include "lfsdump/settings.h"

static const struct option_row options[] = {
	{ "disasm", 0, "NAME",
	  "instructions of a firmware's function: a symbol, a glob of them, the name in Lua\n"
	  "(gpio.mode) or an address, along its control flow",
	  OPT_DISASM },
	{ NULL, 0, NULL, "The device's verdict", 0 },
	{ "check", 'C', NULL,
	  "what the device would say to the file, why, and what to do; what would go wrong\n"
	  "after that. Exit status: 1 when the device would refuse or misread it",
	  OPT_CHECK },
	{ "for", 0, "KIND",
	  "with --check: the firmware, such as lua51-float, lua51-int, lua53 (help: all);\n"
	  "without it: the one that the image was made for",
	  OPT_FOR },
	{ "banner", 0, "FILE", "with --check: the firmware, from what its console printed at boot",
	  OPT_BANNER },
	{ "firmware", 0, "FILE",
	  "with --check: the firmware itself, an ELF file, a .bin or a flash dump; what the\n"
	  "image uses of modules that it does not have is told too",
	  OPT_FIRMWARE },
	{ "old-firmware", 0, NULL, "with --check: a firmware built before 27 April 2020", OPT_OLD },
	{ NULL, 0, NULL, "Where the image is, if the file does not tell", 0 },
	{ "base", 0, "ADDRESS", "mapped address of the image, for --layout and --hex", OPT_BASE },
	{ "lfs-addr", 0, "ADDRESS",
	  "of a flash dump: where its LFS region begins, in flash (0x96000) or as mapped\n"
	  "(0x40296000)",
	  OPT_LFS_ADDRESS },
	{ "lfs-size", 0, "BYTES",
	  "of a flash dump, or with --check of the device: size of the LFS region, such as\n"
	  "0x40000 or 256k",
	  OPT_LFS_SIZE },
	{ NULL, 0, NULL, "Comparing", 0 },
	{ "diff", 'd', NULL,
	  "what changed from the first file to the second: modules, prototypes, strings,\n"
	  "bytes; --summary, --bytes, --modules, --strings choose; of firmwares --summary,\n"
	  "--memory, --modules, --sources, --symbols. Exit status: 0 the same\n"
	  "content, 1 it differs or (with a message on standard error) there is trouble",
	  OPT_DIFF },
	{ "against", 0, "DIR",
	  "which modules are not what the *.lua files below DIR compile to, by content where\n"
	  "this computer has a Lua of that version (liblua5.1-0, liblua5.3-0), else by lines.\n"
	  "Exit status: 1 when a module is stale, or has no source, or a source no module",
	  OPT_AGAINST },
	{ NULL, 0, NULL, "Instead of views", 0 },
	{ "extract", 0, "DIR",
	  "write each module of an image to DIR/NAME.lc, as luac.cross would compile it",
	  OPT_EXTRACT },
	{ "force", 'f', NULL,
	  "with --extract: overwrite files with other contents; with --output and --html:\n"
	  "replace a file that is an image, a chunk or a firmware",
	  OPT_FORCE },
	{ "extract-lfs", 0, NULL,
	  "write the LFS image of a flash dump or .bin to the file of --output, relocatable\n"
	  "again (5.3: portable). Exit status: 1 when it is damaged or not all there",
	  OPT_EXTRACT_LFS },
	{ "id", 0, NULL,
	  "a hash of the modules, the same for every form of an image (flashed, absolute,\n"
	  "recompressed, another build time)",
	  OPT_ID },
	{ "ncdu", 0, NULL, "where the bytes go, for the disk usage browser: ncdu -f FILE",
	  OPT_NCDU },
	{ "html", 0, "FILE",
	  "write a report for a browser to FILE, of all files or (with --diff) of what changed\n"
	  "from one to the other: where the bytes go, all views, searched and sorted there",
	  OPT_HTML },
	{ "tui", 0, NULL, "look at the files in the terminal browser, lfstui", OPT_TUI },
	{ NULL, 0, NULL, "Output", 0 },
	{ "json", 'J', NULL, "JSON, one line a file; without a view: the whole file (schema 1)",
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
	{ "jobs", 'j', "N",
	  "N processes (1 to 256) work on the files, auto or 0: as many as there are\n"
	  "processors; what is printed is the same, in the order of the files",
	  OPT_JOBS },
	{ "no-pager", 0, NULL, "do not page output on a terminal", OPT_NO_PAGER },
	{ "help", 'h', "[WHAT]", MANUAL_HELP, OPT_HELP },
	{ "version", 'V', NULL, "version of the program", OPT_VERSION },
	{ NULL, 0, NULL, NULL, 0 },
};

static_assert(sizeof(options) / sizeof(options[0]) + VIEWS_MAX < OPTIONS_MAX, "too many options");

static bool is_new(const struct option_row *row, const struct option_row *end, const char *name)
{
	for (; row < end; row++)
		if (row->name && !strcmp(row->name, name))
			return false;
	return true;
}

void lfsdump_options(struct lfsdump_options *out)
{
	struct option_row *to = out->rows;

	*to++ = (struct option_row){
		.help = "Views (several may be given; without one: summary, bytes and modules)"
	};
	for (unsigned i = 0; i < lua_view_count; i++) {
		const struct lua_view_entry *e = &lua_views[i];

		*to++ = (struct option_row){ e->view->name, e->letter, e->arg, e->view->help,
					     (int)i };
	}
	*to++ = (struct option_row){
		.help = "Views of a firmware (also summary, modules, strings, damage; in a dump, "
			"those of the image)"
	};
	for (unsigned i = 0; i < firmware_view_count; i++) {
		const struct view *v = firmware_views[i].view;

		if (is_new(out->rows, to, v->name))
			*to++ = (struct option_row){ v->name, 0, NULL, v->help,
						     OPT_FIRMWARE_VIEW + (int)i };
	}
	memcpy(to, options, sizeof(options));
}

static void print_usage(const struct option_row *rows)
{
	puts("Usage: lfsdump [OPTION]... FILE...\n"
	     "Shows what is in images for NodeMCU's Lua Flash Store, in compiled Lua chunks and "
	     "in\n"
	     "firmwares: ELF files, .bin images, dumps of a flash.\n"
	     "FILE - is standard input.");
	options_help(stdout, rows);
	puts("\nExit status: 0 all is well, 1 a file is damaged or cannot be read or written, 2 "
	     "usage.");
}

bool options_print_help(const char *what)
{
	struct lfsdump_options o = { 0 };

	lfsdump_options(&o);
	if (what)
		return lfsdump_manual(what, o.rows);
	print_usage(o.rows);
	return true;
}
