/* SPDX-License-Identifier: MIT */
/*
 * SIGINT, SIGTERM, SIGHUP and SIGQUIT while a port is open: the first one makes everything end in
 * good order, a second one ends the program at once, with the terminal's settings put back. SIGPIPE
 * is ignored meanwhile.
 */
#ifndef STRSCAN_SIGNALS_H
#define STRSCAN_SIGNALS_H

#include "common/device/port.h"

/* Returns a descriptor that becomes readable by a signal, or -1. */
int signals_catch(void);
/* The port that a second signal restores; NULL: none. */
void signals_guard(const struct port *port);
/* All is as before signals_catch; a signal that came ends the program. */
void signals_done(void);

#endif
