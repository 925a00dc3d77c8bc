/* SPDX-License-Identifier: MIT */
/*
 * Lua 5.3 image in flash: what the device's loader makes of a portable image, and what is read back
 * from there. "Address" = a word that names a place in the image, base + offset. Source: lundump.c,
 * lstate.h, lobject.h of NodeMCU's Lua 5.3; sizes and order checked against regions that the loader
 * wrote (layout53.c has the order).
 *
 *   offset  size  field
 *   0       4     flash_sig     0xfafaa250; ESP32: bit 0 64-bit integers, bit 1 64-bit floats
 *   4       4     flash_size    bytes of the image
 *   8       4     seed          of the strings' hashes
 *   12      4     timestamp     Unix time of the build
 *   16      4     nROuse        short strings, as the file counted them
 *   20      4     nROsize       buckets, a power of two
 *   24      4     oROhash       hash vector, as all that follow in words from the image's begin
 *   28      4     protoROTable  ROTable of the modules
 *   32      4     protoHead     Proto that was written last
 *   36      4     shortTShead   short TString that was written last
 *   40      4     longTShead    long TString that was written last, 0: none
 *   44      4     0
 *
 *   hash vector  nROsize addresses of the newest TString of each bucket; right behind the strings
 *
 *   TString      0 next  4 tt u8: 4 short, 20 long  5 marked u8  6 extra u8  7 shrlen u8  8 hash
 *                12 short: hnext, the next in the bucket; long: length  16 bytes, NUL, zeros
 *
 *   Proto        0 next  4 tt u8 = 9, marked, numparams, is_vararg, maxstacksize u8, 3 unused
 *                12 sizeupvalues, sizek, sizecode, sizelineinfo, sizep, sizelocvars
 *                36 linedefined, lastlinedefined  44 k, code, p, lineinfo, locvars, upvalues, source
 *                72 gclist
 *   TValue       4 or 8 bytes, type tag u32; 8 when integers or floats have 64 bits
 *   Upvaldesc    name, instack u8, idx u8, 2 unused       LocVar  varname, startpc, endpc
 *
 *   ROTable      0 next = 1  4 tt u8 = 15, marked, flags, lsizenode u8: modules  8 0  12 entries
 *   entry        address of the name's text, TValue with tag 2: address of the Proto; the last one
 *                is empty. The entries stand right before the ROTable.
 *
 * The base is not stored as such, but the first TString and the first Proto have it as next: offset
 * 0. What the signature of an ESP8266 leaves out, the width of numbers, the size of entries tells.
 */
#include "common/lua/lfs53_absolute.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/lua/format.h"
#include "common/lua/lfs53_absolute_save.h"

enum { SIGNATURE_UNKNOWN = 0x0c }; /* bits */

static bool probe(const uint8_t *data, size_t len)
{
	return len >= 4 && (le32(data) & 0xfffffff0) == 0xfafaa250;
}

static uint32_t word(const struct absolute53 *r, uint32_t off)
{
	return le32(r->all.p + off);
}

/* The image's bytes as far as they are there; records what the header says wrong. */
static void read_extent(struct absolute53 *r, struct rd *rd)
{
	struct lua_image *img = r->img;
	uint32_t size = rd_u32(rd, "flash_size");
	size_t have = img->nbytes < size ? img->nbytes : size;

	img->flash_size = size;
	if (rd_bad(rd))
		return;
	if (size > LUA_FLASH_MAX)
		rd_fail(rd, ERR_LIMIT, 4, "flash_size", "%" PRIu32 " bytes, the most is %d", size,
			LUA_FLASH_MAX);
	else if (size < FLASH53_HEADER + FLASH53_ROTABLE || size % 4 != 0)
		rd_fail(rd, ERR_DAMAGED, 4, "flash_size",
			"%" PRIu32 " bytes is no size of an image", size);
	else if (size > img->nbytes)
		rd_fail(rd, ERR_TRUNCATED, 4, "flash_size", "%" PRIu32 " bytes, %zu are there",
			size, img->nbytes);
	r->all = *rd;
	r->all.p = img->bytes;
	r->all.off = 0;
	r->all.len = (size > LUA_FLASH_MAX ? img->nbytes : have) & ~(size_t)3;
}

/* A word offset in the header, as a byte offset with bytes behind it. */
static uint32_t take_offset(struct absolute53 *r, struct rd *rd, uint32_t bytes, const char *field)
{
	uint32_t words = rd_u32(rd, field);

	if (rd_bad(rd))
		return 0;
	if (words < FLASH53_HEADER / 4 || words > r->all.len / 4 ||
	    bytes > r->all.len - (size_t)words * 4) {
		rd_fail(rd, ERR_DAMAGED, 4, field, "word 0x%" PRIx32 " lies outside", words);
		return 0;
	}
	return words * 4;
}

static void read_header(struct absolute53 *r, struct rd *rd)
{
	struct lua_image *img = r->img;
	struct lua_header *h = &img->header;

	h->seed = rd_u32(rd, "seed");
	img->build_time = rd_u32(rd, "timestamp");
	img->has_time = !rd_bad(rd);
	h->nshort = rd_u32(rd, "nROuse");
	h->buckets = rd_u32(rd, "nROsize");
	if (!rd_bad(rd) && (h->buckets == 0 || (h->buckets & (h->buckets - 1)) != 0))
		rd_fail(rd, ERR_DAMAGED, 4, "nROsize", "%" PRIu32 " is no power of two",
			h->buckets);
	if (!rd_bad(rd) && h->buckets > r->all.len / 4)
		rd_fail(rd, ERR_TRUNCATED, 4, "nROsize", "%" PRIu32 " buckets do not fit",
			h->buckets);
	h->hash_vector.off = take_offset(r, rd, h->buckets * 4, "oROhash");
	h->hash_vector.len = rd_bad(rd) ? 0 : h->buckets * 4;
	if (rd_bad(rd))
		h->buckets = 0;
	r->rotable = take_offset(r, rd, FLASH53_ROTABLE, "protoROTable");
}

/* What the loader keeps for itself: where it stopped. */
static void check_heads(struct absolute53 *r)
{
	static const char *const names[] = { "protoHead", "shortTShead", "longTShead" };
	const uint32_t want[] = { r->last, r->last_text[0], r->last_text[1] };

	if (r->first->code)
		return;
	for (unsigned i = 0; i < 3; i++)
		if (word(r, 32 + 4 * i) != want[i] / 4)
			lua_note(r->img, 32 + 4 * i, names[i],
				 "word 0x%" PRIx32 ", but the last one is at 0x%" PRIx32,
				 word(r, 32 + 4 * i), want[i] / 4);
}

static void read_all(struct absolute53 *r, struct rd *rd)
{
	read_header(r, rd);
	absolute53_absorb(r, rd->diag);
	if (!r->img->header.hash_vector.off)
		return;
	absolute53_strings(r, r->img->header.hash_vector.off);
	absolute53_base(r);
	absolute53_chains(r);
	absolute53_modules(r);
	check_heads(r);
}

/* What stands behind the image: nothing, or erased flash. */
static void check_tail(struct lua_image *img)
{
	for (size_t i = (size_t)img->flash_size; i < img->nbytes; i++) {
		if (img->bytes[i] != 0xff) {
			lua_note(img, i, "flash_size", "bytes other than ff behind the image");
			return;
		}
	}
}

static enum err load(struct lua_image *img, const uint8_t *data, size_t len, struct diag *diag)
{
	struct absolute53 r = { .img = img, .first = diag };
	struct diag extent = { 0 };
	struct diag head = { 0 };
	struct diag none = { 0 };
	struct rd rd;

	img->traits = (struct lua_traits){
		.version = LUA_53,
		.form = LUA_FORM_ABSOLUTE,
		.integer_bytes = 4,
		.float_bytes = 4,
		.tvalue_bytes = 8,
	};
	if (lua_keep(img, data, len, diag))
		return diag->code;
	rd = rd_init(img->bytes, img->nbytes, &extent);
	img->header.signature = rd_u32(&rd, "flash_sig");
	img->header.size = FLASH53_HEADER;
	if (img->header.signature & SIGNATURE_UNKNOWN)
		lua_note(img, 0, "flash_sig", "0x%" PRIx32 " has bits that are not known",
			 img->header.signature);
	read_extent(&r, &rd);
	absolute53_absorb(&r, &extent);
	if (r.all.len < FLASH53_HEADER)
		return diag_fail(diag, ERR_TRUNCATED, "the header does not fit");
	r.seen = calloc(r.all.len / 32 + 1, 1);
	if (!r.seen)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	rd.diag = &head;
	r.all.diag = &none;
	read_all(&r, &rd);
	free(r.seen);
	check_tail(img);
	return diag->code;
}

const struct lua_format lua_lfs53_absolute = { "lfs53-absolute", probe, load,
					       lfs53_save_absolute };
