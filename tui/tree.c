/* SPDX-License-Identifier: MIT */
#include "tui/tree.h"

#include <stdlib.h>
#include <string.h>

/* Nesting of what is searched for a node; nothing of ours is deeper. */
enum { DEPTH_MAX = 256 };

void tree_free(struct tree *t)
{
	free(t->items);
	*t = (struct tree){ 0 };
}

static void fill(struct tree_item *item, struct subject *s, uint64_t node, uint32_t depth)
{
	*item = (struct tree_item){ .subject = s, .node = node, .depth = depth };
	item->size = s->kind->size(s, node);
	item->leaf = s->kind->count(s, node) == 0;
	item->share = item->size > 0;
}

void tree_add(struct tree *t, struct subject *s)
{
	struct tree_item *item = vec_grow(&t->items, &t->count, &t->cap, sizeof(*item), 1);

	if (item)
		fill(item, s, VIEW_ROOT, 0);
	else
		t->failed = true;
}

const struct tree_item *tree_at(const struct tree *t)
{
	return t->cursor < t->count ? &t->items[t->cursor] : NULL;
}

static int by_size(const void *a, const void *b)
{
	const struct tree_item *x = a;
	const struct tree_item *y = b;

	if (x->size != y->size)
		return x->size < y->size ? 1 : -1;
	return x->node < y->node ? -1 : x->node > y->node;
}

static int by_name(const void *a, const void *b)
{
	const struct tree_item *x = a;
	const struct tree_item *y = b;
	struct buf m = { 0 };
	struct buf n = { 0 };
	int order;

	x->subject->kind->label(x->subject, x->node, &m);
	y->subject->kind->label(y->subject, y->node, &n);
	order = m.len && n.len ? memcmp(m.data, n.data, m.len < n.len ? m.len : n.len) : 0;
	if (!order)
		order = m.len < n.len ? -1 : m.len > n.len;
	buf_free(&m);
	buf_free(&n);
	return order ? order : by_size(a, b);
}

static void weigh(struct tree_item *items, uint32_t n)
{
	int64_t largest = 0;

	for (uint32_t i = 0; i < n; i++)
		if (items[i].size > largest)
			largest = items[i].size;
	for (uint32_t i = 0; i < n; i++)
		items[i].share = largest && items[i].size > 0
					 ? (double)items[i].size / (double)largest
					 : 0;
}

void tree_open(struct tree *t, uint32_t at)
{
	struct subject *s;
	struct tree_item *to;
	uint64_t node, n;
	uint32_t behind;

	if (at >= t->count || t->items[at].open)
		return;
	s = t->items[at].subject;
	node = t->items[at].node;
	n = s->kind->count(s, node);
	behind = t->count - at - 1;
	if (n == 0)
		return;
	if (n > UINT32_MAX / 4 ||
	    !vec_grow(&t->items, &t->count, &t->cap, sizeof(*to), (uint32_t)n)) {
		t->failed = true;
		return;
	}
	to = t->items + at + 1;
	memmove(to + n, to, behind * sizeof(*to));
	for (uint64_t i = 0; i < n; i++)
		fill(to + i, s, s->kind->child(s, node, i), t->items[at].depth + 1);
	weigh(to, (uint32_t)n);
	if (t->order != TREE_AS_IS)
		qsort(to, n, sizeof(*to), t->order == TREE_BY_SIZE ? by_size : by_name);
	t->items[at].open = true;
	if (t->cursor > at)
		t->cursor += (uint32_t)n;
}

/* The first item behind i that is not below it. */
static uint32_t end_of(const struct tree *t, uint32_t i)
{
	uint32_t end = i + 1;

	while (end < t->count && t->items[end].depth > t->items[i].depth)
		end++;
	return end;
}

void tree_close(struct tree *t, uint32_t i)
{
	uint32_t end = end_of(t, i);

	memmove(t->items + i + 1, t->items + end, (t->count - end) * sizeof(*t->items));
	t->count -= end - i - 1;
	t->items[i].open = false;
	if (t->cursor >= end)
		t->cursor -= end - i - 1;
	else if (t->cursor > i)
		t->cursor = i;
	tree_move(t, 0);
}

uint32_t tree_parent(const struct tree *t, uint32_t i)
{
	uint32_t up = i;

	while (up > 0 && t->items[up].depth >= t->items[i].depth)
		up--;
	return t->items[up].depth < t->items[i].depth ? up : i;
}

void tree_fit(struct tree *t, int height)
{
	t->height = height;
	tree_move(t, 0);
}

void tree_move(struct tree *t, int64_t by)
{
	int64_t to = (int64_t)t->cursor + by;
	uint32_t height = t->height > 0 ? (uint32_t)t->height : 1;

	if (by > (int64_t)t->count || to >= (int64_t)t->count)
		to = (int64_t)t->count - 1;
	t->cursor = to > 0 ? (uint32_t)to : 0;
	if (t->cursor < t->top)
		t->top = t->cursor;
	else if (t->cursor - t->top >= height)
		t->top = t->cursor - height + 1;
	if (t->top + height > t->count)
		t->top = t->count > height ? t->count - height : 0;
}

void tree_scroll(struct tree *t, int64_t by)
{
	int64_t last = (int64_t)t->count - t->height;
	int64_t top = (int64_t)t->top + by;

	top = top > last ? last : top;
	t->top = top > 0 ? (uint32_t)top : 0;
	if (t->cursor < t->top)
		t->cursor = t->top;
	if (t->height > 0 && t->cursor >= t->top + (uint32_t)t->height)
		t->cursor = t->top + (uint32_t)t->height - 1;
	tree_move(t, 0);
}

/* Nodes from below node down to wanted, in path; how many, 0: it is not there. */
static unsigned find_path(const struct subject *s, uint64_t node, uint64_t wanted, uint64_t *path,
			  unsigned depth)
{
	uint64_t n = depth < DEPTH_MAX ? s->kind->count(s, node) : 0;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t child = s->kind->child(s, node, i);
		unsigned found;

		path[depth] = child;
		if (child == wanted)
			return depth + 1;
		found = find_path(s, child, wanted, path, depth + 1);
		if (found)
			return found;
	}
	return 0;
}

/* The item of a node right below item at, which is open. */
static uint32_t item_below(const struct tree *t, uint32_t at, uint64_t node)
{
	for (uint32_t i = at + 1; i < t->count && t->items[i].depth > t->items[at].depth; i++)
		if (t->items[i].depth == t->items[at].depth + 1 && t->items[i].node == node)
			return i;
	return at;
}

bool tree_show(struct tree *t, const struct subject *s, uint64_t node)
{
	uint64_t path[DEPTH_MAX + 1];
	unsigned n = node == VIEW_ROOT ? 0 : find_path(s, VIEW_ROOT, node, path, 0);
	uint32_t at = 0;

	while (at < t->count && (t->items[at].depth || t->items[at].subject != s))
		at++;
	if (at == t->count || (!n && node != VIEW_ROOT))
		return false;
	for (unsigned i = 0; i < n; i++) {
		tree_open(t, at);
		at = item_below(t, at, path[i]);
	}
	t->cursor = at;
	tree_move(t, 0);
	return true;
}

/* Closes all and opens it again: opening is what sorts. */
void tree_sort(struct tree *t, enum tree_order order)
{
	const struct tree_item *cursor = tree_at(t);
	struct tree_item on = cursor ? *cursor : (struct tree_item){ 0 };
	uint32_t nold = t->count;
	struct tree_item *old = malloc(((size_t)nold + 1) * sizeof(*old));
	uint32_t i = 0;

	t->order = order;
	if (!old)
		return;
	memcpy(old, t->items, nold * sizeof(*old));
	while (i < t->count) {
		if (t->items[i].open)
			tree_close(t, i);
		fill(&t->items[i], t->items[i].subject, VIEW_ROOT, 0);
		i++;
	}
	for (i = 0; i < nold; i++)
		if (old[i].open && tree_show(t, old[i].subject, old[i].node))
			tree_open(t, t->cursor);
	free(old);
	if (on.subject)
		tree_show(t, on.subject, on.node);
}
