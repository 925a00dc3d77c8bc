/* SPDX-License-Identifier: MIT */
/* Header of an absolute Lua 5.3 image; the bytes are described in flash53.h. */
#include "common/lua/lfs53_reader.h"

#include <inttypes.h>

#include "common/lua/format.h"
#include "common/lua/lfs53_absolute_save.h"

static bool probe(const uint8_t *data, size_t len)
{
	return len >= 4 && (le32(data) & 0xfffffff0) == FLASH53_SIG;
}

static uint32_t take_address(struct flash *f, struct rd *rd, const char *field)
{
	uint32_t word = rd_u32(rd, field);
	uint32_t off = word - f->img->header.base;

	if (rd_bad(rd) || word == 0)
		return 0;
	if (off >= f->all.len) {
		rd_fail(rd, ERR_DAMAGED, 4, field, "0x%" PRIx32 " leads outside the image", word);
		return 0;
	}
	if (off == 0 || off % 4 != 0) {
		rd_fail(rd, ERR_DAMAGED, 4, field, "0x%" PRIx32 " leads %s", word,
			off ? "between two words" : "to the header");
		return 0;
	}
	return off;
}

/* A word offset in the header, as a byte offset with bytes behind it. */
static uint32_t take_offset(struct lfs53_reader *r, struct rd *rd, uint32_t bytes,
			    const char *field)
{
	uint32_t words = rd_u32(rd, field);

	if (rd_bad(rd))
		return 0;
	if (words < FLASH53_HEADER / 4 || words > r->flash.all.len / 4 ||
	    bytes > r->flash.all.len - (size_t)words * 4) {
		rd_fail(rd, ERR_DAMAGED, 4, field, "word 0x%" PRIx32 " lies outside", words);
		return 0;
	}
	return words * 4;
}

static void read_header(struct lfs53_reader *r, struct rd *rd)
{
	struct lua_image *img = r->flash.img;
	struct lua_header *h = &img->header;

	h->seed = rd_u32(rd, "seed");
	img->build_time = rd_u32(rd, "timestamp");
	img->has_time = !rd_bad(rd);
	h->nshort = rd_u32(rd, "nROuse");
	h->buckets = rd_u32(rd, "nROsize");
	flash_check_buckets(&r->flash, rd, r->flash.all.len);
	h->hash_vector.off = take_offset(r, rd, h->buckets * 4, "oROhash");
	h->hash_vector.len = rd_bad(rd) ? 0 : h->buckets * 4;
	if (rd_bad(rd))
		h->buckets = 0;
	r->rotable = take_offset(r, rd, FLASH53_ROTABLE, "protoROTable");
}

/* What the loader keeps for itself: where it stopped. */
static void check_heads(struct lfs53_reader *r)
{
	static const char *const names[] = { "protoHead", "shortTShead", "longTShead" };
	const uint32_t want[] = { r->last, r->last_text[0], r->last_text[1] };

	if (r->flash.first->code)
		return;
	for (unsigned i = 0; i < 3; i++) {
		uint32_t at = HEADER53_HEADS + 4 * i;
		uint32_t word = lfs53_word(r, at);

		if (word != want[i] / 4)
			lua_note(r->flash.img, at, names[i],
				 "word 0x%" PRIx32 ", but the last one is at 0x%" PRIx32, word,
				 want[i] / 4);
	}
}

static void read_all(struct lfs53_reader *r, struct rd *rd)
{
	read_header(r, rd);
	flash_absorb(&r->flash, rd->diag);
	if (!r->flash.img->header.hash_vector.off)
		return;
	lfs53_read_strings(r, r->flash.img->header.hash_vector.off);
	lfs53_find_base(r);
	lfs53_read_chains(r);
	lfs53_read_modules(r);
	check_heads(r);
}

static const struct flash_ops ops = {
	.buckets = "oROhash",
	.next = "hnext",
	.next_offset = TSTRING53_HNEXT,
	.address = take_address,
	.meant = lfs53_meant_string,
	.constant = lfs53_read_constant,
	.upvalue = lfs53_read_upvalue,
	.proto = lfs53_read_proto,
};

static enum err load(struct lua_image *img, const uint8_t *data, size_t len, struct diag *diag)
{
	struct lfs53_reader r = { .flash = { .ops = &ops, .img = img, .first = diag } };
	struct diag extent = { 0 };
	struct diag head = { 0 };
	struct rd rd;

	img->traits = (struct lua_traits){
		.version = LUA_53,
		.form = LUA_FORM_ABSOLUTE,
		.integer_bytes = 4,
		.float_bytes = 4,
		.tvalue_bytes = flash53_tvalue(4, 4),
	};
	if (lua_keep(img, data, len, diag))
		return diag->code;
	rd = rd_init(img->bytes, img->nbytes, &extent);
	img->header.signature = rd_u32(&rd, "flash_sig");
	if (img->header.signature & FLASH53_SIG_UNKNOWN)
		lua_note(img, 0, "flash_sig", "0x%" PRIx32 " has bits that are not known",
			 img->header.signature);
	if (flash_reader_open(&r.flash, &rd, FLASH53_HEADER, FLASH53_HEADER + FLASH53_ROTABLE)) {
		rd.diag = &head;
		read_all(&r, &rd);
		flash_check_tail(img);
	}
	flash_reader_close(&r.flash);
	return diag->code;
}

const struct lua_format lua_lfs53_absolute = { "lfs53-absolute", probe, load, lfs53_save_absolute,
					       "an absolute Lua 5.3 LFS image" };
