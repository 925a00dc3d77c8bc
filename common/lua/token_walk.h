/* SPDX-License-Identifier: MIT */
/*
 * What NodeMCU's compiler for Lua 5.1 makes otherwise than stock Lua 5.1, as far as the source
 * alone tells: where it is at when it emits an instruction whose line it then sets back, and how
 * many local variables it allows.
 */
#ifndef LUA_TOKEN_WALK_H
#define LUA_TOKEN_WALK_H

#include "common/base/diag.h"
#include "common/lua/model.h"

enum { LUA_WALK_MAX_VARS = 50 }; /* LUAI_MAXVARS of NodeMCU's luaconf.h; stock Lua has 200 */

/* Instructions that get the line where they begin, after they were emitted where they end. */
enum lua_walk_kind { LUA_WALK_CALL, LUA_WALK_LOOP, LUA_WALK_KINDS };

struct lua_walk_event {
	uint32_t line; /* where the compiler is when it emits the instruction */
	uint32_t next; /* of the same function and kind; LUA_NONE: none */
};

/* Functions are numbered as the model has them: the main one first, then by their beginnings. */
struct lua_walk_function {
	uint32_t line; /* linedefined */
	uint32_t first[LUA_WALK_KINDS], last[LUA_WALK_KINDS], count[LUA_WALK_KINDS];
};

struct lua_walk {
	struct lua_walk_event *events;
	struct lua_walk_function *functions;
	uint32_t nevents, events_cap, nfunctions, functions_cap;
	/* The first function with too many local variables: its linedefined, and the line there. */
	bool crowded;
	uint32_t crowded_function, crowded_line;
};

/*
 * Walks through a source, any bytes; of one that does not compile it may tell anything. False
 * without memory. Release with lua_walk_free in any case.
 */
bool lua_walk_source(const uint8_t *text, size_t len, struct lua_walk *out);
void lua_walk_free(struct lua_walk *w);

/*
 * The line that each instruction of function number index was emitted for, never less than its own
 * in lines: to be packed by lua_pack_lines. False, and out is not filled, when the source and the
 * function do not belong together.
 */
bool lua_walk_emitted(const struct lua_walk *w, const struct lua_image *img, uint32_t index,
		      const uint32_t *lines, uint32_t *out);

#endif
