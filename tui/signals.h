/* SPDX-License-Identifier: MIT */
/*
 * Signals that tell of something, as news: a pipe wakes who waits. Of the process, as signals are.
 */
#ifndef TUI_SIGNALS_H
#define TUI_SIGNALS_H

#include "common/base/diag.h"
#include "tui/terminal.h"

/* Makes the pipe. ERR_IO. */
enum err signals_open(struct diag *diag);
/* From now on they are news. */
void signals_catch(void);

/* Readable when there is news. */
int signals_descriptor(void);
/* The next news; TERMINAL_NOTHING: there is none. */
enum terminal_news signals_told(void);

/* Stops the program until somebody lets it go on, which is no news then. */
void signals_stop(void);

/* The signal that said to end, or 0. */
int signals_ended(void);

#endif
