/* SPDX-License-Identifier: MIT */
/*
 * The left side: the nodes of all subjects, as far as they are open.
 */
#ifndef TUI_TREE_H
#define TUI_TREE_H

#include "common/open/subject.h"

enum tree_order { TREE_BY_SIZE, TREE_BY_NAME, TREE_AS_IS, TREE_ORDERS };

struct tree_item {
	struct subject *subject;
	uint64_t node;
	int64_t size; /* -1: none */
	double share; /* of the largest sibling */
	uint32_t depth;
	bool open, leaf;
};

struct tree {
	struct tree_item *items;
	uint32_t count, cap;
	uint32_t cursor, top;
	int height;
	enum tree_order order;
	bool failed; /* no memory */
};

/* Adds a subject's root at the end. */
void tree_add(struct tree *t, struct subject *s);
void tree_free(struct tree *t);

const struct tree_item *tree_at(const struct tree *t); /* under the cursor; NULL: empty */
void tree_open(struct tree *t, uint32_t i);
void tree_close(struct tree *t, uint32_t i);
/* The item above in the tree; itself at the top level. */
uint32_t tree_parent(const struct tree *t, uint32_t i);

void tree_fit(struct tree *t, int height);
void tree_move(struct tree *t, int64_t by);
void tree_scroll(struct tree *t, int64_t by);
/* Puts the cursor on a node, opening what is above it. False: it is not in the tree. */
bool tree_show(struct tree *t, const struct subject *s, uint64_t node);

void tree_sort(struct tree *t, enum tree_order order);

#endif
