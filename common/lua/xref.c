/* SPDX-License-Identifier: MIT */
#include "common/lua/refs.h"

#include <stdlib.h>
#include <string.h>

const char *const lua_ref_words[LUA_REF_KINDS] = {
	[LUA_REF_CONSTANT] = "constant",
	[LUA_REF_GLOBAL_READ] = "global read",
	[LUA_REF_GLOBAL_WRITE] = "global write",
	[LUA_REF_FIELD_READ] = "field read",
	[LUA_REF_FIELD_WRITE] = "field write",
	[LUA_REF_METHOD] = "method",
	[LUA_REF_SOURCE] = "source",
	[LUA_REF_UPVALUE_NAME] = "upvalue name",
	[LUA_REF_LOCAL_NAME] = "local name",
	[LUA_REF_LINEINFO] = "line info",
	[LUA_REF_MODULE_NAME] = "module name",
};

const char *const lua_require_words[LUA_REQUIRE_KINDS] = {
	[LUA_REQUIRE] = "require",
	[LUA_DOFILE] = "dofile",
	[LUA_LFS_INDEX] = "LFS",
};

/* Longer names are no module's: a file's name is far shorter, and comparing them costs. */
enum { MODULE_NAME_MAX = 255 };

/* A text to sort by and what it stands for. */
struct named {
	const uint8_t *text;
	uint32_t len, id;
	struct lua_global global;
};

static int compare_text(const struct named *a, const struct named *b)
{
	uint32_t n = a->len < b->len ? a->len : b->len;
	int c = n ? memcmp(a->text, b->text, n) : 0;

	if (c == 0)
		c = (a->len > b->len) - (a->len < b->len);
	return c;
}

static int compare_named(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int c = compare_text(x, y);

	return c ? c : (x->id > y->id) - (x->id < y->id);
}

/* Sorts by string; within a string the order of collection stays, which is by prototype and pc. */
static bool sort_refs(const struct lua_image *img, struct lua_xref *x)
{
	struct lua_ref *sorted = malloc(((size_t)x->nrefs + 1) * sizeof(*sorted));
	uint32_t *next;

	x->first = calloc((size_t)img->nstrings + 2, sizeof(*x->first));
	if (!sorted || !x->first) {
		free(sorted);
		return false;
	}
	/* One place further on, so that moving up to the ends leaves the beginnings in first[]. */
	next = x->first + 1;
	for (uint32_t i = 0; i < x->nrefs; i++)
		next[x->refs[i].string + 1]++;
	for (uint32_t s = 0; s < img->nstrings; s++)
		next[s + 1] += next[s];
	for (uint32_t i = 0; i < x->nrefs; i++)
		sorted[next[x->refs[i].string]++] = x->refs[i];
	free(x->refs);
	x->refs = sorted;
	x->refs_cap = x->nrefs + 1;
	return true;
}

static struct lua_global count_global(const struct lua_xref *x, uint32_t string)
{
	struct lua_global g = { .name = string };

	for (uint32_t i = x->first[string]; i < x->first[string + 1]; i++) {
		g.reads += x->refs[i].kind == LUA_REF_GLOBAL_READ;
		g.writes += x->refs[i].kind == LUA_REF_GLOBAL_WRITE;
	}
	return g;
}

static bool add_globals(const struct lua_image *img, struct lua_xref *x)
{
	struct named *list = NULL, *n;
	uint32_t count = 0, cap = 0;

	for (uint32_t s = 0; s < img->nstrings; s++) {
		struct lua_global g = count_global(x, s);

		if (g.reads + g.writes == 0)
			continue;
		n = vec_grow(&list, &count, &cap, sizeof(*list), 1);
		if (!n) {
			free(list);
			return false;
		}
		*n = (struct named){ img->strings[s].text, img->strings[s].len, s, g };
	}
	if (count &&
	    !vec_grow(&x->globals, &x->nglobals, &x->globals_cap, sizeof(*x->globals), count)) {
		free(list);
		return false;
	}
	if (count)
		qsort(list, count, sizeof(*list), compare_named);
	for (uint32_t i = 0; i < count; i++)
		x->globals[i] = list[i].global;
	free(list);
	return true;
}

static bool ends_with(const struct named *n, const char *end)
{
	size_t len = strlen(end);

	return n->len > len && memcmp(n->text + n->len - len, end, len) == 0;
}

/* "lua/config.lc" is the file that a module "config" may come from. */
static void strip_file_name(struct named *n)
{
	for (uint32_t i = n->len; i-- > 0;) {
		if (n->text[i] != '/')
			continue;
		n->text += i + 1;
		n->len -= i + 1;
		break;
	}
	if (ends_with(n, ".lua"))
		n->len -= 4;
	else if (ends_with(n, ".lc"))
		n->len -= 3;
}

/* The first of the modules with that name; list is sorted. */
static uint32_t find_module(const struct named *list, uint32_t count, const struct named *name)
{
	uint32_t low = 0, high = count, mid;

	if (name->len > MODULE_NAME_MAX)
		return LUA_NONE;
	while (low < high) {
		mid = low + (high - low) / 2;
		if (compare_text(&list[mid], name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < count && compare_text(&list[low], name) == 0 ? list[low].id : LUA_NONE;
}

static struct named name_of(const struct lua_image *img, uint32_t string, uint32_t id)
{
	const struct lua_string *s = &img->strings[string];

	return (struct named){ .text = s->text, .len = s->len, .id = id };
}

static bool find_modules(const struct lua_image *img, struct lua_xref *x)
{
	struct named *list = calloc((size_t)img->nmodules + 1, sizeof(*list)), name;
	uint32_t count = 0;

	if (!list)
		return false;
	for (uint32_t i = 0; i < img->nmodules; i++) {
		uint32_t s = img->modules[i].name;

		if (s < img->nstrings && img->strings[s].len <= MODULE_NAME_MAX)
			list[count++] = name_of(img, s, i);
	}
	qsort(list, count, sizeof(*list), compare_named);
	for (uint32_t i = 0; i < x->nrequires; i++) {
		struct lua_require *q = &x->requires[i];

		if (q->name == LUA_NONE)
			continue;
		name = name_of(img, q->name, 0);
		if (q->kind == LUA_DOFILE)
			strip_file_name(&name);
		q->module = find_module(list, count, &name);
	}
	free(list);
	return true;
}

enum err lua_xref_make(const struct lua_image *img, struct diag *diag, struct lua_xref *out)
{
	struct refs r;
	bool ok;

	*out = (struct lua_xref){ 0 };
	ok = refs_init(&r, img, out);
	if (ok) {
		refs_collect(&r);
		ok = !r.failed;
	}
	refs_free(&r);
	ok = ok && sort_refs(img, out) && add_globals(img, out) && find_modules(img, out);
	if (ok)
		return ERR_NONE;
	lua_xref_free(out);
	return diag_fail(diag, ERR_MEMORY, "out of memory for the cross-references");
}

void lua_xref_free(struct lua_xref *x)
{
	for (uint32_t i = 0; i < x->npaths; i++)
		buf_free(&x->paths[i]);
	free(x->refs);
	free(x->requires);
	free(x->globals);
	free(x->paths);
	free(x->first);
	*x = (struct lua_xref){ 0 };
}
