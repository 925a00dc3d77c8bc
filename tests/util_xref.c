/* SPDX-License-Identifier: MIT */
#include "tests/util_xref.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/util_golden.h"

bool string_is(const struct lua_image *img, uint32_t string, const char *text)
{
	return string < img->nstrings && img->strings[string].len == strlen(text) &&
	       memcmp(img->strings[string].text, text, strlen(text)) == 0;
}

struct lua_xref xref_of(const struct lua_image *img)
{
	struct diag diag = { 0 };
	struct lua_xref x;

	assert_int_equal(lua_xref_make(img, &diag, &x), ERR_NONE);
	return x;
}

static bool has_ref(const struct lua_xref *x, uint32_t string, uint32_t proto)
{
	for (uint32_t i = x->first[string]; i < x->first[string + 1]; i++) {
		if (x->refs[i].proto == proto && x->refs[i].kind <= LUA_REF_METHOD)
			return true;
	}
	return false;
}

void xref_check_constants(const char *path, const struct lua_image *img, const struct lua_xref *x)
{
	for (uint32_t p = 0; p < img->nprotos; p++) {
		const struct lua_slice *s = &img->protos[p].constants;

		for (uint32_t i = 0; i < s->count; i++) {
			const struct lua_const *k = &img->constants[s->first + i];

			if (k->type == LUA_STRING && !has_ref(x, k->string, p))
				fail_msg("%s: proto %u: constant %u has no reference", path, p, i);
		}
	}
}

void xref_check_order(const char *path, const struct lua_image *img, const struct lua_xref *x)
{
	golden_same(path, "first", x->first[0], 0);
	golden_same(path, "last", x->first[img->nstrings], x->nrefs);
	for (uint32_t s = 0; s < img->nstrings; s++) {
		for (uint32_t i = x->first[s]; i < x->first[s + 1]; i++) {
			const struct lua_ref *r = &x->refs[i];

			golden_same(path, "string", r->string, s);
			if (i > x->first[s])
				assert_true(r[-1].proto < r->proto ||
					    (r[-1].proto == r->proto && r[-1].pc <= r->pc));
		}
	}
}
