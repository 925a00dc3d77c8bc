/* SPDX-License-Identifier: MIT */
/*
 * tests/golden/verdicts: what the device's own loaders said to unharmed and damaged files.
 */
#ifndef UTIL_VERDICTS_H
#define UTIL_VERDICTS_H

#include <jansson.h>

#include "common/base/buf.h"

struct verdict {
	unsigned number;       /* "case" */
	const char *operation; /* of the mutation: "byte" */
	const char *message;   /* what the loader ended with; NULL: it was not asked */
	const char *boot;      /* what the start after that said */
	bool undefined;        /* it left its buffers on the way */
	bool loaded;
	bool given;         /* there is an input; else the file did not exist */
	const json_t *json; /* the whole record */
	struct buf input;   /* the file it was given, or what was written to flash */
};

/*
 * Calls f for each record of tests/golden/verdicts/BUILD.jsonl whose input is made by changing
 * bytes of a base file; returns how many there were. Inputs are checked by their sums.
 */
unsigned verdicts_each(const char *build, void (*f)(const struct verdict *v));

/* The same for all records: also files of one byte's repetitions, none, and flashed ones. */
unsigned verdicts_all(const char *build, void (*f)(const struct verdict *v));

#endif
