/* SPDX-License-Identifier: MIT */
/* The tree of an image: its modules with their prototypes and strings, and what is nobody's. */
#include "common/open/image.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/listing.h"
#include "common/lua/shown.h"

static const struct image *image_of(const struct subject *s)
{
	return (const struct image *)(const void *)s;
}

static bool is_chunk(const struct lua_book *b)
{
	return b->img->traits.form == LUA_FORM_CHUNK;
}

static uint32_t nchildren(const struct lua_book *b, uint32_t proto)
{
	return b->tree_first[proto + 2] - b->tree_first[proto + 1];
}

/* A module: its main prototype, those right below it, its strings. */
static uint64_t module_count(const struct lua_book *b, uint32_t module)
{
	uint32_t root = b->img->modules[module].proto;
	uint64_t n = b->module_strings[module] != 0 && !is_chunk(b);

	return root < b->img->nprotos ? n + 1 + nchildren(b, root) : n;
}

static uint64_t module_child(const struct lua_book *b, uint32_t module, uint64_t i)
{
	uint32_t root = b->img->modules[module].proto;

	if (root >= b->img->nprotos || i > nchildren(b, root))
		return image_node(IMAGE_STRINGS, module);
	if (i == 0)
		return image_node(IMAGE_MAIN, root);
	return image_node(IMAGE_PROTO, b->tree[b->tree_first[root + 1] + i - 1]);
}

static uint64_t count(const struct subject *s, uint64_t node)
{
	const struct image *m = image_of(s);
	const struct lua_book *b = &m->book;

	if (!b->img)
		return 0;
	if (node == VIEW_ROOT && is_chunk(b))
		return b->img->nmodules ? module_count(b, 0) : 0;
	if (node == VIEW_ROOT)
		return (uint64_t)b->img->nmodules + (m->shared != 0) + (m->rest != 0);
	switch (image_node_kind(node)) {
	case IMAGE_MODULE: return module_count(b, image_node_index(node));
	case IMAGE_PROTO: return nchildren(b, image_node_index(node));
	default: return 0;
	}
}

static uint64_t child(const struct subject *s, uint64_t node, uint64_t i)
{
	const struct image *m = image_of(s);
	const struct lua_book *b = &m->book;

	if (node == VIEW_ROOT && is_chunk(b))
		return module_child(b, 0, i);
	if (node == VIEW_ROOT && i < b->img->nmodules)
		return image_node(IMAGE_MODULE, (uint32_t)i);
	if (node == VIEW_ROOT)
		return i == b->img->nmodules && m->shared ? image_node(IMAGE_STRINGS, LUA_SHARED)
							  : image_node(IMAGE_REST, 0);
	if (image_node_kind(node) == IMAGE_MODULE)
		return module_child(b, image_node_index(node), i);
	return image_node(IMAGE_PROTO, b->tree[b->tree_first[image_node_index(node) + 1] + i]);
}

static void module_label(const struct lua_book *b, uint32_t module, struct buf *out)
{
	struct view_cell c = { 0 };

	lua_module_cell(b->img, module, &c);
	if (c.kind == VIEW_BYTES)
		buf_put(out, c.bytes.p, c.bytes.n);
	else
		buf_str(out, "(no name)");
}

void image_proto_label(const struct lua_book *b, uint32_t proto, struct buf *out)
{
	const struct lua_proto *p = &b->img->protos[proto];

	if (p->module < b->img->nmodules && b->img->modules[p->module].proto == proto)
		buf_str(out, "main");
	else
		buf_printf(out, "function %" PRIu32 "-%" PRIu32, p->line_first, p->line_last);
}

static void label(const struct subject *s, uint64_t node, struct buf *out)
{
	const struct lua_book *b = &image_of(s)->book;
	uint32_t index = image_node_index(node);

	if (node == VIEW_ROOT) {
		buf_str(out, s->name);
		return;
	}
	switch (image_node_kind(node)) {
	case IMAGE_MODULE: module_label(b, index, out); break;
	case IMAGE_PROTO:
	case IMAGE_MAIN: image_proto_label(b, index, out); break;
	case IMAGE_STRINGS:
		buf_str(out, index == LUA_SHARED ? "(shared strings)" : "strings");
		break;
	case IMAGE_REST: buf_str(out, "(header, lists)"); break;
	}
}

static int64_t size(const struct subject *s, uint64_t node)
{
	const struct image *m = image_of(s);
	const struct lua_book *b = &m->book;
	uint32_t index = image_node_index(node);

	if (node == VIEW_ROOT)
		return b->img ? (int64_t)b->layout.size : -1;
	switch (image_node_kind(node)) {
	case IMAGE_MODULE: return lua_module_size(b, index);
	case IMAGE_PROTO: return b->img->protos[index].total_size;
	case IMAGE_MAIN: return b->img->protos[index].own_size;
	case IMAGE_STRINGS: return index == LUA_SHARED ? m->shared : b->module_strings[index];
	case IMAGE_REST: return m->rest;
	}
	return -1;
}

void image_protos(const struct lua_book *b, uint64_t node, uint32_t *first, uint32_t *end)
{
	const struct lua_proto *p = b->img->protos;
	uint32_t root = image_node_index(node);

	if (image_node_kind(node) == IMAGE_MODULE)
		root = b->img->modules[root].proto;
	*first = *end = root < b->img->nprotos ? root : 0;
	if (root >= b->img->nprotos || image_node_kind(node) > IMAGE_MAIN)
		return;
	(*end)++;
	if (image_node_kind(node) == IMAGE_MAIN)
		return;
	while (*end < b->img->nprotos && p[*end].depth > p[root].depth)
		(*end)++;
}

/* What is in no module. */
static void weigh(struct image *m)
{
	const struct lua_book *b = &m->book;
	uint64_t modules = 0;

	for (uint32_t i = 0; i < b->layout.count; i++) {
		const struct lua_span *s = &b->layout.spans[i];

		if (s->who == LUA_OWNER_STRING && b->string_module[s->owner] >= b->img->nmodules)
			m->shared += s->len + s->pad;
	}
	for (uint32_t i = 0; i < b->img->nmodules; i++)
		modules += lua_module_size(b, i);
	if (modules + m->shared < b->layout.size)
		m->rest = (uint32_t)(b->layout.size - modules - m->shared);
}

static void topic(const struct subject *s, uint64_t string, struct buf *out)
{
	const struct lua_image *img = image_of(s)->book.img;
	const struct lua_string *text = &img->strings[string];

	buf_str(out, "users of ");
	buf_put(out, text->text, lua_shown_name(img, text));
}

static void close_image(struct subject *s)
{
	struct image *m = (struct image *)(void *)s;

	check_free(&m->check);
	lua_book_close(&m->book);
	file_close(&m->file);
}

static const struct subject_kind kind = {
	.words = "image",
	.count = count,
	.child = child,
	.label = label,
	.size = size,
	.view = image_view,
	.open = image_open,
	.follow = image_follow,
	.find = image_find,
	.text = image_text,
	.topic = topic,
	.close = close_image,
};

enum err open_image(const char *name, const struct file *file, struct diag *diag,
		    struct subject **out)
{
	struct image *m = open_new(sizeof(*m), &kind, name, diag);

	if (!m)
		return diag->code;
	lua_book_open(&m->book, m->subject.name, file->data, file->len);
	m->file.data = malloc(file->len + 1);
	if (m->book.diag.code == ERR_MEMORY || !m->file.data || !m->book.img) {
		if (m->book.diag.code)
			*diag = m->book.diag;
		diag_fail(diag, ERR_MEMORY, "out of memory");
		subject_close(&m->subject);
		return diag->code;
	}
	memcpy(m->file.data, file->data, file->len);
	m->file.len = file->len;
	m->subject.diag = m->book.diag;
	m->subject.book = &m->book;
	weigh(m);
	*out = &m->subject;
	return ERR_NONE;
}
