/* SPDX-License-Identifier: MIT */
/* Opens the libraries as NodeMCU does it: each that has a function is told its name. */
#include "lua.h"

extern const entry lua_libs_base[];

void luaL_openlibs(lua_State *L)
{
	for (const entry *e = lua_libs_base; e->key; e++)
		if (e->tag == TAG_FUNCTION && e->v.p) {
			((lua_CFunction)e->v.p)(L);
			lua_pushstring(L, e->key);
		}
}
