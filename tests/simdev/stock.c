/* SPDX-License-Identifier: MIT */
#include "stock.h"

#include <stdlib.h>
#include <string.h>

#include "common/lua/model.h"
#include "common/lua/dialect.h"

enum { HEADER_BYTES = 12, LONGEST_SIZE = 0xff };

struct writer {
	const struct lua_image *img;
	struct buf *out;
	uint32_t *lines; /* room for those of the longest function */
	bool v53, names;
	uint32_t captured; /* a function whose upvalues are those of the function around it */
	bool failed;
};

static void put_text(struct writer *w, const void *text, uint32_t len)
{
	uint64_t size = (uint64_t)len + 1;

	if (w->v53 && size < LONGEST_SIZE) {
		buf_byte(w->out, (uint8_t)size);
	} else {
		if (w->v53)
			buf_byte(w->out, LONGEST_SIZE);
		buf_u64(w->out, size);
	}
	buf_put(w->out, text, len);
	if (!w->v53)
		buf_byte(w->out, 0);
}

static void put_no_text(struct writer *w)
{
	if (w->v53)
		buf_byte(w->out, 0);
	else
		buf_u64(w->out, 0);
}

static void put_string(struct writer *w, uint32_t string)
{
	if (string < w->img->nstrings)
		put_text(w, w->img->strings[string].text, w->img->strings[string].len);
	else
		put_no_text(w);
}

/* The debug library of this machine cannot do with no name at all. */
static void put_name(struct writer *w, uint32_t string)
{
	if (string < w->img->nstrings)
		put_string(w, string);
	else
		put_text(w, "", 0);
}

static void put_number(struct writer *w, double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	buf_byte(w->out, 3);
	buf_u64(w->out, bits);
}

static void put_constant(struct writer *w, const struct lua_const *k)
{
	uint32_t len;

	switch (k->type) {
	case LUA_NIL: buf_byte(w->out, 0); break;
	case LUA_BOOLEAN:
		buf_byte(w->out, 1);
		buf_byte(w->out, k->b);
		break;
	case LUA_FLOAT: put_number(w, k->f); break;
	case LUA_INTEGER:
		if (!w->v53) {
			put_number(w, (double)k->i);
			break;
		}
		buf_byte(w->out, 0x13);
		buf_u64(w->out, (uint64_t)k->i);
		break;
	case LUA_STRING:
		len = k->string < w->img->nstrings ? w->img->strings[k->string].len : 0;
		buf_byte(w->out, w->v53 && len > LUA_SHORT_MAX ? 0x14 : 4);
		put_name(w, k->string);
		break;
	}
}

static void put_constants(struct writer *w, const struct lua_proto *p)
{
	buf_u32(w->out, p->constants.count);
	for (uint32_t i = 0; i < p->constants.count; i++)
		put_constant(w, &w->img->constants[p->constants.first + i]);
}

/* 5.3: where closures find their upvalues. */
static void put_captures(struct writer *w, uint32_t self)
{
	const struct lua_proto *p = &w->img->protos[self];

	buf_u32(w->out, p->upvalues.count);
	for (uint32_t i = 0; i < p->upvalues.count; i++) {
		const struct lua_upvalue *u = &w->img->upvalues[p->upvalues.first + i];
		bool around = self == w->captured;

		buf_byte(w->out, around ? 0 : u->instack);
		buf_byte(w->out, around ? 0 : u->index);
	}
}

static void put_lines(struct writer *w, const struct lua_proto *p)
{
	uint32_t n = p->lineinfo ? p->ncode : 0;

	if (n)
		lua_lines(w->img, p, w->lines);
	buf_u32(w->out, n);
	for (uint32_t i = 0; i < n; i++)
		buf_u32(w->out, w->lines[i]);
}

static void put_names(struct writer *w, const struct lua_proto *p)
{
	uint32_t locals = w->names ? p->locals.count : 0;
	uint32_t upvalues = w->names ? p->upvalues.count : 0;

	buf_u32(w->out, locals);
	for (uint32_t i = 0; i < locals; i++) {
		const struct lua_local *l = &w->img->locals[p->locals.first + i];

		put_name(w, l->name);
		buf_u32(w->out, l->start_pc);
		buf_u32(w->out, l->end_pc);
	}
	buf_u32(w->out, upvalues);
	for (uint32_t i = 0; i < upvalues; i++) {
		uint32_t name = w->img->upvalues[p->upvalues.first + i].name;

		if (w->v53)
			put_string(w, name);
		else
			put_name(w, name);
	}
}

static void put_function(struct writer *w, uint32_t self);

static void put_children(struct writer *w, const struct lua_proto *p)
{
	buf_u32(w->out, p->children.count);
	for (uint32_t i = 0; i < p->children.count; i++)
		put_function(w, w->img->children[p->children.first + i]);
}

static bool same_source(const struct writer *w, const struct lua_proto *p)
{
	return p->parent < w->img->nprotos && w->img->protos[p->parent].source == p->source;
}

static void put_function(struct writer *w, uint32_t self)
{
	const struct lua_proto *p;

	if (self >= w->img->nprotos || w->img->protos[self].ncode == 0) {
		w->failed = true;
		return;
	}
	p = &w->img->protos[self];
	put_string(w, same_source(w, p) ? LUA_NONE : p->source);
	buf_u32(w->out, p->line_first);
	buf_u32(w->out, p->line_last);
	if (!w->v53)
		buf_byte(w->out, p->nups);
	buf_byte(w->out, p->params);
	buf_byte(w->out, p->vararg);
	buf_byte(w->out, p->stack);
	buf_u32(w->out, p->ncode);
	buf_put(w->out, p->code, 4 * (size_t)p->ncode);
	put_constants(w, p);
	if (w->v53)
		put_captures(w, self);
	put_children(w, p);
	put_lines(w, p);
	put_names(w, p);
}

static void put_header(struct writer *w)
{
	if (w->v53) {
		buf_put(w->out, "\x1bLua\x53\0\x19\x93\r\n\x1a\n\4\10\4\10\10", 17);
		buf_u64(w->out, 0x5678);
		buf_u64(w->out, 0x4077280000000000); /* 370.5 */
	} else {
		buf_put(w->out, "\x1bLua\x51\0\1\4\10\4\10\0", HEADER_BYTES);
	}
}

static bool begin(struct writer *w)
{
	uint32_t most = 1;

	for (uint32_t i = 0; i < w->img->nprotos; i++)
		if (w->img->protos[i].ncode > most)
			most = w->img->protos[i].ncode;
	w->v53 = w->img->traits.version == LUA_53;
	w->lines = malloc(most * sizeof(*w->lines));
	w->failed = !w->lines;
	put_header(w);
	return !w->failed;
}

static bool end(struct writer *w)
{
	free(w->lines);
	return !w->failed && !w->out->failed;
}

/* R(0) := closure of the child; return R(0). In 5.3 its _ENV is the chunk's. */
static void put_maker_code(struct writer *w)
{
	static const uint32_t code51[] = { 0x24, 0x0100001e, 0x0080001e };
	static const uint32_t code53[] = { 0x2c, 0x01000026, 0x00800026 };

	buf_u32(w->out, 3);
	for (size_t i = 0; i < 3; i++)
		buf_u32(w->out, w->v53 ? code53[i] : code51[i]);
}

bool stock_put_maker(const struct lua_image *img, uint32_t module, struct buf *out)
{
	struct writer w = { .img = img, .out = out, .names = true };
	uint32_t root = module < img->nmodules ? img->modules[module].proto : LUA_NONE;

	if (root >= img->nprotos || img->protos[root].nups * (img->traits.version == LUA_51) > 0)
		return false;
	w.captured = root;
	if (begin(&w)) {
		if (w.v53)
			buf_byte(out, 1);
		put_no_text(&w);
		buf_put(out, "\0\0\0\0\0\0\0\0", 8);
		if (!w.v53)
			buf_byte(out, 0);
		buf_put(out, "\0\0\2", 3); /* parameters, vararg, stack */
		put_maker_code(&w);
		buf_u32(out, 0);
		if (w.v53) {
			buf_u32(out, 1);
			buf_put(out, "\1\0", 2);
		}
		buf_u32(out, 1);
		put_function(&w, root);
		buf_put(out, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
	}
	return end(&w);
}

bool stock_put_chunk(const struct lua_image *img, bool names, struct buf *out)
{
	struct writer w = { .img = img, .out = out, .names = names, .captured = LUA_NONE };
	uint32_t root = img->nmodules ? img->modules[0].proto : LUA_NONE;

	if (root < img->nprotos && begin(&w)) {
		if (w.v53)
			buf_byte(out, (uint8_t)img->protos[root].upvalues.count);
		put_function(&w, root);
	} else {
		w.failed = true;
	}
	return end(&w);
}
