/* SPDX-License-Identifier: MIT */
/*
 * A tour through everything that can be shown of an ELF file, for fuzzing and for damage that must
 * do no harm.
 */
#ifndef UTIL_FIRMWARE_H
#define UTIL_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Opens data and walks through all views in all outputs. Ends the program (abort) with a line on
 * stderr when a promise of the headers is broken: sizes that do not add up to the sections, rows
 * without end, an error without words, output with control bytes.
 */
void firmware_tour(const uint8_t *data, size_t len);
/* The same without the outputs. True when the file is sound. */
bool firmware_check(const uint8_t *data, size_t len);

#endif
