/* SPDX-License-Identifier: MIT */
/*
 * The string section of a portable LFS image of Lua 5.3.
 */
#ifndef LUA_STRINGS53_H
#define LUA_STRINGS53_H

#include "common/lua/stream53.h"

/*
 * Fills strings (the file's, then the fixed ones as the loader lays them out, which have no place
 * in the file: off is LUA_NONE) and what the header has of them.
 */
void strings53_read(struct stream53 *s);

/* Counts and lengths are taken from the strings, the numbering from header.fixed_count. */
void strings53_write(struct writer53 *w);

#endif
