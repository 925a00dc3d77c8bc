/* SPDX-License-Identifier: MIT */
#include "tests/util_mutate_words.h"

#include <stdlib.h>
#include <string.h>

static uint32_t word_at(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Words of the image alone, where a bitmap follows: as the header says, or as it must be. */
static uint32_t image_words(struct bytes in)
{
	uint32_t all = (uint32_t)(in.len / 4);
	uint32_t n = word_at(in.p + 4) / 4;

	if (n < 8 || n > all)
		n = (uint32_t)((uint64_t)all * 32 / 33);
	return n;
}

/* Marks from the bitmap. */
static void load_bitmap(struct words *x, struct bytes in)
{
	for (uint32_t i = 0; i < x->n; i++) {
		size_t at = (size_t)x->n * 4 + i / 8;

		x->address[i] = at < in.len && in.p[at] >> i % 8 & 1;
	}
}

static void load_chain(struct words *x)
{
	for (uint32_t at = 2, next; at < x->n && !x->address[at]; at = next) {
		next = x->w[at] >> 16;
		x->address[at] = 1;
		x->w[at] &= 0xffff;
		if (next <= at)
			break;
	}
}

/* Whatever points into the image is an address. */
static void load_absolute(struct words *x)
{
	x->base = x->form == MUTATE_ABSOLUTE53 ? x->w[12] : x->w[3] - 0x20;
	for (uint32_t i = 0; x->base && x->base % 4 == 0 && i < x->n; i++) {
		uint32_t off = x->w[i] - x->base;

		if (off % 4 == 0 && off < x->n * 4) {
			x->w[i] = off / 4;
			x->address[i] = 1;
		}
	}
}

bool words_load(struct words *x, enum mutate_form form, struct bytes in)
{
	*x = (struct words){ .form = form };
	if (in.len < 52 || in.len / 4 > WORDS_MAX)
		return false;
	x->n = form == MUTATE_RELOCATABLE ? image_words(in) : (uint32_t)(in.len / 4);
	x->w = calloc(WORDS_MAX, sizeof(*x->w));
	x->address = calloc(WORDS_MAX, 1);
	if (!x->w || !x->address)
		abort();
	for (uint32_t i = 0; i < x->n; i++)
		x->w[i] = word_at(in.p + 4 * (size_t)i);
	if (form == MUTATE_RELOCATABLE) {
		load_bitmap(x, in);
		return true;
	}
	x->ntail = in.len % 4;
	memcpy(x->tail, in.p + (size_t)x->n * 4, x->ntail);
	if (form == MUTATE_CHAINED)
		load_chain(x);
	else
		load_absolute(x);
	return true;
}

static void save_bitmap(const struct words *x, struct buf *out)
{
	for (uint32_t i = 0; i < x->n; i += 32) {
		uint32_t bits = 0;

		for (uint32_t k = 0; k < 32 && i + k < x->n; k++)
			bits |= (uint32_t)x->address[i + k] << k;
		buf_u32(out, bits);
	}
}

static uint32_t chained(const struct words *x, uint32_t at)
{
	uint32_t next = at + 1;

	while (next < x->n && !x->address[next])
		next++;
	return (x->w[at] & 0xffff) | (next < x->n ? next << 16 : 0);
}

void words_save(const struct words *x, struct buf *out)
{
	for (uint32_t i = 0; i < x->n; i++) {
		uint32_t v = x->w[i];

		if (i == 1 && x->resized)
			v = x->n * 4;
		else if (x->address[i] && x->form == MUTATE_CHAINED)
			v = chained(x, i);
		else if (x->address[i] && x->form != MUTATE_RELOCATABLE)
			v = v * 4 + x->base;
		buf_u32(out, v);
	}
	if (x->form == MUTATE_RELOCATABLE)
		save_bitmap(x, out);
	buf_put(out, x->tail, x->ntail);
}

void words_free(struct words *x)
{
	free(x->w);
	free(x->address);
}

/* Offsets of the 5.3 header are moved as addresses are. */
static bool moves(const struct words *x, uint32_t i)
{
	return x->address[i] || (x->form == MUTATE_ABSOLUTE53 && i >= 6 && i <= 10);
}

bool words_insert(struct words *x, uint32_t at, uint32_t k)
{
	if (k > WORDS_MAX - x->n)
		return false;
	for (uint32_t i = 0; i < x->n; i++)
		if (moves(x, i) && x->w[i] >= at && x->w[i] <= x->n)
			x->w[i] += k;
	memmove(x->w + at + k, x->w + at, (x->n - at) * sizeof(*x->w));
	memmove(x->address + at + k, x->address + at, x->n - at);
	memset(x->w + at, 0, k * sizeof(*x->w));
	memset(x->address + at, 0, k);
	x->n += k;
	x->resized = true;
	return true;
}

void words_remove(struct words *x, uint32_t at, uint32_t k)
{
	for (uint32_t i = 0; i < x->n; i++)
		if (moves(x, i) && x->w[i] >= at + k && x->w[i] <= x->n)
			x->w[i] -= k;
	memmove(x->w + at, x->w + at + k, (x->n - at - k) * sizeof(*x->w));
	memmove(x->address + at, x->address + at + k, x->n - at - k);
	x->n -= k;
	x->resized = true;
}
