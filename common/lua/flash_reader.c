/* SPDX-License-Identifier: MIT */
#include "common/lua/flash_reader.h"

#include <inttypes.h>
#include <stdlib.h>

/* The image's bytes as far as they are there; records what the header says wrong. */
static void read_extent(struct flash *f, struct rd *rd, uint32_t min)
{
	struct lua_image *img = f->img;
	uint32_t size = rd_u32(rd, "flash_size");
	size_t have = img->nbytes < size ? img->nbytes : size;

	img->flash_size = size;
	if (rd_bad(rd))
		return;
	if (size > LUA_FLASH_MAX)
		rd_fail(rd, ERR_LIMIT, 4, "flash_size", "%" PRIu32 " bytes, the most is %d", size,
			LUA_FLASH_MAX);
	else if (size < min || size % 4 != 0)
		rd_fail(rd, ERR_DAMAGED, 4, "flash_size",
			"%" PRIu32 " bytes is no size of an image", size);
	else if (size > img->nbytes)
		rd_fail(rd, ERR_TRUNCATED, 4, "flash_size", "%" PRIu32 " bytes, %zu are there",
			size, img->nbytes);
	f->all = rd_init(img->bytes, (size > LUA_FLASH_MAX ? img->nbytes : have) & ~(size_t)3,
			 f->first);
	f->all.inflated = rd->inflated;
}

bool flash_reader_open(struct flash *f, struct rd *rd, uint32_t header, uint32_t min)
{
	f->img->header.size = header;
	read_extent(f, rd, min);
	flash_absorb(f, rd->diag);
	if (f->all.len < header) {
		diag_fail(f->first, ERR_TRUNCATED, "the header does not fit");
		return false;
	}
	f->seen = calloc(f->all.len / 32 + 1, 1);
	if (!f->seen)
		diag_fail(f->first, ERR_MEMORY, "out of memory");
	return f->seen != NULL;
}

void flash_reader_close(struct flash *f)
{
	free(f->seen);
}

void flash_absorb(struct flash *f, const struct diag *local)
{
	if (!local->code)
		return;
	if (!f->first->code)
		*f->first = *local;
	else
		lua_note_diag(f->img, local);
}

struct rd flash_at(const struct flash *f, struct diag *diag, const struct rd_scope *scope,
		   uint32_t off, size_t n)
{
	struct rd all = f->all;

	all.diag = diag;
	all.scope = scope;
	return rd_window(&all, off, n, NULL);
}

uint32_t flash_take_string(struct flash *f, struct rd *rd, uint32_t skip, enum lua_use use,
			   const char *field)
{
	uint32_t off = f->ops->address(f, rd, field);
	uint32_t s;

	if (rd_bad(rd) || off == 0)
		return LUA_NONE;
	s = lua_string_at(f->img, off - skip);
	if (s == LUA_NONE) {
		rd_fail(rd, ERR_DAMAGED, 4, field, "offset 0x%" PRIx32 " holds no string", off);
		return LUA_NONE;
	}
	if (f->ops->meant)
		s = f->ops->meant(f, rd, s, field);
	lua_refer(f->img, s, use);
	return s;
}

void flash_check_buckets(struct flash *f, struct rd *rd, size_t room)
{
	uint32_t buckets = f->img->header.buckets;

	if (rd_bad(rd))
		return;
	if (buckets == 0 || (buckets & (buckets - 1)) != 0)
		rd_fail(rd, ERR_DAMAGED, 4, "nROsize", "%" PRIu32 " is no power of two", buckets);
	else if (buckets > room / 4)
		rd_fail(rd, ERR_TRUNCATED, 4, "nROsize", "%" PRIu32 " buckets do not fit", buckets);
}

/* Why no chain may lead there; NULL: it may. */
static const char *chain_fault(const struct lua_image *img, uint32_t s)
{
	if (s == LUA_NONE)
		return "no string";
	if (img->traits.version == LUA_53 && img->strings[s].len > LUA_SHORT_MAX)
		return "a long string";
	if (img->strings[s].chain != LUA_NONE)
		return "a string that stands in two chains or in a cycle";
	return NULL;
}

/* The chain of one bucket, place by place; at: the bucket. */
static void read_chain(struct flash *f, struct rd at, uint32_t bucket)
{
	struct lua_image *img = f->img;

	for (uint32_t place = 0;; place++) {
		uint32_t off = f->ops->address(f, &at, f->ops->next);
		uint32_t s = off ? lua_string_at(img, off) : LUA_NONE;
		const char *fault = chain_fault(img, s);

		if (rd_bad(&at) || off == 0)
			return;
		if (fault) {
			rd_fail(&at, ERR_DAMAGED, 4, f->ops->next, "offset 0x%" PRIx32 " holds %s",
				off, fault);
			return;
		}
		img->strings[s].chain = place;
		if (f->ops->chained)
			f->ops->chained(f, s, bucket);
		at = flash_at(f, at.diag, at.scope, off + f->ops->next_offset, 4);
	}
}

bool flash_read_chains(struct flash *f)
{
	const struct lua_range *vector = &f->img->header.hash_vector;
	struct rd_scope scope = { .name = f->ops->buckets };
	struct diag local = { 0 };
	struct rd rd = flash_at(f, &local, &scope, vector->off, vector->len);

	for (; scope.index < f->img->header.buckets && !rd_bad(&rd); scope.index++) {
		read_chain(f, rd, scope.index);
		rd_take(&rd, 4, f->ops->next);
	}
	flash_absorb(f, &local);
	return !local.code;
}

void flash_check_tail(struct lua_image *img)
{
	for (size_t i = (size_t)img->flash_size; i < img->nbytes; i++) {
		if (img->bytes[i] != 0xff) {
			lua_note(img, i, "flash_size", "bytes other than ff behind the image");
			return;
		}
	}
}
