/* SPDX-License-Identifier: MIT */
/*
 * Whether modules are found by their names. In 5.1 the first of the name is, and all strings can be
 * looked up. In 5.3 names are keys of a ROTable: its search is for short strings, compares as C
 * does, counts entries in a byte, and looks for names that begin with "__" only in front.
 */
#include "common/lua/check_found.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODULES53_MAX = 255 };

struct named {
	const struct lua_string *name;
	uint32_t module;
};

static int by_name(const void *x, const void *y)
{
	const struct named *a = x, *b = y;
	int order;

	if (a->name->len != b->name->len)
		return a->name->len < b->name->len ? -1 : 1;
	order = memcmp(a->name->text, b->name->text, a->name->len);
	if (order == 0)
		order = a->module < b->module ? -1 : a->module > b->module;
	return order;
}

static struct check_finding *wrong_module(const struct check_scope *s, uint32_t module,
					  const char *cause)
{
	const struct lua_image *img = s->img;
	uint32_t string = img->modules[module].name;
	uint32_t off = string < img->nstrings ? img->strings[string].off : LUA_NONE;
	char path[32], name[CHECK_WORDS];

	snprintf(path, sizeof(path), "modules[%" PRIu32 "].name", module);
	return check_wrong(s, off == LUA_NONE ? CHECK_NO_OFFSET : off, path,
			   "module %" PRIu32 ", %s, %s", module + 1, check_quote(img, string, name),
			   cause);
}

static void report_twin(const struct check_scope *s, const struct named *a, const struct named *b)
{
	struct check_finding *f;
	char cause[80];

	if (a->name->len != b->name->len || memcmp(a->name->text, b->name->text, a->name->len) != 0)
		return;
	snprintf(cause, sizeof(cause), "is never found: module %" PRIu32 " has the name too",
		 a->module + 1);
	f = wrong_module(s, b->module, cause);
	if (f)
		strcpy(f->remedy, "give one of the two source files another name");
}

static void check_duplicates(const struct check_scope *s)
{
	const struct lua_image *img = s->img;
	struct named *list = calloc((size_t)img->nmodules + 1, sizeof(*list));
	uint32_t n = 0;

	if (!list) {
		s->r->failed = true;
		return;
	}
	for (uint32_t i = 0; i < img->nmodules; i++)
		if (img->modules[i].name < img->nstrings)
			list[n++] = (struct named){ &img->strings[img->modules[i].name], i };
	qsort(list, n, sizeof(*list), by_name);
	for (uint32_t i = 1; i < n; i++)
		report_twin(s, &list[i - 1], &list[i]);
	free(list);
}

static bool is_meta(const struct lua_string *name)
{
	return name->len >= 2 && name->text[0] == '_' && name->text[1] == '_';
}

static void check_names53(const struct check_scope *s)
{
	const struct lua_image *img = s->img;
	bool in_front = true;

	if (img->nmodules > MODULES53_MAX)
		check_wrong(s, CHECK_NO_OFFSET, "nmodules",
			    "%" PRIu32 " modules, but the device counts them in a byte",
			    img->nmodules);
	for (uint32_t i = 0; i < img->nmodules; i++) {
		const struct lua_string *name;

		if (img->modules[i].name >= img->nstrings)
			continue;
		name = &img->strings[img->modules[i].name];
		if (name->len > LUA_SHORT_MAX)
			wrong_module(s, i, "is never found: the name is longer than 40 bytes");
		else if (memchr(name->text, 0, name->len))
			wrong_module(s, i, "is never found: the name has a NUL in it");
		else if (is_meta(name) && !in_front)
			wrong_module(s, i, "is never found: \"__\" is only looked for in front");
		in_front = in_front && is_meta(name);
	}
}

void check_modules(const struct check_scope *s)
{
	if (s->img->nmodules == 0)
		return;
	check_duplicates(s);
	if (s->img->traits.version == LUA_53)
		check_names53(s);
}
