/* SPDX-License-Identifier: MIT */
#include "common/lua/flash_writer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum err flash_open(struct flash_writer *w, const struct lua_image *img, struct diag *diag)
{
	memset(w, 0, sizeof(*w));
	w->img = img;
	w->diag = diag;
	w->strings = calloc((size_t)img->nstrings + 1, sizeof(*w->strings));
	return w->strings ? ERR_NONE : diag_fail(diag, ERR_MEMORY, "out of memory");
}

void flash_close(struct flash_writer *w)
{
	buf_free(&w->bytes);
	free(w->addresses);
	free(w->strings);
	free(w->vectors);
}

uint32_t flash_here(struct flash_writer *w)
{
	if (w->bytes.failed)
		diag_fail(w->diag, ERR_MEMORY, "out of memory");
	if (w->bytes.len > LUA_FLASH_MAX) {
		diag_fail(w->diag, ERR_LIMIT, "needs more than %d bytes of flash", LUA_FLASH_MAX);
		w->bytes.failed = true; /* nothing more is kept */
	}
	return (uint32_t)w->bytes.len;
}

static void record(struct flash_writer *w, uint32_t at)
{
	uint32_t *p = vec_grow(&w->addresses, &w->naddresses, &w->addresses_cap, sizeof(*p), 1);

	if (p)
		*p = at;
	else
		diag_fail(w->diag, ERR_MEMORY, "out of memory");
}

void flash_address(struct flash_writer *w, uint32_t off)
{
	if (off)
		record(w, flash_here(w));
	buf_u32(&w->bytes, off);
}

void flash_begin(struct flash_writer *w)
{
	record(w, flash_here(w));
	buf_u32(&w->bytes, 0);
}

void flash_put_word(struct flash_writer *w, uint32_t at, uint32_t value)
{
	if (w->bytes.failed || w->bytes.len < 4 || at > w->bytes.len - 4)
		return;
	for (unsigned i = 0; i < 4; i++)
		w->bytes.data[at + i] = (uint8_t)(value >> 8 * i);
}

void flash_put_address(struct flash_writer *w, uint32_t at, uint32_t off)
{
	if (off)
		record(w, at);
	flash_put_word(w, at, off);
}

void flash_align(struct flash_writer *w)
{
	while (!w->bytes.failed && w->bytes.len % 4 != 0)
		buf_byte(&w->bytes, 0);
}

uint32_t flash_string(const struct flash_writer *w, uint32_t string, uint32_t skip)
{
	return string < w->img->nstrings ? w->strings[string] + skip : 0;
}

/* FNV-1a. */
static uint32_t hash_of(const uint8_t *p, uint32_t len)
{
	uint32_t h = 2166136261u;

	for (uint32_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

static const struct flash_vector *find(const struct flash_writer *w, const struct flash_vector *v)
{
	for (uint32_t i = w->slots[v->hash % FLASH_SLOTS]; i; i = w->vectors[i - 1].next) {
		const struct flash_vector *old = &w->vectors[i - 1];

		if (old->hash == v->hash && old->len == v->len && old->part == v->part &&
		    memcmp(w->bytes.data + old->off, w->bytes.data + v->off, v->len) == 0)
			return old;
	}
	return NULL;
}

uint32_t flash_share(struct flash_writer *w, enum lua_part part, uint32_t from)
{
	struct flash_vector v = { .off = from, .len = flash_here(w) - from, .part = part };
	const struct flash_vector *old;
	struct flash_vector *kept;

	if (!w->img->share || w->bytes.failed || v.len == 0)
		return from;
	v.hash = hash_of(w->bytes.data + from, v.len);
	old = find(w, &v);
	if (old) {
		w->bytes.len = from;
		while (w->naddresses && w->addresses[w->naddresses - 1] >= from)
			w->naddresses--;
		return old->off;
	}
	kept = vec_grow(&w->vectors, &w->nvectors, &w->vectors_cap, sizeof(*kept), 1);
	if (!kept) {
		diag_fail(w->diag, ERR_MEMORY, "out of memory");
		return from;
	}
	v.next = w->slots[v.hash % FLASH_SLOTS];
	*kept = v;
	w->slots[v.hash % FLASH_SLOTS] = w->nvectors;
	return from;
}

uint32_t flash_children(struct flash_writer *w, const struct lua_proto *p, flash_put_proto *put)
{
	struct buf offs = { 0 };
	uint32_t off;

	for (uint32_t i = 0; i < p->children.count && !w->diag->code; i++)
		buf_u32(&offs, put(w, w->img->children[p->children.first + i]));
	off = flash_here(w);
	if (offs.failed)
		diag_fail(w->diag, ERR_MEMORY, "out of memory");
	for (size_t i = 0; !offs.failed && i < offs.len; i += 4)
		flash_address(w, le32(offs.data + i));
	buf_free(&offs);
	return off;
}

void flash_relocate(struct flash_writer *w, uint32_t base)
{
	for (uint32_t i = 0; i < w->naddresses; i++) {
		uint32_t at = w->addresses[i];

		if (!w->bytes.failed)
			flash_put_word(w, at, le32(w->bytes.data + at) + base);
	}
}

/* A reader that met damage leaves a hole, or a function without instructions. */
bool lua_proto_whole(const struct lua_image *img, uint32_t proto)
{
	const struct lua_proto *p;

	if (proto >= img->nprotos)
		return false;
	p = &img->protos[proto];
	for (uint32_t i = 0; i < p->children.count; i++)
		if (!lua_proto_whole(img, img->children[p->children.first + i]))
			return false;
	return p->ncode != 0;
}

enum err lua_image_whole(const struct lua_image *img, struct diag *diag)
{
	for (uint32_t i = 0; i < img->nmodules; i++)
		if (img->modules[i].name >= img->nstrings ||
		    !lua_proto_whole(img, img->modules[i].proto))
			return diag_fail(diag, ERR_DAMAGED, "module %" PRIu32 " is not whole", i);
	return ERR_NONE;
}
