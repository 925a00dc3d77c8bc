/* SPDX-License-Identifier: MIT */
/*
 * crypto: SHA256 of a string or a file, in hex.
 */
#include <string.h>
#include <strings.h>

#include "common/base/sha256.h"
#include "sim.h"

static int push_hash(lua_State *L, const void *data, size_t len)
{
	struct sha256 s = sha256_begin();
	uint8_t hash[SHA256_BYTES];

	if (strcasecmp(luaL_checkstring(L, 1), "sha256"))
		return luaL_error(L, "unknown hash mech");
	sha256_add(&s, data, len);
	sha256_end(&s, hash);
	lua_pushlstring(L, (const char *)hash, sizeof(hash));
	return 1;
}

static int hash(lua_State *L)
{
	size_t len;
	const char *s = luaL_checklstring(L, 2, &len);
	return push_hash(L, s, len);
}

static int fhash(lua_State *L)
{
	const struct fs_file *f = fs_find(&sim_of(L)->fs, luaL_checkstring(L, 2));

	if (!f)
		return luaL_error(L, "file does not exist");
	return push_hash(L, f->bytes.data, f->bytes.len);
}

static int to_hex(lua_State *L)
{
	lua_getglobal(L, "encoder");
	lua_getfield(L, -1, "toHex");
	lua_pushvalue(L, 1);
	lua_call(L, 1, 1);
	return 1;
}

void mod_crypto_open(struct sim *sim)
{
	static const luaL_Reg functions[] = {
		{ "hash", hash }, { "fhash", fhash }, { "toHex", to_hex }, { NULL, NULL }
	};
	modules_add(sim, "crypto", functions);
}
