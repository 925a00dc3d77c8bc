/* SPDX-License-Identifier: MIT */
/*
 * A running device: a thread of its own talks to it, as that takes seconds.
 */
#ifndef TUI_LIVE_H
#define TUI_LIVE_H

#include "common/base/diag.h"
#include "common/strings/set.h"

struct live;

/* Opens the port, for captures every so many seconds. NULL: diag tells why. */
struct live *live_open(const char *port, uint32_t every, struct diag *diag);

/* Takes captures from now on; opens the port again when a failure ended that before. */
enum err live_start(struct live *live, struct diag *diag);
/* True until a failure ends it. */
bool live_runs(struct live *live);
/* True when there was a capture since it began. */
bool live_answered(struct live *live);

/* Leaves the device as it was found, which may take seconds. */
void live_stop(struct live *live);

/* A descriptor that is readable when there is news; -1: live is NULL. */
int live_news(const struct live *live);

/* The last capture that nobody took so far; false: there is none. Its set is the caller's. */
bool live_take(struct live *live, struct string_set *out);

/* How far it is, or what ended it. */
void live_said(struct live *live, char *out, size_t size, bool *failed);

#endif
