/* SPDX-License-Identifier: MIT */
/*
 * An image against the sources that it is said to come from.
 */
#ifndef LUA_AGAINST_H
#define LUA_AGAINST_H

#include "common/lua/book.h"
#include "common/lua/compiler.h"

enum lua_against_status {
	AGAINST_STALE,   /* the module was built from another source */
	AGAINST_MISSING, /* a source without a module */
	AGAINST_EXTRA,   /* a module without a source */
	AGAINST_UNSURE,  /* numbers that this computer's Lua computes in another way */
	AGAINST_SAME
};

struct lua_against_verdict {
	enum lua_against_status status; /* AGAINST_STALE, _UNSURE or _SAME */
	char how[200];                  /* how it was told */
};

/*
 * Compares a module with a source. By content where compiler has a library for the image's version:
 * code, constants, parameters and lines of every function. Else by lines: where the functions
 * begin, and that none ends behind the source's last line. ERR_MEMORY alone fails.
 */
enum err lua_against_judge(const struct lua_book *b, uint32_t module, const uint8_t *text,
			   size_t len, const struct lua_compiler *compiler, struct diag *diag,
			   struct lua_against_verdict *out);

/* Results, as rows of a view; names and paths are the caller's. */
struct lua_against_row {
	const uint8_t *name;
	size_t name_len;
	const char *path; /* NULL: no source */
	struct lua_against_verdict verdict;
};
struct lua_against {
	struct lua_against_row *rows;
	uint32_t count, cap;
};

/* ctx: struct lua_against. */
extern const struct view lua_against_view;

#endif
