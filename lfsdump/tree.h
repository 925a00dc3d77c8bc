/* SPDX-License-Identifier: MIT */
/*
 * The Lua sources below a folder.
 */
#ifndef LFSDUMP_TREE_H
#define LFSDUMP_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/diag.h"

struct tree_file {
	char *path;
	const char *name; /* in path: the module's name, name_len bytes */
	size_t name_len;
	bool used; /* the caller's */
};

struct tree {
	struct tree_file *files; /* by name, then by path */
	uint32_t count, cap;
};

/*
 * Lists *.lua below folder. Names that begin with a dot are passed over, links to folders are not
 * followed. Release with tree_free in any case.
 */
enum err tree_list(const char *folder, struct diag *diag, struct tree *out);
void tree_free(struct tree *t);

/* The base name up to its first dot, as luac.cross names modules. */
const char *tree_name(const char *path, size_t *len);

/* The first file of that name, or t->count; more of them follow it. */
uint32_t tree_find(const struct tree *t, const uint8_t *name, size_t len);
bool tree_is(const struct tree *t, uint32_t file, const uint8_t *name, size_t len);

#endif
