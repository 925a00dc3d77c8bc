/* SPDX-License-Identifier: MIT */
#include "common/lua/ncdu.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/lua/listing.h"
#include "common/lua/ranges.h"
#include "common/view/escape.h"

enum { NAME_COLUMNS = 60 };

struct tree {
	const struct lua_book *book;
	struct buf *out;
	struct buf name, escaped; /* scratch */
	uint32_t *string_size;
	uint32_t *line_owners;  /* per string: the prototype whose lines it is */
	uint32_t *first, *next; /* strings by module, behind them those of no single one; 1 more */
	uint32_t (*part_size)[LUA_NPARTS];
	uint32_t *entry_size; /* per module: its entry in the list of modules */
	uint32_t header, hash, list, padding;
	uint64_t sum;
};

/* What is in t->name, as a JSON string of printable characters. */
static void put_name(struct tree *t)
{
	struct buf *e = &t->escaped;
	size_t n;

	e->len = 0;
	escape_text(e, t->name.data, t->name.len);
	n = text_cut(e->data, e->len, NAME_COLUMNS);
	if (n < e->len) {
		e->len = n;
		buf_str(e, "…");
	}
	buf_str(t->out, "{\"name\":");
	escape_json(t->out, e->data, e->len);
	t->name.len = 0;
}

static void put_file(struct tree *t, uint32_t size)
{
	if (size) {
		buf_str(t->out, ",\n");
		put_name(t);
		buf_printf(t->out, ",\"asize\":%" PRIu32 ",\"dsize\":%" PRIu32 "}", size, size);
		t->sum += size;
	}
	t->name.len = 0;
}

static void put_named(struct tree *t, const char *name, uint32_t size)
{
	buf_str(&t->name, name);
	put_file(t, size);
}

static void open_folder(struct tree *t)
{
	buf_str(t->out, ",\n[");
	put_name(t);
	buf_byte(t->out, '}');
}

static void close_folder(struct tree *t)
{
	buf_byte(t->out, ']');
}

/* Texts may be equal (two of them are "userdata") or empty: the number tells them apart. */
static void put_string(struct tree *t, uint32_t i)
{
	const struct lua_string *s = &t->book->img->strings[i];

	buf_printf(&t->name, "%" PRIu32 " ", i);
	if (s->uses == LUA_USE_LINEINFO)
		buf_str(&t->name, "(line info)");
	else
		buf_put(&t->name, s->text, s->len);
	put_file(t, t->string_size[i]);
}

/* The strings that belong to module, nmodules: to no single one. */
static void put_strings(struct tree *t, uint32_t module, const char *name)
{
	if (!t->first[module])
		return;
	buf_str(&t->name, name);
	open_folder(t);
	for (uint32_t i = t->first[module]; i; i = t->next[i - 1])
		put_string(t, i - 1);
	close_folder(t);
}

/* The prototype that has the string for its lines, and shares it with no other. */
static uint32_t line_owner(const struct tree *t, uint32_t string)
{
	return t->book->img->strings[string].refs == 1 ? t->line_owners[string] : LUA_NONE;
}

static void put_parts(struct tree *t, uint32_t proto)
{
	uint32_t lines = t->book->img->protos[proto].lineinfo_string;

	for (unsigned i = 0; i < LUA_NPARTS; i++)
		put_named(t, lua_part_words[i], t->part_size[proto][i]);
	if (lines < t->book->img->nstrings && line_owner(t, lines) == proto)
		put_named(t, lua_part_words[LUA_PART_LINES], t->string_size[lines]);
}

/* deeper: with the prototypes inside it. */
static void put_proto(struct tree *t, uint32_t proto, bool deeper)
{
	const struct lua_image *img = t->book->img;
	const struct lua_proto *p;

	if (proto >= img->nprotos)
		return;
	p = &img->protos[proto];
	buf_printf(&t->name, "%" PRIu32 " ", proto);
	lua_proto_title(img, proto, &t->name);
	open_folder(t);
	put_parts(t, proto);
	for (uint32_t i = 0; i < p->children.count && deeper; i++)
		put_proto(t, img->children[p->children.first + i], true);
	close_folder(t);
}

static void put_module(struct tree *t, uint32_t module)
{
	const struct lua_image *img = t->book->img;
	uint32_t name = img->modules[module].name;

	buf_printf(&t->name, "module %" PRIu32 "%s", module, name < img->nstrings ? " " : "");
	if (name < img->nstrings)
		buf_put(&t->name, img->strings[name].text, img->strings[name].len);
	open_folder(t);
	put_proto(t, img->modules[module].proto, true);
	put_strings(t, module, "strings");
	put_named(t, "entry", t->entry_size[module]);
	close_folder(t);
}

static void weigh(struct tree *t)
{
	const struct lua_layout *l = &t->book->layout;

	for (uint32_t i = 0; i < l->count; i++) {
		const struct lua_span *s = &l->spans[i];

		t->padding += s->pad;
		if (s->who == LUA_OWNER_STRING)
			t->string_size[s->owner] += s->len;
		else if (s->who == LUA_OWNER_PROTO)
			t->part_size[s->owner][s->part] += s->len;
		else if (s->who == LUA_OWNER_MODULE)
			t->entry_size[s->owner] += s->len;
		else if (s->kind == LUA_BYTES_HEADER)
			t->header += s->len;
		else if (s->kind == LUA_BYTES_HASH)
			t->hash += s->len;
		else
			t->list += s->len;
	}
}

static void sort_strings(struct tree *t)
{
	const struct lua_image *img = t->book->img;

	for (uint32_t i = img->nstrings; i-- > 0;) {
		uint32_t who = t->book->string_module[i];
		uint32_t *first = &t->first[who < img->nmodules ? who : img->nmodules];

		if (!t->string_size[i] || line_owner(t, i) != LUA_NONE)
			continue;
		t->next[i] = *first;
		*first = i + 1;
	}
}

static void put_tree(struct tree *t)
{
	const struct lua_image *img = t->book->img;

	buf_printf(t->out, "[1,0,{\"progname\":\"lfsdump\",\"timestamp\":%" PRId64 "},\n[",
		   img->has_time && img->build_time > 0 ? img->build_time : 0);
	buf_str(&t->name, t->book->file);
	put_name(t);
	buf_byte(t->out, '}');
	put_named(t, "header", t->header);
	put_named(t, "hash vector", t->hash);
	put_named(t, "list of modules", t->list);
	put_strings(t, img->nmodules, "shared strings");
	if (img->header.main < img->nprotos)
		put_proto(t, img->header.main, false);
	for (uint32_t i = 0; i < img->nmodules; i++)
		put_module(t, i);
	put_named(t, "padding", t->padding);
	if (t->book->layout.size > t->sum)
		put_named(t, "(damaged)", (uint32_t)(t->book->layout.size - t->sum));
	buf_str(t->out, "]]\n");
}

static bool make_room(struct tree *t)
{
	const struct lua_image *img = t->book->img;
	size_t strings = (size_t)img->nstrings + 1;
	size_t modules = (size_t)img->nmodules + 1;

	t->string_size = calloc(strings, sizeof(*t->string_size));
	t->line_owners = lua_line_owners(img);
	t->next = calloc(strings, sizeof(*t->next));
	t->first = calloc(modules, sizeof(*t->first));
	t->entry_size = calloc(modules, sizeof(*t->entry_size));
	t->part_size = calloc((size_t)img->nprotos + 1, sizeof(*t->part_size));
	return t->string_size && t->line_owners && t->next && t->first && t->entry_size &&
	       t->part_size && t->book->string_module;
}

void lua_ncdu(const struct lua_book *book, struct buf *out)
{
	struct tree t = { .book = book, .out = out };

	if (!book->img)
		return;
	if (make_room(&t)) {
		weigh(&t);
		sort_strings(&t);
		put_tree(&t);
	} else {
		out->failed = true;
	}
	out->failed |= t.name.failed || t.escaped.failed;
	free(t.string_size);
	free(t.line_owners);
	free(t.next);
	free(t.first);
	free(t.entry_size);
	free(t.part_size);
	buf_free(&t.name);
	buf_free(&t.escaped);
}
