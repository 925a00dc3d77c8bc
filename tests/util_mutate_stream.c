/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "tests/util_mutate_tokens.h"

struct edit {
	struct tokens *t, *other;
	struct rng *r;
	uint8_t *text; /* changed raw bytes, until they are written */
};

static void set(struct token *t, uint64_t value)
{
	t->value = value;
	t->dirty = true;
}

static void recount(struct edit *e, struct token *t)
{
	uint64_t v = vary_count(e->r, (uint32_t)t->value);

	t->longer = t->coding == TOKEN_MBE && rng_one_in(e->r, 8);
	/* All of 64 bits, and a number that ends as the old one did. */
	if (t->coding != TOKEN_WORD && rng_one_in(e->r, 8))
		v = t->value | 1ull << (32 + rng_below(e->r, 32));
	set(t, v);
}

static void reinteger(struct edit *e, struct token *t)
{
	set(t, vary_word(e->r, (uint32_t)t->value));
}

static void instruct(struct edit *e, struct token *t)
{
	struct token *other = tokens_pick(e->t, e->r, "x");

	set(t, vary_instruction(e->r, (uint32_t)t->value, (uint32_t)other->value));
}

static void rebyte(struct edit *e, struct token *t)
{
	set(t, vary_byte(e->r, (uint8_t)t->value));
}

static void retype(struct edit *e, struct token *t)
{
	if (t->coding == TOKEN_TYPED)
		t->type = (uint8_t)rng_below(e->r, 8);
	else
		t->value = rng_below(e->r, 8);
	t->dirty = true;
}

/* Another string, mostly one that there is. */
static void rerefer(struct edit *e, struct token *t)
{
	struct token *other = tokens_pick(e->t, e->r, "r");

	if (rng_one_in(e->r, 2))
		t->type = other->type;
	set(t, rng_one_in(e->r, 3) ? vary_count(e->r, (uint32_t)t->value) : other->value);
}

/* Changed bytes, as many or not; the length before them is mended mostly. */
static void retext(struct edit *e, struct token *t)
{
	size_t len = t->len > TEXT_MAX ? TEXT_MAX : t->len;
	uint8_t *text = malloc(2 * TEXT_MAX);
	size_t grow = rng_below(e->r, 3) ? 0 : rng_below(e->r, 60);

	if (!text)
		abort();
	e->text = text;
	memcpy(text, t->raw, len);
	vary_bytes(e->r, text, len);
	if (t->kind == '"' || t->kind == '~') {
		memset(text + len, vary_byte(e->r, 'a'), grow);
		len = grow ? len + grow : len - (len && rng_one_in(e->r, 4));
	}
	if (t > e->t->t && t[-1].kind == 'l' && !rng_one_in(e->r, 8))
		set(t - 1, len + t[-1].less);
	t->raw = text;
	t->len = len;
}

static void count_by(struct edit *e, const struct token *item, int by)
{
	if (item->count < e->t->n && !rng_one_in(e->r, 8))
		set(&e->t->t[item->count], e->t->t[item->count].value + (uint64_t)(int64_t)by);
}

/* The items' counts stand before them, so that they are set first. */
static void copy(struct edit *e, struct token *item)
{
	struct token *from = tokens_pick_item(e->t, e->r, (char[2]){ item->item, 0 });
	uint32_t at = (uint32_t)(item - e->t->t);

	/* A function into itself would never end to grow. */
	if (from->span > 2000)
		return;
	count_by(e, item, 1);
	tokens_insert(e->t, at, from, from->span);
}

static void drop(struct edit *e, struct token *item)
{
	count_by(e, item, -1);
	tokens_remove(e->t, (uint32_t)(item - e->t->t), item->span);
}

static void replace(struct edit *e, struct token *item)
{
	struct tokens *list = e->other ? e->other : e->t;
	struct token *from = tokens_pick_item(list, e->r, (char[2]){ item->item, 0 });
	uint32_t at = (uint32_t)(item - e->t->t), span = item->span;

	if (!from || !tokens_insert(e->t, at + span, from, from->span))
		return;
	tokens_remove(e->t, at, span);
}

static void splice(struct edit *e, struct token *item)
{
	struct token *from = tokens_pick_item(e->other, e->r, (char[2]){ item->item, 0 });

	if (!from || rng_one_in(e->r, 2)) {
		replace(e, item);
		return;
	}
	count_by(e, item, 1);
	tokens_insert(e->t, (uint32_t)(item - e->t->t), from, from->span);
}

/* The list ends here, in the middle of a token now and then. */
static void cut(struct edit *e, struct token *t)
{
	e->t->n = (uint32_t)(t - e->t->t) + 1;
	if (t->len > 1 && !t->dirty)
		t->len -= rng_below(e->r, 2);
}

static const struct mutate_op ops[] = {
	{ 20, "nl" }, { 8, "i" }, { 15, "x" }, { 10, "b" }, { 6, "r#" }, { 12, "r" },
	{ 8, "\"" },  { 8, "~" }, { 5, "g" },  { 2, "h" },  { 2, "?" },  { 2, "nlibxrg\"" },
};
static void (*const op_functions[])(struct edit *, struct token *) = {
	recount, reinteger, instruct, rebyte, retype, rerefer,
	retext,  retext,    retext,   retext, retext, cut,
};
_Static_assert(sizeof(ops) / sizeof(ops[0]) == sizeof(op_functions) / sizeof(op_functions[0]),
	       "each row has its function");

/* Functions are few among items: they get a share of their own. */
static bool edit_items(struct edit *e)
{
	static void (*const functions[])(struct edit *, struct token *) = { copy, drop, replace };
	const char *items = rng_one_in(e->r, 3) ? "F" : rng_one_in(e->r, 4) ? "x" : "KSUOM";
	struct token *item = tokens_pick_item(e->t, e->r, items);

	if (item && e->other)
		splice(e, item);
	else if (item)
		functions[rng_below(e->r, 3)](e, item);
	return item != NULL;
}

static bool edit_once(struct edit *e)
{
	unsigned op = mutate_choose(e->r, ops, sizeof(ops) / sizeof(ops[0]));
	struct token *t;

	if (e->other || rng_one_in(e->r, 5))
		return edit_items(e);
	t = tokens_pick(e->t, e->r, ops[op].kinds);
	if (t)
		op_functions[op](e, t);
	return t != NULL;
}

/* One change; what it left is read anew for the next one. */
static bool round_once(enum mutate_form form, struct rng *r, struct bytes in,
		       const struct bytes *other, bool change, struct buf *out)
{
	struct tokens t = { 0 }, second = { 0 };
	struct edit e = { .t = &t, .r = r };
	bool done = tokens_read(&t, form, in);

	if (done && other && tokens_read(&second, form, *other))
		e.other = &second;
	if (done && change)
		done = (!other || e.other) && edit_once(&e);
	if (done)
		tokens_write(&t, out);
	free(e.text);
	tokens_free(&t);
	tokens_free(&second);
	return done;
}

bool mutate_stream(enum mutate_form form, struct rng *r, struct bytes in, const struct bytes *other,
		   unsigned rounds, struct buf *out)
{
	bool changed = round_once(form, r, in, other, rounds > 0, out);

	for (unsigned i = 1; i < rounds && out->len; i++) {
		struct buf next = { 0 };

		if (round_once(form, r, (struct bytes){ out->data, out->len }, NULL, true, &next)) {
			buf_free(out);
			*out = next;
		} else {
			buf_free(&next);
		}
		changed = changed || out->len > 0;
	}
	return changed;
}
