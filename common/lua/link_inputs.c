/* SPDX-License-Identifier: MIT */
#include "common/lua/link.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/lua/flash_writer.h"
#include "common/view/escape.h"

static bool same_name(const struct lua_link_input *a, const struct lua_link_input *b)
{
	return a->name_len == b->name_len && memcmp(a->name, b->name, a->name_len) == 0;
}

/* module "main": what is wrong with it */
static enum err refuse(struct diag *diag, enum err code, const struct lua_link_input *in,
		       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static enum err refuse(struct diag *diag, enum err code, const struct lua_link_input *in,
		       const char *fmt, ...)
{
	char words[120], name[61];
	va_list args;

	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	escape_words(in->name, in->name_len, name, sizeof(name));
	return diag_fail(diag, code, "module \"%s\" %s", name, words);
}

static bool is_meta(const struct lua_link_input *in)
{
	return in->name_len >= 2 && memcmp(in->name, "__", 2) == 0;
}

/*
 * What the device finds by name. Source: rotable_findentry() of ltable.c of 5.3: entries are told
 * apart up to a NUL, and those that begin with "__" are not looked for behind one that does not.
 */
static enum err check_name53(const struct lua_link_input *in, uint32_t i, struct diag *diag)
{
	if (in[i].name_len > LUA_SHORT_MAX)
		return refuse(diag, ERR_LIMIT, &in[i], "has a name of more than %d bytes",
			      LUA_SHORT_MAX);
	if (memchr(in[i].name, 0, in[i].name_len))
		return refuse(diag, ERR_KIND, &in[i], "has a NUL in its name");
	if (i && is_meta(&in[i]) && !is_meta(&in[i - 1]))
		return refuse(diag, ERR_KIND, &in[i],
			      "must stand before those whose names do not begin with \"__\"");
	return ERR_NONE;
}

/* A reader notes an integer that its firmware could not hold, and keeps it. */
static bool numbers_fit(const struct lua_image *img, uint32_t proto)
{
	const struct lua_proto *p = &img->protos[proto];

	for (uint32_t i = 0; i < p->constants.count; i++) {
		const struct lua_const *k = &img->constants[p->constants.first + i];

		if (k->type == LUA_INTEGER && img->traits.integer_bytes == 4 &&
		    (k->i < INT32_MIN || k->i > INT32_MAX))
			return false;
	}
	for (uint32_t i = 0; i < p->children.count; i++)
		if (!numbers_fit(img, img->children[p->children.first + i]))
			return false;
	return true;
}

/* Lines and places in the code: ints for the loader of 5.3, words in an image in flash. */
static bool lines_fit(const struct lua_image *img, uint32_t proto)
{
	const struct lua_proto *p = &img->protos[proto];

	if (p->line_first > INT32_MAX || p->line_last > INT32_MAX)
		return false;
	for (uint32_t i = 0; i < p->locals.count; i++) {
		const struct lua_local *l = &img->locals[p->locals.first + i];

		if (l->start_pc > INT32_MAX || l->end_pc > INT32_MAX)
			return false;
	}
	for (uint32_t i = 0; i < p->children.count; i++)
		if (!lines_fit(img, img->children[p->children.first + i]))
			return false;
	return true;
}

static enum err check_input(const struct lua_link_input *in, uint32_t i, const struct lua_traits *t,
			    struct diag *diag)
{
	const struct lua_traits *has = &in[i].img->traits;

	if (in[i].name_len == 0)
		return diag_fail(diag, ERR_KIND, "a module without a name");
	if (has->version != t->version || has->integer_bytes != t->integer_bytes ||
	    has->float_bytes != t->float_bytes)
		return refuse(diag, ERR_KIND, &in[i],
			      "is for a firmware with another Lua or other numbers");
	if (t->version == LUA_53 && check_name53(in, i, diag))
		return diag->code;
	for (uint32_t k = 0; k < i; k++)
		if (same_name(&in[i], &in[k]))
			return refuse(diag, ERR_KIND, &in[i], "stands twice");
	if (!lua_proto_whole(in[i].img, in[i].proto))
		return refuse(diag, ERR_DAMAGED, &in[i], "is not whole");
	if (!numbers_fit(in[i].img, in[i].proto))
		return refuse(diag, ERR_DAMAGED, &in[i],
			      "has a number that does not fit in its integers");
	if (t->version == LUA_53 && !lines_fit(in[i].img, in[i].proto))
		return refuse(diag, ERR_DAMAGED, &in[i], "has a line of more than %d", INT32_MAX);
	return ERR_NONE;
}

enum err lua_link_check(const struct lua_link_input *in, uint32_t n, const struct lua_traits *t,
			struct diag *diag)
{
	uint32_t most = t->version == LUA_51 ? LUA_LINK_MAX51 : LUA_LINK_MAX53;

	if (n == 0)
		return diag_fail(diag, ERR_KIND, "no modules");
	if (n > most)
		return diag_fail(diag, ERR_LIMIT, "%" PRIu32 " modules; an image can have %" PRIu32,
				 n, most);
	for (uint32_t i = 0; i < n; i++)
		if (check_input(in, i, t, diag))
			break;
	return diag->code;
}

static bool is_text(const struct lua_string *s, const char *text)
{
	return s->len == strlen(text) && memcmp(s->text, text, s->len) == 0;
}

struct lua_link_input lua_link_module(const struct lua_image *img, uint32_t module)
{
	const struct lua_module *m = &img->modules[module];
	struct lua_link_input in = { .img = img, .proto = m->proto };

	if (m->name < img->nstrings) {
		in.name = img->strings[m->name].text;
		in.name_len = img->strings[m->name].len;
	}
	return in;
}

static bool wants_fix(const struct lua_image *img, uint32_t proto)
{
	const struct lua_proto *p;

	if (proto >= img->nprotos)
		return false;
	p = &img->protos[proto];
	for (uint32_t i = 0; i < p->constants.count; i++) {
		const struct lua_const *k = &img->constants[p->constants.first + i];

		if (k->type == LUA_STRING && k->string < img->nstrings &&
		    (is_text(&img->strings[k->string], "userdata") ||
		     is_text(&img->strings[k->string], "thread") ||
		     is_text(&img->strings[k->string], "proto")))
			return true;
	}
	for (uint32_t i = 0; i < p->children.count; i++)
		if (wants_fix(img, img->children[p->children.first + i]))
			return true;
	return false;
}

bool lua_link_wants_fix(const struct lua_link_input *in, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (in[i].img->traits.version == LUA_53 && wants_fix(in[i].img, in[i].proto))
			return true;
	return false;
}
