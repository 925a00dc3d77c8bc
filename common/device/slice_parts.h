/* SPDX-License-Identifier: MIT */
/*
 * Reading the answers to what slice.c asks; private to it.
 */
#ifndef DEVICE_SLICE_PARTS_H
#define DEVICE_SLICE_PARTS_H

#include "common/device/slice.h"

/* "length TAB place of the first byte that is not printable", nil when there is none. */
bool slice_size(const struct buf *line, uint32_t *len, bool *binary);

/* The n bytes of a piece, as text or in decimal. */
bool slice_piece(const struct buf *line, bool binary, uint8_t *out, uint32_t n);

/* The end of a slice's answer: its sum stands behind the marker. */
bool slice_sum(const struct console *c, const char *marker, uint32_t *sum);

#endif
