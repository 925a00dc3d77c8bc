/* SPDX-License-Identifier: MIT */
/*
 * Sets of strings for tests: what is expected to be in one, and walks that no input may break.
 */
#ifndef UTIL_STRINGS_H
#define UTIL_STRINGS_H

#include "common/strings/input.h"

/* Appends what a line of tests/golden/ram/V.strings.txt or of a slice means: \ddd are bytes. */
void strings_unescape(struct buf *out, const char *text, size_t len);

/* Reads a tests/golden/ram/V.strings.txt. Returns how many lines it has. */
uint32_t strings_golden(struct string_set *set, const char *path);

/* Appends the bytes that the device sent in a recording. */
void strings_received(struct buf *out, const char *path);

/* Ends the running test unless a holds all that b holds. */
void strings_hold(const char *what, const struct string_set *a, const struct string_set *b);
void strings_same(const char *what, const struct string_set *a, const struct string_set *b);

/* Reads bytes as an input or as a dump and checks what headers promise; aborts when not so. */
void strings_tour_text(const uint8_t *data, size_t len);
void strings_tour_ram(const uint8_t *data, size_t len);

#define STRINGS_BASE 0x3fff1000u /* where the golden dumps begin */

#endif
