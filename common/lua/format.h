/* SPDX-License-Identifier: MIT */
/*
 * The formats, one row each. A new format is one file with a reader (and, beside it, a writer) and
 * one row in format.c.
 */
#ifndef LUA_FORMAT_H
#define LUA_FORMAT_H

#include "common/lua/model.h"

struct lua_format {
	const char *name; /* short and stable: "lfs51", "lfs51-absolute", "lc53" ... */
	/* Does data begin as this format does? Must not claim a file of another kind. */
	bool (*probe)(const uint8_t *data, size_t len);
	/*
	 * Fills img from data. On failure what was read stays in img. Readers record the place of
	 * every failure in diag; damage that can be passed over goes to lua_note().
	 */
	enum err (*load)(struct lua_image *img, const uint8_t *data, size_t len, struct diag *diag);
	/* Appends the bytes of the file that img was read from; NULL: no writer. */
	enum err (*save)(const struct lua_image *img, struct diag *diag, struct buf *out);
	const char *words; /* for sentences: "a Lua 5.3 LFS image" */
};

extern const struct lua_format *const lua_formats[];
extern const unsigned lua_format_count;

extern const struct lua_format lua_lfs51, lua_lfs51_absolute, lua_lfs51_2018, lua_lfs53,
	lua_lfs53_absolute, lua_lc51, lua_lc53;

/*
 * Says what a file is, whether one of the formats reads it or not: "a Lua 5.3 LFS image", "an ELF
 * file (a firmware, or a program)", "text, perhaps Lua source". *advice gets what to do about a
 * file that none reads. Both are constant strings, never NULL.
 */
const char *lua_kind_of(const uint8_t *data, size_t len, const char **advice);

#endif
