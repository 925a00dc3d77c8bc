/* SPDX-License-Identifier: MIT */
/* A module with functions, numbers of all kinds and a sub-table. */
#include "lua.h"

static int pin_count = 13;

static int gpio_mode(lua_State *L)
{
	int pin = luaL_checkinteger(L, 1);

	if (pin > pin_count)
		return luaL_error(L, "gpio %d is no pin", pin);
	registers[pin & 63] = (uint32_t)luaL_checkinteger(L, 2);
	return 0;
}

static int gpio_read(lua_State *L)
{
	lua_pushinteger(L, (int)registers[luaL_checkinteger(L, 1) & 63]);
	return 1;
}

static int gpio_pulse_build(lua_State *L)
{
	lua_getfield(L, 1, "delay");
	lua_getfield(L, 1, "loop");
	luaL_rometatable(L, "gpio.pulse", NULL);
	return 1;
}

BEGIN(gpio_pulse)
FUNC(build, gpio_pulse_build)
FUNC(start, gpio_mode)
END(gpio_pulse, NULL)

BEGIN(gpio)
FUNC(mode, gpio_mode)
FUNC(read, gpio_read)
SUB(pulse, gpio_pulse)
INT(OUTPUT, 1)
INT(LOW, 0)
INT(NEGATIVE, -5)
NUM(RATIO, 2)
LIGHT(place, 0x60000300)
END(gpio, NULL)

MODULE(GPIO, "gpio", gpio, NULL)
