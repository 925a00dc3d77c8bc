/* SPDX-License-Identifier: MIT */
/*
 * The device's heap: an allocator for Lua with a limit, which remembers how much was in use at
 * most. It counts the bytes that this machine's Lua asks for; a 32-bit device needs fewer
 * (HEAP_RATIO).
 */
#ifndef SIMDEV_HEAP_H
#define SIMDEV_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of this machine for 2 bytes of the device: pointers and values are larger here. */
enum { HEAP_RATIO = 3 };

struct heap {
	size_t used, peak;
	size_t limit;
	int failures; /* so many allocations will be refused next */
	/* Refuse what would raise the peak once, for an interpreter that collects garbage then and
	 * tries again: the peak holds no garbage. */
	bool strict, refused;
};

/* lua_Alloc; ud is the heap. */
void *heap_alloc(void *ud, void *ptr, size_t osize, size_t nsize);

/* Bytes that the firmware itself takes from the heap; false when there are too few. */
bool heap_take(struct heap *h, size_t n);
void heap_give(struct heap *h, size_t n);

/* Free bytes as the device counts them. */
size_t heap_free(const struct heap *h);

#endif
