/* SPDX-License-Identifier: MIT */
/*
 * The seed of Lua 5.3's string hashes. It is a field of global_State, a few words behind the table;
 * where that word is damaged, the hashes tell: a step of the hash,
 *
 *     h' = h ^ ((h << 5) + (h >> 2) + c)
 *
 * can be undone. Bit i of h' has bits 0…i+2 of h in it, the last of them by itself: with two bits
 * guessed, all others follow, and the two highest of h' say whether the guess was right.
 */
#include "common/strings/ram.h"

#include "common/base/rd.h"

#define SAMPLES    16
#define SAMPLE_MAX 12 /* bytes; longer ones have more steps to undo */

struct samples {
	struct ram_string s[SAMPLES];
	unsigned n;
};

static bool sample(void *ctx, const struct ram_string *s)
{
	struct samples *samples = ctx;

	if (s->fault == RAM_SOUND && s->len && s->len <= SAMPLE_MAX)
		samples->s[samples->n++] = *s;
	return samples->n < SAMPLES;
}

static uint32_t step(uint32_t h, uint8_t c)
{
	return h ^ ((h << 5) + (h >> 2) + c);
}

/* Makes seed the run's if more than *most strings agree to it. */
static void try_seed(struct ram *r, const struct ram_table *t, uint32_t seed, uint32_t *most)
{
	struct ram as = *r;
	struct ram_table try = *t;

	as.seeded = true;
	as.seed = seed;
	ram_table_walk(&as, &try, NULL, NULL);
	if (try.found > *most) {
		*most = try.found;
		r->seeded = true;
		r->seed = seed;
	}
}

struct undo {
	struct ram *r;
	const struct ram_table *t;
	const struct ram_string *s;
	uint32_t *most;
	unsigned budget; /* seeds tried */
};

/* h: the hash before byte i of the string was taken in, and those before it. */
static void undo_steps(struct undo *u, uint32_t h, uint32_t i)
{
	const struct ram_string *s = u->s;

	if (!u->budget)
		return;
	if (i == s->len) {
		u->budget--;
		try_seed(u->r, u->t, h ^ s->len, u->most);
		return;
	}
	for (uint32_t guess = 0; guess < 4; guess++) {
		uint32_t x = guess;

		for (unsigned bit = 0; bit < 30; bit++)
			x |= ((step(x, s->text[i]) ^ h) >> bit & 1) << (bit + 2);
		if (step(x, s->text[i]) == h)
			undo_steps(u, x, i + 1);
	}
}

void ram_seed(struct ram *r, const struct ram_table *t)
{
	struct samples samples = { .n = 0 };
	struct ram_table walked = *t;
	uint32_t most = t->found / 2;
	struct ram as = *r;

	r->seeded = false;
	for (uint32_t at = t->at - 64; at != t->at + 64; at += 4)
		try_seed(r, t, ram_word(r, at), &most);
	if (r->seeded)
		return;
	as.seeded = false;
	ram_table_walk(&as, &walked, sample, &samples);
	for (unsigned i = 0; i < samples.n && !r->seeded; i++) {
		struct undo u = { r, t, &samples.s[i], &most, 64 };

		undo_steps(&u, le32(ram_bytes(r, u.s->at, 12) + 8), 0);
	}
}
