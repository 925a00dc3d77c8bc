/* SPDX-License-Identifier: MIT */
/*
 * The string table in a dump. Source: struct stringtable and TString of lstate.h and lobject.h.
 *
 *   stringtable  hash @0 (address of size bucket words), nuse @4 (strings), size @8 (power of two)
 *   TString 5.1  next @0, tt u8 @4, marked u8 @5, hash @8, len @12, bytes @16, NUL
 *   TString 5.3  next @0, tt u8 @4, marked u8 @5, extra u8 @6, shrlen u8 @7, hash @8, hnext @12,
 *                bytes @16, NUL; only strings of up to 40 bytes are in the table
 *
 * A string is believed when its hash is that of its text (5.3: once the seed is known; the word
 * lies near the table in global_State) and belongs to the bucket.
 */
#include "common/strings/ram.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/rd.h"
#include "common/lua/model.h"

#define SHORT_MAX 40
#define CHAIN_MAX 256

/* Words of a dump looked at by a search; ends it in dumps that were made to keep us busy. */
#define SEARCH_MAX 50000000

const uint8_t *ram_bytes(const struct ram *r, uint32_t at, size_t n)
{
	uint32_t off = at - r->base;

	if (at < r->base || off > r->len || n > r->len - off)
		return NULL;
	return r->p + off;
}

uint32_t ram_word(const struct ram *r, uint32_t at)
{
	const uint8_t *p = ram_bytes(r, at, 4);

	return p ? le32(p) : 0;
}

bool ram_table_read(const struct ram *r, uint32_t at, bool given, struct ram_table *out)
{
	const uint8_t *p = ram_bytes(r, at, 12);

	*out = (struct ram_table){ .at = at };
	if (!p)
		return false;
	out->hash = le32(p);
	out->nuse = le32(p + 4);
	out->size = le32(p + 8);
	if (out->size < (given ? 1 : 16) || out->size > 1 << 16 || (out->size & (out->size - 1)))
		return false;
	/* It grows when it is full, and shrinks below a quarter. */
	out->odd = !out->nuse || out->nuse < out->size / 64 || out->nuse > out->size * 4;
	/* It may be cut, but not all of it. */
	return out->hash % 4 == 0 && ram_bytes(r, out->hash, 4) &&
	       (given || out->size <= r->len / 4);
}

struct ram_string ram_string_at(const struct ram *r, uint32_t at)
{
	const uint8_t *p = ram_bytes(r, at, 17);
	struct ram_string s = { .at = at };

	if (!p)
		return s;
	s.len = r->lua == 51 ? le32(p + 12) : p[7];
	s.text = s.len < r->len ? ram_bytes(r, at + 16, s.len) : NULL;
	return s;
}

/* Judges the string at s->at, whose bucket is known; fills in the rest. */
static void read_string(const struct ram *r, const struct ram_table *t, struct ram_string *s)
{
	const uint8_t *p = s->at % 4 ? NULL : ram_bytes(r, s->at, 17);
	uint32_t hash;

	s->text = NULL;
	s->fault = RAM_OUTSIDE;
	if (!p)
		return;
	hash = le32(p + 8);
	s->len = r->lua == 51 ? le32(p + 12) : p[7];
	s->fault = RAM_STRANGE;
	/* Before 2020 5.1 had other tags. */
	if (p[4] != 4 && !(r->lua == 51 && p[4] == 6))
		return;
	if ((hash & (t->size - 1)) != s->bucket || (r->lua != 51 && s->len > SHORT_MAX))
		return;
	p = s->len < r->len ? ram_bytes(r, s->at + 16, (size_t)s->len + 1) : NULL;
	s->fault = RAM_TORN;
	if (!p || p[s->len] != 0)
		return;
	if (r->seeded &&
	    hash != (r->lua == 51 ? lua_hash51(p, s->len) : lua_hash53(p, s->len, r->seed)))
		return;
	s->fault = RAM_SOUND;
	s->text = p;
}

static bool is_among(const uint32_t *array, unsigned n, uint32_t v)
{
	for (unsigned i = 0; i < n; i++)
		if (array[i] == v)
			return true;
	return false;
}

/*
 * One damaged string does not end a chain, two in a row do. So all strings but those belong to one
 * bucket, and a walk is no longer than the dump.
 */
static bool walk_chain(const struct ram *r, struct ram_table *t, uint32_t bucket, ram_visit visit,
		       void *ctx)
{
	struct ram_string s = { .bucket = bucket, .at = ram_word(r, t->hash + 4 * bucket) };
	uint32_t seen[CHAIN_MAX];
	unsigned bad = 0, n = 0;

	while (s.at && bad < 2) {
		bool again = n == CHAIN_MAX || is_among(seen, n, s.at);

		if (again)
			s.fault = RAM_CYCLE;
		else
			read_string(r, t, &s);
		if (bad && s.fault != RAM_SOUND)
			return true; /* told already */
		bad = s.fault == RAM_SOUND ? 0 : bad + 1;
		t->found += s.fault == RAM_SOUND;
		t->faults += s.fault != RAM_SOUND;
		if (visit && !visit(ctx, &s))
			return false;
		if (s.fault == RAM_CYCLE || s.fault == RAM_OUTSIDE)
			return true;
		seen[n++] = s.at;
		s.at = ram_word(r, s.at + (r->lua == 51 ? 0 : 12));
	}
	return true;
}

void ram_table_walk(const struct ram *r, struct ram_table *t, ram_visit visit, void *ctx)
{
	t->found = t->faults = 0;
	for (uint32_t i = 0; i < t->size; i++)
		if (!walk_chain(r, t, i, visit, ctx))
			break;
}

/* A table that is being tried; steps: of the whole search. */
struct trial {
	struct ram_table table;
	uint64_t *steps;
	bool given;
};

/* Enough was seen to say that this is no table. */
static bool is_hopeful(void *ctx, const struct ram_string *s)
{
	struct trial *trial = ctx;
	const struct ram_table *t = &trial->table;

	++*trial->steps;
	if (trial->given)
		return true;
	return t->faults < 32 + t->found * 4 && (s->bucket < 256 || t->found > s->bucket / 64);
}

/* How many strings the table at an address has as this version of Lua; keeps the best. */
static void try_table(struct ram *r, int lua, uint32_t at, bool given, uint64_t *steps,
		      struct ram_table *best)
{
	struct trial trial = { .steps = steps, .given = given };
	struct ram_table *t = &trial.table;
	struct ram as = *r;

	as.lua = lua;
	as.seeded = lua == 51;
	if (!ram_table_read(&as, at, given, t))
		return;
	*steps += t->size;
	ram_table_walk(&as, t, is_hopeful, &trial);
	/* Without a count that can be right, nearly all else must be. */
	if (t->odd && !given && (t->found < 16 || t->faults > t->found / 4))
		return;
	if (t->found > best->found) {
		*best = *t;
		r->lua = lua;
	}
}

static void try_versions(struct ram *r, const struct ram_dump *dump, uint32_t at, uint64_t *steps,
			 struct ram_table *best)
{
	bool given = dump->strt != 0;
	int lua = dump->lua;

	if (lua != 53)
		try_table(r, 51, at, given, steps, best);
	if (lua != 51)
		try_table(r, 53, at, given, steps, best);
}

enum err ram_open(const struct ram_dump *dump, struct diag *diag, struct ram *r,
		  struct ram_table *out)
{
	uint64_t steps = 0;
	uint32_t at = dump->base + (0 - dump->base) % 4;

	*r = (struct ram){ .p = dump->data, .len = dump->len, .base = dump->base };
	*out = (struct ram_table){ 0 };
	if (dump->strt) {
		try_versions(r, dump, dump->strt, &steps, out);
		if (!out->found)
			return diag_fail(diag, ERR_DAMAGED, "no string table at 0x%08" PRIx32,
					 dump->strt);
	}
	for (; !dump->strt && ram_bytes(r, at, 12); at += 4) {
		try_versions(r, dump, at, &steps, out);
		if (steps > SEARCH_MAX)
			break;
		if (out->found >= 8 && out->found == out->nuse && !out->faults)
			break;
	}
	/* One or two may be an accident. */
	if (!dump->strt && (out->found < 4 || (!out->odd && out->found < out->nuse / 32)))
		return diag_fail(diag, ERR_DAMAGED,
				 "no string table in this dump (is its base 0x%08" PRIx32 "?)",
				 dump->base);
	r->seeded = r->lua == 51;
	if (!r->seeded)
		ram_seed(r, out);
	return ERR_NONE;
}
