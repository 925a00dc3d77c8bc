/* SPDX-License-Identifier: MIT */
#include "common/lua/token_walk.h"

#include <string.h>

static int event_kind(uint32_t word)
{
	enum { OP_CALL = 28, OP_TAILCALL = 29, OP_FORLOOP = 31, OP_TFORLOOP = 33 };

	switch (word & 0x3f) {
	case OP_CALL:
	case OP_TAILCALL: return LUA_WALK_CALL;
	case OP_FORLOOP:
	case OP_TFORLOOP: return LUA_WALK_LOOP;
	default: return -1;
	}
}

static bool counts_match(const struct lua_walk_function *f, const struct lua_proto *p)
{
	uint32_t count[LUA_WALK_KINDS] = { 0 };

	for (uint32_t pc = 0; pc < p->ncode; pc++)
		if (event_kind(lua_word(p, pc)) >= 0)
			count[event_kind(lua_word(p, pc))]++;
	return count[LUA_WALK_CALL] == f->count[LUA_WALK_CALL] &&
	       count[LUA_WALK_LOOP] == f->count[LUA_WALK_LOOP];
}

/* A closure is emitted where its function ends; `function f() end` gives it another line then. */
static uint32_t closure_line(const struct lua_image *img, const struct lua_proto *p, uint32_t word)
{
	enum { OP_CLOSURE = 36 };
	uint32_t child = word >> 14;

	if ((word & 0x3f) != OP_CLOSURE || child >= p->children.count)
		return 0;
	child = img->children[p->children.first + child];
	return child < img->nprotos ? img->protos[child].line_last : 0;
}

bool lua_walk_emitted(const struct lua_walk *w, const struct lua_image *img, uint32_t index,
		      const uint32_t *lines, uint32_t *out)
{
	const struct lua_proto *p = &img->protos[index];
	uint32_t highest = 0, next[LUA_WALK_KINDS];

	if (index >= w->nfunctions || !counts_match(&w->functions[index], p))
		return false;
	memcpy(next, w->functions[index].first, sizeof(next));
	for (uint32_t pc = 0; pc < p->ncode; pc++) {
		uint32_t line = closure_line(img, p, lua_word(p, pc));
		int kind = event_kind(lua_word(p, pc));

		if (kind >= 0) {
			line = w->events[next[kind]].line;
			next[kind] = w->events[next[kind]].next;
		}
		if (line > highest)
			highest = line;
		if (lines[pc] > highest)
			highest = lines[pc];
		out[pc] = highest;
	}
	return true;
}
