/* SPDX-License-Identifier: MIT */
/*
 * The hash part of a table, as NodeMCU's Lua 5.1 keeps it, for strings as keys and nothing removed.
 *
 * Nodes stand in a vector whose length is a power of two; next() walks it from the begin. A key's
 * main place is hash modulo length. Keys with one main place form a chain that begins there: when
 * the main place is taken by a key of another chain, that one has to go, else the new key goes; in
 * both cases to the last free node, which a pointer looks for from the end downwards. When it finds
 * none, the table grows to the power of two that holds all keys and the new one.
 *
 * Growing is where NodeMCU differs from stock Lua, which fills a new vector. The old nodes stay
 * where they are, without chains. Then the nodes are visited from the begin, and each key goes to
 * its main place when that is free, joins the chain of its main place when that has one of its own,
 * or changes places with a key that does not belong there, which is then tried in the same way.
 */
#include "common/lua/table51.h"

#include <stdlib.h>

#define NONE UINT32_MAX

struct node {
	uint32_t key; /* NONE: free */
	uint32_t next;
};

struct table {
	const uint32_t *hashes;
	struct node *nodes;
	uint32_t size;
	uint32_t free; /* no node from here on is free */
};

static uint32_t main_place(const struct table *t, uint32_t key)
{
	return t->hashes[key] & (t->size - 1);
}

/* The node of the chain that begins at place whose next is node, or NONE. */
static uint32_t before(const struct table *t, uint32_t place, uint32_t node)
{
	while (place != NONE && t->nodes[place].next != node)
		place = t->nodes[place].next;
	return place;
}

static uint32_t take_free(struct table *t)
{
	while (t->free > 0)
		if (t->nodes[--t->free].key == NONE)
			return t->free;
	return NONE;
}

/* False when another key has come to the node, which is to be settled next. */
static bool settle(struct table *t, uint32_t node)
{
	struct node *nodes = t->nodes;
	uint32_t place = main_place(t, nodes[node].key);
	struct node moved = nodes[node];
	uint32_t owner, prev;

	if (place == node || before(t, place, node) != NONE)
		return true;
	if (nodes[place].key == NONE) {
		nodes[place] = moved;
		nodes[node] = (struct node){ NONE, NONE };
		return true;
	}
	owner = main_place(t, nodes[place].key);
	if (owner == place) {
		nodes[node].next = nodes[place].next;
		nodes[place].next = node;
		return true;
	}
	prev = before(t, owner, place);
	if (prev != NONE)
		nodes[prev].next = node;
	nodes[node] = nodes[place];
	nodes[place] = moved;
	return prev != NONE;
}

static bool grow(struct table *t, uint32_t keys)
{
	uint32_t old = t->size;
	uint32_t size = 1;
	struct node *nodes;

	while (size < keys)
		size *= 2;
	nodes = realloc(t->nodes, size * sizeof(*nodes));
	if (!nodes)
		return false;
	t->nodes = nodes;
	t->size = t->free = size;
	for (uint32_t i = old; i < size; i++)
		nodes[i].key = NONE;
	for (uint32_t i = 0; i < size; i++)
		nodes[i].next = NONE;
	for (uint32_t i = 0; i < size; i++)
		while (nodes[i].key != NONE && !settle(t, i))
			;
	return true;
}

/* False when the table is full. */
static bool insert(struct table *t, uint32_t key)
{
	struct node *nodes = t->nodes;
	uint32_t place = t->size ? main_place(t, key) : 0;
	uint32_t owner, spare, prev;

	if (t->size && nodes[place].key == NONE) {
		nodes[place].key = key;
		return true;
	}
	spare = take_free(t);
	if (spare == NONE)
		return false;
	owner = main_place(t, nodes[place].key);
	if (owner == place) {
		nodes[spare] = (struct node){ key, nodes[place].next };
		nodes[place].next = spare;
		return true;
	}
	prev = before(t, owner, place);
	if (prev != NONE)
		nodes[prev].next = spare;
	nodes[spare] = nodes[place];
	nodes[place] = (struct node){ key, NONE };
	return true;
}

bool table51_order(const uint32_t *hashes, uint32_t n, uint32_t *order)
{
	struct table t = { .hashes = hashes };
	bool ok = n <= UINT32_MAX / 4;

	for (uint32_t i = 0; i < n && ok; i++)
		while (ok && !insert(&t, i))
			ok = grow(&t, i + 1);
	for (uint32_t i = 0, k = 0; ok && i < t.size; i++)
		if (t.nodes[i].key != NONE)
			order[k++] = t.nodes[i].key;
	free(t.nodes);
	return ok;
}
