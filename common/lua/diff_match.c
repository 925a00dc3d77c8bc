/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "common/lua/diff_parts.h"

enum { OPCODES = 64, WINDOW = 16 };

/* A prototype that has no partner yet. */
struct single {
	uint64_t key;
	uint32_t proto, place; /* place: among its siblings */
};

struct match {
	const struct lua_image *const *img;
	const struct lua_prints *prints;
	uint32_t *partner[2]; /* new_of, old_of */
	struct single *single[2];
	uint32_t count[2];
};

static void pair(struct match *m, uint32_t old, uint32_t now)
{
	m->partner[0][old] = now;
	m->partner[1][now] = old;
}

/* Keeps those that are still alone, in the order of the source. */
static void collect(struct match *m, unsigned side, uint32_t parent)
{
	const struct lua_image *img = m->img[side];
	const struct lua_slice *kids = &img->protos[parent].children;

	m->count[side] = 0;
	for (uint32_t i = 0; i < kids->count; i++) {
		uint32_t child = img->children[kids->first + i];

		if (child < img->nprotos && child > parent && m->partner[side][child] == LUA_NONE)
			m->single[side][m->count[side]++] = (struct single){ 0, child, i };
	}
}

static int by_key(const void *x, const void *y)
{
	const struct single *a = x;
	const struct single *b = y;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->place < b->place ? -1 : a->place > b->place;
}

/* The first of equal ones with the first, the second with the second. */
static void pair_equal(struct match *m, const uint64_t *old_keys, const uint64_t *new_keys)
{
	const uint64_t *keys[2] = { old_keys, new_keys };
	uint32_t i = 0;
	uint32_t k = 0;

	for (unsigned side = 0; side < 2; side++) {
		for (uint32_t n = 0; n < m->count[side]; n++)
			m->single[side][n].key = keys[side][m->single[side][n].proto];
		qsort(m->single[side], m->count[side], sizeof(struct single), by_key);
	}
	while (i < m->count[0] && k < m->count[1]) {
		const struct single *a = &m->single[0][i];
		const struct single *b = &m->single[1][k];

		if (a->key == b->key)
			pair(m, a->proto, b->proto);
		i += a->key <= b->key;
		k += b->key <= a->key;
	}
}

static void count_ops(const struct lua_proto *p, uint16_t *ops)
{
	memset(ops, 0, OPCODES * sizeof(*ops));
	for (uint32_t pc = 0; pc < p->ncode; pc++) {
		uint16_t *n = &ops[lua_word(p, pc) & (OPCODES - 1)];

		*n = (uint16_t)(*n + (*n < UINT16_MAX));
	}
}

/* Opcodes in common, in percent, and a little for the same first line. */
static unsigned likeness(const struct lua_proto *a, const uint16_t *x, const struct lua_proto *b,
			 const uint16_t *y)
{
	uint64_t common = 0;
	uint64_t all = 0;

	for (unsigned i = 0; i < OPCODES; i++) {
		common += x[i] < y[i] ? x[i] : y[i];
		all += (uint64_t)x[i] + y[i];
	}
	return (unsigned)(all ? 200 * common / all : 100) +
	       (a->line_first == b->line_first ? 10 : 0);
}

/*
 * Each new one in turn with the likest of the next few old ones. A pair that skips old ones leaves
 * them behind: functions rarely change places and text at once.
 */
static bool pair_alike(struct match *m)
{
	uint16_t(*ops)[OPCODES] = calloc((size_t)m->count[0] + 1, sizeof(*ops));
	uint16_t mine[OPCODES];
	uint32_t from = 0;

	if (!ops)
		return false;
	for (uint32_t i = 0; i < m->count[0]; i++)
		count_ops(&m->img[0]->protos[m->single[0][i].proto], ops[i]);
	for (uint32_t k = 0; k < m->count[1] && from < m->count[0]; k++) {
		const struct lua_proto *now = &m->img[1]->protos[m->single[1][k].proto];
		unsigned best = 49;
		uint32_t which = LUA_NONE;

		count_ops(now, mine);
		for (uint32_t i = from; i < m->count[0] && i < from + WINDOW; i++) {
			unsigned l = likeness(&m->img[0]->protos[m->single[0][i].proto], ops[i],
					      now, mine);

			if (l > best) {
				best = l;
				which = i;
			}
		}
		if (which != LUA_NONE) {
			pair(m, m->single[0][which].proto, m->single[1][k].proto);
			from = which + 1;
		}
	}
	free(ops);
	return true;
}

static void collect_both(struct match *m, uint32_t old, uint32_t now)
{
	collect(m, 0, old);
	collect(m, 1, now);
}

static bool match_children(struct match *m, uint32_t old, uint32_t now)
{
	collect_both(m, old, now);
	pair_equal(m, m->prints[0].deep, m->prints[1].deep);
	collect_both(m, old, now);
	pair_equal(m, m->prints[0].code_deep, m->prints[1].code_deep);
	collect_both(m, old, now);
	if (!pair_alike(m))
		return false;
	collect_both(m, old, now);
	for (uint32_t i = 0; m->count[0] == m->count[1] && i < m->count[0]; i++)
		pair(m, m->single[0][i].proto, m->single[1][i].proto);
	return true;
}

bool lua_match(const struct lua_image *const img[2], const struct lua_prints prints[2],
	       const uint32_t root[2], uint32_t *new_of, uint32_t *old_of)
{
	struct match m = { .img = img, .prints = prints, .partner = { new_of, old_of } };
	bool ok;

	if (root[0] >= img[0]->nprotos || root[1] >= img[1]->nprotos)
		return true;
	m.single[0] = malloc(((size_t)img[0]->nchildren + 1) * sizeof(struct single));
	m.single[1] = malloc(((size_t)img[1]->nchildren + 1) * sizeof(struct single));
	ok = m.single[0] && m.single[1];
	if (ok)
		pair(&m, root[0], root[1]);
	/* A tree is one run of prototypes, parents first: their pairs are known in time. */
	for (uint32_t i = root[1]; ok && i < img[1]->nprotos; i++) {
		if (img[1]->protos[i].module != img[1]->protos[root[1]].module)
			break;
		if (old_of[i] != LUA_NONE && img[1]->protos[i].children.count)
			ok = match_children(&m, old_of[i], i);
	}
	free(m.single[0]);
	free(m.single[1]);
	return ok;
}
