/* SPDX-License-Identifier: MIT */
/*
 * What the command line asks for.
 */
#ifndef STRSCAN_SETTINGS_H
#define STRSCAN_SETTINGS_H

#include "common/base/buf.h"
#include "common/strings/filter.h"
#include "common/strings/input.h"
#include "common/view/options.h"
#include "common/view/place.h"
#include "strscan/live.h"
#include "strscan/loop.h"
#include "strscan/rebuild.h"

enum format { FORMAT_DEFAULT, FORMAT_LUA, FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV };

/* What options take, in the order of their enums: format but the default, lua_strip,
 * lua_hash_size. */
#define FORMAT_WORDS "lua text json csv"
#define STRIP_WORDS  "none locals all"
#define HASH_WORDS   "stock small fast"

/* A RAM dump: FILE@0xBASE, and its string table when that is given. */
struct dump_name {
	char *path; /* owned */
	uint32_t base, strt;
};

/* Strings or globs; a NULL ends the list, whose texts live as long as argv and files. */
struct globs {
	const char **list;
	uint32_t count, cap;
};

struct settings {
	bool gen, list, census, capture;
	enum format format;
	struct output_style style;
	const char *output; /* NULL: standard output */
	const char *image;
	const char *forecast, *elf; /* the firmware's ELF file */
	const char **keep_files;    /* count of them in nkeep_files */
	uint32_t nkeep_files, keep_files_cap;
	struct globs keep, drop;
	uint32_t min_seen, budget;
	enum when colour;
	bool columns_help;
	struct dump_name *dumps;
	uint32_t ndumps, dumps_cap;
	char **files;
	int nfiles;
	bool live_wanted; /* a device is asked */
	struct live live;
	struct rebuild rebuild;
	struct loop loop;
};

/* Rows for --help, man page and completions. */
extern const struct option_row settings_rows[];

/*
 * Reads argv. Returns 0 to go on; otherwise *status is the exit status, and what was to be said
 * (help, version, a usage error) has been said. Release s with settings_free in any case.
 */
int settings_read(struct settings *s, int argc, char **argv, int *status);
void settings_free(struct settings *s);

/* settings_live.c: options about a device, and whether one is asked. -1: a usage error. */
int settings_take_live(struct live *l, int id, const char *arg);
int settings_check_live(struct settings *s);

/*
 * Of every use of a device: --replay has no port, and --watch sets --min-seen. -1: a usage error.
 */
int settings_check_port(struct settings *s);

/* The first option given that only makes sense with a device, as "--port"; NULL: there is none. */
const char *settings_live_option(const struct live *l);

/* settings_rebuild.c: the options of --rebuild, and whether they go together. */
int settings_strip(struct settings *s, const char *arg);
int settings_hash(struct settings *s, const char *arg);
int settings_fix(struct settings *s, const char *arg);
int settings_share(struct settings *s, const char *arg);
int settings_rebuild_number(struct settings *s, const char *option, const char *arg);
int settings_name(struct rebuild_names *names, const char *arg);
int settings_check_rebuild(struct settings *s);

/* settings_loop.c: the options of the loop with a device, and whether they go together. */
int settings_take_loop(struct loop *l, int id, const char *arg);
int settings_check_loop(struct settings *s);

/* No output may replace what is read, nor another output. -1: a usage error. */
int settings_check_output(const struct settings *s);

/* A number from low on, decimal or 0x..., and nothing behind it. */
bool settings_number(const char *arg, uint32_t low, uint32_t *out);

/* The place of arg in a list of words, blanks between them; -1 after a usage error. */
int settings_word(const char *option, const char *words, const char *arg);

/* Says a usage error; returns -1. */
int settings_usage(const char *what, const char *value);

/* Says that there is no memory; returns -2. */
int settings_no_memory(void);

/* Adds a glob; text must live on. False without memory. */
bool globs_add(struct globs *g, const char *text);

#endif
