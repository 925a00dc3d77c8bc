/* SPDX-License-Identifier: MIT */
/*
 * What became of an image: modules, prototypes, strings and bytes of an old one against a new one.
 *
 * Modules are matched by name. Functions within a function are matched by, in this order: equal in
 * everything; equal but for lines and names; alike (most opcodes in common, in the order of the
 * source, the same first line preferred); and when as many are left on both sides, by position.
 */
#ifndef LUA_DIFF_H
#define LUA_DIFF_H

#include "common/lua/book.h"

enum lua_diff_status {
	DIFF_SAME,
	DIFF_ADDED,
	DIFF_REMOVED,
	DIFF_GROWN,
	DIFF_SHRUNK,
	DIFF_CHANGED, /* in the same number of bytes */
	DIFF_DEBUG,   /* prototypes: nothing but lines and names, in the same number of bytes */
};

enum lua_diff_what {
	DIFF_MODULE,
	DIFF_PROTO,   /* the prototype's own bytes */
	DIFF_STRINGS, /* strings that the module alone uses */
	DIFF_SHARED,  /* strings of several modules or of none, line info of 5.1 apart */
	DIFF_IMAGE,   /* header, hash vector, lists of modules */
};

/* Changes of a module's rows add up to its own, those of the top level to that of the size. */
struct lua_diff_row {
	uint8_t what, status;
	uint32_t module[2], proto[2]; /* old and new; LUA_NONE: none */
	int64_t size[2];
	uint32_t first, count; /* the rows below it; only what is not the same */
};

struct lua_diff_string {
	bool added;
	uint32_t string; /* in the image that has it */
};

enum lua_diff_verdict {
	DIFF_EQUAL,  /* the same content (lua_identity): form, time, seed, padding may differ */
	DIFF_FORMAT, /* the same, but TValues or type tags that another firmware wants */
	DIFF_ORDER,  /* the same modules in another order */
	DIFF_DIFFERS
};

struct lua_diff {
	const struct lua_book *book[2]; /* old and new */
	enum lua_diff_verdict verdict;
	struct lua_diff_row *rows;
	uint32_t nrows, cap_rows;
	uint32_t *top; /* rows of the top level that are to be shown, the biggest change first */
	uint32_t ntop;
	struct lua_diff_string *strings; /* the biggest first */
	uint32_t nstrings, cap_strings;
	uint8_t kinds[LUA_BYTE_KINDS]; /* the biggest change first */
};

/* Both books must have an image. Only ERR_MEMORY. Release with lua_diff_free in any case. */
enum err lua_diff_make(const struct lua_book *old, const struct lua_book *now, struct diag *diag,
		       struct lua_diff *out);
void lua_diff_free(struct lua_diff *d);

/* All take a struct lua_diff as ctx. */
extern const struct view lua_diff_view_summary, lua_diff_view_bytes, lua_diff_view_modules,
	lua_diff_view_strings;

/* One sentence on it all, without a line's end: "content differs: +1,400 bytes in flash, ..." */
void lua_diff_sentence(const struct lua_diff *d, struct buf *out);

#endif
