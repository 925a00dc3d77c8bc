/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "common/lua/diff_parts.h"

/* Texts of either side, sorted, to be merged. */
struct text {
	const uint8_t *p;
	uint32_t len, index;
};

static int by_text(const void *x, const void *y)
{
	const struct text *a = x;
	const struct text *b = y;
	uint32_t n = a->len < b->len ? a->len : b->len;
	int order = n ? memcmp(a->p, b->p, n) : 0;

	return order ? order : a->len < b->len ? -1 : a->len > b->len;
}

static int by_text_and_index(const void *x, const void *y)
{
	const struct text *a = x;
	const struct text *b = y;
	int order = by_text(x, y);

	return order ? order : a->index < b->index ? -1 : a->index > b->index;
}

static void merge(struct making *m, struct text *const list[2], const uint32_t count[2],
		  diff_found *found)
{
	uint32_t i = 0;
	uint32_t k = 0;

	for (unsigned side = 0; side < 2; side++)
		if (count[side])
			qsort(list[side], count[side], sizeof(struct text), by_text_and_index);
	while (i < count[0] || k < count[1]) {
		int order = i >= count[0]   ? 1
			    : k >= count[1] ? -1
					    : by_text(&list[0][i], &list[1][k]);

		found(m, order <= 0 ? list[0][i].index : LUA_NONE,
		      order >= 0 ? list[1][k].index : LUA_NONE);
		i += order <= 0;
		k += order >= 0;
	}
}

static bool texts_make(const struct lua_image *const img[2], bool modules, struct text *list[2])
{
	for (unsigned side = 0; side < 2; side++) {
		size_t n = modules ? img[side]->nmodules : img[side]->nstrings;

		list[side] = calloc(n + 1, sizeof(struct text));
	}
	return list[0] && list[1];
}

void diff_pair_modules(struct making *m, diff_found *found)
{
	struct text *list[2];
	uint32_t count[2] = { m->img[0]->nmodules, m->img[1]->nmodules };

	m->failed |= !texts_make(m->img, true, list);
	for (unsigned side = 0; !m->failed && side < 2; side++) {
		for (uint32_t i = 0; i < count[side]; i++) {
			uint32_t name = m->img[side]->modules[i].name;

			list[side][i].index = i;
			if (name >= m->img[side]->nstrings)
				continue;
			list[side][i].p = m->img[side]->strings[name].text;
			list[side][i].len = m->img[side]->strings[name].len;
		}
	}
	if (!m->failed)
		merge(m, list, count, found);
	free(list[0]);
	free(list[1]);
}

/* Strings that people wrote: no line info, no names that the firmware has anyway. */
void diff_pair_strings(struct making *m, diff_found *found)
{
	struct text *list[2];
	uint32_t count[2] = { 0, 0 };

	m->failed |= !texts_make(m->img, false, list);
	for (unsigned side = 0; !m->failed && side < 2; side++) {
		for (uint32_t i = 0; i < m->img[side]->nstrings; i++) {
			const struct lua_string *s = &m->img[side]->strings[i];

			if (s->uses == LUA_USE_LINEINFO || s->uses & LUA_USE_FIXED)
				continue;
			list[side][count[side]++] = (struct text){ s->text, s->len, i };
		}
	}
	if (!m->failed)
		merge(m, list, count, found);
	free(list[0]);
	free(list[1]);
}
