/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int to_base64(lua_State *L)
{
	size_t len;
	const uint8_t *s = (const uint8_t *)luaL_checklstring(L, 1, &len);
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (size_t i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)s[i] << 16 | (i + 1 < len ? s[i + 1] << 8 : 0) |
			     (i + 2 < len ? s[i + 2] : 0);
		for (size_t k = 0; k < 4; k++)
			luaL_addchar(&b, i + k <= len ? alphabet[v >> (18 - 6 * k) & 63] : '=');
	}
	luaL_pushresult(&b);
	return 1;
}

static int from_base64(lua_State *L)
{
	size_t len, pad = 0;
	const char *s = luaL_checklstring(L, 1, &len), *at;
	luaL_Buffer b;

	if (len % 4)
		return luaL_error(L, "Invalid base64 string");
	while (pad < 2 && pad < len && s[len - 1 - pad] == '=')
		pad++;
	luaL_buffinit(L, &b);
	for (size_t i = 0; i < len; i += 4) {
		uint32_t v = 0;
		for (size_t k = 0; k < 4; k++) {
			at = i + k < len - pad ? memchr(alphabet, s[i + k], 64) : alphabet;
			if (!at)
				return luaL_error(L, "Invalid base64 string");
			v = v << 6 | (uint32_t)(at - alphabet);
		}
		for (size_t k = 0; k < 3; k++)
			if (i + k + 1 < len - pad)
				luaL_addchar(&b, (char)(v >> (16 - 8 * k) & 0xff));
	}
	luaL_pushresult(&b);
	return 1;
}

static int to_hex(lua_State *L)
{
	static const char digits[] = "0123456789abcdef";
	size_t len;
	const uint8_t *s = (const uint8_t *)luaL_checklstring(L, 1, &len);
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (size_t i = 0; i < len; i++) {
		luaL_addchar(&b, digits[s[i] >> 4]);
		luaL_addchar(&b, digits[s[i] & 15]);
	}
	luaL_pushresult(&b);
	return 1;
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = memchr(digits, c, 32);
	return at ? (int)((at - digits) % 16) : -1;
}

static int from_hex(lua_State *L)
{
	size_t len;
	const char *s = luaL_checklstring(L, 1, &len);
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (size_t i = 0; i + 1 < len; i += 2) {
		if (digit(s[i]) < 0 || digit(s[i + 1]) < 0)
			return luaL_error(L, "Invalid hex string");
		luaL_addchar(&b, (char)(digit(s[i]) << 4 | digit(s[i + 1])));
	}
	if (len % 2)
		return luaL_error(L, "Invalid hex string");
	luaL_pushresult(&b);
	return 1;
}

void mod_encoder_open(struct sim *sim)
{
	static const luaL_Reg functions[] = { { "toBase64", to_base64 },
					      { "fromBase64", from_base64 },
					      { "toHex", to_hex },
					      { "fromHex", from_hex },
					      { NULL, NULL } };
	modules_add(sim, "encoder", functions);
}
