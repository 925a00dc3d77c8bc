/* SPDX-License-Identifier: MIT */
/*
 * --rebuild: a new LFS image of modules from images, chunks, sources and captures.
 */
#ifndef STRSCAN_REBUILD_H
#define STRSCAN_REBUILD_H

#include <stdio.h>

#include "common/lua/link.h"
#include "common/strings/set.h"
#include "common/view/place.h"

/* The module that strings of captures become. */
#define REBUILD_CAPTURED "dummy_strings"

/* Names, or OLD=NEW; texts live as long as argv. */
struct rebuild_names {
	const char **list;
	uint32_t count, cap;
};

struct check_target;

/* Of the command line, unless it says otherwise. */
struct rebuild {
	bool wanted, mentioned; /* mentioned: by this or by one of its options */
	int option;             /* the first of those, as settings_rows has it; 0: none */
	const char *kind;       /* --for; NULL: that of the first image */
	const char *banner;     /* a file: what the console printed at boot; NULL: none */
	uint32_t region;        /* bytes of the LFS partition; 0: not known, or the banner tells */
	const char *luac;       /* compiler; NULL: this computer's Lua */
	struct rebuild_names removed, renamed;
	enum lua_strip strip;
	enum lua_hash_size hash;
	enum when fix;   /* number fixed strings anew; WHEN_AUTO: when a module uses one of them */
	enum when share; /* store equal vectors once; WHEN_AUTO: when the modules change */
	bool has_strip, has_hash, has_fix;
	bool as_luac, force;
	bool has_time, has_seed;
	uint32_t time, seed;
	uint32_t base;                     /* 0: as the first image, or a file for the loader */
	bool loader;                       /* a file for the loader in any case */
	bool to_stdout;                    /* -o - */
	const struct check_target *device; /* what a device says that it is; NULL: none was asked */
	const struct string_set *kept;     /* that module of the device's image; NULL: none */
	FILE *report;                      /* NULL: standard output, if the image is not there */
};

struct scan;

/*
 * Links the files' modules and those of scan's strings, writes the image to f once it is known that
 * a device takes it (scan->printed), and reports on standard output. Returns 1 when anything was
 * wrong with the inputs, or nothing was written.
 */
int rebuild_run(struct scan *scan, FILE *f);

/* The strings of an image's module of captures; none when it has no such module. */
void rebuild_captured(const struct lua_image *img, struct string_set *to);

#endif
