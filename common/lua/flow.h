/* SPDX-License-Identifier: MIT */
/*
 * What is known of the values in registers and upvalues while the instructions of a prototype are
 * gone through in order.
 *
 * Where jumps come in, a register stays known only if it was set before all of the jumps that lead
 * here (and, at the head of a loop, is not set again further on): then every path brings the same
 * value. A register that some closure assigns through an upvalue is never known. An upvalue is
 * known when the captured register is and nobody assigns either afterwards.
 */
#ifndef LUA_FLOW_H
#define LUA_FLOW_H

#include "common/lua/paths.h"
#include "common/lua/walk.h"

enum origin_kind {
	ORIGIN_UNKNOWN,
	ORIGIN_PATH,   /* id: path */
	ORIGIN_STRING, /* id: string */
	ORIGIN_ENV     /* the table of globals (5.3) */
};

struct origin {
	enum origin_kind kind;
	uint32_t id;
};

struct flow_jump;
struct flow_upvalues;

struct flow {
	const struct lua_image *img;
	struct paths *paths;
	bool failed; /* no memory */

	/* Of the image. */
	struct flow_upvalues *upvalues; /* by prototype */
	struct origin *origins;         /* that their slices stand in */
	uint32_t norigins, origins_cap;

	/* Of the prototype at hand. */
	uint32_t proto;
	struct flow_jump *jumps; /* into each instruction; room for the longest prototype */
	struct origin regs[LUA_REGISTERS];
	uint32_t set[LUA_REGISTERS];  /* pc + 1 that made regs[] what it is; 0: on entry */
	uint32_t last[LUA_REGISTERS]; /* pc + 1 of the last instruction that sets it */
	bool shared[LUA_REGISTERS];   /* assigned by closures */
	uint32_t top;                 /* registers from here on are unknown */
};

bool flow_init(struct flow *f, const struct lua_image *img, struct paths *paths);
void flow_free(struct flow *f);

/* Begins a prototype. They must come in the image's order: parents first. */
void flow_begin(struct flow *f, uint32_t proto);

/* Before an instruction is looked at: forgets what jumps into it make uncertain. */
void flow_arrive(struct flow *f, const struct walk *w);

/* After it was looked at: what it does to registers and the upvalues of closures. */
void flow_leave(struct flow *f, const struct walk *w);

/* Any index may be asked for. */
struct origin flow_register(const struct flow *f, uint32_t r);
struct origin flow_upvalue(const struct flow *f, uint32_t u);
struct origin flow_rk(const struct flow *f, uint16_t rk);
struct origin flow_constant(const struct flow *f, int32_t k);

/* The value under a key of object. */
struct origin flow_index(const struct flow *f, struct origin object, struct origin key);

#endif
