/* SPDX-License-Identifier: MIT */
/* A module without constants, in two files; and one that was not asked for, but linked. */
#include "lua.h"

int mqtt_connect(lua_State *L);

static char topic[300];

static int mqtt_client(lua_State *L)
{
	topic[0] = (char)luaL_checkinteger(L, 1);
	lua_pushlstring(L, topic, sizeof(topic));
	return mqtt_connect(L);
}

BEGIN(mqtt_client_map)
FUNC(connect, mqtt_connect)
END(mqtt_client_map, NULL)

BEGIN(mqtt)
FUNC(Client, mqtt_client)
END(mqtt, NULL)

int luaopen_mqtt(lua_State *L)
{
	luaL_rometatable(L, "mqtt.client", &mqtt_client_map_ROTable);
	return 0;
}

MODULE(MQTT, "mqtt", mqtt, luaopen_mqtt)
