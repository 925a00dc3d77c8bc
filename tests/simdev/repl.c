/* SPDX-License-Identifier: MIT */
/*
 * The interactive interpreter, as the firmware's lua.c works: a line is compiled; when it is not a
 * whole statement it waits for the next line, else it runs, and the prompt comes.
 */
#include <string.h>

#include "sim.h"

static const char *prompt(struct sim *sim, bool first)
{
	lua_State *L = sim->L;
	const char *p;

	lua_getglobal(L, first ? "_PROMPT" : "_PROMPT2");
	p = lua_tostring(L, -1);
	snprintf(sim->prompt[!first], sizeof(sim->prompt[0]), "%s", p ? p : first ? "> " : ">> ");
	lua_pop(L, 1);
	return sim->prompt[!first];
}

void repl_prompt(struct sim *sim)
{
	const char *p = sim->prompt[sim->partial != LUA_NOREF];
	sim_uart(sim, p, strlen(p));
}

/* Prints the n values on top. */
static void print_values(lua_State *L, int n)
{
	if (n <= 0)
		return;
	luaL_checkstack(L, LUA_MINSTACK, "too many results to print");
	lua_getglobal(L, "print");
	lua_insert(L, -n - 1);
	if (lua_pcall(L, n, 0, 0) != LUA_OK) {
		const char *why = lua_pushfstring(L, "error calling 'print' (%s)\n",
						  lua_tostring(L, -1));
		sim_print(sim_of(L), why, strlen(why));
		lua_pop(L, 2);
	}
}

static int add_traceback(lua_State *L)
{
	lua_getglobal(L, "debug");
	lua_getfield(L, -1, "traceback");
	if (lua_isfunction(L, -1)) {
		lua_insert(L, 1);
		lua_pop(L, 1);
		lua_pushinteger(L, 2);
		lua_call(L, 2, 1);
	} else {
		lua_settop(L, 1);
	}
	return 1;
}

/* Calls the function on top; its results, or an error with traceback, stay. */
static int call(lua_State *L)
{
	int base = lua_gettop(L), status;

	lua_pushcfunction(L, add_traceback);
	lua_insert(L, base);
	status = lua_pcall(L, 0, LUA_MULTRET, base);
	lua_remove(L, base);
	if (status != LUA_OK)
		lua_gc(L, LUA_GCCOLLECT, 0);
	return status;
}

static bool incomplete(lua_State *L, int status)
{
	static const char mark[] = "<eof>";
	size_t len, n = sizeof(mark) - 1;
	const char *msg;

	if (status != LUA_ERRSYNTAX)
		return false;
	msg = lua_tolstring(L, -1, &len);
	if (len > n && msg[len - 1] == '\'') /* 5.1 puts the mark in quotes */
		len--;
	if (len < n || memcmp(msg + len - n, mark, n))
		return false;
	lua_pop(L, 1);
	return true;
}

/* What is to be compiled: the line on top with what came before it, or "=expression" made whole. */
static void complete_chunk(struct sim *sim)
{
	lua_State *L = sim->L;
	const char *line = lua_tostring(L, -1);

	if (sim->partial != LUA_NOREF) {
		lua_rawgeti(L, LUA_REGISTRYINDEX, sim->partial);
		lua_pushliteral(L, "\n");
		lua_pushvalue(L, -3);
		lua_concat(L, 3);
		lua_remove(L, -2);
	} else if (line[0] == '=') {
		lua_pushfstring(L, "return %s", line + 1);
		lua_remove(L, -2);
	}
}

static void keep_chunk(struct sim *sim)
{
	if (sim->partial == LUA_NOREF)
		sim->partial = luaL_ref(sim->L, LUA_REGISTRYINDEX);
	else
		lua_rawseti(sim->L, LUA_REGISTRYINDEX, sim->partial);
}

/* Compiling; the names of locals go at once, and what that takes here costs the device nothing. */
static int compile(struct sim *sim)
{
	lua_State *L = sim->L;
	size_t len;
	const char *chunk = lua_tolstring(L, -1, &len);
	int status = luaL_loadbuffer(L, chunk, len, "=stdin");
	struct heap heap = sim->heap;

	if (status != LUA_OK)
		return status;
	sim->heap.limit = SIZE_MAX;
	lang_strip(L);
	if (sim->config->always || lang_collects_first)
		lua_gc(L, LUA_GCCOLLECT, 0);
	sim->heap.limit = heap.limit;
	sim->heap.peak = heap.peak;
	return status;
}

static void finish_chunk(struct sim *sim, int status)
{
	lua_State *L = sim->L;

	lua_remove(L, -2); /* the text */
	luaL_unref(L, LUA_REGISTRYINDEX, sim->partial);
	sim->partial = LUA_NOREF;
	if (status == LUA_OK)
		status = call(L);
	if (status != LUA_OK && !lua_isnil(L, -1)) {
		lua_pushliteral(L, "Lua error: ");
		lua_insert(L, -2);
	}
	print_values(L, lua_gettop(L) - 1);
}

/* The reader of the firmware's input pipe; the pipe is its argument. */
static int read_line(lua_State *L)
{
	struct sim *sim = sim_of(L);
	char *nl = memchr(sim->input.data, '\n', sim->input.len);
	size_t len = (size_t)(nl - (char *)sim->input.data);
	int status;
	const char *p;

	lua_settop(L, 1);
	lua_pushlstring(L, (char *)sim->input.data, len);
	memmove(sim->input.data, nl + 1, sim->input.len - len - 1);
	sim->input.len -= len + 1;
	complete_chunk(sim);
	status = compile(sim);
	if (incomplete(L, status))
		keep_chunk(sim);
	else
		finish_chunk(sim, status);
	if (sim->restarting)
		return 0;
	p = prompt(sim, sim->partial == LUA_NOREF);
	sim_print(sim, p, strlen(p));
	return 0;
}

static int run_file(lua_State *L)
{
	const char *name = lua_touserdata(L, 1);
	int status = name ? mod_base_load(L, name)
			  : luaL_loadstring(L, "while true do tmr.delay(1000) end");

	if (status == LUA_OK)
		status = call(L);
	if (status != LUA_OK)
		print_values(L, 1);
	return 0;
}

void repl_run_file(struct sim *sim, const char *name)
{
	lua_pushcfunction(sim->L, run_file);
	lua_pushlightuserdata(sim->L, (void *)name);
	sim_call(sim, 1);
}

bool repl_run(struct sim *sim)
{
	if (sim->input.len == 0 || !memchr(sim->input.data, '\n', sim->input.len))
		return false;
	lua_pushcfunction(sim->L, read_line);
	lua_pushnil(sim->L);
	sim_call(sim, 1);
	return true;
}
