/* SPDX-License-Identifier: MIT */
#include "common/view/html_texts.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 256 };

/* FNV-1a */
static size_t hash(const uint8_t *p, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

const uint8_t *html_texts_get(const struct html_texts *t, uint32_t i, size_t *n)
{
	size_t start = i ? t->ends[i - 1] : 0;

	*n = t->ends[i] - start;
	return *n ? t->bytes.data + start : (const uint8_t *)"";
}

/* The slot that has the text, or the free one where it would be. */
static uint32_t *find(const struct html_texts *t, const uint8_t *p, size_t n)
{
	size_t mask = t->nslots - 1;
	size_t at = hash(p, n) & mask;

	while (t->slots[at]) {
		size_t len;
		const uint8_t *text = html_texts_get(t, t->slots[at] - 1, &len);

		if (len == n && (!n || !memcmp(text, p, n)))
			break;
		at = (at + 1) & mask;
	}
	return &t->slots[at];
}

/* Keeps half of the slots free. */
static bool make_room(struct html_texts *t)
{
	size_t nslots = t->nslots ? t->nslots * 2 : SLOTS_FIRST;
	uint32_t *slots;

	if ((size_t)t->count * 2 < t->nslots)
		return true;
	slots = calloc(nslots, sizeof(*slots));
	if (!slots)
		return false;
	free(t->slots);
	t->slots = slots;
	t->nslots = nslots;
	for (uint32_t i = 0; i < t->count; i++) {
		size_t n;
		const uint8_t *p = html_texts_get(t, i, &n);

		*find(t, p, n) = i + 1;
	}
	return true;
}

uint32_t html_texts_add(struct html_texts *t, const uint8_t *p, size_t n)
{
	uint32_t *slot;
	size_t *end;

	if (t->failed || !make_room(t)) {
		t->failed = true;
		return 0;
	}
	slot = find(t, p, n);
	if (*slot)
		return *slot - 1;
	buf_put(&t->bytes, p, n);
	end = t->bytes.failed ? NULL : vec_grow(&t->ends, &t->count, &t->cap, sizeof(*end), 1);
	if (!end) {
		t->failed = true;
		return 0;
	}
	*end = t->bytes.len;
	*slot = t->count;
	return t->count - 1;
}

void html_texts_free(struct html_texts *t)
{
	buf_free(&t->bytes);
	free(t->ends);
	free(t->slots);
	*t = (struct html_texts){ 0 };
}
