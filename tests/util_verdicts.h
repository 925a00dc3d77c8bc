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
	bool undefined;        /* it left its buffers on the way */
	const json_t *json;    /* the whole record */
	struct buf input;      /* the file it was given */
};

/*
 * Calls f for each record of tests/golden/verdicts/BUILD.jsonl whose input is made by changing
 * bytes of a base file; returns how many there were.
 */
unsigned verdicts_each(const char *build, void (*f)(const struct verdict *v));

#endif
