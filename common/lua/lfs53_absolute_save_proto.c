/* SPDX-License-Identifier: MIT */
#include "common/lua/lfs53_absolute_save_parts.h"

#include <inttypes.h>
#include <string.h>

#include "common/lua/fixed53.h"
#include "common/lua/flash53.h"
#include "common/lua/stream53.h"

/* Lists begin with the image's own address, not with NULL. */
void saver53_link(struct flash_writer *w, uint32_t off)
{
	if (off)
		flash_address(w, off);
	else
		flash_begin(w);
}

/* What the loader makes of the number under which a portable image mentions the string. */
uint32_t saver53_string(const struct saver53 *s, uint32_t string)
{
	const struct lua_image *img = s->w.img;

	if (string >= img->ntext && string < img->nstrings)
		string = img->ntext + fixed53_to_file(img->header.fixed_count, string - img->ntext);
	return flash_string(&s->w, string, 0);
}

static void put_float(struct flash_writer *w, double d)
{
	uint64_t bits;

	if (w->img->traits.float_bytes == 4) {
		buf_u32(&w->bytes, stream53_narrow(d));
		return;
	}
	memcpy(&bits, &d, sizeof(bits));
	buf_u64(&w->bytes, bits);
}

static void put_constant(struct saver53 *s, const struct lua_const *k)
{
	struct flash_writer *w = &s->w;
	const struct lua_traits *t = &w->img->traits;
	size_t end = w->bytes.len + t->tvalue_bytes - 4;
	uint32_t tag = TAG53_NIL;

	switch (k->type) {
	case LUA_NIL: break;
	case LUA_BOOLEAN:
		buf_u32(&w->bytes, k->b);
		tag = TAG53_BOOLEAN;
		break;
	case LUA_INTEGER:
		if (t->integer_bytes == 4)
			buf_u32(&w->bytes, (uint32_t)k->i);
		else
			buf_u64(&w->bytes, (uint64_t)k->i);
		tag = TAG53_INTEGER;
		break;
	case LUA_FLOAT:
		put_float(w, k->f);
		tag = TAG53_FLOAT;
		break;
	case LUA_STRING:
		flash_address(w, saver53_string(s, k->string));
		tag = k->string < w->img->nstrings && w->img->strings[k->string].len > LUA_SHORT_MAX
			      ? TAG53_LONG
			      : TAG53_SHORT;
		break;
	}
	while (!w->bytes.failed && w->bytes.len < end)
		buf_byte(&w->bytes, 0);
	buf_u32(&w->bytes, tag);
}

struct vectors {
	uint32_t p, code, k, upvalues, lines, locals;
};

static uint32_t put_proto(struct flash_writer *w, uint32_t index);

static uint32_t put_upvalues(struct saver53 *s, const struct lua_proto *p)
{
	struct flash_writer *w = &s->w;
	uint32_t from = flash_here(w);

	for (uint32_t i = 0; i < p->upvalues.count; i++) {
		const struct lua_upvalue *u = &w->img->upvalues[p->upvalues.first + i];

		flash_address(w, saver53_string(s, u->name));
		buf_u32(&w->bytes, u->instack | (uint32_t)u->index << 8);
	}
	return p->upvalues.count ? flash_share(w, LUA_PART_UPVALUES, from) : 0;
}

static uint32_t put_locals(struct saver53 *s, const struct lua_proto *p)
{
	struct flash_writer *w = &s->w;
	uint32_t from = flash_here(w);

	for (uint32_t i = 0; i < p->locals.count; i++) {
		const struct lua_local *l = &w->img->locals[p->locals.first + i];

		flash_address(w, saver53_string(s, l->name));
		buf_u32(&w->bytes, l->start_pc);
		buf_u32(&w->bytes, l->end_pc);
	}
	return flash_share(w, LUA_PART_LOCALS, from);
}

static uint32_t put_bytes(struct saver53 *s, enum lua_part part, const uint8_t *p, size_t n)
{
	uint32_t from = flash_here(&s->w);

	if (n)
		buf_put(&s->w.bytes, p, n);
	flash_align(&s->w);
	return flash_share(&s->w, part, from);
}

static struct vectors put_vectors(struct saver53 *s, const struct lua_proto *p)
{
	struct vectors v = { .p = flash_children(&s->w, p, put_proto) };

	v.code = put_bytes(s, LUA_PART_CODE, p->code, 4 * (size_t)p->ncode);
	v.k = flash_here(&s->w);
	for (uint32_t i = 0; i < p->constants.count; i++)
		put_constant(s, &s->w.img->constants[p->constants.first + i]);
	v.k = flash_share(&s->w, LUA_PART_CONSTANTS, v.k);
	v.upvalues = put_upvalues(s, p);
	if (p->nlineinfo)
		v.lines = put_bytes(s, LUA_PART_LINES, p->lineinfo, p->nlineinfo);
	v.locals = put_locals(s, p);
	return v;
}

/* A prototype without source would not be marked as one in flash; the device then crashes. */
static uint32_t take_source(struct saver53 *s, uint32_t index)
{
	uint32_t source = lua_proto_source(s->w.img, index);

	if (source >= s->w.img->nstrings)
		diag_fail(s->w.diag, ERR_DAMAGED, "prototype %" PRIu32 " has no source", index);
	return source;
}

static uint32_t put_proto(struct flash_writer *w, uint32_t index)
{
	struct saver53 *s = (struct saver53 *)w; /* its first member */
	const struct lua_proto *p = &w->img->protos[index];
	struct vectors v = put_vectors(s, p);
	uint32_t off = flash_here(w);

	saver53_link(w, s->proto);
	buf_byte(&w->bytes, TT53_PROTO);
	buf_byte(&w->bytes, MARK53_PROTO);
	buf_byte(&w->bytes, p->params);
	buf_byte(&w->bytes, p->vararg);
	buf_u32(&w->bytes, p->stack);
	buf_u32(&w->bytes, p->upvalues.count);
	buf_u32(&w->bytes, p->constants.count);
	buf_u32(&w->bytes, p->ncode);
	buf_u32(&w->bytes, p->nlineinfo);
	buf_u32(&w->bytes, p->children.count);
	buf_u32(&w->bytes, p->locals.count);
	buf_u32(&w->bytes, p->line_first);
	buf_u32(&w->bytes, p->line_last);
	flash_address(w, v.k);
	flash_address(w, v.code);
	flash_address(w, v.p);
	flash_address(w, v.lines);
	flash_address(w, v.locals);
	flash_address(w, v.upvalues);
	flash_address(w, saver53_string(s, take_source(s, index)));
	buf_u32(&w->bytes, 0);
	s->proto = off;
	return off;
}

uint32_t saver53_proto(struct saver53 *s, uint32_t index)
{
	return put_proto(&s->w, index);
}
