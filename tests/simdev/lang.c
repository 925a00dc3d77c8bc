/* SPDX-License-Identifier: MIT */
#include "lang.h"

#include "stock.h"

#if LUA_VERSION_NUM == 501
#define lua_dump(L, writer, data, strip) lua_dump(L, writer, data)
#endif

static int writer(lua_State *L, const void *p, size_t n, void *ud)
{
	(void)L;
	buf_put(ud, p, n);
	return ((struct buf *)ud)->failed;
}

bool lang_dump(lua_State *L, struct buf *out)
{
	return lua_dump(L, writer, out, 0) == 0 && !out->failed;
}

struct probe {
	const char *s;
	bool met;
};

static void meet(void *ctx, const char *s, size_t len)
{
	struct probe *p = ctx;

	p->met |= s == p->s && len == 6;
}

bool lang_strings_known(lua_State *L)
{
	struct probe probe = { 0 };

	if (!lang_layout_known(L))
		return false;
	lua_pushliteral(L, "simdev");
	probe.s = lua_tostring(L, -1);
	lang_strings(L, meet, &probe);
	lua_pop(L, 1);
	return probe.met;
}

void lang_strip(lua_State *L)
{
	struct buf whole = { 0 }, out = { 0 };

	if (lang_dump(L, &whole) && stock_strip_names(whole.data, whole.len, &out)) {
		if (luaL_loadbuffer(L, (const char *)out.data, out.len, "=stdin") == LUA_OK)
			lua_remove(L, -2);
		else
			lua_pop(L, 1);
	}
	buf_free(&whole);
	buf_free(&out);
}
