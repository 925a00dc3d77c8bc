/* SPDX-License-Identifier: MIT */
/* Writes what flash53.h describes, in the order of layout53.c. */
#include "common/lua/lfs53_absolute_save.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/fixed53.h"
#include "common/lua/flash_writer.h"
#include "common/lua/flash53.h"
#include "common/lua/stream53.h"

enum { MODULES_MAX = 255 };

struct saver {
	struct flash_writer w;
	uint32_t *heads;  /* newest TString of each bucket */
	uint32_t last[2]; /* the short and the long TString that was written last, 0: none */
	uint32_t proto;   /* likewise the Proto */
	uint32_t hash, rotable;
	uint32_t nshort;
};

/* Lists begin with the image's own address, not with NULL. */
static void put_link(struct flash_writer *w, uint32_t off)
{
	if (off)
		flash_address(w, off);
	else
		flash_begin(w);
}

static void put_string(struct saver *s, uint32_t index)
{
	struct flash_writer *w = &s->w;
	const struct lua_string *str = &w->img->strings[index];
	bool is_long = str->len > LUA_SHORT_MAX;
	uint32_t hash = lua_hash53(str->text, str->len, w->img->header.seed);
	uint32_t off = flash_here(w);
	uint8_t extra = is_long;

	if (index >= w->img->ntext)
		extra = fixed53_extra(index - w->img->ntext);
	w->strings[index] = off;
	put_link(w, s->last[is_long]);
	buf_byte(&w->bytes, is_long ? TT53_LONG : TT53_SHORT);
	buf_byte(&w->bytes, MARK53_STRING);
	buf_byte(&w->bytes, extra);
	buf_byte(&w->bytes, is_long ? 0 : (uint8_t)str->len);
	buf_u32(&w->bytes, hash);
	if (is_long) {
		buf_u32(&w->bytes, str->len);
	} else {
		uint32_t *head = &s->heads[hash & (w->img->header.buckets - 1)];

		flash_address(w, *head);
		*head = off;
		s->nshort += index < w->img->ntext;
	}
	buf_put(&w->bytes, str->text, str->len);
	buf_byte(&w->bytes, 0);
	flash_align(w);
	s->last[is_long] = off;
}

static void put_hash(struct saver *s)
{
	s->hash = flash_here(&s->w);
	for (uint32_t i = 0; i < s->w.img->header.buckets; i++)
		flash_address(&s->w, s->heads[i]);
}

/* What the loader makes of the number under which a portable image mentions the string. */
static uint32_t string_off(const struct saver *s, uint32_t string)
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

static void put_constant(struct saver *s, const struct lua_const *k)
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
		flash_address(w, string_off(s, k->string));
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

static uint32_t put_proto(struct saver *s, uint32_t index);

static uint32_t put_children(struct saver *s, const struct lua_proto *p)
{
	struct flash_writer *w = &s->w;
	struct buf offs = { 0 };
	uint32_t off;

	for (uint32_t i = 0; i < p->children.count && !w->diag->code; i++)
		buf_u32(&offs, put_proto(s, w->img->children[p->children.first + i]));
	off = flash_here(w);
	if (offs.failed)
		diag_fail(w->diag, ERR_MEMORY, "out of memory");
	for (size_t i = 0; !offs.failed && i < offs.len; i += 4)
		flash_address(w, le32(offs.data + i));
	buf_free(&offs);
	return off;
}

static uint32_t put_upvalues(struct saver *s, const struct lua_proto *p)
{
	struct flash_writer *w = &s->w;
	uint32_t from = flash_here(w);

	for (uint32_t i = 0; i < p->upvalues.count; i++) {
		const struct lua_upvalue *u = &w->img->upvalues[p->upvalues.first + i];

		flash_address(w, string_off(s, u->name));
		buf_u32(&w->bytes, u->instack | (uint32_t)u->index << 8);
	}
	return p->upvalues.count ? flash_share(w, LUA_PART_UPVALUES, from) : 0;
}

static uint32_t put_locals(struct saver *s, const struct lua_proto *p)
{
	struct flash_writer *w = &s->w;
	uint32_t from = flash_here(w);

	for (uint32_t i = 0; i < p->locals.count; i++) {
		const struct lua_local *l = &w->img->locals[p->locals.first + i];

		flash_address(w, string_off(s, l->name));
		buf_u32(&w->bytes, l->start_pc);
		buf_u32(&w->bytes, l->end_pc);
	}
	return flash_share(w, LUA_PART_LOCALS, from);
}

static uint32_t put_bytes(struct saver *s, enum lua_part part, const uint8_t *p, size_t n)
{
	uint32_t from = flash_here(&s->w);

	if (n)
		buf_put(&s->w.bytes, p, n);
	flash_align(&s->w);
	return flash_share(&s->w, part, from);
}

static struct vectors put_vectors(struct saver *s, const struct lua_proto *p)
{
	struct vectors v = { .p = put_children(s, p) };

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
static uint32_t take_source(struct saver *s, uint32_t index)
{
	uint32_t source = lua_proto_source(s->w.img, index);

	if (source >= s->w.img->nstrings)
		diag_fail(s->w.diag, ERR_DAMAGED, "prototype %" PRIu32 " has no source", index);
	return source;
}

static uint32_t put_proto(struct saver *s, uint32_t index)
{
	struct flash_writer *w = &s->w;
	const struct lua_proto *p = &w->img->protos[index];
	struct vectors v = put_vectors(s, p);
	uint32_t off = flash_here(w);

	put_link(w, s->proto);
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
	flash_address(w, string_off(s, take_source(s, index)));
	buf_u32(&w->bytes, 0);
	s->proto = off;
	return off;
}

static void put_modules(struct saver *s)
{
	struct flash_writer *w = &s->w;
	const struct lua_image *img = w->img;
	struct buf roots = { 0 };
	uint32_t entries;

	for (uint32_t i = 0; i < img->nmodules && !w->diag->code; i++)
		buf_u32(&roots, put_proto(s, img->modules[i].proto));
	entries = flash_here(w);
	if (roots.failed)
		diag_fail(w->diag, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; !w->diag->code && i < img->nmodules; i++) {
		flash_address(w, string_off(s, img->modules[i].name) + FLASH53_TSTRING);
		flash_address(w, le32(roots.data + 4 * (size_t)i));
		if (img->traits.tvalue_bytes == 12)
			buf_u32(&w->bytes, 0);
		buf_u32(&w->bytes, TAG53_LIGHT);
	}
	buf_free(&roots);
	for (uint32_t i = 0; i < flash53_entry(img->traits.tvalue_bytes); i += 4)
		buf_u32(&w->bytes, 0);
	s->rotable = flash_here(w);
	buf_u32(&w->bytes, 1);
	buf_u32(&w->bytes, TT53_ROTABLE | 0xff << 16 | (uint32_t)img->nmodules << 24);
	buf_u32(&w->bytes, 0);
	flash_address(w, entries);
}

static void put_header(struct saver *s)
{
	const struct lua_image *img = s->w.img;
	const uint32_t words[] = {
		img->header.signature,
		flash_here(&s->w),
		img->header.seed,
		(uint32_t)img->build_time,
		s->nshort + img->header.fixed_count,
		img->header.buckets,
		s->hash / 4,
		s->rotable / 4,
		s->proto / 4,
		s->last[0] / 4,
		s->last[1] / 4,
	};

	for (uint32_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		flash_put_word(&s->w, 4 * i, words[i]);
}

static enum err check(const struct lua_image *img, struct diag *diag)
{
	uint32_t buckets = img->header.buckets;

	if (img->nstrings - img->ntext != FIXED53_COUNT)
		return diag_fail(diag, ERR_DAMAGED, "the firmware's own strings are not there");
	if (buckets == 0 || (buckets & (buckets - 1)) != 0 || buckets > LUA_FLASH_MAX / 4)
		return diag_fail(diag, ERR_DAMAGED, "%" PRIu32 " is no length of a hash vector",
				 buckets);
	if (img->nmodules > MODULES_MAX)
		return diag_fail(diag, ERR_LIMIT, "%" PRIu32 " modules, the most is %d",
				 img->nmodules, MODULES_MAX);
	return lua_image_whole(img, diag);
}

static void make(struct saver *s)
{
	const struct lua_image *img = s->w.img;

	for (uint32_t i = 0; i < FLASH53_HEADER; i += 4)
		buf_u32(&s->w.bytes, 0);
	for (uint32_t i = 0; i < img->nstrings && !s->w.diag->code; i++)
		put_string(s, i);
	put_hash(s);
	put_modules(s);
	put_header(s);
	if (s->w.bytes.failed)
		diag_fail(s->w.diag, ERR_MEMORY, "out of memory");
}

enum err lfs53_save_absolute(const struct lua_image *img, struct diag *diag, struct buf *out)
{
	struct saver s = { 0 };

	if (check(img, diag))
		return diag->code;
	s.heads = calloc(img->header.buckets, sizeof(*s.heads));
	if (!s.heads)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	if (!flash_open(&s.w, img, diag) && s.heads)
		make(&s);
	if (!diag->code) {
		flash_relocate(&s.w, img->header.base);
		buf_put(out, s.w.bytes.data, s.w.bytes.len);
		if (out->failed)
			diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	flash_close(&s.w);
	free(s.heads);
	return diag->code;
}
