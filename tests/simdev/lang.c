/* SPDX-License-Identifier: MIT */
#include "lang.h"

void lang_replace(lua_State *L, const char *code, size_t len, const char *name)
{
	if (luaL_loadbuffer(L, code, len, name) == LUA_OK)
		lua_remove(L, -2);
	else
		lua_pop(L, 1);
}
