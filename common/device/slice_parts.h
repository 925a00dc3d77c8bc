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

/* Two numbers with a tab between them. */
bool slice_numbers(const struct buf *line, uint32_t out[2]);

/* slice_check.c: compares all strings, which are there already, with the device's. */
enum console_answer slice_check(struct slices *s, struct diag *diag);

/* slice.c: string i alone. careful: each answer is heard twice. */
enum console_answer slice_read_string(struct slices *s, uint32_t i, bool careful,
				      struct diag *diag);
/* Longer ones are in no sum. */
enum { SLICE_LONG = 1000 };
/*
 * Stages of the work, one after the other; the check has two for each block. What was reached, a
 * byte of a string at a stage, counts as progress unless it was reached before.
 */
enum { STAGE_LONG = 1, STAGE_ODD, STAGE_SLICES, STAGE_ALONE, STAGE_CHECK };
void slice_reached(struct slices *s, uint32_t i, uint32_t at);
/* CONSOLE_RESTART when the device cannot be talking of the array that was made. */
enum console_answer slice_same_array(const struct slices *s, enum console_answer a);
enum console_answer slice_too_bad(const struct slices *s, uint32_t i, struct diag *diag);

#endif
