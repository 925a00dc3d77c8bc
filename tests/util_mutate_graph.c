/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util_mutate_words.h"

enum { DEPTH_MAX = 400, TEXT_MAX = 4000 };

/*
 * One letter for each word of a record, see the header; dots are zero. A module of 5.3 is an entry
 * with a prototype's address as its value. Values of constants stand before their tag.
 */
static const struct {
	char kind;
	const char *v51, *v53;
} layouts[] = {
	{ '1', "$zPHnh..", "$z%inhaaaaa." },
	{ 'P', ".bKCVLOUTukcvoii.b", "NbbukclvoiiKCVLOUT." },
	{ 'T', "Nb%s", "Nb%s" },
	{ 'V', "P", "P" },
	{ 'C', "x", "x" },
	{ 'O', "Tii", "Tii" },
	{ 'U', "T", "Tb" },
	{ 'H', "T", "T" },
	{ 'R', "", "Nb.E" },
};

static const char *layout_of(const struct graph *g, char kind)
{
	const struct words *x = g->x;
	bool v53 = x->form == MUTATE_ABSOLUTE53;

	for (unsigned i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].kind == kind)
			return v53 ? layouts[i].v53 : layouts[i].v51;
	if (kind == 'K' && !v53)
		return x->w[0] & 2 ? "g#" : x->w[0] & 4 ? "gg#" : "gg#.";
	if (kind == 'K' || kind == 'E') {
		/* The width of numbers shows in the entries, right before the ROTable. */
		uint32_t table = x->w[7] < x->n - 3 ? x->w[7] : 0;
		uint32_t entries = x->w[table + 1] >> 24;
		bool wide = table > x->w[table + 3] && table - x->w[table + 3] == 4 * (entries + 1);

		return &"Tgg#\0Tg#"[(wide ? 0 : 5) + (kind == 'K')];
	}
	return "";
}

static void add(struct graph *g, char kind, size_t at, size_t len)
{
	if (g->n < FIELDS_MAX && at + len <= (size_t)g->x->n * 4)
		g->fields[g->n++] = (struct field){ kind, (uint32_t)at, (uint32_t)len };
}

/* How many items an address of this kind leads to, as its record says. */
static uint32_t count_of(const struct graph *g, const char *layout, uint32_t at, char kind)
{
	const char *p = strchr(layout, tolower((unsigned char)kind));

	if (kind == 'E')
		return (g->x->w[at + 1] >> 24) + 1;
	return p ? g->x->w[at + (p - layout)] : 1;
}

/* Of 5.1, packed lines are the bytes of a string, up to 0; no count goes with them. */
static void add_lines(struct graph *g, uint32_t at, uint32_t count)
{
	size_t n = 0, left = ((size_t)g->x->n - at) * 4;

	if (g->x->form == MUTATE_ABSOLUTE53)
		n = count < left ? count : left;
	else
		while (n < left && n < TEXT_MAX && g->x->w[at + n / 4] >> 8 * (n % 4) & 0xff)
			n++;
	add(g, '~', (size_t)at * 4, n);
}

static void add_text(struct graph *g, uint32_t at)
{
	const uint32_t *w = g->x->w + at;
	uint32_t len = w[3];

	if (g->x->form == MUTATE_ABSOLUTE53 && (w[1] & 0xff) == 4)
		len = w[1] >> 24;
	if (len && len < TEXT_MAX)
		add(g, '"', (size_t)at * 4 + 16, len);
}

static void walk(struct graph *g, char kind, uint32_t at, uint32_t count, unsigned depth);

/* What a word of a record leads to. A constant's value leads to a string when its tag says so. */
static void follow(struct graph *g, char kind, const char *layout, uint32_t at, unsigned i,
		   unsigned depth)
{
	const struct words *x = g->x;
	char c = layout[i];

	if (c == 'g' && (kind == 'K' || kind == 'E') && x->address[at + i])
		c = kind == 'K' ? 'T' : 'P';
	/* A short string of 5.3 has the next one of its bucket where a long one has its length. */
	if (c == 's' && x->address[at + i])
		c = 'T';
	if (c != '.')
		add(g, c, (size_t)(at + i) * 4, 4);
	if (!isupper((unsigned char)c) || !x->address[at + i])
		return;
	walk(g, c == 'N' ? kind : c, x->w[at + i], count_of(g, layout, at, c), depth + 1);
}

static void walk(struct graph *g, char kind, uint32_t at, uint32_t count, unsigned depth)
{
	static const char kinds[] = "1PTKCVLOUHRE";
	const char *layout = layout_of(g, kind);
	uint32_t size = (uint32_t)strlen(layout);
	uint16_t bit = (uint16_t)(1u << (strchr(kinds, kind) - kinds));

	if (at >= g->x->n || g->seen[at] & bit || depth > DEPTH_MAX)
		return;
	g->seen[at] |= bit;
	if (kind == 'L')
		add_lines(g, at, count);
	for (; size && count > 0 && size <= g->x->n - at && g->n < FIELDS_MAX;
	     count--, at += size) {
		if (kind == 'T')
			add_text(g, at);
		for (unsigned i = 0; i < size; i++)
			follow(g, kind, layout, at, i, depth);
	}
}

bool graph_make(struct graph *g, const struct words *x)
{
	*g = (struct graph){ .x = x };
	g->fields = malloc(FIELDS_MAX * sizeof(*g->fields));
	g->seen = calloc(WORDS_MAX, sizeof(*g->seen));
	if (!g->fields || !g->seen)
		abort();
	walk(g, '1', 0, 1, 0);
	if (x->form == MUTATE_ABSOLUTE53) {
		walk(g, 'H', x->w[6], x->w[5], 0);
		walk(g, 'R', x->w[7], 1, 0);
		walk(g, 'P', x->w[8], 1, 0);
		walk(g, 'T', x->w[10], 1, 0);
	}
	return g->n > 0;
}

void graph_free(struct graph *g)
{
	free(g->fields);
	free(g->seen);
}

const struct field *graph_pick(const struct graph *g, struct rng *r, const char *kinds)
{
	uint32_t n = 0, k;

	for (uint32_t i = 0; i < g->n; i++)
		n += strchr(kinds, g->fields[i].kind) != NULL;
	k = rng_below(r, n);
	for (uint32_t i = 0; i < g->n; i++)
		if (strchr(kinds, g->fields[i].kind) && k-- == 0)
			return &g->fields[i];
	return NULL;
}
