/* SPDX-License-Identifier: MIT */
/*
 * A run of the program: its settings, and what the inputs gave.
 */
#ifndef STRSCAN_SCAN_H
#define STRSCAN_SCAN_H

#include "common/base/sha256.h"
#include "strscan/forecast.h"
#include "strscan/settings.h"

/* An input that was read: the same bytes count once. */
struct scan_input {
	const char *path;
	uint8_t hash[SHA256_BYTES];
};

/* All that lives as long as the program. */
struct scan {
	struct settings s;
	struct string_set set;
	struct lua_book image;
	struct firmware_input firmware; /* of --forecast or --elf */
	int lua;                        /* of the RAM dumps; 0: there are none */
	bool printed;                   /* there is an output */
	bool lost;                      /* an input could not be read */
	bool damaged;                   /* of an input, something was passed over */
	struct buf *held;               /* --keep-file: what its globs live in */
	uint32_t nheld, held_cap;
	struct scan_input *inputs;
	uint32_t ninputs, inputs_cap;
};

/* Each says what is wrong, and returns 1 then. */
int scan_load_input(struct scan *scan, const char *path);
int scan_load_image(struct scan *scan, const char *path);
int scan_load_globs(struct scan *scan, const char *path);

/* Adds the dump's strings; f: prints a census there instead, NULL: none. */
int scan_load_dump(struct scan *scan, const struct dump_name *name, FILE *f);

#endif
