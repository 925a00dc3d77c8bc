/* SPDX-License-Identifier: MIT */
/*
 * What becomes of "userdata", "thread" and "proto" in a 5.3 image that counts the fixed strings as
 * luac.cross does; fixed53.h has the reason.
 */
#include "common/lua/check_found.h"

#include <stdio.h>
#include <string.h>

#include "common/lua/fixed53.h"

static const struct {
	uint32_t fixed;
	const char *reads;
} mistaken[] = {
	{ FIXED53_USERDATA, "a \"userdata\" that does not equal type()'s" },
	{ FIXED53_USERDATA2 + 1, "\"userdata\"" },
	{ FIXED53_USERDATA2 + 2, "\"thread\"" },
};

static void remedy(const struct lua_string *word, struct check_finding *f)
{
	char one[CHECK_WORDS], two[CHECK_WORDS];
	uint32_t half = word->len / 2;

	snprintf(f->remedy, sizeof(f->remedy),
		 "do not write the word as one constant: put it together at run time, "
		 "as in (%s)..%s",
		 check_quote_part(word->text, half, one),
		 check_quote_part(word->text + half, word->len - half, two));
}

static void report(const struct check_scope *s, const struct lua_ref *ref, const char *reads)
{
	const struct lua_image *img = s->img;
	const struct lua_proto *p;
	char title[CHECK_WORDS], name[CHECK_WORDS], path[48];
	struct check_finding *f;

	if (ref->proto >= img->nprotos)
		return;
	p = &img->protos[ref->proto];
	snprintf(path, sizeof(path), "proto[%u].%s", (unsigned)ref->proto,
		 ref->pc == LUA_NONE ? "k" : "code");
	if (ref->pc != LUA_NONE)
		snprintf(path, sizeof(path), "proto[%u].code[%u]", (unsigned)ref->proto,
			 (unsigned)ref->pc);
	f = check_wrong(s,
			ref->pc < p->ncode ? check_offset(img, p->code + 4 * (size_t)ref->pc)
					   : p->parts[LUA_PART_CONSTANTS].off,
			path, "%s in %s reads %s on the device",
			check_quote(img, ref->string, name),
			check_where(s, ref->proto, ref->pc, title), reads);
	if (f)
		remedy(&img->strings[ref->string], f);
}

static void report_module(const struct check_scope *s, const struct lua_ref *ref, const char *reads)
{
	char name[CHECK_WORDS];
	struct check_finding *f;

	f = check_wrong(s, CHECK_NO_OFFSET, "modules",
			"the module's name %s reads %s on the device",
			check_quote(s->img, ref->string, name), reads);
	if (f)
		strcpy(f->remedy, "give the source file another name");
}

static bool is_constant(const struct lua_ref *ref)
{
	return ref->kind <= LUA_REF_METHOD;
}

static void check_string(const struct check_scope *s, const struct lua_xref *x, uint32_t string,
			 const char *reads)
{
	for (uint32_t i = x->first[string]; i < x->first[string + 1]; i++) {
		const struct lua_ref *ref = &x->refs[i];

		if (is_constant(ref))
			report(s, ref, reads);
		else if (ref->kind == LUA_REF_MODULE_NAME)
			report_module(s, ref, reads);
	}
}

void check_fixed53(const struct check_scope *s)
{
	const struct lua_image *img = s->img;
	struct lua_xref x;

	if (img->header.fixed_count != FIXED53_STOCK || img->ntext + FIXED53_COUNT > img->nstrings)
		return;
	if (lua_xref_make(img, NULL, &x)) {
		s->r->failed = true;
		return;
	}
	for (size_t i = 0; i < sizeof(mistaken) / sizeof(mistaken[0]); i++)
		check_string(s, &x, img->ntext + mistaken[i].fixed, mistaken[i].reads);
	lua_xref_free(&x);
}
