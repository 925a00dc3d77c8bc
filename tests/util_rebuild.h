/* SPDX-License-Identifier: MIT */
/*
 * Rebuilding of whatever bytes: what must hold for every image that comes out.
 */
#ifndef UTIL_REBUILD_H
#define UTIL_REBUILD_H

#include <stddef.h>
#include <stdint.h>

/*
 * The bytes are an image, a chunk, a capture or text (strings of a module), or, when they begin
 * with '-', a Lua source. They are linked for several firmwares, in all forms and with all options.
 * Aborts when an image is made that a loader refuses, that reads otherwise than it was linked, or
 * that has bytes without an owner. Returns how many images were made.
 */
unsigned rebuild_all_ways(const uint8_t *data, size_t len);

/* For fuzz targets. */
void rebuild_tour(const uint8_t *data, size_t len);

#endif
