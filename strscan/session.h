/* SPDX-License-Identifier: MIT */
/*
 * A port, from its name on the command line to the end.
 */
#ifndef STRSCAN_SESSION_H
#define STRSCAN_SESSION_H

#include "common/base/file.h"
#include "common/device/console.h"
#include "strscan/live.h"

struct session {
	const struct live *live;
	struct console console;
	struct port *port;
	struct file replay;
	FILE *record;
	char *name; /* of the port; owned */
};

/* Finds and opens the port of live, and comes to terms with the console. Close it in any case. */
enum err session_open(struct session *s, struct diag *diag);

/* Waits, and keeps the session alive: telnet that says nothing is closed. */
enum err session_pause(struct session *s, uint32_t seconds, struct diag *diag);

/*
 * As many captures as are wanted, so many seconds apart: take gets the number of each, from 0 on,
 * and how many there are. What the device is goes to device.
 */
enum err session_captures(struct session *s, uint32_t every,
			  enum err (*take)(void *ctx, uint32_t i, uint32_t n, struct diag *diag),
			  void *ctx, struct string_device *device, struct diag *diag);

/* What the port is called, for messages. */
const char *session_name(const struct session *s);

/* Leaves the device and the port as they were found. An error: the recording is not whole. */
enum err session_close(struct session *s, struct diag *diag);

/* Lets a signal that came end the program. */
void session_free(struct session *s);

#endif
