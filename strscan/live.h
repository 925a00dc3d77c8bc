/* SPDX-License-Identifier: MIT */
/*
 * What is done with a device.
 */
#ifndef STRSCAN_LIVE_H
#define STRSCAN_LIVE_H

#include <stdio.h>

#include "common/strings/set.h"

/* Of the command line; NULL and 0: not asked for. */
struct live {
	const char *port;
	const char *record, *replay; /* files */
	const char *banner, *pull;   /* a file; a folder */
	uint32_t watch, every;       /* captures, seconds between them */
	bool reset, probe;
	bool capture; /* strings are wanted */
};

/*
 * Finds and opens the port, does what is asked for, and leaves the device clean. Strings go to set,
 * what a probe finds to f. Says what is wrong; returns 1 then. Ends the program when a signal asks
 * for it, with the port and the device as they were found.
 */
int live_run(const struct live *live, bool json, struct string_set *set, FILE *f);

#endif
