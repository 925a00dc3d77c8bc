/* SPDX-License-Identifier: MIT */
/*
 * What else stands in the log of a console.
 */
#ifndef STRINGS_CONSOLE_H
#define STRINGS_CONSOLE_H

#include "common/strings/set.h"

/* Bytes of the prompts ("> ", ">> ") with which a line of n bytes begins. */
size_t console_prompt(const uint8_t *line, size_t n);

/* True for lines of the SDK, of ESP-IDF and of Lua's errors, and for blank ones. */
bool console_noise(const uint8_t *line, size_t n);

/* Bytes of an "E:M 123" of the SDK's allocator at the very end of n bytes; it may tear a line. */
size_t console_alloc_tail(const uint8_t *line, size_t n);

/* Reads a line of the banner into device, which may be NULL. in_banner: the lines before it were of
 * the banner. False when line is no part of one. */
bool console_banner(const uint8_t *line, size_t n, bool in_banner, struct string_device *device);

/* True for commands such as the manual's, which print strings. */
bool console_prints_strings(const uint8_t *p, size_t n);

#endif
