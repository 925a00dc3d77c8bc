/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "lib/handle.h"

_Static_assert((int)NLFS_USE_CONSTANT == LUA_USE_CONSTANT &&
		       (int)NLFS_USE_SOURCE == LUA_USE_SOURCE &&
		       (int)NLFS_USE_MODULE == LUA_USE_MODULE &&
		       (int)NLFS_USE_UPVALUE == LUA_USE_UPVALUE &&
		       (int)NLFS_USE_LOCAL == LUA_USE_LOCAL &&
		       (int)NLFS_USE_LINEINFO == LUA_USE_LINEINFO &&
		       (int)NLFS_USE_FIXED == LUA_USE_FIXED && NLFS_SHARED == LUA_SHARED,
	       "uses are handed through");
_Static_assert((int)NLFS_REF_CONSTANT == LUA_REF_CONSTANT &&
		       (int)NLFS_REF_GLOBAL_READ == LUA_REF_GLOBAL_READ &&
		       (int)NLFS_REF_GLOBAL_WRITE == LUA_REF_GLOBAL_WRITE &&
		       (int)NLFS_REF_FIELD_READ == LUA_REF_FIELD_READ &&
		       (int)NLFS_REF_FIELD_WRITE == LUA_REF_FIELD_WRITE &&
		       (int)NLFS_REF_METHOD == LUA_REF_METHOD &&
		       (int)NLFS_REF_SOURCE == LUA_REF_SOURCE &&
		       (int)NLFS_REF_UPVALUE_NAME == LUA_REF_UPVALUE_NAME &&
		       (int)NLFS_REF_LOCAL_NAME == LUA_REF_LOCAL_NAME &&
		       (int)NLFS_REF_LINEINFO == LUA_REF_LINEINFO &&
		       (int)NLFS_REF_MODULE_NAME == LUA_REF_MODULE_NAME &&
		       (int)NLFS_REF_MODULE_NAME + 1 == LUA_REF_KINDS,
	       "kinds of references are handed through");

bool nlfs_string(const struct nlfs *l, uint32_t i, struct nlfs_string *out)
{
	const struct lua_image *img = handle_image(l);
	const struct lua_string *s;

	if (!img || i >= img->nstrings)
		return false;
	s = &img->strings[i];
	*out = (struct nlfs_string){
		.text = handle_text(img, i),
		.hash = s->hash,
		.offset = s->off,
		.refs = s->refs,
		.uses = s->uses,
		.module = l->book.string_module[i],
	};
	return true;
}

enum nlfs_code nlfs_study(struct nlfs *l, struct nlfs_error *error)
{
	struct diag diag = { 0 };

	if (!l)
		return error_argument(error, "no handle");
	if (l->book.img && lua_book_study(&l->book, &diag) == ERR_NONE && l->book.xref.cut)
		diag_fail(&diag, ERR_LIMIT, "only the first %u references are known",
			  (unsigned)l->book.xref.nrefs);
	return error_tell(&diag, error);
}

static bool names_object(const struct lua_ref *ref)
{
	return ref->object != LUA_NONE &&
	       (ref->kind == LUA_REF_FIELD_READ || ref->kind == LUA_REF_FIELD_WRITE ||
		ref->kind == LUA_REF_METHOD);
}

bool nlfs_reference(const struct nlfs *l, uint32_t string, uint32_t i, struct nlfs_reference *out)
{
	const struct lua_image *img = handle_image(l);
	const struct lua_xref *x;
	const struct lua_ref *ref;

	if (!img || string >= img->nstrings)
		return false;
	x = &l->book.xref;
	if (!x->first || i >= x->first[string + 1] - x->first[string])
		return false;
	ref = &x->refs[x->first[string] + i];
	*out = (struct nlfs_reference){
		.kind = (enum nlfs_reference_kind)ref->kind,
		.words = lua_ref_words[ref->kind],
		.proto = ref->proto,
		.pc = ref->pc,
	};
	if (names_object(ref)) {
		out->object.data = lua_xref_path(x, ref->object);
		out->object.len = strlen(out->object.data);
	}
	return true;
}
