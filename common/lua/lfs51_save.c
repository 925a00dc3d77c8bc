/* SPDX-License-Identifier: MIT */
/*
 * Writes what flash51.h and lfs51_files.c describe. Strings go in the model's order, the hash
 * vector has the model's length; a prototype stands behind those inside it, and its vectors before
 * it: p, k, code, locvars, upvalues.
 */
#include "common/lua/lfs51_save.h"

#include <inttypes.h>
#include <string.h>

#include "common/lua/flash51.h"

static uint32_t signature(const struct lua_image *img, bool absolute)
{
	const struct lua_traits *t = &img->traits;
	uint32_t sig = FLASH51_SIG | (t->format ? FLASH51_SIG_1 : FLASH51_SIG_2018);

	if (!t->float_bytes)
		sig |= FLASH51_SIG_INTEGER;
	if (t->packed)
		sig |= FLASH51_SIG_PACKED;
	return absolute ? sig | FLASH51_SIG_ABSOLUTE : sig;
}

static uint8_t tag_of(const struct lua_image *img, uint8_t tag)
{
	return flash51_tag(img->traits.old_tags, tag);
}

static void put_header(struct flash_writer *w, bool absolute)
{
	const struct lua_image *img = w->img;

	buf_u32(&w->bytes, signature(img, absolute));
	buf_u32(&w->bytes, 0);
	buf_u32(&w->bytes, 0);
	buf_u32(&w->bytes, 0);
	buf_u32(&w->bytes, img->nstrings);
	buf_u32(&w->bytes, img->header.buckets);
	buf_u64(&w->bytes, 0);
}

/* A string goes to the head of its bucket's chain. */
static void put_string(struct flash_writer *w, uint32_t index)
{
	const struct lua_string *s = &w->img->strings[index];
	uint32_t hash = lua_hash51(s->text, s->len);
	uint32_t bucket = FLASH51_HEADER + 4 * (hash & (w->img->header.buckets - 1));

	w->strings[index] = flash_here(w);
	if (w->bytes.failed)
		return;
	buf_u32(&w->bytes, le32(w->bytes.data + bucket));
	buf_u32(&w->bytes, tag_of(w->img, TAG51_STRING) | MARK51_LFS << 8);
	buf_u32(&w->bytes, hash);
	buf_u32(&w->bytes, s->len);
	buf_put(&w->bytes, s->text, s->len);
	buf_byte(&w->bytes, 0);
	flash_align(w);
	flash_put_word(w, bucket, w->strings[index]);
}

/* Chains are made of bare offsets; only when all strings stand is it known which are addresses. */
static void mark_chains(struct flash_writer *w)
{
	for (uint32_t i = 0; i < w->img->header.buckets; i++) {
		uint32_t at = FLASH51_HEADER + 4 * i;

		if (!w->bytes.failed)
			flash_put_address(w, at, le32(w->bytes.data + at));
	}
	for (uint32_t i = 0; i < w->img->nstrings; i++)
		if (!w->bytes.failed)
			flash_put_address(w, w->strings[i], le32(w->bytes.data + w->strings[i]));
}

static void put_strings(struct flash_writer *w)
{
	for (uint32_t i = 0; i < w->img->header.buckets; i++)
		buf_u32(&w->bytes, 0);
	for (uint32_t i = 0; i < w->img->nstrings && !w->diag->code; i++)
		put_string(w, i);
	mark_chains(w);
}

static void put_constant(struct flash_writer *w, const struct lua_const *k)
{
	const struct lua_traits *t = &w->img->traits;
	size_t value_bytes = t->float_bytes ? 8 : 4;
	size_t end = w->bytes.len + value_bytes;
	uint32_t tag = TAG51_NIL;
	uint64_t bits;

	switch (k->type) {
	case LUA_NIL: break;
	case LUA_BOOLEAN:
		buf_u32(&w->bytes, k->b);
		tag = TAG51_BOOLEAN;
		break;
	case LUA_INTEGER:
		buf_u32(&w->bytes, (uint32_t)k->i);
		tag = tag_of(w->img, TAG51_NUMBER);
		break;
	case LUA_FLOAT:
		memcpy(&bits, &k->f, sizeof(bits));
		buf_u64(&w->bytes, bits);
		tag = tag_of(w->img, TAG51_NUMBER);
		break;
	case LUA_STRING:
		flash_address(w, flash_string(w, k->string, 0));
		tag = tag_of(w->img, TAG51_STRING);
		break;
	}
	while (!w->bytes.failed && w->bytes.len < end)
		buf_byte(&w->bytes, 0);
	buf_u32(&w->bytes, tag);
	if (t->tvalue_bytes == 16)
		buf_u32(&w->bytes, 0);
}

struct vectors {
	uint32_t p, k, code, locals, upvalues;
};

static uint32_t put_proto(struct flash_writer *w, uint32_t index);

static struct vectors put_vectors(struct flash_writer *w, const struct lua_proto *p)
{
	const struct lua_image *img = w->img;
	struct vectors v = { .p = flash_children(w, p, put_proto), .k = flash_here(w) };

	for (uint32_t i = 0; i < p->constants.count; i++)
		put_constant(w, &img->constants[p->constants.first + i]);
	v.k = flash_share(w, LUA_PART_CONSTANTS, v.k);
	v.code = flash_here(w);
	buf_put(&w->bytes, p->code, 4 * (size_t)p->ncode);
	v.code = flash_share(w, LUA_PART_CODE, v.code);
	v.locals = flash_here(w);
	for (uint32_t i = 0; i < p->locals.count; i++) {
		const struct lua_local *l = &img->locals[p->locals.first + i];

		flash_address(w, flash_string(w, l->name, 0));
		buf_u32(&w->bytes, l->start_pc);
		buf_u32(&w->bytes, l->end_pc);
	}
	v.locals = flash_share(w, LUA_PART_LOCALS, v.locals);
	v.upvalues = flash_here(w);
	for (uint32_t i = 0; i < p->upvalues.count; i++)
		flash_address(w, flash_string(w, img->upvalues[p->upvalues.first + i].name, 0));
	v.upvalues = flash_share(w, LUA_PART_UPVALUES, v.upvalues);
	return v;
}

static uint32_t put_proto(struct flash_writer *w, uint32_t index)
{
	const struct lua_proto *p = &w->img->protos[index];
	struct vectors v = put_vectors(w, p);
	uint32_t off = flash_here(w);

	buf_u32(&w->bytes, 0);
	buf_u32(&w->bytes, w->img->traits.format ? 0 : (TAG51_PROTO + TAG51_OLD) | MARK51_LFS << 8);
	flash_address(w, p->constants.count ? v.k : 0);
	flash_address(w, p->ncode ? v.code : 0);
	flash_address(w, p->children.count ? v.p : 0);
	flash_address(w, flash_string(w, p->lineinfo_string, FLASH51_TSTRING));
	flash_address(w, p->locals.count ? v.locals : 0);
	flash_address(w, p->upvalues.count ? v.upvalues : 0);
	flash_address(w, flash_string(w, p->source, 0));
	buf_u32(&w->bytes, p->upvalues.count);
	buf_u32(&w->bytes, p->constants.count);
	buf_u32(&w->bytes, p->ncode);
	buf_u32(&w->bytes, p->children.count);
	buf_u32(&w->bytes, p->locals.count);
	buf_u32(&w->bytes, p->line_first);
	buf_u32(&w->bytes, p->line_last);
	buf_u32(&w->bytes, 0);
	buf_byte(&w->bytes, p->nups);
	buf_byte(&w->bytes, p->params);
	buf_byte(&w->bytes, p->vararg);
	buf_byte(&w->bytes, p->stack);
	return off;
}

static enum err check(const struct lua_image *img, struct diag *diag)
{
	uint32_t buckets = img->header.buckets;

	if (img->header.main >= img->nprotos)
		return diag_fail(diag, ERR_DAMAGED, "there is no main prototype");
	if (buckets == 0 || (buckets & (buckets - 1)) != 0 || buckets > LUA_FLASH_MAX / 4)
		return diag_fail(diag, ERR_DAMAGED, "%" PRIu32 " is no length of a hash vector",
				 buckets);
	return lua_image_whole(img, diag);
}

enum err lfs51_make(struct flash_writer *w, bool absolute)
{
	uint32_t main;

	if (check(w->img, w->diag))
		return w->diag->code;
	put_header(w, absolute);
	put_strings(w);
	main = put_proto(w, w->img->header.main);
	flash_put_word(w, HEADER51_SIZE, flash_here(w));
	flash_put_address(w, HEADER51_MAIN, main);
	flash_put_address(w, HEADER51_HASH, FLASH51_HEADER);
	if (w->bytes.failed)
		diag_fail(w->diag, ERR_MEMORY, "out of memory");
	return w->diag->code;
}
