/* SPDX-License-Identifier: MIT */
/* Lua's API as far as the forecast knows it, with nothing in it but what keeps calls apart. */
#include "api.h"

volatile const char *last;
volatile unsigned numbers[8];

void luaS_newlstr(lua_State *L, const char *s, unsigned n)
{
	last = s;
	numbers[0] = n;
	(void)L;
}
void lua_pushlstring(lua_State *L, const char *s, unsigned n)
{
	luaS_newlstr(L, s, n);
}
void lua_pushstring(lua_State *L, const char *s)
{
	last = s;
	numbers[1] = 1;
	(void)L;
}
void lua_setfield(lua_State *L, int i, const char *k)
{
	last = k;
	numbers[2] = (unsigned)i;
	(void)L;
}
void lua_getfield(lua_State *L, int i, const char *k)
{
	last = k;
	numbers[3] = (unsigned)i;
	(void)L;
}
void lua_pushfstring(lua_State *L, const char *f, ...)
{
	last = f;
	numbers[4] = 1;
	(void)L;
}
int luaL_error(lua_State *L, const char *f, ...)
{
	last = f;
	numbers[5] = 1;
	(void)L;
	return 0;
}
int luaL_argerror(lua_State *L, int i, const char *m)
{
	last = m;
	numbers[6] = (unsigned)i;
	(void)L;
	return 0;
}
void luaL_rometatable(lua_State *L, const char *n, const void *t)
{
	last = n;
	last = t;
	(void)L;
}
int number(void)
{
	return (int)numbers[7];
}
