/* SPDX-License-Identifier: MIT */
/*
 * Comparing of whatever bytes with a mutant of them: what must hold for every comparison.
 */
#ifndef UTIL_PAIR_H
#define UTIL_PAIR_H

#include <stddef.h>
#include <stdint.h>

/*
 * For fuzz targets. Aborts when an image differs from itself, or when the way from one to the other
 * is not the way back mirrored, or its parts do not add up.
 */
void pair_tour(const uint8_t *file, size_t len);

#endif
