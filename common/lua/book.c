/* SPDX-License-Identifier: MIT */
#include "common/lua/book.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/build.h"
#include "common/lua/listing.h"
#include "common/lua/shown.h"

const struct lua_view_entry lua_views[] = {
	{ &lua_view_summary, 0, 0, NULL },
	{ &lua_view_bytes, 0, 'b', NULL },
	{ &lua_view_modules, 0, 'm', NULL },
	{ &lua_view_protos, 0, 'p', NULL },
	{ &lua_view_strings, LUA_VIEW_STUDY, 's', NULL },
	{ &lua_view_constants, 0, 'k', NULL },
	{ &lua_view_upvalues, 0, 'u', NULL },
	{ &lua_view_locals, 0, 'l', NULL },
	{ &lua_view_code, 0, 'c', NULL },
	{ &lua_view_refs, LUA_VIEW_STUDY, 'x', "TEXT" },
	{ &lua_view_globals, LUA_VIEW_STUDY, 'g', NULL },
	{ &lua_view_requires, LUA_VIEW_STUDY, 'r', NULL },
	{ &lua_view_damage, 0, 0, NULL },
	{ &lua_view_layout, LUA_VIEW_FLASH, 0, NULL },
	{ &lua_view_hex, LUA_VIEW_STORED, 0, NULL },
};
const unsigned lua_view_count = sizeof(lua_views) / sizeof(lua_views[0]);

static void claim(struct lua_book *b, uint32_t string, uint32_t module)
{
	uint32_t *who;

	if (string >= b->img->nstrings)
		return;
	who = &b->string_module[string];
	if (*who == LUA_NONE)
		*who = module;
	else if (*who != module)
		*who = LUA_SHARED;
}

/* Which strings would go if a module went. The main prototype's use of a name does not count. */
static void share_out_strings(struct lua_book *b)
{
	const struct lua_image *img = b->img;

	for (uint32_t i = 0; i < img->nprotos; i++) {
		const struct lua_proto *p = &img->protos[i];

		if (p->module == LUA_NONE && img->nprotos > 1)
			continue;
		claim(b, p->source, p->module);
		claim(b, p->lineinfo_string, p->module);
		for (uint32_t k = 0; k < p->constants.count; k++)
			if (img->constants[p->constants.first + k].type == LUA_STRING)
				claim(b, img->constants[p->constants.first + k].string, p->module);
		for (uint32_t k = 0; k < p->upvalues.count; k++)
			claim(b, img->upvalues[p->upvalues.first + k].name, p->module);
		for (uint32_t k = 0; k < p->locals.count; k++)
			claim(b, img->locals[p->locals.first + k].name, p->module);
	}
	for (uint32_t i = 0; i < img->nmodules; i++)
		claim(b, img->modules[i].name, i);
	for (uint32_t i = 0; i < img->nstrings; i++)
		if (img->strings[i].uses & LUA_USE_FIXED)
			b->string_module[i] = LUA_SHARED;
}

uint32_t lua_module_size(const struct lua_book *b, uint32_t module)
{
	uint32_t root = b->img->modules[module].proto;
	uint32_t protos = root < b->img->nprotos ? b->img->protos[root].total_size : 0;

	return protos + b->module_strings[module];
}

static void weigh_strings(struct lua_book *b)
{
	for (uint32_t i = 0; i < b->layout.count; i++) {
		const struct lua_span *s = &b->layout.spans[i];
		uint32_t module = s->who == LUA_OWNER_STRING ? b->string_module[s->owner]
							     : LUA_NONE;

		if (module < b->img->nmodules)
			b->module_strings[module] += s->len + s->pad;
	}
	for (uint32_t i = 0; i < b->img->nmodules; i++)
		if (lua_module_size(b, i) > b->largest_module)
			b->largest_module = lua_module_size(b, i);
}

/* Lines of all instructions, and the instructions that others jump to. */
static bool index_code(struct lua_book *b)
{
	const struct lua_image *img = b->img;
	size_t total = 0;

	b->code_first = malloc(((size_t)img->nprotos + 1) * sizeof(*b->code_first));
	if (!b->code_first)
		return false;
	for (uint32_t i = 0; i < img->nprotos; i++) {
		b->code_first[i] = (uint32_t)total;
		total += img->protos[i].ncode;
	}
	b->lines = calloc(total + 1, sizeof(*b->lines));
	b->targets = calloc(total / 8 + 1, 1);
	if (!b->lines || !b->targets)
		return false;
	for (uint32_t i = 0; i < img->nprotos; i++) {
		lua_lines(img, &img->protos[i], b->lines + b->code_first[i]);
		for (uint32_t pc = 0; pc < img->protos[i].ncode; pc++) {
			uint32_t to = lua_jump_target(img, i, pc);

			if (to < img->protos[i].ncode) {
				to += b->code_first[i];
				b->targets[to / 8] |= (uint8_t)(1 << to % 8);
			}
		}
	}
	return true;
}

/* The tree as lists of those children that could be read; the roots come first. */
static bool index_tree(struct lua_book *b)
{
	const struct lua_image *img = b->img;
	uint32_t *next;

	b->tree_first = calloc((size_t)img->nprotos + 3, sizeof(*b->tree_first));
	b->tree = malloc(((size_t)img->nprotos + 1) * sizeof(*b->tree));
	if (!b->tree_first || !b->tree)
		return false;
	/*
	 * LUA_NONE + 1 is 0: a root's parent. One place further on, as ends move up to beginnings
	 */
	next = b->tree_first + 1;
	for (uint32_t i = 0; i < img->nprotos; i++)
		next[img->protos[i].parent + 2]++;
	for (uint32_t i = 0; i <= img->nprotos; i++)
		next[i + 1] += next[i];
	for (uint32_t i = 0; i < img->nprotos; i++)
		b->tree[next[img->protos[i].parent + 1]++] = i;
	return true;
}

static bool prepare(struct lua_book *b)
{
	const struct lua_image *img = b->img;

	if (b->layout.failed)
		return false;
	b->string_module = malloc(((size_t)img->nstrings + 1) * sizeof(*b->string_module));
	b->module_strings = calloc((size_t)img->nmodules + 1, sizeof(*b->module_strings));
	if (!b->string_module || !b->module_strings || !index_code(b) || !index_tree(b))
		return false;
	memset(b->string_module, 0xff, (size_t)img->nstrings * sizeof(*b->string_module));
	share_out_strings(b);
	weigh_strings(b);
	return true;
}

enum err lua_book_open(struct lua_book *b, const char *file, const uint8_t *data, size_t len)
{
	*b = (struct lua_book){ .file = file };
	lua_image_lay_out(data, len, &b->diag, &b->img, &b->layout);
	if (b->diag.code == ERR_MEMORY || (b->img && !prepare(b))) {
		lua_book_close(b);
		b->file = file;
		diag_fail(&b->diag, ERR_MEMORY, "out of memory");
	}
	return b->diag.code;
}

void lua_book_close(struct lua_book *b)
{
	lua_image_free(b->img);
	lua_layout_free(&b->layout);
	lua_ranges_free(&b->flash);
	lua_ranges_free(&b->stored);
	lua_xref_free(&b->xref);
	free(b->string_module);
	free(b->module_strings);
	free(b->targets);
	free(b->tree_first);
	free(b->tree);
	free(b->code_first);
	free(b->lines);
	free(b->rows);
	*b = (struct lua_book){ 0 };
}

enum match { MATCH_NOT, MATCH, MATCH_NO_MEMORY };

/* A pattern with * or ? is a glob; anything else must be the whole text. */
static enum match match(const struct lua_string *s, const char *wanted, struct buf *scratch)
{
	size_t n = strlen(wanted);

	if (!strpbrk(wanted, "*?["))
		return s->len == n && memcmp(s->text, wanted, n) == 0 ? MATCH : MATCH_NOT;
	scratch->len = 0;
	buf_put(scratch, s->text, s->len);
	buf_byte(scratch, 0);
	if (scratch->failed)
		return MATCH_NO_MEMORY;
	switch (fnmatch(wanted, (const char *)scratch->data, 0)) {
	case 0: return MATCH;
	case FNM_NOMATCH: return MATCH_NOT;
	default: return MATCH_NO_MEMORY;
	}
}

static bool select_refs(struct lua_book *b, const char *wanted)
{
	struct buf scratch = { 0 };
	enum match m = MATCH;

	for (uint32_t s = 0; s < b->img->nstrings && m != MATCH_NO_MEMORY; s++) {
		if (b->img->strings[s].uses == LUA_USE_LINEINFO)
			continue;
		m = wanted ? match(&b->img->strings[s], wanted, &scratch) : MATCH;
		for (uint32_t i = b->xref.first[s]; m == MATCH && i < b->xref.first[s + 1]; i++)
			b->rows[b->nrows++] = i;
	}
	buf_free(&scratch);
	return m != MATCH_NO_MEMORY;
}

enum err lua_book_map(struct lua_book *b, unsigned needs, struct diag *diag)
{
	bool flash = (needs & LUA_VIEW_FLASH) && !b->flash.items;
	bool stored = (needs & LUA_VIEW_STORED) && !b->stored.items;

	if (!b->img || (!flash && !stored))
		return ERR_NONE;
	if (lua_ranges_make(b->img, &b->layout, flash ? &b->flash : NULL,
			    stored ? &b->stored : NULL))
		return ERR_NONE;
	if (flash)
		lua_ranges_free(&b->flash);
	if (stored)
		lua_ranges_free(&b->stored);
	return diag_fail(diag, ERR_MEMORY, "out of memory");
}

enum err lua_book_study(struct lua_book *b, struct diag *diag)
{
	struct diag failure = { 0 };

	if (b->xref.first || !b->img)
		return ERR_NONE;
	if (lua_xref_make(b->img, &failure, &b->xref))
		return diag_fail(diag, failure.code, "%s", failure.text);
	if (b->xref.cut)
		lua_note(b->img, 0, "code", "more references to strings than are kept here");
	return ERR_NONE;
}

enum err lua_book_want(struct lua_book *b, const char *wanted, struct diag *diag)
{
	enum err e = lua_book_study(b, diag);

	if (e || !b->img)
		return e;
	free(b->rows);
	b->nrows = 0;
	b->rows = malloc(((size_t)b->xref.nrefs + 1) * sizeof(*b->rows));
	if (b->rows && select_refs(b, wanted))
		return ERR_NONE;
	b->nrows = 0;
	return diag_fail(diag, ERR_MEMORY, "out of memory");
}

const char *lua_string_kind(const struct lua_string *s)
{
	static const struct {
		enum lua_use use;
		const char *name;
	} kinds[] = {
		{ LUA_USE_LINEINFO, "line_info" }, { LUA_USE_CONSTANT, "constant" },
		{ LUA_USE_MODULE, "module" },      { LUA_USE_SOURCE, "source" },
		{ LUA_USE_UPVALUE, "name" },       { LUA_USE_LOCAL, "name" },
		{ LUA_USE_FIXED, "fixed" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (s->uses & kinds[i].use)
			return kinds[i].name;
	return "unused";
}

void lua_module_cell(const struct lua_image *img, uint32_t module, struct view_cell *out)
{
	const struct lua_string *s;
	const uint8_t *dot;

	if (module >= img->nmodules)
		return;
	if (img->modules[module].name != LUA_NONE) {
		s = &img->strings[img->modules[module].name];
		view_bytes(out, s->text, lua_shown_name(img, s));
		return;
	}
	if (img->traits.form != LUA_FORM_CHUNK || !img->nprotos ||
	    img->protos[0].source == LUA_NONE)
		return;
	/* a chunk is called as luac.cross would call its module: base name up to the first dot */
	s = &img->strings[img->protos[0].source];
	view_bytes(out, s->text, lua_shown_name(img, s));
	for (size_t n = out->bytes.n; n > 0; n--) {
		if (s->text[n - 1] == '/' || (n == 1 && (s->text[0] == '@' || s->text[0] == '='))) {
			view_bytes(out, s->text + n, out->bytes.n - n);
			break;
		}
	}
	dot = memchr(out->bytes.p, '.', out->bytes.n);
	if (dot)
		out->bytes.n = (size_t)(dot - out->bytes.p);
}
