/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/lua/model.h"
#include "tests/util_mutate_words.h"

struct edit {
	struct words *x;
	struct graph g;
	struct rng *r;
	const struct words *other; /* NULL: no second image */
	const struct graph *other_graph;
};

static uint32_t word_get(const struct edit *e, const struct field *f)
{
	return e->x->w[f->at / 4];
}

static void word_set(struct edit *e, const struct field *f, uint32_t value)
{
	e->x->w[f->at / 4] = value;
}

/* To another record of the kind or any, off by some words, behind the end, to none, to itself. */
static void redirect(struct edit *e, const struct field *f)
{
	char kind[2] = { f->kind, 0 };
	bool any = rng_one_in(e->r, 4);
	const struct field *to = graph_pick(&e->g, e->r, any ? "PTKCVLOUHEN" : kind);
	uint32_t at = f->at / 4;

	switch (rng_below(e->r, 12)) {
	case 0: word_set(e, f, word_get(e, f) + rng_below(e->r, 9) - 4); break;
	case 1: word_set(e, f, e->x->n - rng_below(e->r, 20)); break;
	case 2: word_set(e, f, 0); break;
	case 3: word_set(e, f, at - rng_below(e->r, 18)); break;
	case 4: e->x->address[at] ^= 1; return;
	case 5: word_set(e, f, vary_word(e->r, word_get(e, f))); return;
	default: word_set(e, f, to ? word_get(e, to) : rng_below(e->r, e->x->n));
	}
	e->x->address[at] = word_get(e, f) != 0;
}

static void recount(struct edit *e, const struct field *f)
{
	const struct field *other = graph_pick(&e->g, e->r, "kcvloun");

	word_set(e, f, rng_one_in(e->r, 6) ? word_get(e, other) : vary_count(e->r, word_get(e, f)));
}

static void instruct(struct edit *e, const struct field *f)
{
	word_set(e, f,
		 vary_instruction(e->r, word_get(e, f), word_get(e, graph_pick(&e->g, e->r, "x"))));
}

static void rebyte(struct edit *e, const struct field *f)
{
	unsigned shift = 8 * rng_below(e->r, 4);
	uint32_t v = word_get(e, f);

	word_set(e, f,
		 (v & ~(0xffu << shift)) | (uint32_t)vary_byte(e->r, (uint8_t)(v >> shift))
						   << shift);
}

/* Tags of both generations, of 5.3's strings, functions and light userdata. */
static void retag(struct edit *e, const struct field *f)
{
	static const uint32_t tags[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 19, 20, 0x15, 0x44, 0xff
	};

	word_set(e, f, tags[rng_below(e->r, sizeof(tags) / sizeof(tags[0]))]);
}

static void reword(struct edit *e, const struct field *f)
{
	word_set(e, f, vary_word(e->r, word_get(e, f)));
}

static void resign(struct edit *e, const struct field *f)
{
	word_set(e, f, word_get(e, f) ^ 1u << rng_below(e->r, 4));
}

static uint8_t byte_get(const struct edit *e, size_t at)
{
	return (uint8_t)(e->x->w[at / 4] >> 8 * (at % 4));
}

/* Text or lines; a text's hash is mended half the time. */
static void retext(struct edit *e, const struct field *f)
{
	uint8_t text[4096];
	uint32_t at = f->at / 4;

	for (uint32_t i = 0; i < f->len; i++)
		text[i] = byte_get(e, f->at + i);
	vary_bytes(e->r, text, f->len);
	for (uint32_t i = 0; i < f->len; i++) {
		unsigned shift = 8 * ((f->at + i) % 4);
		uint32_t *w = &e->x->w[(f->at + i) / 4];

		*w = (*w & ~(0xffu << shift)) | (uint32_t)text[i] << shift;
	}
	if (f->kind == '"' && rng_one_in(e->r, 2))
		e->x->w[at - 2] = e->x->form == MUTATE_ABSOLUTE53
					  ? lua_hash53(text, f->len, e->x->w[2])
					  : lua_hash51(text, f->len);
}

/* Some words more at a field, or some less; now and then its whole record stands twice. */
static void insert(struct edit *e, const struct field *f)
{
	uint32_t at = f->at / 4, k = 1 + rng_below(e->r, 5);

	if (at >= 8 && words_insert(e->x, at, k) && rng_one_in(e->r, 2))
		memcpy(e->x->w + at, e->x->w + at + k,
		       sizeof(uint32_t) * (k < e->x->n - at - k ? k : e->x->n - at - k));
}

static void remove_words(struct edit *e, const struct field *f)
{
	uint32_t at = f->at / 4, k = 1 + rng_below(e->r, 5);

	if (at >= 13 && at + k <= e->x->n && e->x->n - k > 13)
		words_remove(e->x, at, k);
}

static void cut(struct edit *e, const struct field *f)
{
	if (f->at / 4 > 13) {
		e->x->n = f->at / 4 + rng_below(e->r, 3);
		e->x->resized = rng_one_in(e->r, 2);
	}
}

/* A copy of a record at the end, and one of its users led there. */
static void copy(struct edit *e, const struct field *f)
{
	uint32_t from = word_get(e, f), to = e->x->n, k = 19;

	if (from >= to || !words_insert(e->x, to, k))
		return;
	for (uint32_t i = 0; i < k && from + i < to; i++) {
		e->x->w[to + i] = e->x->w[from + i];
		e->x->address[to + i] = e->x->address[from + i];
	}
	word_set(e, f, to);
	e->x->address[f->at / 4] = 1;
}

/* Every string into the bucket where it belongs, with its hash, as if a writer had done it. */
static void relink(struct edit *e, const struct field *unused)
{
	struct words *x = e->x;
	bool v53 = x->form == MUTATE_ABSOLUTE53;
	uint32_t vector = v53 ? x->w[6] : x->w[3], size = x->w[5], link = v53 ? 3 : 0;

	(void)unused;
	if (size == 0 || size > x->n || vector > x->n - size || (size & (size - 1)))
		return;
	memset(x->w + vector, 0, size * sizeof(*x->w));
	memset(x->address + vector, 0, size);
	for (uint32_t i = 0; i < e->g.n; i++) {
		uint32_t at = e->g.fields[i].at / 4 - 4, bucket;

		if (e->g.fields[i].kind != '"' || (v53 && (x->w[at + 1] & 0xff) != 4))
			continue;
		bucket = vector + (x->w[at + 2] & (size - 1));
		x->w[at + link] = x->w[bucket];
		x->address[at + link] = x->address[bucket];
		x->w[bucket] = at;
		x->address[bucket] = 1;
	}
}

/* All of the second image behind the first, and an address led to one of its records. */
static void splice(struct edit *e, const struct field *f)
{
	char kind[2] = { f->kind, 0 };
	const struct field *to = graph_pick(e->other_graph, e->r, kind);
	const struct words *o = e->other;
	uint32_t n = e->x->n;

	if (!to || !o->address[to->at / 4] || !words_insert(e->x, n, o->n))
		return;
	memcpy(e->x->w + n, o->w, o->n * sizeof(*o->w));
	memcpy(e->x->address + n, o->address, o->n);
	for (uint32_t i = n; i < e->x->n; i++)
		if (e->x->address[i])
			e->x->w[i] += n;
	word_set(e, f, n + o->w[to->at / 4]);
	e->x->address[f->at / 4] = 1;
}

static const struct mutate_op ops[] = {
	{ 30, "PTKCVLOUHREN" },
	{ 20, "kcvlounhs" },
	{ 15, "x" },
	{ 8, "b" },
	{ 8, "#" },
	{ 8, "g" },
	{ 4, "i%" },
	{ 3, "z" },
	{ 2, "$" },
	{ 2, "a" },
	{ 8, "\"" },
	{ 8, "~" },
	{ 4, "kcvlounsxgb#i%PTKCVLOUEN" },
	{ 3, "kcvlounsxgb#i%PTKCVLOUEN" },
	{ 2, "kcvlounsxgb#i%PTKCVLOUEN" },
	{ 6, "PTKCVOU" },
	{ 4, "$" },
};
static void (*const op_functions[])(struct edit *, const struct field *) = {
	redirect, recount, instruct, rebyte, retag,        reword, reword, recount, resign,
	recount,  retext,  retext,   insert, remove_words, cut,    copy,   relink,
};
_Static_assert(sizeof(ops) / sizeof(ops[0]) == sizeof(op_functions) / sizeof(op_functions[0]),
	       "each row has its function");

static bool edit_once(struct edit *e)
{
	const struct field *f;
	unsigned op = mutate_choose(e->r, ops, sizeof(ops) / sizeof(ops[0]));

	graph_make(&e->g, e->x);
	f = graph_pick(&e->g, e->r, e->other ? "PTKCVOU" : ops[op].kinds);
	if (f && e->other)
		splice(e, f);
	else if (f)
		op_functions[op](e, f);
	graph_free(&e->g);
	return f != NULL;
}

bool mutate_image(enum mutate_form form, struct rng *r, struct bytes in, const struct bytes *other,
		  unsigned rounds, struct buf *out)
{
	struct words x, second = { 0 };
	struct graph second_graph = { 0 };
	struct edit e = { .x = &x, .r = r };
	bool changed = rounds == 0;

	if (words_load(&x, form, in)) {
		if (rounds && x.w[1] != x.n * 4)
			x.resized = rng_one_in(r, 2);
		if (other && words_load(&second, form, *other)) {
			graph_make(&second_graph, &second);
			e.other = &second;
			e.other_graph = &second_graph;
		}
		for (unsigned i = 0; i < rounds && (e.other || !other); i++)
			changed |= edit_once(&e);
	} else {
		changed = false;
	}
	if (changed)
		words_save(&x, out);
	words_free(&x);
	words_free(&second);
	graph_free(&second_graph);
	return changed;
}
