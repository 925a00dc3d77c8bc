/* SPDX-License-Identifier: MIT */
/* What became of an image, as a subject. Nodes are the rows of the diff. */
#include "common/lua/diff.h"

#include <stdlib.h>

#include "common/open/image.h"
#include "common/open/pair.h"

struct diff {
	struct subject subject;
	struct subject *side[2];
	struct lua_diff d;
};

static struct diff *diff_of(const struct subject *s)
{
	return (struct diff *)(void *)(uintptr_t)s;
}

static uint64_t count(const struct subject *s, uint64_t node)
{
	return lua_diff_view_modules.count(&diff_of(s)->d, node);
}

static uint64_t child(const struct subject *s, uint64_t node, uint64_t i)
{
	return lua_diff_view_modules.child(&diff_of(s)->d, node, i);
}

static void label(const struct subject *s, uint64_t node, struct buf *out)
{
	const struct diff *t = diff_of(s);
	struct buf scratch = { 0 };
	struct view_cell c = { 0 };

	if (node == VIEW_ROOT) {
		open_diff_label(t->side, out);
		return;
	}
	if (t->d.rows[node].what == DIFF_PROTO) {
		bool now = t->d.rows[node].proto[1] != LUA_NONE;

		image_proto_label(t->d.book[now], t->d.rows[node].proto[now], out);
		return;
	}
	if (t->d.rows[node].what == DIFF_STRINGS) {
		buf_str(out, "strings");
		return;
	}
	lua_diff_view_modules.cell(&t->d, node, 0, &c, &scratch);
	if (c.kind == VIEW_BYTES)
		buf_put(out, c.bytes.p, c.bytes.n);
	buf_free(&scratch);
}

/* The larger of both: what the bars show. The two names need the room of their own. */
static int64_t size(const struct subject *s, uint64_t node)
{
	const struct diff *t = diff_of(s);
	const struct lua_diff_row *r;

	if (node == VIEW_ROOT)
		return -1;
	r = &t->d.rows[node];
	return r->size[0] > r->size[1] ? r->size[0] : r->size[1];
}

static bool has_code(const struct diff *t, uint64_t node)
{
	return t->d.rows[node].what == DIFF_PROTO;
}

static const struct view *view(const struct subject *s, uint64_t node, unsigned i)
{
	static const struct view *const all[] = { &lua_diff_view_summary, &lua_diff_view_modules,
						  &lua_diff_view_strings, &lua_diff_view_bytes };

	if (node == VIEW_ROOT)
		return i < 4 ? all[i] : NULL;
	if (has_code(diff_of(s), node) && i-- == 0)
		return &open_pair_view;
	return i == 0 ? &lua_diff_view_modules : NULL;
}

static enum err open_page(struct subject *s, struct subject_page *page, struct diag *diag)
{
	struct diff *t = diff_of(s);
	uint64_t node = page->place.node;

	if (node == VIEW_ROOT) {
		open_whole(page, &t->d);
		return ERR_NONE;
	}
	if (page->place.view == &open_pair_view) {
		struct open_pair *pair = open_pair_make(t->d.book, t->d.rows[node].proto, diag);

		open_whole(page, pair);
		page->held = pair;
		page->release = open_pair_free;
		return diag->code;
	}
	lens_add(open_narrow(page, &t->d, VIEW_ROOT), node);
	return ERR_NONE;
}

/* A prototype's code side by side, a module's in the image that has it. */
static bool follow(struct subject *s, const struct subject_page *page, uint64_t row,
		   struct subject_place *to)
{
	struct diff *t = diff_of(s);
	const struct lua_diff_row *r = &t->d.rows[row];
	unsigned side;

	if (page->place.view == &open_pair_view)
		return open_pair_follow(page->ctx, row, t->side, to);
	if (page->place.view != &lua_diff_view_modules)
		return false;
	*to = (struct subject_place){ s, row, &open_pair_view, SUBJECT_ANY, VIEW_ROOT };
	if (r->what == DIFF_PROTO)
		return true;
	side = r->module[1] != LUA_NONE;
	*to = (struct subject_place){ t->side[side], image_node(IMAGE_MODULE, r->module[side]),
				      &lua_view_modules, SUBJECT_ANY, VIEW_ROOT };
	return r->what == DIFF_MODULE && t->d.book[side]->img->traits.form != LUA_FORM_CHUNK;
}

static bool text(const struct subject *s, const struct subject_page *page, uint64_t row,
		 const uint8_t **text, size_t *len)
{
	const struct lua_diff *d = &diff_of(s)->d;
	const struct lua_string *string;

	if (page->place.view != &lua_diff_view_strings)
		return false;
	string = &d->book[d->strings[row].added]->img->strings[d->strings[row].string];
	*text = string->text;
	*len = string->len;
	return string->uses != LUA_USE_LINEINFO;
}

static void close_diff(struct subject *s)
{
	lua_diff_free(&diff_of(s)->d);
}

static const struct subject_kind kind = {
	.words = "diff",
	.compares = true,
	.count = count,
	.child = child,
	.label = label,
	.size = size,
	.view = view,
	.open = open_page,
	.follow = follow,
	.text = text,
	.close = close_diff,
};

enum err open_diff(struct subject *old, struct subject *now, struct diag *diag,
		   struct subject **out)
{
	struct diff *t = open_diff_new(sizeof(*t), &kind, old, now, diag);

	if (!t)
		return diag->code;
	t->side[0] = old;
	t->side[1] = now;
	if (lua_diff_make(old->book, now->book, diag, &t->d))
		subject_close(&t->subject);
	else
		*out = &t->subject;
	return diag->code;
}
