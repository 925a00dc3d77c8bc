/* SPDX-License-Identifier: MIT */
/*
 * Images and chunks as subjects; private to common/open.
 */
#ifndef OPEN_IMAGE_H
#define OPEN_IMAGE_H

#include "common/lua/check.h"
#include "common/open/open.h"

/* A node's id: kind and index, of a module or prototype. */
enum image_node {
	IMAGE_MODULE,
	IMAGE_PROTO,   /* with those below it */
	IMAGE_MAIN,    /* a module's main prototype without them */
	IMAGE_STRINGS, /* that the module alone uses; LUA_SHARED: all others */
	IMAGE_REST,    /* header, hash vector, lists of modules */
};

static inline uint64_t image_node(enum image_node kind, uint32_t index)
{
	return (uint64_t)kind << 32 | index;
}

static inline enum image_node image_node_kind(uint64_t node)
{
	return (enum image_node)(node >> 32);
}

static inline uint32_t image_node_index(uint64_t node)
{
	return (uint32_t)node;
}

struct image {
	struct subject subject;
	struct lua_book book;
	struct file file; /* a copy of the bytes, for the check */
	struct check_report check;
	bool checked;
	uint32_t shared; /* bytes of strings that no single module uses */
	uint32_t rest;   /* bytes that no module and no string has */
};

/* A prototype's name in a tree: "main", "function 12-30". */
void image_proto_label(const struct lua_book *b, uint32_t proto, struct buf *out);

/* Prototypes below a node, itself included: a run. */
void image_protos(const struct lua_book *b, uint64_t node, uint32_t *first, uint32_t *end);

const struct view *image_view(const struct subject *s, uint64_t node, unsigned i);
enum err image_open(struct subject *s, struct subject_page *page, struct diag *diag);

bool image_follow(struct subject *s, const struct subject_page *page, uint64_t row,
		  struct subject_place *to);
bool image_find(struct subject *s, const uint8_t *text, size_t len, struct subject_place *to);
bool image_text(const struct subject *s, const struct subject_page *page, uint64_t row,
		const uint8_t **text, size_t *len);

#endif
