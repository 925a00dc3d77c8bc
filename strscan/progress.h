/* SPDX-License-Identifier: MIT */
#ifndef STRSCAN_PROGRESS_H
#define STRSCAN_PROGRESS_H

#include "common/device/capture.h"

/* A bar on standard error, when that is a terminal: strings, bytes, seconds left. ctx: not used. */
void progress_show(void *ctx, const struct capture_progress *p);
void progress_clear(void);

#endif
