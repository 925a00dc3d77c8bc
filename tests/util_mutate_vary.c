/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/util_mutate_parts.h"

uint32_t rng_below(struct rng *r, uint32_t n)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return n ? (uint32_t)((r->state * 0x2545f4914f6cdd1du) >> 32) % n : 0;
}

bool rng_one_in(struct rng *r, uint32_t n)
{
	return rng_below(r, n) == 0;
}

/* Those with high bits come back into range when multiplied by an item's size, or as int. */
static const uint32_t edges[] = {
	0,          1,          2,          126,        127,        128,
	255,        256,        257,        511,        65535,      65536,
	0x3fffff,   0x7fffff,   0x15555556, 0x1c71c71d, 0x20000000, 0x20000001,
	0x3fffffff, 0x40000000, 0x40000001, 0x55555556, 0x7fffffff, 0x80000000,
	0x80000001, 0xfffffff0, 0xfffffffc, 0xfffffffe, 0xffffffff,
};

static uint32_t edge(struct rng *r)
{
	return edges[rng_below(r, sizeof(edges) / sizeof(edges[0]))];
}

uint32_t vary_count(struct rng *r, uint32_t value)
{
	switch (rng_below(r, 8)) {
	case 0:
	case 1: return value + 1;
	case 2:
	case 3: return value - 1;
	case 4: return value * 2;
	case 5: return rng_below(r, value + 8);
	default: return edge(r);
	}
}

uint32_t vary_word(struct rng *r, uint32_t value)
{
	/* NaN, infinities, the smallest numbers, -0, an int's limits: the high word of a double. */
	static const uint32_t high[] = { 0x7ff80000, 0x7ff00000, 0xfff00000, 0x00000001,
					 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000,
					 0x41e00000, 0xc1e00000, 0x43e00000, 0x3fe00000 };

	switch (rng_below(r, 5)) {
	case 0: return value ^ 1u << rng_below(r, 32);
	case 1: return value + rng_below(r, 9) - 4;
	case 2: return high[rng_below(r, sizeof(high) / sizeof(high[0]))];
	case 3: return (uint32_t)rng_below(r, 0xffffffff);
	default: return edge(r);
	}
}

/* Opcode 6 bits, A 8, C 9, B 9. */
uint32_t vary_instruction(struct rng *r, uint32_t word, uint32_t other)
{
	static const struct {
		uint8_t shift, bits;
	} parts[] = { { 0, 6 }, { 6, 8 }, { 14, 9 }, { 23, 9 }, { 14, 18 } };
	unsigned part = rng_below(r, 5);
	uint32_t mask = ((1u << parts[part].bits) - 1) << parts[part].shift;
	uint32_t one = 1u << parts[part].shift;

	switch (rng_below(r, 6)) {
	case 0: return other;
	case 1: return (word & ~mask) | (other & mask);
	case 2: return (word & ~mask) | ((word + one) & mask);
	case 3: return (word & ~mask) | ((word - one) & mask);
	case 4: return word ^ 1u << rng_below(r, 32);
	default: return (word & ~mask) | ((rng_below(r, 1u << 18) << parts[part].shift) & mask);
	}
}

uint8_t vary_byte(struct rng *r, uint8_t value)
{
	/* Ends, steps and counts of line info; what text must not have. */
	static const uint8_t bytes[] = { 0,    1,    9,    10,   0x1b, '"', '\'', '\\', '@',  '=',
					 '[',  ']',  125,  126,  127,  128, 129,  130,  0x9b, 0xbf,
					 0xc0, 0xc3, 0xe2, 0xed, 0xf4, 250, 254,  255 };

	switch (rng_below(r, 4)) {
	case 0: return (uint8_t)(value ^ 1u << rng_below(r, 8));
	case 1: return (uint8_t)(value + rng_below(r, 5) - 2);
	default: return bytes[rng_below(r, sizeof(bytes))];
	}
}

void vary_bytes(struct rng *r, uint8_t *p, size_t n)
{
	size_t at = rng_below(r, (uint32_t)n);
	size_t from = rng_below(r, (uint32_t)n);
	size_t count = n - (at > from ? at : from);

	if (n == 0)
		return;
	switch (rng_below(r, 4)) {
	case 0: memmove(p + at, p + from, rng_below(r, (uint32_t)count + 1)); break;
	case 1: memset(p + at, vary_byte(r, p[at]), 1 + rng_below(r, (uint32_t)(n - at))); break;
	default: p[at] = vary_byte(r, p[at]);
	}
}

unsigned mutate_choose(struct rng *r, const struct mutate_op *ops, unsigned count)
{
	unsigned sum = 0, i = 0;
	uint32_t at;

	for (unsigned k = 0; k < count; k++)
		sum += ops[k].weight;
	at = rng_below(r, sum);
	while (at >= ops[i].weight)
		at -= ops[i++].weight;
	return i;
}
