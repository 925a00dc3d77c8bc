/* SPDX-License-Identifier: MIT */
/* The views of an image's nodes, and which of their rows are about a node. */
#include <stdlib.h>

#include "common/lua/view_check.h"
#include "common/lua/view_items.h"
#include "common/open/image.h"

/* What a page is narrowed to. */
struct scope {
	const struct lua_book *book;
	uint64_t node;
	uint32_t first, end; /* prototypes */
	uint8_t *strings;    /* a byte each: a prototype of these refers to it */
};

static bool in_protos(const struct scope *s, uint32_t proto)
{
	return proto >= s->first && proto < s->end;
}

/* Strings of a module's node that it alone uses; of another node's: that it refers to. */
static bool string_belongs(const struct scope *s, uint32_t string)
{
	uint32_t owner = s->book->string_module[string];

	if (image_node_kind(s->node) != IMAGE_STRINGS)
		return s->strings && s->strings[string];
	if (image_node_index(s->node) == LUA_SHARED)
		return owner >= s->book->img->nmodules;
	return owner == image_node_index(s->node);
}

static bool belongs_string(const struct scope *s, uint64_t row)
{
	return string_belongs(s, (uint32_t)row);
}

static bool belongs_ref(const struct scope *s, uint64_t row)
{
	return in_protos(s, s->book->xref.refs[s->book->rows[row]].proto);
}

static bool belongs_global(const struct scope *s, uint64_t row)
{
	const struct lua_xref *x = &s->book->xref;
	uint32_t string = x->globals[row].name;

	for (uint32_t i = x->first[string]; i < x->first[string + 1]; i++)
		if (in_protos(s, x->refs[i].proto) && (x->refs[i].kind == LUA_REF_GLOBAL_READ ||
						       x->refs[i].kind == LUA_REF_GLOBAL_WRITE))
			return true;
	return false;
}

static bool belongs_require(const struct scope *s, uint64_t row)
{
	return in_protos(s, s->book->xref.requires[row].proto);
}

static bool range_belongs(const struct scope *s, const struct lua_byte_range *r)
{
	uint32_t module;

	switch (image_node_kind(s->node)) {
	case IMAGE_STRINGS: return r->who == LUA_OWNER_STRING && string_belongs(s, r->owner);
	case IMAGE_REST:
		return r->who == LUA_OWNER_IMAGE ||
		       (r->who == LUA_OWNER_PROTO &&
			s->book->img->protos[r->owner].module == LUA_NONE);
	default: break;
	}
	if (r->who == LUA_OWNER_PROTO)
		return in_protos(s, r->owner);
	if (image_node_kind(s->node) != IMAGE_MODULE)
		return false;
	module = image_node_index(s->node);
	return (r->who == LUA_OWNER_MODULE && r->owner == module) ||
	       (r->who == LUA_OWNER_STRING && s->book->string_module[r->owner] == module);
}

static bool belongs_layout(const struct scope *s, uint64_t row)
{
	return range_belongs(s, &s->book->flash.items[row]);
}

static bool belongs_hex(const struct scope *s, uint64_t row)
{
	return range_belongs(s, &s->book->stored.items[row]);
}

static bool belongs_module(const struct scope *s, uint64_t row)
{
	return row == image_node_index(s->node);
}

static bool belongs_proto(const struct scope *s, uint64_t row)
{
	return row == s->first;
}

enum nodes {
	ON_MODULES = 1 << IMAGE_MODULE,
	ON_PROTOS = 1 << IMAGE_PROTO | 1 << IMAGE_MAIN,
	ON_CODE = ON_MODULES | ON_PROTOS,
	ON_STRINGS = 1 << IMAGE_STRINGS,
	ON_REST = 1 << IMAGE_REST,
};

/* Views of parts of an image, in their order. Those of what prototypes hold need no function. */
static const struct {
	const struct view *view;
	unsigned nodes;
	bool (*belongs)(const struct scope *s, uint64_t row);
} parts[] = {
	{ &lua_view_modules, ON_MODULES, belongs_module },
	{ &lua_view_strings, ON_STRINGS, belongs_string },
	{ &lua_view_code, ON_CODE, NULL },
	{ &lua_view_constants, ON_CODE, NULL },
	{ &lua_view_strings, ON_CODE, belongs_string },
	{ &lua_view_refs, ON_CODE, belongs_ref },
	{ &lua_view_globals, ON_CODE, belongs_global },
	{ &lua_view_requires, ON_CODE, belongs_require },
	{ &lua_view_upvalues, ON_CODE, NULL },
	{ &lua_view_locals, ON_CODE, NULL },
	{ &lua_view_protos, ON_MODULES, NULL },
	{ &lua_view_protos, ON_PROTOS, belongs_proto },
	{ &lua_view_layout, ON_CODE | ON_STRINGS | ON_REST, belongs_layout },
	{ &lua_view_hex, ON_CODE | ON_STRINGS | ON_REST, belongs_hex },
};
enum { NPARTS = sizeof(parts) / sizeof(parts[0]) };

const struct view *image_view(const struct subject *s, uint64_t node, unsigned i)
{
	(void)s;
	if (node == VIEW_ROOT)
		return i < lua_view_count    ? lua_views[i].view
		       : i == lua_view_count ? &lua_view_check
					     : NULL;
	for (unsigned p = 0; p < NPARTS; p++)
		if (parts[p].nodes >> image_node_kind(node) & 1 && i-- == 0)
			return parts[p].view;
	return NULL;
}

static enum err prepare(struct image *m, const struct view *view, struct diag *diag)
{
	struct lua_book *b = &m->book;

	if (view == &lua_view_check && !m->checked) {
		static const struct check_target own;

		m->checked = true;
		return check_file(m->file.data, m->file.len, b, &own, &m->check, diag);
	}
	for (unsigned i = 0; i < lua_view_count; i++) {
		if (lua_views[i].view != view)
			continue;
		if (lua_views[i].needs & LUA_VIEW_STUDY && lua_book_study(b, diag))
			return diag->code;
		if (view == &lua_view_refs && !b->rows)
			return lua_book_want(b, NULL, diag);
		return lua_book_map(b, lua_views[i].needs, diag);
	}
	return ERR_NONE;
}

/* References to one string stand in a run. */
static void narrow_to_users(const struct lua_book *b, struct lens *l, uint32_t string)
{
	for (uint32_t i = 0; i < b->nrows; i++)
		if (b->xref.refs[b->rows[i]].string == string)
			lens_add(l, i);
}

static bool mark_strings(struct scope *s)
{
	const struct lua_xref *x = &s->book->xref;

	s->strings = calloc((size_t)s->book->img->nstrings + 1, 1);
	for (uint32_t i = 0; s->strings && i < x->nrefs; i++)
		if (in_protos(s, x->refs[i].proto))
			s->strings[x->refs[i].string] = 1;
	return s->strings != NULL;
}

/* Prototypes, and what they hold: the headings of a module's, or the items of one. */
static void narrow_to_items(struct subject_page *page, const struct scope *s)
{
	struct lens *l;

	if (image_node_kind(s->node) != IMAGE_MODULE) {
		open_narrow(page, s->book, lua_item_row(s->first, LUA_NONE));
		return;
	}
	l = open_narrow(page, s->book, VIEW_ROOT);
	if (page->place.view == &lua_view_protos && s->first < s->end)
		lens_add(l, s->first);
	for (uint32_t i = s->first; page->place.view != &lua_view_protos && i < s->end; i++)
		lens_add(l, lua_item_row(i, LUA_NONE));
}

static enum err narrow(struct subject_page *page, struct scope *s, struct diag *diag)
{
	const struct view *v = page->place.view;
	unsigned p = 0;
	struct lens *l;

	while (p < NPARTS &&
	       (parts[p].view != v || !(parts[p].nodes >> image_node_kind(s->node) & 1)))
		p++;
	if (p < NPARTS && !parts[p].belongs) {
		narrow_to_items(page, s);
		return ERR_NONE;
	}
	if (v == &lua_view_strings && image_node_kind(s->node) != IMAGE_STRINGS && !mark_strings(s))
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	l = open_narrow(page, s->book, VIEW_ROOT);
	l->narrow.record |= v == &lua_view_modules;
	if (v == &lua_view_protos) { /* itself alone, not all below it */
		l->narrow.record = l->alone = true;
		lens_add(l, s->first);
		return ERR_NONE;
	}
	for (uint64_t i = 0; p < NPARTS && i < v->count(s->book, VIEW_ROOT); i++) {
		uint64_t row = v->child(s->book, VIEW_ROOT, i);

		if (parts[p].belongs(s, row))
			lens_add(l, row);
	}
	return ERR_NONE;
}

enum err image_open(struct subject *s, struct subject_page *page, struct diag *diag)
{
	struct image *m = (struct image *)(void *)s;
	struct scope scope = { .book = &m->book, .node = page->place.node };
	enum err e = prepare(m, page->place.view, diag);

	if (e)
		return e;
	if (page->place.view == &lua_view_check) {
		open_whole(page, &m->check);
	} else if (page->place.topic != SUBJECT_ANY) {
		narrow_to_users(&m->book, open_narrow(page, &m->book, VIEW_ROOT),
				(uint32_t)page->place.topic);
	} else if (page->place.node == VIEW_ROOT) {
		open_whole(page, &m->book);
	} else {
		image_protos(&m->book, scope.node, &scope.first, &scope.end);
		e = narrow(page, &scope, diag);
		free(scope.strings);
	}
	return e;
}
