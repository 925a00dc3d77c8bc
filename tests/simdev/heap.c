/* SPDX-License-Identifier: MIT */
#include "heap.h"

#include <stdlib.h>

bool heap_take(struct heap *h, size_t n)
{
	if (h->failures > 0) {
		h->failures--;
		return false;
	}
	if (h->used + n > h->limit)
		return false;
	h->used += n;
	if (h->used > h->peak)
		h->peak = h->used;
	return true;
}

void heap_give(struct heap *h, size_t n)
{
	h->used -= n;
}

void *heap_alloc(void *ud, void *ptr, size_t osize, size_t nsize)
{
	struct heap *h = ud;
	size_t old = ptr ? osize : 0; /* Lua 5.3 tells the kind of a new object there */
	void *p;

	if (nsize == 0) {
		free(ptr);
		heap_give(h, old);
		return NULL;
	}
	if (nsize > old) {
		h->refused = h->strict && !h->refused && h->used + nsize - old > h->peak;
		if (h->refused || !heap_take(h, nsize - old))
			return NULL;
	}
	p = realloc(ptr, nsize);
	if (nsize < old)
		heap_give(h, old - nsize);
	else if (!p)
		heap_give(h, nsize - old);
	return p;
}

size_t heap_free(const struct heap *h)
{
	return h->used >= h->limit ? 0 : (h->limit - h->used) * 2 / HEAP_RATIO;
}
