/* SPDX-License-Identifier: MIT */
#include "strscan/settings.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/version.h"
#include "common/firmware/view_forecast.h"
#include "common/strings/view_strings.h"
#include "common/view/manual.h"
#include "strscan/manual.h"
#include "strscan/report.h"
#include "strscan/settings_ids.h"

const struct option_row settings_rows[] = {
	{ NULL, 0, NULL, "What to do", 0 },
	{ "gen", 'g', NULL, "write a Lua module that holds the strings worth keeping in flash",
	  OPT_GEN },
	{ "list", 'l', NULL, "list all strings: what each costs, and why it is kept or left out",
	  OPT_LIST },
	{ "census", 0, NULL, "list what lives in the heaps of --ram", OPT_CENSUS },
	{ "capture", 0, NULL, "write what was captured as JSON, an INPUT for later", OPT_CAPTURE },
	{ "probe", 0, NULL, "tell what the device is: firmware, Lua, LFS region, heap", OPT_PROBE },
	{ "save-banner", 0, "FILE", "write its banner, for lfsdump --check --banner", OPT_BANNER },
	{ "pull", 0, "DIR", "write its LFS modules to DIR as compiled chunks", OPT_PULL },
	{ "rebuild", 0, NULL,
	  "make an LFS image (-o FILE) of the modules of INPUT: images, compiled chunks,\n"
	  "Lua sources; strings of captures and console text become one module",
	  OPT_REBUILD },
	{ NULL, 0, NULL, "A new image", 0 },
	{ "for", 0, "KIND",
	  "the firmware, as for lfsdump --check; else that of the first image; help: which\n"
	  "there are",
	  OPT_FOR },
	{ "banner", 0, "FILE", "the same from what the console printed at boot", OPT_FIRMWARE },
	{ "lfs-size", 0, "BYTES", "size of the LFS region, such as 0x20000 or 128k", OPT_LFS_SIZE },
	{ "luac", 0, "PATH", "compile sources with this luac.cross, not this computer's Lua",
	  OPT_LUAC },
	{ "base", 0, "ADDRESS",
	  "as it stands in flash, mapped there; none: a file for the loader. Else as the\n"
	  "first image",
	  OPT_BASE },
	{ "remove", 0, "NAME", "leave a module out", OPT_REMOVE },
	{ "rename", 0, "OLD=NEW", "give a module another name", OPT_RENAME },
	{ "strip", 0, "WHAT",
	  "none; locals: names of locals and upvalues; all: lines, too. Else images and\n"
	  "chunks keep what they have, and sources what the firmware's luac.cross leaves:\n"
	  "lines, and on the ESP32 names",
	  OPT_STRIP },
	{ "hash", 0, "SIZE", "hash vector of strings: stock, small or fast", OPT_HASH },
	{ "share", 0, "[WHEN]",
	  "store equal code, constants and names once (5.1, and with --base): auto (when\n"
	  "modules change; an image that is only moved keeps its layout), always or never",
	  OPT_SHARE },
	{ "fix-fixed-strings", 0, "[WHEN]",
	  "5.3: number the firmware's own strings as its loader does, so that\n"
	  "\"userdata\", \"thread\" and \"proto\" are themselves: auto (when a module uses one\n"
	  "of them), always or never",
	  OPT_FIX },
	{ "timestamp", 0, "SECONDS",
	  "time of the build; else $SOURCE_DATE_EPOCH, else now (of an image that is only\n"
	  "moved: its own)",
	  OPT_TIMESTAMP },
	{ "seed", 0, "NUMBER", "5.3: of the strings' hashes; else the first image's", OPT_SEED },
	{ "as-luac", 0, NULL, "as luac.cross writes it, byte for byte", OPT_AS_LUAC },
	{ "force", 'f', NULL, "-o may name an INPUT", OPT_FORCE },
	{ NULL, 0, NULL, "A better image for a device, and onto it", 0 },
	{ "optimize", 0, NULL,
	  "capture, rebuild INPUT or --image with the strings that were found, check, upload,\n"
	  "reload, and tell what it won",
	  OPT_OPTIMIZE },
	{ "upload", 0, "FILE", "write FILE to the device: whole and right, or not at all",
	  OPT_UPLOAD },
	{ "as", 0, "NAME", "the name on the device for --upload and --optimize; else the file's",
	  OPT_AS },
	{ "verify", 0, "IMAGE", "is it the image that is in the device?", OPT_VERIFY },
	{ "reload", 0, "NAME", "load the image in the device's file NAME, if it will take it",
	  OPT_RELOAD },
	{ "restore", 0, "[NAME]", "load what --upload or --optimize has replaced", OPT_RESTORE },
	{ "guard", 0, "FILE",
	  "write a Lua module that looks at a downloaded --image before it has it loaded;\n"
	  "- is standard output",
	  OPT_GUARD },
	{ "yes", 'y', NULL, "do not ask before the device is changed", OPT_YES },
	{ NULL, 0, NULL, "The device, when there is no INPUT", 0 },
	{ "port", 'p', "PORT",
	  "/dev/ttyUSB0[@RATE], tcp:HOST[:PORT] (telnet module) or rfc2217:HOST:PORT;\n"
	  "without it $STRSCAN_PORT, or the only serial port that there is",
	  OPT_PORT },
	{ "reset", 0, NULL, "reset the board first, by a pulse on RTS", OPT_RESET },
	{ "watch", 0, "N", "N captures; strings that are not in all of them are passing",
	  OPT_WATCH },
	{ "every", 0, "SECONDS", "between two captures (10)", OPT_EVERY },
	{ "record", 0, "FILE", "write the session to FILE, as JSON lines", OPT_RECORD },
	{ "replay", 0, "FILE", "play a recorded session back instead of asking a device",
	  OPT_REPLAY },
	{ NULL, 0, NULL, "Where strings come from, besides INPUT", 0 },
	{ "ram", 0, "FILE@ADDRESS",
	  "raw dump of a device's RAM, and the address of its first byte\n"
	  "(may be given several times)",
	  OPT_RAM },
	{ "strt", 0, "ADDRESS",
	  "where the --ram before it has its string table {hash, nuse, size};\n"
	  "without it, it is searched for",
	  OPT_STRT },
	{ "forecast", 0, "ELF",
	  "what the C code of a firmware will intern, from its ELF file: a list by itself,\n"
	  "with --gen or --list the strings of every start and of the modules that --image\n"
	  "uses",
	  OPT_FORECAST },
	{ "elf", 0, "ELF",
	  "the firmware's ELF file: whose the strings are, and where in a --ram its\n"
	  "string table is",
	  OPT_ELF },
	{ NULL, 0, NULL, "What is left out", 0 },
	{ "image", 'i', "FILE", "strings that this LFS image holds already", OPT_IMAGE },
	{ "min-seen", 0, "N", "strings that fewer than N captures hold", OPT_MIN_SEEN },
	{ "drop", 0, "GLOB", "strings that GLOB matches", OPT_DROP },
	{ "keep", 0, "GLOB",
	  "but strings that GLOB matches stay, private and passing ones and those over\n"
	  "the budget, too",
	  OPT_KEEP },
	{ "keep-file", 0, "FILE", "the same for every line of FILE", OPT_KEEP_FILE },
	{ "budget", 0, "BYTES",
	  "what does not fit in so much flash (4096, 4k); the worthiest come first.\n"
	  "Counted are strings with their share of the hash vector, a constant for each\n"
	  "(8 or 12 bytes, as the firmware has it), and the module itself",
	  OPT_BUDGET },
	{ NULL, 0, NULL, "Output", 0 },
	{ "format", 'F', "FORMAT", "lua (with --gen), text, json or csv", OPT_FORMAT },
	{ "sort", 0, "COLUMN", "sort a list by a column; -COLUMN: descending", OPT_SORT },
	{ "columns", 0, "LIST",
	  "columns, comma-separated; +LIST: in addition; help: which there are", OPT_COLUMNS },
	{ "filter", 0, "GLOB",
	  "rows with a text cell that GLOB matches; COLUMN=GLOB: in that column", OPT_FILTER },
	{ "output", 'o', "FILE",
	  "write to FILE; it appears only when whole. With --rebuild, - is standard output",
	  OPT_OUTPUT },
	{ "color", 0, "[WHEN]", "auto, always or never; NO_COLOR is honoured", OPT_COLOR },
	{ "ascii", 0, NULL, "bars without UTF-8 characters", OPT_ASCII },
	{ "help", 'h', "[WHAT]", MANUAL_HELP, OPT_HELP },
	{ "version", 'V', NULL, "version of the program", OPT_VERSION },
	{ NULL, 0, NULL, NULL, 0 },
};

static void print_usage(void)
{
	puts("Usage: strscan --gen [OPTION]... [INPUT]... > dummy_strings.lua\n"
	     "       strscan --list [OPTION]... [INPUT]...\n"
	     "       strscan --forecast ELF [--image FILE]\n"
	     "       strscan --capture -o FILE\n"
	     "       strscan --probe | --pull DIR\n"
	     "       strscan --census --ram FILE@ADDRESS\n"
	     "       strscan --rebuild [OPTION]... INPUT... -o new.img\n"
	     "       strscan --optimize [OPTION]... INPUT...\n"
	     "       strscan --upload FILE | --verify IMAGE | --reload NAME | --restore\n"
	     "Finds the strings that take up a device's RAM and would not in the flash of an LFS "
	     "image.\n"
	     "INPUT is text that was pasted or logged from a console, or a capture; - is standard "
	     "input.\n"
	     "Without one, a device is asked by its serial console or telnet.\n"
	     "Several are merged: each string is counted once in each.");
	options_help(stdout, settings_rows);
	puts("\nExit status: 0 all is well, 1 an input is damaged or cannot be read or written, 2 "
	     "usage.");
}

int settings_usage(const char *what, const char *value)
{
	fprintf(stderr, "strscan: %s%s%s\nTry 'strscan --help'.\n", what, value ? ": " : "",
		value ? value : "");
	return -1;
}

static int usage(const char *what, const char *value)
{
	return settings_usage(what, value);
}

static int help(const char *what)
{
	if (what)
		return strscan_manual(what, settings_rows)
			       ? 1
			       : usage("--help takes " MANUAL_WHAT ", not", what);
	print_usage();
	return 1;
}

int settings_no_memory(void)
{
	report_no_memory("command line");
	return -2;
}

bool settings_number(const char *arg, uint32_t low, uint32_t *out)
{
	char *end;
	unsigned long long value = strtoull(arg, &end, 0);

	if (arg[0] < '0' || arg[0] > '9' || *end || value < low || value > UINT32_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}

/* A number with a k or M behind it, perhaps. */
static bool size(const char *arg, uint32_t *out)
{
	size_t n = strlen(arg);
	unsigned shift = n && (arg[n - 1] | 0x20) == 'k'   ? 10
			 : n && (arg[n - 1] | 0x20) == 'm' ? 20
							   : 0;
	char digits[16];

	if (!shift)
		return settings_number(arg, 1, out);
	if (n >= sizeof(digits))
		return false;
	memcpy(digits, arg, n - 1);
	digits[n - 1] = '\0';
	if (!settings_number(digits, 1, out) || *out > UINT32_MAX >> shift)
		return false;
	*out <<= shift;
	return true;
}

bool globs_add(struct globs *g, const char *text)
{
	/* One place is always left for the NULL at the end. */
	const char **p = vec_grow(&g->list, &g->count, &g->cap, sizeof(*g->list), 2);

	if (!p)
		return false;
	p[0] = text;
	p[1] = NULL;
	g->count--;
	return true;
}

static int add_dump(struct settings *s, const char *arg)
{
	const char *at = strrchr(arg, '@');
	struct dump_name *d;
	uint32_t base;

	if (!at || at == arg || !settings_number(at + 1, 1, &base))
		return usage("--ram takes FILE@ADDRESS, such as heap.bin@0x3fff1000, not", arg);
	d = vec_grow(&s->dumps, &s->ndumps, &s->dumps_cap, sizeof(*d), 1);
	if (!d)
		return settings_no_memory();
	d->base = base;
	d->path = malloc((size_t)(at - arg) + 1);
	if (!d->path)
		return settings_no_memory();
	memcpy(d->path, arg, (size_t)(at - arg));
	d->path[at - arg] = '\0';
	return 0;
}

static int set_strt(struct settings *s, const char *arg)
{
	if (!s->ndumps)
		return usage("--strt goes behind the --ram that it is about", NULL);
	if (!settings_number(arg, 1, &s->dumps[s->ndumps - 1].strt))
		return usage("--strt takes an address such as 0x3fff1234, not", arg);
	return 0;
}

static int add_keep_file(struct settings *s, const char *arg)
{
	const char **p = vec_grow(&s->keep_files, &s->nkeep_files, &s->keep_files_cap, sizeof(*p),
				  1);

	if (!p)
		return settings_no_memory();
	*p = arg;
	return 0;
}

static int set_format(struct settings *s, const char *arg)
{
	int i = settings_word("--format", FORMAT_WORDS, arg);

	s->format = i < 0 ? FORMAT_DEFAULT : FORMAT_LUA + (enum format)i;
	return i < 0 ? -1 : 0;
}

static int set_colour(struct settings *s, const char *when)
{
	return when_parse(when, &s->colour)
		       ? 0
		       : usage("--color takes auto, always or never, not", when);
}

static int take_rebuild(struct settings *s, int id, const char *arg)
{
	struct rebuild *r = &s->rebuild;

	r->wanted |= id == OPT_REBUILD;
	r->mentioned = true;
	r->option = r->option || id == OPT_REBUILD ? r->option : id;
	switch (id) {
	case OPT_REBUILD: break;
	case OPT_FOR: r->kind = arg; break;
	case OPT_REMOVE: return settings_name(&r->removed, arg);
	case OPT_RENAME: return settings_name(&r->renamed, arg);
	case OPT_STRIP: return settings_strip(s, arg);
	case OPT_HASH: return settings_hash(s, arg);
	case OPT_SHARE: return settings_share(s, arg);
	case OPT_AS_LUAC: r->as_luac = true; break;
	case OPT_LUAC: r->luac = arg; break;
	case OPT_FIRMWARE: r->banner = arg; break;
	case OPT_LFS_SIZE:
		return size(arg, &r->region) ? 0 : usage("--lfs-size takes bytes, not", arg);
	case OPT_FIX: return settings_fix(s, arg);
	case OPT_FORCE: r->force = true; break;
	case OPT_BASE: return settings_rebuild_number(s, "--base", arg);
	case OPT_SEED: return settings_rebuild_number(s, "--seed", arg);
	default: return settings_rebuild_number(s, "--timestamp", arg);
	}
	return 0;
}

/* 0: go on; -1: usage error; 1: done. */
static int take(struct settings *s, int id, const char *arg)
{
	switch (id) {
	case OPT_GEN: s->gen = true; break;
	case OPT_LIST: s->list = true; break;
	case OPT_CENSUS: s->census = true; break;
	case OPT_CAPTURE: s->capture = true; break;
	case OPT_RAM: return add_dump(s, arg);
	case OPT_STRT: return set_strt(s, arg);
	case OPT_FORECAST:
		if (s->forecast)
			return usage("--forecast takes one ELF file, not also", arg);
		s->forecast = arg;
		break;
	case OPT_ELF: s->elf = arg; break;
	case OPT_IMAGE: s->image = arg; break;
	case OPT_MIN_SEEN:
		if (!settings_number(arg, 1, &s->min_seen))
			return usage("--min-seen takes a number of captures, not", arg);
		break;
	case OPT_KEEP: return globs_add(&s->keep, arg) ? 0 : settings_no_memory();
	case OPT_DROP: return globs_add(&s->drop, arg) ? 0 : settings_no_memory();
	case OPT_KEEP_FILE: return add_keep_file(s, arg);
	case OPT_BUDGET:
		if (!size(arg, &s->budget))
			return usage("--budget takes a number of bytes such as 4096 or 4k, not",
				     arg);
		break;
	case OPT_FORMAT: return set_format(s, arg);
	case OPT_SORT: s->style.sort = arg; break;
	case OPT_COLUMNS:
		s->columns_help = strcmp(arg, "help") == 0;
		s->style.columns = arg;
		break;
	case OPT_FILTER: s->style.filter = arg; break;
	case OPT_OUTPUT: s->output = arg; break;
	case OPT_COLOR: return set_colour(s, arg);
	case OPT_ASCII: s->style.ascii = true; break;
	case OPT_HELP: return help(arg);
	case OPT_VERSION: puts("strscan " VERSION); return 1;
	default:
		if (id >= OPT_OPTIMIZE && id <= OPT_YES)
			return settings_take_loop(&s->loop, id, arg);
		if ((id >= OPT_PROBE && id <= OPT_PULL) || (id >= OPT_PORT && id <= OPT_REPLAY))
			return settings_take_live(&s->live, id, arg);
		return id >= OPT_REBUILD && id <= OPT_FORCE ? take_rebuild(s, id, arg) : -1;
	}
	return 0;
}

static const struct view *view_of(const struct settings *s)
{
	if (s->forecast && !s->gen && !s->list)
		return &forecast_view;
	return s->census ? &ram_view : &string_view;
}

static int check_list(struct settings *s)
{
	struct diag diag = { 0 };
	bool columns = s->style.columns || s->style.sort || s->style.filter;

	if (s->format == FORMAT_DEFAULT)
		s->format = s->gen ? FORMAT_LUA : FORMAT_TEXT;
	if (s->format == FORMAT_LUA && !s->gen)
		return usage("--format lua goes with --gen", NULL);
	if (s->format == FORMAT_LUA && columns)
		return usage("--columns, --sort and --filter are for lists, not for Lua", NULL);
	if (s->format == FORMAT_JSON)
		s->style.form = OUTPUT_JSON;
	else if (s->format == FORMAT_CSV)
		s->style.form = OUTPUT_CSV;
	if (columns && output_check(view_of(s), &s->style, &diag))
		return usage(diag.text, NULL);
	return 0;
}

static int check(struct settings *s)
{
	if (s->columns_help) {
		output_columns_help(stdout, view_of(s));
		return 1;
	}
	if (s->loop.wanted)
		return settings_check_loop(s);
	if (s->rebuild.mentioned)
		return settings_check_rebuild(s);
	if (settings_check_live(s))
		return -1;
	if (s->live_wanted && !s->live.capture)
		return settings_check_output(s);
	if (s->forecast && s->elf)
		return usage("--forecast FILE does what --elf does", NULL);
	if (s->forecast && (s->capture || s->census))
		return usage("--forecast goes by itself, with --gen or with --list", NULL);
	if (s->forecast && !s->gen && !s->list && (s->nfiles || s->ndumps))
		return usage("--forecast by itself takes no inputs; with --gen or --list it does",
			     s->nfiles ? s->files[0] : NULL);
	if (s->forecast && !s->gen && !s->list)
		return settings_check_output(s) ? -1 : check_list(s);
	if (s->gen + s->list + s->census + s->capture > 1)
		return usage("only one of --gen, --list, --census and --capture at a time", NULL);
	if (s->gen + s->list + s->census + s->capture != 1)
		return usage("one of --gen, --list, --census, --capture, --probe and --pull is "
			     "needed",
			     NULL);
	if (s->census && (!s->ndumps || s->nfiles))
		return usage("--census is about RAM dumps alone: --ram FILE@ADDRESS", NULL);
	return settings_check_output(s) ? -1 : check_list(s);
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
	s->files = argv + optind;
	s->nfiles = argc - optind;
	if (r == 0)
		r = check(s);
	*status = r == 1 ? report_output() : r == -1 ? 2 : r == -2;
	return r;
}

void settings_free(struct settings *s)
{
	for (uint32_t i = 0; i < s->ndumps; i++)
		free(s->dumps[i].path);
	free(s->dumps);
	free(s->keep_files);
	free(s->rebuild.removed.list);
	free(s->rebuild.renamed.list);
	free(s->keep.list);
	free(s->drop.list);
}
