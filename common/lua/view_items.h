/* SPDX-License-Identifier: MIT */
/*
 * Row ids of the views that list what prototypes hold: the prototype in the upper half, the item in
 * the lower; LUA_NONE there is the prototype's heading.
 */
#ifndef LUA_VIEW_ITEMS_H
#define LUA_VIEW_ITEMS_H

#include "common/lua/book.h"

static inline uint64_t lua_item_row(uint64_t proto, uint32_t item)
{
	return proto << 32 | item;
}

static inline uint32_t lua_item_proto(uint64_t row)
{
	return (uint32_t)(row >> 32);
}

static inline uint32_t lua_item_index(uint64_t row)
{
	return (uint32_t)row;
}

/* The parts of such a view that do not depend on what is listed. */
uint64_t lua_item_child(const void *ctx, uint64_t row, uint64_t i);
bool lua_item_heading(const void *ctx, uint64_t row, struct buf *out);
/* Columns "module" and "function" that every such view begins with. */
#define LUA_ITEM_COLUMNS \
	{ "module", "module", VIEW_TEXT, VIEW_CONTEXT | VIEW_NO_JSON, "module" }, \
		{ "function", "function", VIEW_TEXT, VIEW_CONTEXT | VIEW_NO_JSON, "prototype" },
enum { LUA_ITEM_MODULE, LUA_ITEM_FUNCTION, LUA_ITEM_FIRST };
void lua_item_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		   struct buf *scratch);

#endif
