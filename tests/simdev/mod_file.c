/* SPDX-License-Identifier: MIT */
/*
 * file: by objects, and by functions that work on the file that was opened last.
 */
#include <string.h>

#include "sim.h"

enum { READ_CHUNK = 1024 };
static const char object_name[] = "file.obj";
/*
 * In the registry: the object of the file opened last, which keeps it open. Closing any file lets
 * go of it; but functions without an object go on with the handle, while that is open.
 */
static const char default_name[] = "file.default";

static void set_default(lua_State *L, int object)
{
	lua_pushvalue(L, object);
	lua_setfield(L, LUA_REGISTRYINDEX, default_name);
}

static struct fs_open *check_open(lua_State *L, int *handle, int *arg)
{
	const bool object = lua_type(L, 1) == LUA_TUSERDATA;
	struct fs_open *o;

	*arg = object ? 2 : 1;
	*handle = object ? *(int *)luaL_checkudata(L, 1, object_name) : sim_of(L)->fs.last;
	o = fs_handle(&sim_of(L)->fs, *handle);
	if (!o)
		luaL_error(L, "open a file first");
	return o;
}

static int open_file(lua_State *L)
{
	const char *name = mod_file_check_name(L, 1);
	int handle = fs_open(&sim_of(L)->fs, name, luaL_optstring(L, 2, "r"));

	if (!handle) {
		lua_pushnil(L);
	} else {
		*(int *)lua_newuserdata(L, sizeof(handle)) = handle;
		luaL_getmetatable(L, object_name);
		lua_setmetatable(L, -2);
	}
	set_default(L, -1);
	sim_of(L)->fs.last = handle;
	return 1;
}

/* Whichever it closes, there is no default then. */
static int close_file(lua_State *L)
{
	int *handle;

	if (lua_type(L, 1) == LUA_TUSERDATA) {
		handle = luaL_checkudata(L, 1, object_name);
	} else {
		lua_getfield(L, LUA_REGISTRYINDEX, default_name);
		handle = lua_touserdata(L, -1);
	}
	if (handle) {
		fs_close(&sim_of(L)->fs, *handle);
		*handle = 0;
	}
	lua_pushnil(L);
	set_default(L, -1);
	return 0;
}

static int collect(lua_State *L)
{
	fs_close(&sim_of(L)->fs, *(int *)luaL_checkudata(L, 1, object_name));
	return 0;
}

static int read_up_to(lua_State *L, struct fs_open *o, size_t n, int end)
{
	const struct buf *b = &o->file->bytes;
	size_t left = o->pos < b->len ? b->len - o->pos : 0;
	const uint8_t *p = b->data + o->pos, *stop;

	if (n > 0 && (left == 0 || !o->reads)) {
		lua_pushnil(L);
		return 1;
	}
	if (n > left)
		n = left;
	stop = end < 0 ? NULL : memchr(p, end, n);
	if (stop)
		n = (size_t)(stop - p) + 1;
	o->pos += n;
	lua_pushlstring(L, (const char *)p, n);
	return 1;
}

static int read_file(lua_State *L)
{
	int arg, handle, end = -1;
	size_t n = READ_CHUNK, len;
	struct fs_open *o = check_open(L, &handle, &arg);

	if (lua_type(L, arg) == LUA_TNUMBER) {
		lua_Integer wanted = luaL_checkinteger(L, arg);
		n = wanted < 0 ? 0 : (size_t)wanted;
	} else if (lua_isstring(L, arg)) {
		const char *s = lua_tolstring(L, arg, &len);
		if (len != 1)
			return luaL_error(L, "wrong arg range");
		end = (unsigned char)*s;
	}
	return read_up_to(L, o, n, end);
}

static int read_line(lua_State *L)
{
	int arg, handle;
	return read_up_to(L, check_open(L, &handle, &arg), READ_CHUNK, '\n');
}

static int push_done(lua_State *L, bool done)
{
	if (done)
		lua_pushboolean(L, 1);
	else
		lua_pushnil(L);
	return 1;
}

static int write_file(lua_State *L)
{
	int arg, handle;
	size_t len;
	const char *s;

	check_open(L, &handle, &arg);
	s = luaL_checklstring(L, arg, &len);
	return push_done(L, fs_write(&sim_of(L)->fs, handle, s, len));
}

static int write_line(lua_State *L)
{
	int arg, handle;

	check_open(L, &handle, &arg);
	luaL_checkstring(L, arg);
	lua_settop(L, arg);
	lua_pushliteral(L, "\n");
	lua_concat(L, 2);
	return write_file(L);
}

static int seek(lua_State *L)
{
	static const char *const names[] = { "set", "cur", "end", NULL };
	int arg, handle;
	struct fs_open *o = check_open(L, &handle, &arg);
	int whence = luaL_checkoption(L, arg, "cur", names);
	lua_Integer pos = luaL_optinteger(L, arg + 1, 0);

	pos += whence == 0 ? 0 : (lua_Integer)(whence == 1 ? o->pos : o->file->bytes.len);
	if (pos < 0 || (size_t)pos > o->file->bytes.len) {
		if (pos > 0) /* refused, and yet it goes as far as it can */
			o->pos = o->file->bytes.len;
		lua_pushnil(L);
		return 1;
	}
	o->pos = (size_t)pos;
	lua_pushinteger(L, pos);
	return 1;
}

static int flush(lua_State *L)
{
	int arg, handle;

	check_open(L, &handle, &arg);
	fs_flush(&sim_of(L)->fs, handle);
	return push_done(L, true);
}

void mod_file_open(struct sim *sim)
{
	static const luaL_Reg functions[] = { { "open", open_file },   { "close", close_file },
					      { "read", read_file },   { "readline", read_line },
					      { "write", write_file }, { "writeline", write_line },
					      { "seek", seek },        { "flush", flush },
					      { NULL, NULL } };
	lua_State *L = sim->L;
	struct rom *rom = modules_add(sim, "file", functions), *object;

	mod_file_names_open(sim, rom);
	object = rom_new(L, &sim->roms, "object");
	rom_set_functions(L, &sim->roms, object, functions + 1);
	luaL_newmetatable(L, object_name);
	rom_push(L, object);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, collect);
	lua_setfield(L, -2, "__gc");
	lua_pop(L, 1);
}
