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
	struct rebuild_names removed, renamed;
	enum lua_strip strip;
	enum lua_hash_size hash;
	enum rebuild_fix fix;
	bool share, force;
	bool has_time, has_seed;
	uint32_t time, seed;
	uint32_t base; /* 0: a file for the loader */
};

/*
 * Links the files' modules and writes the image to f, once it is known that a device takes it; says
 * on standard error what came of it. False when f got nothing.
 */
bool rebuild_run(const struct rebuild *r, char **files, int nfiles, FILE *f);

#endif
