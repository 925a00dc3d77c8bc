/* SPDX-License-Identifier: MIT */
/* Where the rows of an image's views lead to. */
#include <string.h>

#include "common/lua/listing.h"
#include "common/lua/view_check.h"
#include "common/lua/view_items.h"
#include "common/open/image.h"

static struct subject_place place(struct subject *s, uint64_t node, const struct view *view,
				  uint64_t row)
{
	return (struct subject_place){ s, node, view, SUBJECT_ANY, row };
}

/* The node of a prototype: a module's main one has another than its functions. */
static uint64_t node_of(const struct lua_book *b, uint32_t proto)
{
	bool main = b->img->protos[proto].parent == LUA_NONE;

	if (main && b->img->protos[proto].module == LUA_NONE)
		return image_node(IMAGE_REST, 0);
	return image_node(main ? IMAGE_MAIN : IMAGE_PROTO, proto);
}

static bool to_item(struct subject *s, const struct lua_book *b, uint32_t proto,
		    const struct view *view, uint32_t item, struct subject_place *to)
{
	*to = place(s, node_of(b, proto), view, lua_item_row(proto, item));
	if (to->node == image_node(IMAGE_REST, 0)) /* it has no code of its own: all code has */
		to->node = VIEW_ROOT;
	return true;
}

static bool to_proto(struct subject *s, const struct lua_book *b, uint32_t proto,
		     struct subject_place *to)
{
	return proto < b->img->nprotos && to_item(s, b, proto, &lua_view_code, 0, to);
}

static bool to_string(struct subject *s, uint32_t string, struct subject_place *to)
{
	*to = place(s, VIEW_ROOT, &lua_view_strings, string);
	return string != LUA_NONE;
}

static bool to_users(struct subject *s, uint32_t string, struct subject_place *to)
{
	*to = place(s, VIEW_ROOT, &lua_view_refs, VIEW_ROOT);
	to->topic = string;
	return string != LUA_NONE;
}

/* The constant that an operand stands for, or LUA_NONE. */
static uint32_t constant_of(enum lua_arg arg, int32_t value)
{
	if (arg == LUA_ARG_CONSTANT)
		return (uint32_t)value;
	if (arg == LUA_ARG_RK && lua_rk_is_constant((uint16_t)value))
		return (uint32_t)value & (LUA_RK_BIT - 1);
	return LUA_NONE;
}

/*
 * The first constant of an instruction that is a string, or else the first; LUA_NONE: it has none.
 */
static uint32_t constant_in(const struct lua_image *img, uint64_t row)
{
	const struct lua_proto *p = &img->protos[lua_item_proto(row)];
	struct lua_insn insn = lua_decode(lua_dialect_of(img->traits.version),
					  lua_word(p, lua_item_index(row)));
	uint32_t found = LUA_NONE;
	uint32_t k[2];

	if (!insn.op || lua_is_extra_word(img, lua_item_proto(row), lua_item_index(row)))
		return LUA_NONE;
	k[0] = constant_of(insn.op->b, insn.op->mode == LUA_ABC ? insn.b : insn.bx);
	k[1] = constant_of(insn.op->c, insn.c);
	for (unsigned i = 0; i < 2; i++) {
		if (k[i] >= p->constants.count)
			continue;
		if (img->constants[p->constants.first + k[i]].type == LUA_STRING)
			return k[i];
		if (found == LUA_NONE)
			found = k[i];
	}
	return found;
}

/* The string of constant k of a prototype, or LUA_NONE. */
static uint32_t string_in(const struct lua_image *img, uint32_t proto, uint32_t k)
{
	const struct lua_proto *p = &img->protos[proto];
	const struct lua_const *c;

	if (k >= p->constants.count)
		return LUA_NONE;
	c = &img->constants[p->constants.first + k];
	return c->type == LUA_STRING ? c->string : LUA_NONE;
}

static bool follow_code(struct subject *s, const struct lua_book *b, uint64_t row,
			struct subject_place *to)
{
	const struct lua_image *img = b->img;
	uint32_t proto = lua_item_proto(row);
	uint32_t pc = lua_item_index(row);
	const struct lua_proto *p = &img->protos[proto];
	struct lua_insn insn = lua_decode(lua_dialect_of(img->traits.version), lua_word(p, pc));
	uint32_t target = lua_jump_target(img, proto, pc);
	uint32_t k = constant_in(img, row);

	if (target < p->ncode)
		return to_item(s, b, proto, &lua_view_code, target, to);
	if (string_in(img, proto, k) != LUA_NONE)
		return to_string(s, string_in(img, proto, k), to);
	if (k != LUA_NONE)
		return to_item(s, b, proto, &lua_view_constants, k, to);
	if (!insn.op || lua_is_extra_word(img, proto, pc))
		return false;
	if (insn.op->b == LUA_ARG_PROTO && (uint32_t)insn.bx < p->children.count)
		return to_proto(s, b, img->children[p->children.first + (uint32_t)insn.bx], to);
	if (insn.op->b == LUA_ARG_UPVALUE && insn.b < p->upvalues.count)
		return to_item(s, b, proto, &lua_view_upvalues, insn.b, to);
	return false;
}

/* The string that a row names, or LUA_NONE. */
static uint32_t string_of(const struct lua_book *b, const struct view *v, uint64_t row)
{
	const struct lua_image *img = b->img;
	uint32_t proto = lua_item_proto(row);
	const struct lua_byte_range *r = NULL;

	if (v == &lua_view_strings)
		return (uint32_t)row;
	if (v == &lua_view_refs)
		return b->xref.refs[b->rows[row]].string;
	if (v == &lua_view_globals)
		return b->xref.globals[row].name;
	if (v == &lua_view_requires)
	return b->xref.requires[row].name;
	if (v == &lua_view_layout)
		r = &b->flash.items[row];
	if (v == &lua_view_hex)
		r = &b->stored.items[row];
	if (r)
		return r->who == LUA_OWNER_STRING ? r->owner : LUA_NONE;
	if (v == &lua_view_modules)
		return img->modules[row].name;
	if (v->heading == lua_item_heading && lua_item_index(row) == LUA_NONE)
		return LUA_NONE;
	if (v == &lua_view_code)
		return string_in(img, proto, constant_in(img, row));
	if (v == &lua_view_constants)
		return string_in(img, proto, lua_item_index(row));
	if (v == &lua_view_upvalues)
		return img->upvalues[img->protos[proto].upvalues.first + lua_item_index(row)].name;
	if (v == &lua_view_locals)
		return img->locals[img->protos[proto].locals.first + lua_item_index(row)].name;
	return LUA_NONE;
}

static bool follow_range(struct subject *s, const struct lua_book *b,
			 const struct lua_byte_range *r, struct subject_place *to)
{
	switch (r->who) {
	case LUA_OWNER_STRING: return to_string(s, r->owner, to);
	case LUA_OWNER_PROTO: return to_proto(s, b, r->owner, to);
	case LUA_OWNER_MODULE:
		*to = place(s, image_node(IMAGE_MODULE, r->owner), &lua_view_modules, VIEW_ROOT);
		return true;
	default: return false;
	}
}

/* The bytes at an offset. */
static bool to_bytes(struct subject *s, struct lua_book *b, uint64_t off, struct subject_place *to)
{
	struct diag diag = { 0 };

	if (lua_book_map(b, LUA_VIEW_STORED, &diag))
		return false;
	for (uint32_t i = 0; i < b->stored.count; i++) {
		const struct lua_byte_range *r = &b->stored.items[i];

		if (off < r->off || off - r->off >= r->len)
			continue;
		*to = place(s, VIEW_ROOT, &lua_view_hex, i);
		return true;
	}
	return false;
}

static bool follow_note(struct subject *s, struct lua_book *b, uint64_t row,
			struct subject_place *to)
{
	const struct diag *d = &b->diag;

	if (!b->diag.code || row)
		d = &b->img->notes[row - (b->diag.code != 0)];
	return d->placed && to_bytes(s, b, d->off, to);
}

static bool follow_place(struct subject *s, struct lua_book *b, const struct view *v, uint64_t row,
			 struct subject_place *to)
{
	const struct lua_require *q;
	const struct lua_ref *r;

	if (v == &lua_view_refs) {
		r = &b->xref.refs[b->rows[row]];
		if (r->proto == LUA_NONE)
			return false;
		return to_item(s, b, r->proto, &lua_view_code, r->pc == LUA_NONE ? 0 : r->pc, to);
	}
	q = &b->xref.requires[row];
	if (q->module == LUA_NONE)
		return to_item(s, b, q->proto, &lua_view_code, q->pc, to);
	return to_proto(s, b, b->img->modules[q->module].proto, to);
}

bool image_follow(struct subject *s, const struct subject_page *page, uint64_t row,
		  struct subject_place *to)
{
	struct image *m = (struct image *)(void *)s;
	struct lua_book *b = &m->book;
	const struct view *v = page->place.view;

	if (v->heading == lua_item_heading && lua_item_index(row) == LUA_NONE)
		return to_proto(s, b, lua_item_proto(row), to);
	if (v == &lua_view_code)
		return follow_code(s, b, row, to);
	if (v == &lua_view_refs || v == &lua_view_requires)
		return follow_place(s, b, v, row, to);
	if (v == &lua_view_strings || v == &lua_view_globals)
		return to_users(s, string_of(b, v, row), to);
	if (v == &lua_view_protos)
		return to_proto(s, b, (uint32_t)row, to);
	if (v == &lua_view_layout)
		return follow_range(s, b, &b->flash.items[row], to);
	if (v == &lua_view_hex)
		return follow_range(s, b, &b->stored.items[row], to);
	if (v == &lua_view_damage)
		return follow_note(s, b, row, to);
	if (v == &lua_view_check)
		return m->check.findings[row].placed &&
		       to_bytes(s, b, m->check.findings[row].off, to);
	if (v == &lua_view_modules) {
		*to = place(s, image_node(IMAGE_MODULE, (uint32_t)row), &lua_view_code, VIEW_ROOT);
		return true;
	}
	return to_string(s, string_of(b, v, row), to);
}

bool image_find(struct subject *s, const uint8_t *text, size_t len, struct subject_place *to)
{
	const struct lua_image *img = ((struct image *)(void *)s)->book.img;

	for (uint32_t i = 0; i < img->nstrings; i++)
		if (img->strings[i].len == len && memcmp(img->strings[i].text, text, len) == 0)
			return to_users(s, i, to);
	return false;
}

bool image_text(const struct subject *s, const struct subject_page *page, uint64_t row,
		const uint8_t **text, size_t *len)
{
	const struct lua_book *b = &((const struct image *)(const void *)s)->book;
	uint32_t string = string_of(b, page->place.view, row);

	if (string >= b->img->nstrings || b->img->strings[string].uses == LUA_USE_LINEINFO)
		return false;
	*text = b->img->strings[string].text;
	*len = b->img->strings[string].len;
	return true;
}
