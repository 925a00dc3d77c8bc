/* SPDX-License-Identifier: MIT */
/* A module with metatables: one that the registry alone holds, with itself as its __index, and one
 * of a table. */
#include "lua.h"

static int net_create(lua_State *L)
{
	lua_pushliteral(L, "socket");
	luaL_checkudata(L, 1, "net.socket");
	return 1;
}

static int net_send(lua_State *L)
{
	luaL_checkudata(L, 1, "net.socket");
	lua_getfield(L, 1, "on_sent");
	return 0;
}

static int net_close(lua_State *L)
{
	luaL_checkudata(L, 1, "net.socket");
	return luaL_error(L, "not connected");
}

static int net_index(lua_State *L)
{
	lua_pushstring(L, "connected"); /* ends another string: the linker merges the two */
	return 1;
}

TABLE(net_socket);

BEGIN(net_socket)
FUNC(__gc, net_close)
SUB(__index, net_socket)
FUNC(close, net_close)
FUNC(send, net_send)
END(net_socket, NULL)

BEGIN(net_meta)
FUNC(__index, net_index)
END(net_meta, NULL)

BEGIN(net)
FUNC(createConnection, net_create)
INT(TCP, 1)
INT(UDP, 2)
END(net, &net_meta_ROTable)

int luaopen_net(lua_State *L)
{
	luaL_rometatable(L, "net.socket", &net_socket_ROTable);
	return 0;
}

MODULE(NET, "net", net, luaopen_net)
