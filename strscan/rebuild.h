/* SPDX-License-Identifier: MIT */
/*
 * --rebuild: a new LFS image of modules from images, chunks, sources and captures.
 */
#ifndef STRSCAN_REBUILD_H
#define STRSCAN_REBUILD_H

#include <stdio.h>

#include "common/lua/link.h"

enum rebuild_fix { FIX_WHEN_NEEDED, FIX_ALWAYS, FIX_NEVER };

/* Names, or OLD=NEW; texts live as long as argv. */
struct rebuild_names {
	const char **list;
	uint32_t count, cap;
};

/* Of the command line. */
struct rebuild {
	bool wanted, mentioned; /* mentioned: by this or by one of its options */
	const char *kind;       /* --for; NULL: that of the first image */
	const char *banner;     /* a file: what the console printed at boot; NULL: none */
	uint32_t region;        /* bytes of the LFS partition; 0: not known, or the banner tells */
	const char *luac;       /* compiler; NULL: this computer's Lua */
	struct rebuild_names removed, renamed;
	enum lua_strip strip;
	enum lua_hash_size hash;
	enum rebuild_fix fix;
	bool share, as_luac, force;
	bool has_time, has_seed;
	uint32_t time, seed;
	uint32_t base; /* 0: a file for the loader */
};

struct scan;

/*
 * Links the files' modules and those of scan's strings, writes the image to f once it is known that
 * a device takes it (scan->printed), and reports on standard output. Returns 1 when anything was
 * wrong with the inputs, or nothing was written.
 */
int rebuild_run(struct scan *scan, FILE *f);

#endif
