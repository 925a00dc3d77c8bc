/* SPDX-License-Identifier: MIT */
/*
 * Dotted names of what globals lead to, "node" and "node.LFS", each kept once; and what those that
 * load modules are for.
 */
#ifndef LUA_PATHS_H
#define LUA_PATHS_H

#include "common/lua/xref.h"

/* What the value under a path does. */
enum path_role {
	PATH_PLAIN,
	PATH_REQUIRE,
	PATH_DOFILE, /* loadfile too */
	PATH_PCALL,  /* calls its first argument */
	PATH_INDEX,  /* node.flashindex, node.LFS.get */
	PATH_LFS,    /* a table whose fields are modules */
	PATH_OWN,    /* a field of it that is none */
	PATH_NODE,
	PATH_GLOBALS, /* _G */
	PATH_ROOT     /* no path: what globals are fields of */
};

struct path {
	uint32_t parent; /* LUA_NONE: a global */
	uint32_t string; /* the last name */
	uint32_t next;   /* in its bucket */
	uint32_t text;   /* in lua_xref.paths, LUA_NONE as long as nobody asked for it */
	uint16_t len;    /* of the text */
	uint8_t role;    /* enum path_role */
};

struct paths {
	const struct lua_image *img;
	struct path *items;
	uint32_t *buckets; /* PATHS_BUCKETS indexes */
	uint32_t count, cap;
	bool failed; /* no memory */
};

bool paths_init(struct paths *ps, const struct lua_image *img);
void paths_free(struct paths *ps);

/* The path of a field; parent LUA_NONE: of a global. LUA_NONE: there are too many, or too long. */
uint32_t paths_field(struct paths *ps, uint32_t parent, uint32_t string);

enum path_role paths_role(const struct paths *ps, uint32_t path);

/* The index of the path's text in x->paths. LUA_NONE for no path or no memory. */
uint32_t paths_text(struct paths *ps, uint32_t path, struct lua_xref *x);

#endif
