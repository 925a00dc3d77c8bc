/* SPDX-License-Identifier: MIT */
/*
 * The string table (ROstrt) that the loader of Lua 5.3 builds in flash: hashes and chains.
 */
#ifndef LUA_TABLE53_H
#define LUA_TABLE53_H

#include "common/lua/stream53.h"

/* Length of the hash vector for so many short strings; 0 when no device could hold it. */
uint32_t table53_buckets(uint32_t nshort);

/* Sets hash and chain of all strings, and notes those that stand twice. */
void table53_fill(struct stream53 *s);

#endif
