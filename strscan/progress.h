/* SPDX-License-Identifier: MIT */
#ifndef STRSCAN_PROGRESS_H
#define STRSCAN_PROGRESS_H

#include "common/device/capture.h"

/* A bar on standard error, when that is a terminal: strings, bytes, seconds left. ctx: not used. */
void progress_show(void *ctx, const struct capture_progress *p);
/* The same for bytes of a file. */
void progress_bytes(void *ctx, uint64_t done, uint64_t total, int64_t ns);
void progress_clear(void);

#endif
