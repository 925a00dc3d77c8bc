/* SPDX-License-Identifier: MIT */
#include "common/lua/compiler.h"

#include <dlfcn.h>
#include <string.h>

#include "common/lua/stock.h"

/* As lua.h and lauxlib.h of 5.1 and 5.3 declare them; only what both have in common is used. */
struct lua_State;
enum { NO_MEMORY = 4 }; /* LUA_ERRMEM */
typedef int writer_fn(struct lua_State *l, const void *p, size_t n, void *ud);

struct api {
	struct lua_State *(*new_state)(void);
	void (*close)(struct lua_State *l);
	int (*load51)(struct lua_State *l, const char *text, size_t n, const char *name);
	int (*load53)(struct lua_State *l, const char *text, size_t n, const char *name,
		      const char *mode);
	int (*dump51)(struct lua_State *l, writer_fn *writer, void *ud);
	int (*dump53)(struct lua_State *l, writer_fn *writer, void *ud, int strip);
	const char *(*to_string)(struct lua_State *l, int index, size_t *n);
};

bool lua_compiler_open(enum lua_version version, struct lua_compiler *out)
{
	static const char *const names[2][4] = {
		{ "liblua5.1.so.0", "liblua5.1.so.5.1", "liblua5.1.so", "liblua.so.5.1" },
		{ "liblua5.3.so.0", "liblua5.3.so.5.3", "liblua5.3.so", "liblua.so.5.3" },
	};

	*out = (struct lua_compiler){ .version = version };
	for (unsigned i = 0; i < 4 && !out->library; i++)
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
	       (v53 ? find(c, "luaL_loadbufferx", &a->load53) && find(c, "lua_dump", &a->dump53)
		    : find(c, "luaL_loadbuffer", &a->load51) && find(c, "lua_dump", &a->dump51));
}

static int append(struct lua_State *l, const void *p, size_t n, void *ud)
{
	struct buf *out = ud;

	(void)l;
	buf_put(out, p, n);
	return out->failed;
}

/* The message without what no terminal should see; Lua quotes the source in it. */
static enum err fail_words(struct diag *diag, const char *words, size_t n)
{
	char text[160];
	size_t len = 0;

	for (size_t i = 0; words && i < n && len + 1 < sizeof(text); i++)
		text[len++] = words[i] >= 0x20 && words[i] < 0x7f ? words[i] : '?';
	text[len] = 0;
	return diag_fail(diag, ERR_KIND, "%s", len ? text : "does not compile");
}

static enum err dump(const struct api *a, bool v53, const uint8_t *text, size_t len,
		     struct diag *diag, struct buf *chunk)
{
	struct lua_State *l = a->new_state();
	const char *source = (const char *)text;
	size_t n = 0;
	int status;

	if (!l)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	status = v53 ? a->load53(l, source, len, "=line", "t") : a->load51(l, source, len, "=line");
	if (status == NO_MEMORY) {
		diag_fail(diag, ERR_MEMORY, "out of memory");
	} else if (status) {
		const char *words = a->to_string(l, -1, &n);

		fail_words(diag, words, n);
	} else {
		status = v53 ? a->dump53(l, append, chunk, 0) : a->dump51(l, append, chunk);
		if (status)
			diag_fail(diag, ERR_MEMORY, "out of memory");
	}
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

enum err lua_compile(const struct lua_compiler *c, const uint8_t *text, size_t len,
		     struct diag *diag, struct lua_image **out)
{
	struct buf chunk = { 0 };
	struct api a;

	*out = NULL;
	if (!c->library || !api_find(c, &a))
		return diag_fail(diag, ERR_IO, "no Lua of that version on this computer");
	skip_head(c->version == LUA_53, &text, &len);
	if (len && text[0] == 0x1b) /* 5.1 would take it for a chunk and trust it */
		return diag_fail(diag, ERR_KIND, "no Lua source");
	if (dump(&a, c->version == LUA_53, text, len, diag, &chunk) == ERR_NONE)
		lua_stock_load(chunk.data, chunk.len, diag, out);
	buf_free(&chunk);
	return diag->code;
}
