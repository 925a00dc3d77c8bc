/* SPDX-License-Identifier: MIT */
#include "common/lua/loader51.h"

#include <string.h>

enum {
	STALE_MAX = 65536, /* bytes behind the end of the file before we call it endless */
	LITERAL_BAD = 0xfd,
	CODE_END = 256,
	CODES_MAX = 288,
	DISTANCES_MAX = 32,
	FLAG_CRC = 2,
	FLAG_EXTRA = 4,
	FLAG_NAME = 8,
	FLAG_COMMENT = 16,
	FLAG_RESERVED = 0xe0,
};

static void stop(struct loader51_inflate *z, enum loader51_end end)
{
	if (z->end == LOADER51_RUNNING)
		z->end = end;
}

static bool running(const struct loader51_inflate *z)
{
	return z->end == LOADER51_RUNNING;
}

/* Behind the end, each byte is the first one of the block that was read last. */
static uint8_t next_byte(struct loader51_inflate *z)
{
	if (z->read < z->len) {
		if (z->read % LOADER51_INPUT == 0)
			z->block_off = z->read;
		return z->file[z->read++];
	}
	if (++z->stale > STALE_MAX)
		stop(z, LOADER51_ENDLESS);
	return z->file[z->block_off];
}

static uint32_t next_u16(struct loader51_inflate *z)
{
	uint32_t low = next_byte(z);

	return low | (uint32_t)next_byte(z) << 8;
}

static uint32_t next_bit(struct loader51_inflate *z)
{
	uint32_t bit;

	if (z->nbits == 0) {
		z->tag = next_byte(z);
		z->nbits = 8;
	}
	bit = z->tag & 1;
	z->tag >>= 1;
	z->nbits--;
	return bit;
}

/* Never more than 13 bits, so at most 20 are held. */
static uint32_t next_bits(struct loader51_inflate *z, uint32_t n)
{
	uint32_t value;

	if (n == 0)
		return 0;
	while (z->nbits < n) {
		z->tag |= (uint32_t)next_byte(z) << z->nbits;
		z->nbits += 8;
	}
	value = z->tag & ((1u << n) - 1);
	z->tag >>= n;
	z->nbits -= n;
	return value;
}

static void put(struct loader51_inflate *z, uint8_t c)
{
	uint32_t at = (uint32_t)z->out % LOADER51_BLOCK;
	uint32_t oldest = z->order[LOADER51_BLOCKS - 1];

	z->ring[z->order[0]][at] = c;
	z->out++;
	if (at + 1 != LOADER51_BLOCK && z->out != z->wanted)
		return;
	if (!z->block(z, z->ctx)) {
		stop(z, LOADER51_REFUSED);
		return;
	}
	memmove(z->order + 1, z->order, (LOADER51_BLOCKS - 1) * sizeof(z->order[0]));
	z->order[0] = oldest;
}

/* The byte distance back. The very first byte cannot be had: an error of that loader. */
static uint8_t recall(struct loader51_inflate *z, uint32_t distance)
{
	uint32_t out = (uint32_t)z->out;
	uint32_t from;

	if (distance > LOADER51_WINDOW || distance >= out) {
		stop(z, LOADER51_FAR);
		return 0;
	}
	from = out - distance;
	return z->ring[z->order[out / LOADER51_BLOCK - from / LOADER51_BLOCK]]
		      [from % LOADER51_BLOCK];
}

static void make_tree(struct loader51_tree *t, const uint8_t *lengths, uint32_t n)
{
	uint16_t next[16];
	uint16_t sum = 0;

	memset(t->counts, 0, sizeof(t->counts));
	for (uint32_t i = 0; i < n; i++)
		t->counts[lengths[i]]++;
	t->counts[0] = 0;
	for (unsigned i = 0; i < 16; i++) {
		next[i] = sum;
		sum = (uint16_t)(sum + t->counts[i]);
	}
	for (uint32_t i = 0; i < n; i++)
		if (lengths[i])
			t->symbols[next[lengths[i]]++] = (uint16_t)i;
}

static void make_fixed_trees(struct loader51_inflate *z)
{
	uint8_t lengths[CODES_MAX];

	memset(lengths, 8, 144);
	memset(lengths + 144, 9, 112);
	memset(lengths + 256, 7, 24);
	memset(lengths + 280, 8, 8);
	make_tree(&z->literals, lengths, CODES_MAX);
	memset(lengths, 5, DISTANCES_MAX);
	make_tree(&z->distances, lengths, DISTANCES_MAX);
}

/* A symbol, or -1 when no code matches. */
static int next_symbol(struct loader51_inflate *z, const struct loader51_tree *t)
{
	int sum = 0;
	int code = 0;

	for (unsigned len = 1;; len++) {
		code = 2 * code + (int)next_bit(z);
		if (len == 16)
			return -1;
		sum += t->counts[len];
		code -= t->counts[len];
		if (code < 0)
			break;
	}
	sum += code;
	if (sum < 0 || sum >= CODES_MAX)
		return -1;
	return t->symbols[sum];
}

/* One code of the list of code lengths; false when the list is broken. */
static bool next_lengths(struct loader51_inflate *z, uint8_t *lengths, uint32_t *n, uint32_t max)
{
	int symbol = next_symbol(z, &z->literals);
	uint32_t repeat;
	uint8_t value = 0;

	if (symbol < 0)
		return false;
	if (symbol < 16) {
		lengths[(*n)++] = (uint8_t)symbol;
		return true;
	}
	/* Symbols above 18 are left-overs of an earlier tree, to be used as lengths. */
	if (symbol > 18 || (symbol == 16 && *n == 0)) {
		stop(z, LOADER51_UNDEFINED);
		return false;
	}
	if (symbol == 16) {
		value = lengths[*n - 1];
		repeat = 3 + next_bits(z, 2);
	} else if (symbol == 17) {
		repeat = 3 + next_bits(z, 3);
	} else {
		repeat = 11 + next_bits(z, 7);
	}
	if (*n + repeat > max)
		return false;
	memset(lengths + *n, value, repeat);
	*n += repeat;
	return true;
}

static bool next_trees(struct loader51_inflate *z)
{
	static const uint8_t places[19] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
					    11, 4,  12, 3, 13, 2, 14, 1, 15 };
	uint8_t lengths[CODES_MAX + DISTANCES_MAX] = { 0 };
	uint32_t nliterals = 257 + next_bits(z, 5);
	uint32_t ndistances = 1 + next_bits(z, 5);
	uint32_t ncodes = 4 + next_bits(z, 4);
	uint32_t n = 0;

	for (uint32_t i = 0; i < ncodes; i++)
		lengths[places[i]] = (uint8_t)next_bits(z, 3);
	make_tree(&z->literals, lengths, 19);
	while (n < nliterals + ndistances && running(z))
		if (!next_lengths(z, lengths, &n, nliterals + ndistances))
			return false;
	make_tree(&z->literals, lengths, nliterals);
	make_tree(&z->distances, lengths + nliterals, ndistances);
	return running(z);
}

/*
 * Extra bits and base of length codes 257... and of distance codes. Deflate has 29 and 30 of them;
 * the loader's tables are computed for 30 each, and a code beyond them (31, and -3 for a distance
 * that is no code) reads what stands next to the table. These bytes are always the same.
 */
static void length_code(int code, uint32_t *bits, uint32_t *base)
{
	*bits = 0;
	*base = 258;
	if (code == 28)
		return;
	*bits = code < 4 ? 0 : (uint32_t)(code - 4) / 4;
	*base = 3 + (uint32_t)code;
	if (code >= 4)
		*base = 3 + ((4 + ((uint32_t)code & 3)) << *bits);
	if (code == 30) {
		*bits = 3;
		*base = 0;
	}
}

static void distance_code(int code, uint32_t *bits, uint32_t *base)
{
	*bits = code < 2 ? 0 : (uint32_t)(code - 2) / 2;
	*base = 1 + (uint32_t)code;
	if (code >= 2)
		*base = 1 + ((2 + ((uint32_t)code & 1)) << *bits);
	if (code < 0 || code == 30)
		*bits = 1;
	if (code < 0)
		*base = 0x0b0b;
	if (code == 30)
		*base = 0x1110;
	if (code == 31) {
		*bits = 0;
		*base = 0x0012;
	}
}

/* A block of codes. A length of 0 counts down through all of 32 bits. */
static enum loader51_end inflate_codes(struct loader51_inflate *z)
{
	while (running(z)) {
		int symbol = next_symbol(z, &z->literals);
		uint32_t bits, base, length, distance;

		if (symbol == CODE_END)
			return LOADER51_DONE;
		if (symbol < CODE_END) {
			put(z, symbol < 0 ? LITERAL_BAD : (uint8_t)symbol);
			continue;
		}
		length_code(symbol - CODE_END - 1, &bits, &base);
		length = base + next_bits(z, bits);
		distance_code(next_symbol(z, &z->distances), &bits, &base);
		distance = base + next_bits(z, bits);
		do {
			uint8_t c = recall(z, distance);

			if (running(z))
				put(z, c);
		} while (--length && running(z));
	}
	return LOADER51_RUNNING;
}

static enum loader51_end inflate_stored(struct loader51_inflate *z)
{
	uint32_t length = next_u16(z);
	uint32_t inverse = next_u16(z);

	if (length != (~inverse & 0xffff))
		return LOADER51_BROKEN;
	z->nbits = 0;
	while (length-- && running(z))
		put(z, next_byte(z));
	return LOADER51_DONE;
}

static enum loader51_end inflate_block(struct loader51_inflate *z)
{
	switch (next_bits(z, 2)) {
	case 0: return inflate_stored(z);
	case 1: make_fixed_trees(z); return inflate_codes(z);
	case 2: return next_trees(z) ? inflate_codes(z) : LOADER51_BROKEN;
	default: return LOADER51_BROKEN;
	}
}

static void skip(struct loader51_inflate *z, uint32_t n)
{
	for (uint32_t i = 0; i < n && running(z); i++)
		next_byte(z);
}

static void skip_text(struct loader51_inflate *z)
{
	while (running(z) && next_byte(z))
		;
}

/* An empty extra field is skipped like a text: an error of that loader. */
static void skip_extra(struct loader51_inflate *z)
{
	uint32_t n = next_u16(z);

	if (n == 0)
		skip_text(z);
	skip(z, n);
}

static bool skip_header(struct loader51_inflate *z)
{
	uint8_t flags;

	if (next_byte(z) != 0x1f || next_byte(z) != 0x8b || next_byte(z) != 8)
		return false;
	flags = next_byte(z);
	if (flags & FLAG_RESERVED)
		return false;
	skip(z, 6);
	if (flags & FLAG_EXTRA)
		skip_extra(z);
	if (flags & FLAG_NAME)
		skip_text(z);
	if (flags & FLAG_COMMENT)
		skip_text(z);
	if (flags & FLAG_CRC)
		skip(z, 2);
	return true;
}

void loader51_inflate(struct loader51_inflate *z)
{
	enum loader51_end end;
	bool last;

	for (uint32_t i = 0; i < LOADER51_BLOCKS; i++)
		z->order[i] = i;
	if (!skip_header(z))
		stop(z, LOADER51_BROKEN);
	do {
		last = next_bit(z);
		end = inflate_block(z);
		if (end != LOADER51_DONE)
			stop(z, end);
	} while (running(z) && !last);
	if (!running(z))
		return;
	z->crc = next_u16(z);
	z->crc |= next_u16(z) << 16;
	z->end = LOADER51_DONE;
}
