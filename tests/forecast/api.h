/* SPDX-License-Identifier: MIT */
typedef struct lua_State lua_State;
#define API __attribute__((noinline, noipa))

API void luaS_newlstr(lua_State *L, const char *s, unsigned n);
API void lua_pushlstring(lua_State *L, const char *s, unsigned n);
API void lua_pushstring(lua_State *L, const char *s);
API void lua_setfield(lua_State *L, int i, const char *k);
API void lua_getfield(lua_State *L, int i, const char *k);
API void lua_pushfstring(lua_State *L, const char *f, ...);
API int luaL_error(lua_State *L, const char *f, ...);
API int luaL_argerror(lua_State *L, int i, const char *m);
API void luaL_rometatable(lua_State *L, const char *n, const void *t);
API int number(void);
