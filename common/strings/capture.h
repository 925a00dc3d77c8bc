/* SPDX-License-Identifier: MIT */
/*
 * Captures as files: tests/schema/capture-1.schema.json, read by string_capture of input.h.
 */
#ifndef STRINGS_CAPTURE_H
#define STRINGS_CAPTURE_H

#include "common/strings/set.h"

#define CAPTURE_VERSION 1

/* Appends the set as JSON, a string a line, in the set's order. Verdicts are not kept. */
void capture_write(const struct string_set *set, struct buf *out);

#endif
