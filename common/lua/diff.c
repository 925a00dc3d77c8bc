/* SPDX-License-Identifier: MIT */
#include "common/lua/diff_parts.h"

#include <stdlib.h>
#include <string.h>

#include "common/lua/identity.h"

static struct lua_diff_row *add_row(struct making *m, enum lua_diff_what what)
{
	struct lua_diff *d = m->d;
	struct lua_diff_row *r = vec_grow(&d->rows, &d->nrows, &d->cap_rows, sizeof(*r), 1);

	if (!r) {
		m->failed = true;
		return NULL;
	}
	r->what = (uint8_t)what;
	r->module[0] = r->module[1] = r->proto[0] = r->proto[1] = LUA_NONE;
	return r;
}

static void judge_size(struct lua_diff_row *r)
{
	if (r->size[0] != r->size[1])
		r->status = r->size[1] > r->size[0] ? DIFF_GROWN : DIFF_SHRUNK;
}

/* Modules and the prototypes in them */

static uint32_t root_of(const struct lua_image *img, uint32_t module)
{
	uint32_t root = module < img->nmodules ? img->modules[module].proto : LUA_NONE;

	return root < img->nprotos ? root : LUA_NONE;
}

static void module_found(struct making *m, uint32_t old, uint32_t now)
{
	struct lua_diff_row *r = add_row(m, DIFF_MODULE);
	const uint32_t module[2] = { old, now };

	for (unsigned side = 0; r && side < 2; side++) {
		uint32_t root = root_of(m->img[side], module[side]);

		r->module[side] = module[side];
		if (module[side] == LUA_NONE)
			continue;
		r->proto[side] = root;
		r->size[side] = m->d->book[side]->module_strings[module[side]];
		if (root != LUA_NONE)
			r->size[side] += m->img[side]->protos[root].total_size;
	}
}

static void judge_proto(struct making *m, struct lua_diff_row *r)
{
	const struct lua_prints *p = m->prints;

	if (r->proto[0] == LUA_NONE || r->proto[1] == LUA_NONE) {
		r->status = r->proto[0] == LUA_NONE ? DIFF_ADDED : DIFF_REMOVED;
		return;
	}
	if (p[0].own[r->proto[0]] != p[1].own[r->proto[1]])
		r->status = p[0].code_own[r->proto[0]] == p[1].code_own[r->proto[1]] ? DIFF_DEBUG
										     : DIFF_CHANGED;
	judge_size(r);
}

static void add_proto(struct making *m, uint32_t old, uint32_t now)
{
	const uint32_t proto[2] = { old, now };
	struct lua_diff_row *r = add_row(m, DIFF_PROTO);

	for (unsigned side = 0; r && side < 2; side++) {
		r->proto[side] = proto[side];
		if (proto[side] == LUA_NONE)
			continue;
		r->module[side] = m->img[side]->protos[proto[side]].module;
		r->size[side] = m->img[side]->protos[proto[side]].own_size;
	}
	if (!r)
		return;
	judge_proto(m, r);
	if (r->status == DIFF_SAME)
		m->d->nrows--;
}

/* Rows for what changed in the trees of a module: the new tree's order, then what is gone. */
static void add_protos(struct making *m, const uint32_t root[2])
{
	uint32_t i;

	for (i = root[1]; i < m->img[1]->nprotos; i++) {
		if (m->img[1]->protos[i].module != m->img[1]->protos[root[1]].module)
			break;
		add_proto(m, m->partner[1][i], i);
	}
	for (i = root[0]; i < m->img[0]->nprotos; i++) {
		if (m->img[0]->protos[i].module != m->img[0]->protos[root[0]].module)
			break;
		if (m->partner[0][i] == LUA_NONE)
			add_proto(m, i, LUA_NONE);
	}
}

static void add_strings_row(struct making *m, const uint32_t module[2])
{
	struct lua_diff_row *r = add_row(m, DIFF_STRINGS);

	for (unsigned side = 0; r && side < 2; side++) {
		r->module[side] = module[side];
		if (module[side] != LUA_NONE)
			r->size[side] = m->d->book[side]->module_strings[module[side]];
	}
	if (!r)
		return;
	judge_size(r);
	if (module[0] == LUA_NONE || module[1] == LUA_NONE)
		r->status = module[0] == LUA_NONE ? DIFF_ADDED : DIFF_REMOVED;
	if (r->status == DIFF_SAME || (r->size[0] == 0 && r->size[1] == 0))
		m->d->nrows--;
}

/* The rows below row number i, and its own verdict. */
static void fill_module(struct making *m, uint32_t i)
{
	struct lua_diff_row r = m->d->rows[i];
	uint32_t first = m->d->nrows;

	if (!lua_match(m->img, m->prints, r.proto, m->partner[0], m->partner[1]))
		m->failed = true;
	if (m->failed)
		return;
	add_protos(m, r.proto);
	add_strings_row(m, r.module);
	if (r.module[0] == LUA_NONE || r.module[1] == LUA_NONE) {
		r.status = r.module[0] == LUA_NONE ? DIFF_ADDED : DIFF_REMOVED;
	} else {
		bool both = r.proto[0] != LUA_NONE && r.proto[1] != LUA_NONE;

		if (both ? m->prints[0].deep[r.proto[0]] != m->prints[1].deep[r.proto[1]]
			 : r.proto[0] != r.proto[1])
			r.status = DIFF_CHANGED;
		judge_size(&r);
	}
	r.first = first;
	r.count = m->d->nrows - first;
	m->d->rows[i] = r;
}

/* Strings that the table has for several modules, and what belongs to the image as a whole. */
static void add_rest(struct making *m)
{
	struct lua_diff_row rest[2] = { { .what = DIFF_SHARED }, { .what = DIFF_IMAGE } };

	for (unsigned side = 0; side < 2; side++) {
		const struct lua_book *b = m->d->book[side];

		for (uint32_t i = 0; i < b->layout.count; i++)
			if (b->layout.spans[i].who == LUA_OWNER_STRING)
				rest[0].size[side] += (int64_t)b->layout.spans[i].len +
						      b->layout.spans[i].pad;
		for (uint32_t i = 0; i < b->img->nmodules; i++)
			rest[0].size[side] -= b->module_strings[i];
		rest[1].size[side] = (int64_t)b->layout.size - rest[0].size[side];
		for (uint32_t i = 0; i < m->d->nrows; i++)
			if (m->d->rows[i].what == DIFF_MODULE)
				rest[1].size[side] -= m->d->rows[i].size[side];
	}
	for (unsigned i = 0; i < 2; i++) {
		struct lua_diff_row *r = add_row(m, rest[i].what);

		if (!r)
			return;
		r->size[0] = rest[i].size[0];
		r->size[1] = rest[i].size[1];
		judge_size(r);
	}
}

static void string_found(struct making *m, uint32_t old, uint32_t now)
{
	struct lua_diff *d = m->d;
	struct lua_diff_string *s;

	if (old != LUA_NONE && now != LUA_NONE)
		return;
	s = vec_grow(&d->strings, &d->nstrings, &d->cap_strings, sizeof(*s), 1);
	if (!s) {
		m->failed = true;
		return;
	}
	s->added = old == LUA_NONE;
	s->string = s->added ? now : old;
}

/* Verdict */

static bool same_values(const struct lua_image *const img[2])
{
	return img[0]->traits.tvalue_bytes == img[1]->traits.tvalue_bytes &&
	       img[0]->traits.packed == img[1]->traits.packed &&
	       img[0]->traits.old_tags == img[1]->traits.old_tags;
}

/* Identities tell; rows that are all the same leave the order of the modules as the reason. */
static void judge(struct making *m)
{
	struct lua_diff *d = m->d;
	uint8_t id[2][SHA256_BYTES];
	bool all_same = d->nstrings == 0;
	bool ordered = true;

	lua_identity(m->img[0], id[0]);
	lua_identity(m->img[1], id[1]);
	for (uint32_t i = 0; i < d->nrows; i++) {
		const struct lua_diff_row *r = &d->rows[i];

		all_same &= r->status == DIFF_SAME;
		ordered &= r->module[0] == r->module[1] || r->what != DIFF_MODULE;
	}
	if (memcmp(id[0], id[1], sizeof(id[0])) != 0)
		d->verdict = all_same && !ordered ? DIFF_ORDER : DIFF_DIFFERS;
	else
		d->verdict = same_values(m->img) ? DIFF_EQUAL : DIFF_FORMAT;
}

static bool make_partners(struct making *m)
{
	for (unsigned side = 0; side < 2; side++) {
		size_t n = (size_t)m->img[side]->nprotos + 1;

		m->partner[side] = malloc(n * sizeof(uint32_t));
		if (!m->partner[side])
			return false;
		memset(m->partner[side], 0xff, n * sizeof(uint32_t));
		if (!lua_prints_make(m->d->book[side], &m->prints[side]))
			return false;
	}
	return true;
}

static void make(struct making *m)
{
	uint32_t nmodules;

	diff_pair_modules(m, module_found);
	nmodules = m->d->nrows;
	add_rest(m);
	for (uint32_t i = 0; i < nmodules && !m->failed; i++)
		fill_module(m, i);
	if (!m->failed)
		diff_pair_strings(m, string_found);
	if (m->failed)
		return;
	judge(m);
	m->failed = !diff_sort(m->d, nmodules);
}

enum err lua_diff_make(const struct lua_book *old, const struct lua_book *now, struct diag *diag,
		       struct lua_diff *out)
{
	struct making m = { .d = out, .img = { old->img, now->img } };

	*out = (struct lua_diff){ .book = { old, now } };
	m.failed = !make_partners(&m);
	if (!m.failed)
		make(&m);
	for (unsigned side = 0; side < 2; side++) {
		free(m.partner[side]);
		lua_prints_free(&m.prints[side]);
	}
	return m.failed ? diag_fail(diag, ERR_MEMORY, "out of memory") : ERR_NONE;
}

void lua_diff_free(struct lua_diff *d)
{
	free(d->rows);
	free(d->top);
	free(d->strings);
	*d = (struct lua_diff){ 0 };
}
