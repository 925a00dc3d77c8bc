/* SPDX-License-Identifier: MIT */
/*
 * What an image or chunk is, whatever its form: a hash that stays when only the packing changes.
 */
#ifndef LUA_IDENTITY_H
#define LUA_IDENTITY_H

#include "common/base/sha256.h"
#include "common/lua/model.h"

/*
 * SHA-256 over the modules in order: their names and all that their functions hold. It is the same
 * for the relocatable, portable and absolute form, with erased flash behind or without, however
 * compressed. Build time, seed, base, the strings' order, padding and unused strings do not count.
 *
 * The message: "nodemcu-lua 1", then, all numbers little-endian:
 *   u8 version (51, 53)  u8 bytes of an integer, 0: none  u8 bytes of a float, 0: none
 *   u8 kind: 0 chunk, 1 LFS, 2 LFS whose fixed strings are numbered as the loader lays them out
 *   u32 modules, each: text name, function
 *   function: text source (5.3 and chunks: as inherited)  u32 first line, last line
 *             u8 parameters, vararg, stack, upvalues used
 *             u32 n, n instructions of u32   u32 n, n constants   u32 n, n upvalues
 *             u32 n, n bytes of packed lines  u32 n, n locals  u32 n, n functions
 *   constant: u8 0 nil, 1 boolean, 2 integer, 3 float, 4 string; u64 value or bits; text
 *   upvalue:  text name, u8 in stack, u8 index      local: text name, u32 from, u32 to
 *   text:     u32 length, bytes; none: u32 ffffffff
 */
void lua_identity(const struct lua_image *img, uint8_t out[SHA256_BYTES]);

#endif
