/* SPDX-License-Identifier: MIT */
/*
 * All that the library (lib/nodemcu-lfs.h) tells of whatever bytes: for its fuzz target and its
 * test, which link with the library; others do not.
 */
#ifndef LIBRARY_TOUR_H
#define LIBRARY_TOUR_H

#include <stddef.h>
#include <stdint.h>

/*
 * Asks for everything that the counts of the library promise, and for one more each. Aborts when a
 * promise of its header is broken: a failure without words, a number beyond the file, a file that
 * it wrote and does not read again.
 */
void library_tour(const uint8_t *data, size_t len);

#endif
