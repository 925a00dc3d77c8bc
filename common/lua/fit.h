/* SPDX-License-Identifier: MIT */
/*
 * Sources compiled by this computer's Lua for a firmware with other numbers.
 */
#ifndef LUA_FIT_H
#define LUA_FIT_H

#include "common/lua/compiler.h"

/*
 * Appends a source that stock Lua compiles to what the firmware's own compiler would make of text,
 * which stock Lua accepts: every numeral, and every operation between numerals that a compiler
 * computes, is replaced by the number that it is there. Lines stay. ERR_KIND, with the line as in
 * Lua's own messages, for what the firmware's compiler refuses or what cannot be had so.
 */
enum err lua_fit_source(const struct lua_traits *traits, const uint8_t *text, size_t len,
			struct diag *diag, struct buf *out);

/* The float that one in such a source, compiled, stands for. */
double lua_fit_restore(const struct lua_traits *traits, double d);

/*
 * Compiles text for a firmware with these version and numbers; else as lua_compile. The model is
 * that of a chunk for that firmware, with all names.
 */
enum err lua_compile_for(const struct lua_compiler *c, const struct lua_traits *traits,
			 const uint8_t *text, size_t len, struct diag *diag,
			 struct lua_image **out);

#endif
