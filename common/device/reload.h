/* SPDX-License-Identifier: MIT */
/*
 * Loading an image. 5.1 looks at the file first and answers with a refusal, or restarts; 5.3
 * restarts at once, erases what is there and then reads the file: it must be known to be good. Its
 * prompt behind "system restarting" is not the end.
 */
#ifndef DEVICE_RELOAD_H
#define DEVICE_RELOAD_H

#include "common/device/console.h"

enum reload_end {
	RELOAD_BACK,    /* it has restarted and its console answers */
	RELOAD_REFUSED, /* it has not restarted; the image in it is as it was */
	RELOAD_SILENT,  /* it has gone, and nothing answers since */
};

struct reload_report {
	enum reload_end end;
	char said[120];      /* what the loader said, if it did not like the file; or "" */
	const char *meaning; /* of that, for people; NULL: not known */
};

/* Asks the device to load the file, and waits until it is back. */
enum err reload_run(struct console *c, const char *name, struct reload_report *out,
		    struct diag *diag);

/* What a loader's message means; NULL: it is none. */
const char *reload_meaning(const char *said);

#endif
