/* SPDX-License-Identifier: MIT */
/*
 * The strings in a device's RAM, by debug.getstrings.
 */
#ifndef DEVICE_CAPTURE_H
#define DEVICE_CAPTURE_H

#include "common/device/console.h"
#include "common/strings/set.h"

struct capture_progress {
	uint32_t done, total; /* strings */
	uint64_t bytes;       /* of them */
	int64_t ns;           /* since the first */
};

struct capture_watcher {
	void (*tell)(void *ctx, const struct capture_progress *p); /* NULL: nobody wants to know */
	void *ctx;
};

/*
 * Adds one capture to set: all strings of the device but those that the capture itself made there.
 * All or nothing: each slice is checked by a sum, damaged ones are asked for again; after a restart
 * it begins anew. The device keeps nothing of it once console_leave was called.
 */
enum err capture_take(struct console *c, const struct capture_watcher *w, struct string_set *set,
		      struct diag *diag);

#endif
