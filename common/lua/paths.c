/* SPDX-License-Identifier: MIT */
#include "common/lua/paths.h"

#include <stdlib.h>
#include <string.h>

/* Far beyond any program; they bound what code made to be indigestible can ask for. */
enum { PATHS_MAX = 1 << 16, PATHS_BUCKETS = 1 << 12, PATH_LEN_MAX = 200 };

/* clang-format off */
static const struct {
	enum path_role parent;
	const char *name;
	enum path_role role;
} roles[] = {
	{ PATH_ROOT, "require",    PATH_REQUIRE },
	{ PATH_ROOT, "dofile",     PATH_DOFILE },
	{ PATH_ROOT, "loadfile",   PATH_DOFILE },
	{ PATH_ROOT, "pcall",      PATH_PCALL },
	{ PATH_ROOT, "node",       PATH_NODE },
	{ PATH_ROOT, "LFS",        PATH_LFS },
	{ PATH_ROOT, "_G",         PATH_GLOBALS },
	{ PATH_NODE, "flashindex", PATH_INDEX },
	{ PATH_NODE, "LFS",        PATH_LFS },
	{ PATH_LFS,  "get",        PATH_INDEX },
	{ PATH_LFS,  "config",     PATH_OWN },
	{ PATH_LFS,  "list",       PATH_OWN },
	{ PATH_LFS,  "reload",     PATH_OWN },
	{ PATH_LFS,  "time",       PATH_OWN },
	{ PATH_LFS,  "_config",    PATH_OWN }, /* so the example's _init.lua calls them */
	{ PATH_LFS,  "_list",      PATH_OWN },
	{ PATH_LFS,  "_time",      PATH_OWN },
};
/* clang-format on */

bool paths_init(struct paths *ps, const struct lua_image *img)
{
	*ps = (struct paths){ .img = img };
	ps->buckets = malloc(PATHS_BUCKETS * sizeof(*ps->buckets));
	if (!ps->buckets)
		return false;
	memset(ps->buckets, 0xff, PATHS_BUCKETS * sizeof(*ps->buckets));
	return true;
}

void paths_free(struct paths *ps)
{
	free(ps->items);
	free(ps->buckets);
	*ps = (struct paths){ 0 };
}

enum path_role paths_role(const struct paths *ps, uint32_t path)
{
	return path == LUA_NONE ? PATH_ROOT : (enum path_role)ps->items[path].role;
}

static enum path_role role_of(enum path_role parent, const struct lua_string *s)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (roles[i].parent == parent && s->len == strlen(roles[i].name) &&
		    memcmp(s->text, roles[i].name, s->len) == 0)
			return roles[i].role;
	}
	return PATH_PLAIN;
}

static uint32_t *bucket_of(const struct paths *ps, uint32_t parent, uint32_t string)
{
	uint32_t h = (parent + 1) * 0x9e3779b1u ^ string * 0x85ebca6bu;

	h ^= h >> 15;
	h *= 0x2c1b3c6du;
	return &ps->buckets[(h ^ h >> 16) % PATHS_BUCKETS];
}

static uint32_t path_add(struct paths *ps, uint32_t parent, uint32_t string, uint32_t *bucket)
{
	const struct lua_string *s = &ps->img->strings[string];
	uint32_t base = parent == LUA_NONE ? 0 : ps->items[parent].len + 1u;
	struct path *p;

	if (ps->count >= PATHS_MAX || s->len > PATH_LEN_MAX || base + s->len > PATH_LEN_MAX)
		return LUA_NONE;
	p = vec_grow(&ps->items, &ps->count, &ps->cap, sizeof(*p), 1);
	if (!p) {
		ps->failed = true;
		return LUA_NONE;
	}
	p->parent = parent;
	p->string = string;
	p->next = *bucket;
	p->text = LUA_NONE;
	p->len = (uint16_t)(base + s->len);
	p->role = (uint8_t)role_of(paths_role(ps, parent), s);
	*bucket = ps->count - 1;
	return *bucket;
}

uint32_t paths_field(struct paths *ps, uint32_t parent, uint32_t string)
{
	uint32_t *bucket;

	if (paths_role(ps, parent) == PATH_GLOBALS)
		parent = LUA_NONE;
	bucket = bucket_of(ps, parent, string);
	for (uint32_t i = *bucket; i != LUA_NONE; i = ps->items[i].next) {
		if (ps->items[i].parent == parent && ps->items[i].string == string)
			return i;
	}
	return path_add(ps, parent, string, bucket);
}

/* From the last name to the first: every name is put where the parents' texts will end. */
static void write_text(const struct paths *ps, uint32_t path, uint8_t *text)
{
	const struct path *p = &ps->items[path];
	const struct lua_string *s;

	text[p->len] = '\0';
	for (;;) {
		s = &ps->img->strings[p->string];
		memcpy(text + p->len - s->len, s->text, s->len);
		if (p->parent == LUA_NONE)
			return;
		p = &ps->items[p->parent];
		text[p->len] = '.';
	}
}

uint32_t paths_text(struct paths *ps, uint32_t path, struct lua_xref *x)
{
	struct buf *b;
	uint8_t *text;

	if (path == LUA_NONE)
		return LUA_NONE;
	if (ps->items[path].text != LUA_NONE)
		return ps->items[path].text;
	b = vec_grow(&x->paths, &x->npaths, &x->paths_cap, sizeof(*b), 1);
	text = b ? buf_extend(b, ps->items[path].len + 1u) : NULL;
	if (!text) {
		ps->failed = true;
		return LUA_NONE;
	}
	write_text(ps, path, text);
	b->len--; /* the NUL is behind the text, as buf_printf leaves it */
	ps->items[path].text = x->npaths - 1;
	return ps->items[path].text;
}
