/* SPDX-License-Identifier: MIT */
/*
 * The streams' grammars, as far as a mutator needs them.
 */
#include <stdlib.h>

#include "tests/util_mutate_tokens.h"

enum { DEPTH_MAX = 200, STRING_SHORT = 5, STRING_LONG = 6 };

struct scan {
	struct tokens *t;
	const uint8_t *p;
	size_t len, at;
	unsigned number, inline_strings;
	bool bad;
};

static struct token *push(struct scan *s, enum token_coding coding, char kind, size_t len)
{
	struct token *t;

	if (s->bad || len > s->len - s->at || s->t->n >= TOKENS_MAX) {
		s->bad = true;
		return NULL;
	}
	t = vec_grow(&s->t->t, &s->t->n, &s->t->cap, sizeof(*t), 1);
	if (!t)
		abort();
	*t = (struct token){ .coding = coding, .kind = kind, .raw = s->p + s->at, .len = len };
	s->at += len;
	return t;
}

static uint64_t byte(struct scan *s, char kind)
{
	struct token *t = push(s, TOKEN_BYTE, kind, 1);

	return t ? t->value = *t->raw : 0;
}

static uint64_t word(struct scan *s, char kind)
{
	struct token *t = push(s, TOKEN_WORD, kind, 4);

	for (unsigned i = 0; t && i < 4; i++)
		t->value |= (uint64_t)t->raw[i] << 8 * i;
	return t ? t->value : 0;
}

/* Bytes of a number from here whose bit 7 says that more follow, with the last one. */
static size_t groups_at(const struct scan *s)
{
	size_t n = 0;

	while (s->at + n < s->len && s->p[s->at + n] & 0x80 && n < 10)
		n++;
	return n + 1;
}

static uint64_t mbe(struct scan *s, char kind)
{
	struct token *t = push(s, TOKEN_MBE, kind, groups_at(s));

	for (size_t i = 0; t && i < t->len; i++)
		t->value = t->value << 7 | (t->raw[i] & 0x7f);
	return t ? t->value : 0;
}

static struct token *typed(struct scan *s, char kind)
{
	struct token *t = push(s, TOKEN_TYPED, kind, groups_at(s));

	if (!t)
		return NULL;
	t->type = t->raw[0] >> 4 & 7;
	t->value = t->raw[0] & 0xf;
	for (size_t i = 1; i < t->len; i++)
		t->value = t->value << 7 | (t->raw[i] & 0x7f);
	return t;
}

/* Bytes whose length is in the token before, when that is an l. */
static void raw(struct scan *s, char kind, uint64_t len)
{
	push(s, TOKEN_RAW, kind, len > s->len ? s->len + 1 : (size_t)len);
}

static uint32_t here(const struct scan *s)
{
	return s->t->n;
}

/* What was pushed since begin is an item; count is the token with the number of such items. */
static void item(struct scan *s, char letter, uint32_t begin, uint32_t count)
{
	if (s->bad || begin >= s->t->n)
		return;
	s->t->t[begin].item = letter;
	s->t->t[begin].span = s->t->n - begin;
	s->t->t[begin].count = count;
}

/* 5.3: the string itself where it stands (length + 1, bytes), or its number. */
static void text53(struct scan *s, bool whole)
{
	struct token *t = typed(s, whole ? 'l' : 'r');

	if (!t || !whole || t->value == 0)
		return;
	t->less = 1;
	raw(s, '"', t->value - 1);
}

static void constant53(struct scan *s)
{
	struct token *t = typed(s, 'r');

	if (!t)
		return;
	if (t->type == 2) {
		raw(s, 'g', s->number);
	} else if (s->inline_strings && t->value &&
		   (t->type == STRING_SHORT || t->type == STRING_LONG)) {
		t->kind = 'l';
		t->less = 1;
		raw(s, '"', t->value - 1);
	}
}

static void upvalues53(struct scan *s)
{
	bool named = byte(s, 'b') != 0;
	uint32_t count = here(s);

	for (uint64_t n = mbe(s, 'n'); n > 0 && !s->bad; n--) {
		uint32_t begin = here(s);

		if (named)
			text53(s, s->inline_strings);
		byte(s, 'b');
		byte(s, 'b');
		item(s, 'U', begin, count);
	}
}

static void debug53(struct scan *s)
{
	uint32_t count;
	uint64_t n = mbe(s, 'l');

	raw(s, '~', n);
	count = here(s);
	for (n = mbe(s, 'n'); n > 0 && !s->bad; n--) {
		uint32_t begin = here(s);

		text53(s, s->inline_strings);
		mbe(s, 'i');
		mbe(s, 'i');
		item(s, 'O', begin, count);
	}
}

static void function53(struct scan *s, uint32_t count, unsigned depth)
{
	uint32_t begin = here(s), inner;

	s->bad |= depth > DEPTH_MAX;
	text53(s, s->inline_strings);
	mbe(s, 'i');
	mbe(s, 'i');
	for (unsigned i = 0; i < 3; i++)
		byte(s, 'b');
	inner = here(s);
	for (uint64_t n = mbe(s, 'n'); n > 0 && !s->bad; n--)
		function53(s, inner, depth + 1);
	inner = here(s);
	for (uint64_t n = mbe(s, 'n'); n > 0 && !s->bad; n--) {
		word(s, 'x');
		item(s, 'x', here(s) - 1, inner);
	}
	inner = here(s);
	for (uint64_t n = mbe(s, 'n'); n > 0 && !s->bad; n--) {
		uint32_t constant = here(s);

		constant53(s);
		item(s, 'K', constant, inner);
	}
	upvalues53(s);
	debug53(s);
	item(s, 'F', begin, count);
}

static void portable(struct scan *s)
{
	uint32_t count;

	typed(s, 'i');
	raw(s, 'h', 3);
	for (unsigned i = 0; i < 3; i++)
		mbe(s, 'n');
	count = here(s);
	for (uint64_t n = mbe(s, 'n'); n > 0 && !s->bad; n--) {
		uint32_t begin = here(s);

		text53(s, true);
		item(s, 'S', begin, count);
	}
	raw(s, 'h', 3);
	count = here(s);
	for (uint64_t n = mbe(s, 'n'); n > 0 && !s->bad; n--)
		function53(s, count, 0);
	count = here(s);
	for (uint64_t n = mbe(s, 'n'); n > 0 && !s->bad; n--) {
		typed(s, 'r');
		item(s, 'M', here(s) - 1, count);
	}
}

static void text51(struct scan *s)
{
	uint64_t n = word(s, 'l');

	if (n)
		raw(s, '"', n);
}

static void constant51(struct scan *s)
{
	switch (byte(s, '#')) {
	case 1: byte(s, 'b'); break;
	case 3:
	case 5: raw(s, 'g', s->number); break;
	case 4:
	case 6: text51(s); break;
	default: break;
	}
}

/* An array's count, and pads where NodeMCU's writer has them. */
static void code51(struct scan *s)
{
	uint32_t count = here(s);
	uint64_t n = word(s, 'n');

	push(s, TOKEN_PAD, 'p', -s->at & 3);
	for (; n > 0 && !s->bad; n--) {
		word(s, 'x');
		item(s, 'x', here(s) - 1, count);
	}
	count = here(s);
	for (n = word(s, 'n'); n > 0 && !s->bad; n--) {
		uint32_t begin = here(s);

		constant51(s);
		item(s, 'K', begin, count);
	}
}

static void debug51(struct scan *s)
{
	uint64_t n = word(s, 'l');
	uint32_t count;

	push(s, TOKEN_PAD, 'p', -s->at & 3);
	raw(s, '~', n);
	count = here(s);
	for (n = word(s, 'n'); n > 0 && !s->bad; n--) {
		uint32_t begin = here(s);

		text51(s);
		word(s, 'i');
		word(s, 'i');
		item(s, 'O', begin, count);
	}
	count = here(s);
	for (n = word(s, 'n'); n > 0 && !s->bad; n--) {
		uint32_t begin = here(s);

		text51(s);
		item(s, 'U', begin, count);
	}
}

static void function51(struct scan *s, uint32_t count, unsigned depth)
{
	uint32_t begin = here(s), inner;

	s->bad |= depth > DEPTH_MAX;
	text51(s);
	word(s, 'i');
	word(s, 'i');
	for (unsigned i = 0; i < 4; i++)
		byte(s, 'b');
	code51(s);
	inner = here(s);
	for (uint64_t n = word(s, 'n'); n > 0 && !s->bad; n--)
		function51(s, inner, depth + 1);
	debug51(s);
	item(s, 'F', begin, count);
}

bool tokens_read(struct tokens *t, enum mutate_form form, struct bytes in)
{
	struct scan s = { .t = t, .p = in.p, .len = in.len };
	uint32_t headers;

	*t = (struct tokens){ 0 };
	if (in.len < 24)
		return false;
	if (form == MUTATE_CHUNK51) {
		s.number = in.p[10];
		raw(&s, 'h', 12);
	} else {
		s.number = in.p[15];
		s.inline_strings = form == MUTATE_CHUNK53;
		raw(&s, 'h', 17 + s.number);
	}
	headers = t->n;
	if (form == MUTATE_CHUNK53)
		byte(&s, 'b');
	/* The outermost function is counted by none. */
	if (form == MUTATE_PORTABLE)
		portable(&s);
	else if (form == MUTATE_CHUNK53)
		function53(&s, TOKENS_MAX, 0);
	else
		function51(&s, TOKENS_MAX, 0);
	s.bad = false;
	if (s.at < s.len)
		raw(&s, '?', s.len - s.at);
	return headers > 0;
}
