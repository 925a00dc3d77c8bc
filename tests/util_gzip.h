/* SPDX-License-Identifier: MIT */
/*
 * Wrapping bytes in gzip, so that harm done to an image gets past the CRC.
 */
#ifndef UTIL_GZIP_H
#define UTIL_GZIP_H

#include "common/base/buf.h"

/* Appends data as one gzip member. level: 0 (stored) to 9. */
void gzip_wrap(const uint8_t *data, size_t len, int level, struct buf *out);

/* The same at level 9, with a window of 1 << bits, and 3 (Unix) as the header's system. */
void gzip_wrap_window(const uint8_t *data, size_t len, int bits, struct buf *out);

#endif
