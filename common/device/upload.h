/* SPDX-License-Identifier: MIT */
/*
 * A file onto the device. Lines of at most 250 bytes, one at a time, each acknowledged:
 *
 *	_Q(OFFSET,"BYTES")      the device echoes: the line ran only since its echo was right
 *	_Q(OFFSET,"BYTES",SUM)  it does not: the device compares a sum of the text
 *
 * The answer is where the file is now; a line that ran twice does no harm. Bytes go as they are,
 * with escapes for a few, if the line is found to carry them; else as base64 when the firmware has
 * an encoder; else as hex.
 */
#ifndef DEVICE_UPLOAD_H
#define DEVICE_UPLOAD_H

#include "common/device/files.h"

struct upload_report {
	uint64_t had;    /* bytes that an earlier run had left */
	uint64_t sent;   /* bytes that were sent, with those that were sent again */
	int64_t ns;      /* that it took to send them */
	const char *way; /* "plain", "base64", "hex"; NULL: nothing was to be sent */
	const char *sum; /* what the device made to compare the whole file */
};

/*
 * Is there room for a file of len bytes, with all that goes away when it comes? Else ERR_LIMIT. The
 * old one is removed if only that makes room, and `make` is set.
 */
enum err upload_room(struct console *c, const struct files_names *names, size_t len, bool make,
		     struct diag *diag);

/*
 * Writes data as NAME~new, or goes on with what is there of it. When it returns without an error
 * the file is whole and its sum, made on the device, is right.
 */
enum err upload_file(struct console *c, const struct files_names *names, const uint8_t *data,
		     size_t len, const struct files_watcher *w, struct upload_report *out,
		     struct diag *diag);

#endif
