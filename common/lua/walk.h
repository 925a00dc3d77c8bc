/* SPDX-License-Identifier: MIT */
/*
 * The instructions of a prototype in order, without the words that only look like instructions:
 * SETLIST's data and the captures behind CLOSURE in 5.1.
 */
#ifndef LUA_WALK_H
#define LUA_WALK_H

#include "common/lua/ops.h"

enum { LUA_REGISTERS = 256, LUA_UPVALUES_MAX = 255 };

struct walk {
	const struct lua_image *img;
	const struct lua_proto *p;
	const struct lua_dialect *dialect;
	uint32_t pc, next; /* of insn, and of the one behind it */
	struct lua_insn insn;
};

struct walk walk_init(const struct lua_image *img, uint32_t proto);

/* Moves to the next instruction; words without an opcode are passed over. False at the end. */
bool walk_next(struct walk *w);

/* At CLOSURE: the prototype, or LUA_NONE. */
uint32_t walk_child(const struct walk *w);

/* What a closure takes over as one of its upvalues. */
struct capture {
	bool is_register; /* else an upvalue of this prototype */
	uint16_t index;
};

/* At CLOSURE: what upvalue i of child captures; false when there is no upvalue i. */
bool walk_capture(const struct walk *w, uint32_t child, uint32_t i, struct capture *out);

/* The registers that the instruction may assign: from...to - 1, at most LUA_REGISTERS. */
void walk_writes(const struct walk *w, uint32_t *from, uint32_t *to);

#endif
