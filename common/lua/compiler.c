/* SPDX-License-Identifier: MIT */
#include "common/lua/compiler.h"

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/stock.h"
#include "common/view/escape.h"

/* As lua.h and lauxlib.h of 5.1 and 5.3 declare them; only what both have in common is used. */
struct lua_State;
enum { NO_MEMORY = 4 }; /* LUA_ERRMEM */
typedef int writer_fn(struct lua_State *l, const void *p, size_t n, void *ud);
typedef int c_fn(struct lua_State *l);

struct api {
	struct lua_State *(*new_state)(void);
	void (*close)(struct lua_State *l);
	int (*load51)(struct lua_State *l, const char *text, size_t n, const char *name);
	int (*load53)(struct lua_State *l, const char *text, size_t n, const char *name,
		      const char *mode);
	int (*dump51)(struct lua_State *l, writer_fn *writer, void *ud);
	int (*dump53)(struct lua_State *l, writer_fn *writer, void *ud, int strip);
	const char *(*to_string)(struct lua_State *l, int index, size_t *n);
	int (*call51)(struct lua_State *l, c_fn *f, void *p);
	void (*push_userdata53)(struct lua_State *l, void *p);
	void (*push_function53)(struct lua_State *l, c_fn *f, int n);
	int (*call53)(struct lua_State *l, int args, int results, int handler, intptr_t ctx,
		      void *k);
};

struct compiling {
	const struct api *api;
	bool v53;
	const char *text;
	size_t len;
	struct diag *diag;
	struct buf *chunk;
};

bool lua_compiler_open(enum lua_version version, struct lua_compiler *out)
{
	static const char *const names[2][4] = {
		{ "liblua5.1.so.0", "liblua5.1.so.5.1", "liblua5.1.so", "liblua.so.5.1" },
		{ "liblua5.3.so.0", "liblua5.3.so.5.3", "liblua5.3.so", "liblua.so.5.3" },
	};

	*out = (struct lua_compiler){ .version = version };
	errno = 0;
	for (unsigned i = 0; i < 4 && !out->library && errno != ENOMEM; i++)
		out->library = dlopen(names[version == LUA_53][i], RTLD_NOW | RTLD_LOCAL);
	return out->library != NULL;
}

void lua_compiler_close(struct lua_compiler *c)
{
	if (c->library)
		dlclose(c->library);
	*c = (struct lua_compiler){ 0 };
}

/* C has no conversion from what dlsym gives to a function; POSIX promises that this works. */
static bool find(const struct lua_compiler *c, const char *name, void *function)
{
	void *p = dlsym(c->library, name);

	memcpy(function, &p, sizeof(p));
	return p != NULL;
}

static bool api_find(const struct lua_compiler *c, struct api *a)
{
	bool v53 = c->version == LUA_53;

	*a = (struct api){ 0 };
	return find(c, "luaL_newstate", &a->new_state) && find(c, "lua_close", &a->close) &&
	       find(c, "lua_tolstring", &a->to_string) &&
	       (v53 ? find(c, "luaL_loadbufferx", &a->load53) && find(c, "lua_dump", &a->dump53) &&
				find(c, "lua_pushlightuserdata", &a->push_userdata53) &&
				find(c, "lua_pushcclosure", &a->push_function53) &&
				find(c, "lua_pcallk", &a->call53)
		    : find(c, "luaL_loadbuffer", &a->load51) && find(c, "lua_dump", &a->dump51) &&
				find(c, "lua_cpcall", &a->call51));
}

static int append(struct lua_State *l, const void *p, size_t n, void *ud)
{
	struct buf *out = ud;

	(void)l;
	buf_put(out, p, n);
	return out->failed;
}

/* Lua quotes the source in its message: with nothing in it that moves a cursor, else as it is. */
static enum err fail_words(struct diag *diag, const char *words, size_t n)
{
	struct buf line = { 0 };

	for (size_t i = 0, len; words && i < n; i += len + 1) {
		const char *slash = memchr(words + i, '\\', n - i);

		len = slash ? (size_t)(slash - words) - i : n - i;
		escape_text(&line, (const uint8_t *)words + i, len);
		buf_str(&line, slash ? "\\" : "");
	}
	buf_byte(&line, '\0');
	diag_fail(diag, ERR_KIND, "%s",
		  !line.failed && line.len > 1 ? (const char *)line.data : "does not compile");
	buf_free(&line);
	return diag->code;
}

static void compile_inside(const struct compiling *c, struct lua_State *l)
{
	const struct api *a = c->api;
	size_t n = 0;
	int status = c->v53 ? a->load53(l, c->text, c->len, "=line", "t")
			    : a->load51(l, c->text, c->len, "=line");

	if (status == NO_MEMORY) {
		diag_fail(c->diag, ERR_MEMORY, "out of memory");
	} else if (status) {
		const char *words = a->to_string(l, -1, &n);

		fail_words(c->diag, words, n);
	} else {
		status = c->v53 ? a->dump53(l, append, c->chunk, 0)
				: a->dump51(l, append, c->chunk);
		if (status)
			diag_fail(c->diag, ERR_MEMORY, "out of memory");
	}
}

/* Lua hands over nothing but its state; to get at our own of it takes Lua again. */
static int compile_called(struct lua_State *l, enum lua_version version)
{
	void *(*to_userdata)(struct lua_State * l, int index);
	struct lua_compiler again;
	bool found;

	if (!lua_compiler_open(version, &again))
		return 0;
	found = find(&again, "lua_touserdata", &to_userdata);
	lua_compiler_close(&again);
	if (found)
		compile_inside(to_userdata(l, 1), l);
	return 0;
}

static int compile_called51(struct lua_State *l)
{
	return compile_called(l, LUA_51);
}

static int compile_called53(struct lua_State *l)
{
	return compile_called(l, LUA_53);
}

/* Both ways allocate nothing outside of the protected call. */
static int call(const struct api *a, struct lua_State *l, struct compiling *c)
{
	if (!c->v53)
		return a->call51(l, compile_called51, c);
	a->push_function53(l, compile_called53, 0);
	a->push_userdata53(l, c);
	return a->call53(l, 1, 0, 0, 0, NULL);
}

/* As luac's main function compiles: called by Lua, so that nesting ends at the same depth. */
static enum err dump(const struct api *a, bool v53, const uint8_t *text, size_t len,
		     struct diag *diag, struct buf *chunk)
{
	struct compiling c = { a, v53, (const char *)text, len, diag, chunk };
	struct lua_State *l = a->new_state();

	if (!l)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (call(a, l, &c) || (!diag->code && !chunk->len))
		diag_fail(diag, ERR_MEMORY, "out of memory");
	a->close(l);
	return diag->code;
}

/* What luaL_loadfile passes over, but for the line's end: lines keep their numbers. */
static void skip_head(bool v53, const uint8_t **text, size_t *len)
{
	const uint8_t *p = *text;
	size_t n = *len;

	if (v53 && n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		n -= 3;
	}
	if (n && *p == '#') {
		const uint8_t *end = memchr(p, '\n', n);

		n = end ? n - (size_t)(end - p) : 0;
		p = end ? end : p;
	}
	*text = p;
	*len = n;
}

/* NodeMCU's limit is lower than stock Lua's; whichever stops a compiler first is said. */
static void check_vars(const struct lua_walk *walk, struct diag *diag)
{
	bool stopped = diag->code == ERR_KIND && !strncmp(diag->text, "line:", 5);

	if (!walk->crowded || (diag->code && !stopped))
		return;
	if (stopped && strtoul(diag->text + 5, NULL, 10) < walk->crowded_line)
		return;
	*diag = (struct diag){ 0 };
	if (walk->crowded_function)
		diag_fail(diag, ERR_KIND,
			  "line:%" PRIu32 ": function at line %" PRIu32
			  " has more than %d local variables",
			  walk->crowded_line, walk->crowded_function, LUA_WALK_MAX_VARS);
	else
		diag_fail(diag, ERR_KIND,
			  "line:%" PRIu32 ": main function has more than %d local variables",
			  walk->crowded_line, LUA_WALK_MAX_VARS);
}

enum err lua_compile(const struct lua_compiler *c, const uint8_t *text, size_t len,
		     struct diag *diag, struct lua_image **out)
{
	bool v53 = c->version == LUA_53;
	struct lua_walk walk = { 0 };
	struct buf chunk = { 0 };
	struct api a;

	*out = NULL;
	if (!c->library || !api_find(c, &a))
		return diag_fail(diag, ERR_IO, "no Lua of that version on this computer");
	skip_head(v53, &text, &len);
	if (len && text[0] == 0x1b) /* 5.1 would take it for a chunk and trust it */
		return diag_fail(diag, ERR_KIND, "no Lua source");
	if (!v53 && !lua_walk_source(text, len, &walk))
		diag_fail(diag, ERR_MEMORY, "out of memory");
	else
		dump(&a, v53, text, len, diag, &chunk);
	check_vars(&walk, diag);
	if (!diag->code)
		lua_stock_load(chunk.data, chunk.len, v53 ? NULL : &walk, diag, out);
	buf_free(&chunk);
	lua_walk_free(&walk);
	return diag->code;
}
