/* SPDX-License-Identifier: MIT */
/*
 * Instructions as people read them: operands and comments in luac's manner.
 */
#ifndef LUA_LISTING_H
#define LUA_LISTING_H

#include "common/lua/dialect.h"

/* "0 1 -2": operands as luac -l prints them (constants negative, from -1). */
void lua_operands(const struct lua_image *img, const struct lua_insn *insn, struct buf *out);

/*
 * The comment as luac -l prints it behind "; ": constants quoted, upvalues' names, "to 17".
 * A closure is named "function <main.lua:8,18>". SETLIST's count may stand in the next word.
 * Appends nothing when there is none. Bytes are raw: escaping is the output's work.
 */
void lua_comment(const struct lua_image *img, uint32_t proto, uint32_t pc, struct buf *out);

/* The target of a jump (0 first), or LUA_NONE. */
uint32_t lua_jump_target(const struct lua_image *img, uint32_t proto, uint32_t pc);

/*
 * True when the word is data of the instruction before it: SETLIST's count. What binds an upvalue
 * of a 5.1 closure is none: that is a real MOVE or GETUPVAL.
 */
bool lua_is_extra_word(const struct lua_image *img, uint32_t proto, uint32_t pc);

/* A constant in source form: quoted and escaped string (as luac does), 1, 1.5, true, nil. */
void lua_constant_text(const struct lua_image *img, const struct lua_const *k, struct buf *out);

/* "main <main.lua:0,0>" or "function <main.lua:8,18>"; a missing source is "?". */
void lua_proto_title(const struct lua_image *img, uint32_t proto, struct buf *out);

/* The short form of it: "main.lua:8"; line 0 is the main function of its source. */
void lua_proto_place(const struct lua_image *img, uint32_t proto, struct buf *out);

#endif
