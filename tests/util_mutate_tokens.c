/* SPDX-License-Identifier: MIT */
#include "tests/util_mutate_tokens.h"

#include <stdlib.h>
#include <string.h>

void tokens_free(struct tokens *t)
{
	free(t->t);
	*t = (struct tokens){ 0 };
}

static void write_groups(struct buf *out, uint64_t v, unsigned groups)
{
	while (groups-- > 0)
		buf_byte(out, (uint8_t)((v >> 7 * groups & 0x7f) | (groups ? 0x80 : 0)));
}

static unsigned groups_of(uint64_t v)
{
	unsigned n = 1;

	while (n < 9 && v >> 7 * n)
		n++;
	return n;
}

static void write_typed(struct buf *out, const struct token *t)
{
	unsigned groups = 0;

	while (groups < 9 && t->value >> 7 * groups >> 4)
		groups++;
	buf_byte(out, (uint8_t)((groups ? 0x80 : 0) | (t->type & 7) << 4 |
				(t->value >> 7 * groups & 0xf)));
	write_groups(out, t->value, groups);
}

static void write_token(struct buf *out, const struct token *t)
{
	switch (t->coding) {
	case TOKEN_BYTE: buf_byte(out, (uint8_t)t->value); break;
	case TOKEN_WORD: buf_u32(out, (uint32_t)t->value); break;
	case TOKEN_MBE: write_groups(out, t->value, groups_of(t->value) + t->longer); break;
	case TOKEN_TYPED: write_typed(out, t); break;
	default: buf_put(out, t->raw, t->len);
	}
}

void tokens_write(const struct tokens *t, struct buf *out)
{
	for (uint32_t i = 0; i < t->n; i++) {
		if (t->t[i].coding == TOKEN_PAD)
			while (out->len % 4)
				buf_byte(out, 0);
		else if (t->t[i].dirty)
			write_token(out, &t->t[i]);
		else
			buf_put(out, t->t[i].raw, t->t[i].len);
	}
}

static bool is_one(const struct token *t, const char *letters, bool item)
{
	char letter = item ? t->item : t->kind;

	return letter && strchr(letters, letter);
}

static struct token *pick(const struct tokens *t, struct rng *r, const char *letters, bool item)
{
	uint32_t n = 0, k;

	for (uint32_t i = 0; i < t->n; i++)
		n += is_one(&t->t[i], letters, item);
	k = rng_below(r, n);
	for (uint32_t i = 0; i < t->n; i++)
		if (is_one(&t->t[i], letters, item) && k-- == 0)
			return &t->t[i];
	return NULL;
}

struct token *tokens_pick(const struct tokens *t, struct rng *r, const char *kinds)
{
	return pick(t, r, kinds, false);
}

struct token *tokens_pick_item(const struct tokens *t, struct rng *r, const char *items)
{
	return pick(t, r, items, true);
}

bool tokens_insert(struct tokens *t, uint32_t at, const struct token *from, uint32_t n)
{
	struct token *copy = malloc((size_t)n * sizeof(*copy));
	uint32_t tail = t->n - at;

	if (!copy)
		abort();
	if (n > TOKENS_MAX - t->n) {
		free(copy);
		return false;
	}
	/* What is inserted may be a part of the list itself. */
	memcpy(copy, from, (size_t)n * sizeof(*copy));
	if (!vec_grow(&t->t, &t->n, &t->cap, sizeof(*t->t), n))
		abort();
	memmove(t->t + at + n, t->t + at, tail * sizeof(*t->t));
	memcpy(t->t + at, copy, (size_t)n * sizeof(*copy));
	free(copy);
	return true;
}

void tokens_remove(struct tokens *t, uint32_t at, uint32_t n)
{
	memmove(t->t + at, t->t + at + n, (t->n - at - n) * sizeof(*t->t));
	t->n -= n;
}
