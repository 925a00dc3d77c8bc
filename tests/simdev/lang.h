/* SPDX-License-Identifier: MIT */
/*
 * What differs between the two Luas: everything else in this folder is compiled once for each. One
 * of lang51.c and lang53.c is linked.
 */
#ifndef SIMDEV_LANG_H
#define SIMDEV_LANG_H

#include <stdbool.h>
#include <stddef.h>
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#include "common/base/buf.h"

#if LUA_VERSION_NUM == 501
#define LUA_OK                   0
#define lua_rawlen(L, i)         lua_objlen(L, i)
#define luaL_setfuncs(L, l, nup) luaL_register(L, NULL, l)
#define luaL_newlib(L, l)        (lua_newtable(L), luaL_register(L, NULL, l))
#endif

extern const char lang_release[]; /* as the banner names it */

/* Opens the libraries that the firmware has, as globals. */
void lang_open(lua_State *L);

/* How much of a string print puts out: 5.1 stops at a NUL. */
size_t lang_printed(const char *s, size_t len);

/* Makes the collector as eager as the firmware's. always: garbage never counts in the peak. */
void lang_collector(lua_State *L, bool always);

/* Does the firmware collect before it lists strings, and what does it list? */
extern const bool lang_collects_first;
extern const size_t lang_longest_listed;

/* The least length of the vector that finds strings. */
extern const size_t lang_buckets;

/* How often an allocation is tried before it is an error. */
extern const int lang_attempts;

/* The interpreter's own table of strings, read behind its back: nothing in its API shows it. */
typedef void lang_visit(void *ctx, const char *s, size_t len);
void lang_strings(lua_State *L, lang_visit *visit, void *ctx);
/* Is the interpreter laid out as lang_strings thinks? */
bool lang_strings_known(lua_State *L);
bool lang_layout_known(lua_State *L); /* at a first look */

/*
 * Takes a function's names of locals and upvalues away, as the firmware does at once after
 * compiling, so that they are no strings in RAM. The function is on top, and replaced there.
 */
void lang_strip(lua_State *L);

/* Appends the function on top as a binary chunk of this machine. */
bool lang_dump(lua_State *L, struct buf *out);

#endif
