/* SPDX-License-Identifier: MIT */
/* Cross-references in tests. Everything here ends the running test when it fails. */
#ifndef UTIL_XREF_H
#define UTIL_XREF_H

#include "common/lua/xref.h"

/* Cross-references that must be made. */
struct lua_xref xref_of(const struct lua_image *img);

/* False for LUA_NONE too. */
bool string_is(const struct lua_image *img, uint32_t string, const char *text);

/* References are sorted as the header says, and first[] finds them. */
void xref_check_order(const char *path, const struct lua_image *img, const struct lua_xref *x);

/* Each string constant of each prototype is referred to by that prototype. */
void xref_check_constants(const char *path, const struct lua_image *img, const struct lua_xref *x);

#endif
