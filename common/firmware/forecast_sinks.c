/* SPDX-License-Identifier: MIT */
#include "common/firmware/forecast_sinks.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"

enum { NO = SINK_NO_LENGTH };

/* Argument 0 is the lua_State. Both Lua's names; what a build lacks is not found in it. */
static const struct sink known[] = {
	{ 0, "luaS_newlstr", 1, 2, SINK_STRING, false },
	{ 0, "luaS_new", 1, NO, SINK_STRING, false },
	{ 0, "lua_pushlstring", 1, 2, SINK_STRING, false },
	{ 0, "lua_pushstring", 1, NO, SINK_STRING, false },
	{ 0, "lua_getglobal", 1, NO, SINK_STRING, false },
	{ 0, "lua_setglobal", 1, NO, SINK_STRING, false },
	{ 0, "lua_getfield", 2, NO, SINK_STRING, false },
	{ 0, "lua_setfield", 2, NO, SINK_STRING, false },
	{ 0, "luaL_rometatable", 1, NO, SINK_TABLE, false },
	{ 0, "luaL_requiref", 1, NO, SINK_STRING, false },
	{ 0, "luaL_newmetatable", 1, NO, SINK_STRING, false },
	{ 0, "luaL_setmetatable", 1, NO, SINK_STRING, false },
	{ 0, "luaL_getsubtable", 2, NO, SINK_STRING, false },
	{ 0, "luaL_checkudata", 2, NO, SINK_STRING, false },
	{ 0, "luaL_testudata", 2, NO, SINK_STRING, false },
	{ 0, "luaL_getmetafield", 2, NO, SINK_STRING, false },
	{ 0, "luaL_callmeta", 2, NO, SINK_STRING, false },
	{ 0, "lua_pushfstring", 1, NO, SINK_FORMAT, false },
	{ 0, "lua_pushvfstring", 1, NO, SINK_FORMAT, false },
	{ 0, "luaO_pushfstring", 1, NO, SINK_FORMAT, false },
	{ 0, "luaO_pushvfstring", 1, NO, SINK_FORMAT, false },
	{ 0, "luaL_error", 1, NO, SINK_MESSAGE, false },
	{ 0, "luaG_runerror", 1, NO, SINK_MESSAGE, false },
	{ 0, "luaL_argerror", 2, NO, SINK_MESSAGE, false },
	{ 0, "luaL_typerror", 2, NO, SINK_MESSAGE, false },
};

const char *const sink_starters[] = {
	"luaT_init",     "luaX_init",     "f_luaopen", "lua_newstate",
	"luaL_newstate", "luaL_openlibs", "pmain",     NULL,
};

/* Where one belongs in the order: the first that is not below it. */
static uint32_t place(const struct sinks *s, uint32_t address)
{
	uint32_t from = 0;
	uint32_t to = s->count;

	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if (s->items[mid].address < address)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

bool sinks_add(struct sinks *s, const struct sink *sink, bool *added)
{
	uint32_t at = place(s, sink->address);

	*added = false;
	for (uint32_t i = at; i < s->count && s->items[i].address == sink->address; i++)
		if (s->items[i].text == sink->text || !s->items[i].derived)
			return true;
	if (!vec_grow(&s->items, &s->count, &s->cap, sizeof(*s->items), 1))
		return false;
	memmove(&s->items[at + 1], &s->items[at], (s->count - 1 - at) * sizeof(*s->items));
	s->items[at] = *sink;
	*added = true;
	return true;
}

bool sinks_find(struct sinks *s, const struct firmware *fw)
{
	*s = (struct sinks){ 0 };
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		uint32_t symbol = firmware_symbol_find(fw, known[i].name);
		struct sink sink = known[i];
		bool added;

		if (symbol == FIRMWARE_NONE)
			continue;
		sink.address = fw->symbols[symbol].address;
		if (!sinks_add(s, &sink, &added))
			return false;
	}
	return true;
}

void sinks_free(struct sinks *s)
{
	free(s->items);
	*s = (struct sinks){ 0 };
}

const struct sink *sinks_at(const struct sinks *s, uint32_t address, uint32_t *n)
{
	uint32_t at = place(s, address);

	*n = 0;
	while (at + *n < s->count && s->items[at + *n].address == address)
		++*n;
	return s->items + at;
}
