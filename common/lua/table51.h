/* SPDX-License-Identifier: MIT */
/*
 * In which order next() walks a Lua 5.1 table of NodeMCU's that was filled with strings: the order
 * in which luac.cross lays out the strings of an image.
 */
#ifndef LUA_TABLE51_H
#define LUA_TABLE51_H

#include <stdbool.h>
#include <stdint.h>

/*
 * hashes: of n different strings (lua_hash51), in the order in which they become keys. order[i]
 * gets the index of the i-th one that next() gives. False when there is no memory.
 */
bool table51_order(const uint32_t *hashes, uint32_t n, uint32_t *order);

#endif
