/* SPDX-License-Identifier: MIT */
/*
 * Who uses what: references to strings, globals read and written, modules that require others.
 * Found by following registers through each prototype in order; a register that more than one
 * path may set is unknown from there on.
 */
#ifndef LUA_XREF_H
#define LUA_XREF_H

#include "common/lua/model.h"

enum lua_ref_kind {
	LUA_REF_CONSTANT, /* pc loads or compares it, or LUA_NONE: in the constants, not used */
	LUA_REF_GLOBAL_READ,
	LUA_REF_GLOBAL_WRITE,
	LUA_REF_FIELD_READ, /* t.name, t["name"] */
	LUA_REF_FIELD_WRITE,
	LUA_REF_METHOD, /* t:name() */
	LUA_REF_SOURCE,
	LUA_REF_UPVALUE_NAME, /* object: which of the prototype's upvalues */
	LUA_REF_LOCAL_NAME,   /* object: which of its locals */
	LUA_REF_LINEINFO,
	LUA_REF_MODULE_NAME,
	LUA_REF_KINDS
};
extern const char *const lua_ref_words[LUA_REF_KINDS]; /* "global read" ... */

struct lua_ref {
	uint32_t string;
	uint32_t proto; /* LUA_NONE: the module list */
	uint32_t pc;    /* or LUA_NONE */
	uint8_t kind;   /* enum lua_ref_kind */
	/* field reads and writes, methods: path in lua_xref.paths of what is indexed, such as
	 * "node.LFS", or LUA_NONE */
	uint32_t object;
};

enum lua_require_kind {
	LUA_REQUIRE,   /* require "x" */
	LUA_DOFILE,    /* dofile, loadfile */
	LUA_LFS_INDEX, /* node.flashindex "x", node.LFS.get "x", LFS.x */
	LUA_REQUIRE_KINDS
};
extern const char *const lua_require_words[LUA_REQUIRE_KINDS];

struct lua_require {
	uint32_t proto, pc;
	uint32_t name;   /* string; LUA_NONE: computed at run time */
	uint32_t module; /* of this image, or LUA_NONE */
	uint8_t kind;
};

struct lua_global {
	uint32_t name; /* string */
	uint32_t reads, writes;
};

struct lua_xref {
	struct lua_ref *refs;         /* by string, then prototype, then pc */
	struct lua_require *requires; /* in the order of the code */
	struct lua_global *globals;   /* by name's bytes */
	struct buf *paths;            /* npaths NUL-terminated dotted names such as "node.LFS" */
	uint32_t nrefs, nrequires, nglobals, npaths;
	bool cut; /* there are more references than are kept */
	uint32_t refs_cap, requires_cap, globals_cap, paths_cap;
	/* nstrings + 1: refs of string s are refs[first[s]] ... refs[first[s + 1] - 1] */
	uint32_t *first;
};

/* Builds all of it. Damaged code is skipped. Release with lua_xref_free. */
enum err lua_xref_make(const struct lua_image *img, struct diag *diag, struct lua_xref *out);
void lua_xref_free(struct lua_xref *x);

/* A dotted name of x->paths. */
static inline const char *lua_xref_path(const struct lua_xref *x, uint32_t path)
{
	return (const char *)x->paths[path].data;
}

#endif
