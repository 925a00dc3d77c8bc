/* SPDX-License-Identifier: MIT */
/*
 * lua_rotable_base in a file without symbols: a vector of entries like any ROTable's, but no
 * ROTable points to it; it holds the modules, so that most of its values are ROTables.
 */
#include "common/base/rd.h"
#include "common/firmware/parts.h"

enum { TAG_TABLE = 0x15, TAG_MAX = 0x26, KEY_MAX = 64, RUN_MAX = 4096, TABLES_MIN = 2 };
enum { OWNERS_MAX = 512 }; /* ROTables with ROTables in them: a real firmware has a few dozens */

struct guess {
	const struct firmware *fw;
	const struct firmware_stride *stride;
	const uint32_t *found;
	uint32_t nfound;
	unsigned tries; /* vectors whose owner was looked for */
};

static bool is_table(const struct guess *g, uint32_t address)
{
	uint32_t from = 0;
	uint32_t to = g->nfound;

	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if (g->found[mid] < address)
			from = mid + 1;
		else
			to = mid;
	}
	return from < g->nfound && g->found[from] == address;
}

static bool is_key(const struct firmware *fw, uint32_t address)
{
	size_t n;
	const uint8_t *p = firmware_bytes(fw, address, &n);

	for (size_t i = 0; i < n && i <= KEY_MAX; i++) {
		if (p[i] == 0)
			return i > 0;
		if (p[i] < 0x20 || p[i] > 0x7e)
			return false;
	}
	return false;
}

/* p: an entry's bytes. */
static bool holds_table(const struct guess *g, const uint8_t *p)
{
	return le32(p + g->stride->tag) == TAG_TABLE && is_table(g, le32(p + g->stride->value)) &&
	       is_key(g->fw, le32(p));
}

/* Any entry but an empty one, which nobody writes here: zeros stand before the vector. */
static bool is_entry(const struct guess *g, const uint8_t *p)
{
	uint32_t tag = le32(p + g->stride->tag);

	return tag && tag <= TAG_MAX && is_key(g->fw, le32(p));
}

/* An entry with a bad key or a bad tag, but not both: the end of a vector has neither. */
static bool is_spoiled(const struct guess *g, const uint8_t *p)
{
	uint32_t tag = le32(p + g->stride->tag);

	return le32(p) && tag && (tag <= TAG_MAX || is_key(g->fw, le32(p)));
}

/* What is at byte at belongs to the entries beside it; what is spoiled, by its value or by the
 * entry on its other side. */
static bool belongs(const struct guess *g, const struct firmware_section *s, uint32_t at, bool back)
{
	const uint8_t *p = s->bytes + at;
	uint32_t step = g->stride->bytes;

	if (is_entry(g, p))
		return true;
	if (!is_spoiled(g, p))
		return false;
	if (is_table(g, le32(p + g->stride->value)))
		return true;
	return back ? at >= step && is_entry(g, p - step)
		    : s->nbytes - at >= 2 * step && is_entry(g, p + step);
}

/* The entries around byte at of a section; how many of them are ROTables. */
static uint32_t measure(const struct guess *g, const struct firmware_section *s, uint32_t at,
			uint32_t *from, uint32_t *to)
{
	uint32_t step = g->stride->bytes;
	uint32_t tables = 0;

	*from = at;
	while (*from >= step && at - *from < RUN_MAX * step && belongs(g, s, *from - step, true))
		*from -= step;
	for (*to = at; s->nbytes - *to >= step && *to - at < RUN_MAX * step; *to += step) {
		if (!belongs(g, s, *to, false))
			break;
		tables += holds_table(g, s->bytes + *to);
	}
	return tables;
}

/* A ROTable has its entries there. */
static bool is_owned(struct guess *g, uint32_t from, uint32_t to)
{
	if (g->tries++ >= OWNERS_MAX)
		return true;
	for (uint32_t i = 0; i < g->nfound; i++) {
		uint32_t entries;

		if (firmware_word(g->fw, g->found[i] + 12, &entries) && entries >= from &&
		    entries < to)
			return true;
	}
	return false;
}

static void search(struct guess *g, const struct firmware_section *s, uint32_t *best,
		   uint32_t *address)
{
	uint32_t step = g->stride->bytes;
	uint32_t at = (4 - s->address % 4) % 4;

	while (s->bytes && s->nbytes >= step && at <= s->nbytes - step) {
		uint32_t from, to, n;

		if (!holds_table(g, s->bytes + at)) {
			at += 4;
			continue;
		}
		n = measure(g, s, at, &from, &to);
		if (n > *best && !is_owned(g, s->address + from, s->address + to)) {
			*best = n;
			*address = s->address + from;
		}
		at = to;
	}
}

bool firmware_guess_base(const struct firmware *fw, const struct firmware_stride *stride,
			 const uint32_t *found, uint32_t nfound, uint32_t *address)
{
	struct guess g = { fw, stride, found, nfound, 0 };
	uint32_t best = 0;

	for (uint32_t i = 0; i < fw->nsections; i++)
		search(&g, &fw->sections[i], &best, address);
	return best >= TABLES_MIN;
}
