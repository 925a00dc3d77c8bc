/* SPDX-License-Identifier: MIT */
/*
 * crypto: SHA256 of a string, of a file, and piece by piece.
 */
#include <string.h>
#include <strings.h>

#include "common/base/sha256.h"
#include "sim.h"

static const char hash_name[] = "crypto.hash";

static void check_name(lua_State *L)
{
	if (strcasecmp(luaL_checkstring(L, 1), "sha256"))
		luaL_error(L, "unknown hash mech");
}

static int push_end(lua_State *L, struct sha256 *s)
{
	uint8_t hash[SHA256_BYTES];

	sha256_end(s, hash);
	lua_pushlstring(L, (const char *)hash, sizeof(hash));
	return 1;
}

static int push_hash(lua_State *L, const void *data, size_t len)
{
	struct sha256 s = sha256_begin();

	sha256_add(&s, data, len);
	return push_end(L, &s);
}

static int hash(lua_State *L)
{
	size_t len;
	const char *s;

	check_name(L);
	s = luaL_checklstring(L, 2, &len);
	return push_hash(L, s, len);
}

static int fhash(lua_State *L)
{
	const struct fs_file *f;

	check_name(L);
	f = fs_find(&sim_of(L)->fs, luaL_checkstring(L, 2));
	if (!f)
		return luaL_error(L, "file does not exist");
	return push_hash(L, f->bytes.data, f->bytes.len);
}

static int new_hash(lua_State *L)
{
	struct sha256 *s;

	check_name(L);
	s = lua_newuserdata(L, sizeof(*s));
	*s = sha256_begin();
	luaL_getmetatable(L, hash_name);
	lua_setmetatable(L, -2);
	return 1;
}

static int update(lua_State *L)
{
	struct sha256 *s = luaL_checkudata(L, 1, hash_name);
	size_t len;
	const char *data = luaL_checklstring(L, 2, &len);

	sha256_add(s, data, len);
	return 0;
}

static int finalize(lua_State *L)
{
	return push_end(L, luaL_checkudata(L, 1, hash_name));
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
	static const luaL_Reg functions[] = { { "hash", hash },
					      { "fhash", fhash },
					      { "new_hash", new_hash },
					      { "toHex", to_hex },
					      { NULL, NULL } };
	static const luaL_Reg of_hash[] = { { "update", update },
					    { "finalize", finalize },
					    { NULL, NULL } };
	lua_State *L = sim->L;
	struct rom *object;

	modules_add(sim, "crypto", functions);
	object = rom_new(L, &sim->roms, "hash");
	rom_set_functions(L, &sim->roms, object, of_hash);
	luaL_newmetatable(L, hash_name);
	rom_push(L, object);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
}
