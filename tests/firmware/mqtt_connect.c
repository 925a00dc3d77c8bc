/* SPDX-License-Identifier: MIT */
#include "lua.h"

int mqtt_connect(lua_State *L)
{
	static const char *const words[] = { "connect", "message", "offline" };

	for (unsigned i = 0; i < 3; i++)
		lua_setfield(L, -2, words[i]);
	return luaL_error(L, "not connected");
}
