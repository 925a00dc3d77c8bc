/* SPDX-License-Identifier: MIT */
/* Writes what flash53.h describes, in the order of layout53.c. */
#include "common/lua/lfs53_absolute_save.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/fixed53.h"
#include "common/lua/flash53.h"
#include "common/lua/lfs53_absolute_save_parts.h"

enum { MODULES_MAX = 255 };

static void put_string(struct saver53 *s, uint32_t index)
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
	saver53_link(w, s->last[is_long]);
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

static void put_hash(struct saver53 *s)
{
	s->hash = flash_here(&s->w);
	for (uint32_t i = 0; i < s->w.img->header.buckets; i++)
		flash_address(&s->w, s->heads[i]);
}

static void put_modules(struct saver53 *s)
{
	struct flash_writer *w = &s->w;
	const struct lua_image *img = w->img;
	struct buf roots = { 0 };
	uint32_t entries;

	for (uint32_t i = 0; i < img->nmodules && !w->diag->code; i++)
		buf_u32(&roots, saver53_proto(s, img->modules[i].proto));
	entries = flash_here(w);
	if (roots.failed)
		diag_fail(w->diag, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; !w->diag->code && i < img->nmodules; i++) {
		flash_address(w, saver53_string(s, img->modules[i].name) + FLASH53_TSTRING);
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

static void put_header(struct saver53 *s)
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

static void make(struct saver53 *s)
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
	struct saver53 s = { 0 };

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
