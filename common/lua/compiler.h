/* SPDX-License-Identifier: MIT */
/*
 * The Lua of this computer, when it has one: liblua5.1 and liblua5.3 are looked for when they are
 * wanted, and nothing here depends on them.
 */
#ifndef LUA_COMPILER_H
#define LUA_COMPILER_H

#include "common/lua/model.h"

struct lua_compiler {
	void *library; /* NULL: there is none */
	enum lua_version version;
};

/*
 * Loads the library of a version. False when there is none, or when there is no memory for it: then
 * errno is ENOMEM. Release with lua_compiler_close.
 */
bool lua_compiler_open(enum lua_version version, struct lua_compiler *out);
void lua_compiler_close(struct lua_compiler *c);

/*
 * Compiles a source as luac would (a first line with # is passed over), with the limits of
 * NodeMCU's compilers, and reads the result as lua_stock_load does. ERR_KIND with Lua's
 * words, which name the line, when it does not compile. On failure *out is NULL. Nothing of the
 * source is run.
 */
enum err lua_compile(const struct lua_compiler *c, const uint8_t *text, size_t len,
		     struct diag *diag, struct lua_image **out);

#endif
