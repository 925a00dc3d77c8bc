/* SPDX-License-Identifier: MIT */
/*
 * Lua 5.1 image in flash (little-endian words; "address" = a word that names a place in the image)
 *
 *   offset  size  field
 *   0       4     flash_sig    0xfafaa?5?: bits 8-11 format, 3 write in progress, 2 packed TValues,
 *                              1 integer numbers, 0 absolute
 *   4       4     flash_size   bytes of the image
 *   8       4     mainProto    address of the Proto whose children are the modules
 *   12      4     pROhash      address of the hash vector: always 0x20, right behind the header
 *   16      4     nROuse       strings
 *   20      4     nROsize      buckets, a power of two
 *   24      8     0
 *
 *   hash vector  nROsize addresses of the newest TString of each bucket
 *
 *   TString      0 next (address)  4 tt u8  5 marked u8  6 0 0  8 hash  12 len  16 bytes, NUL,
 *                zeros up to a word
 *
 *   Proto        0 next  4 tt u8, marked u8, 0, 0  8 k  12 code  16 p  20 packedlineinfo  24 locvars
 *                28 upvalues  32 source  36 sizeupvalues  40 sizek  44 sizecode  48 sizep
 *                52 sizelocvars  56 linedefined  60 lastlinedefined  64 gclist
 *                68 nups, numparams, is_vararg, maxstacksize u8
 *
 *   A Proto's tt is 0 in format 1, 11 in format 0; no loader looks at it.
 *   packedlineinfo names the byte behind a TString's head: the packed lines are its text.
 *   The main Proto's constants are the modules' names in order, then the build time.
 *   Source: NodeMCU's lflash.h, lobject.h; sizes and order checked against luac.cross's images.
 */
#include "common/lua/lfs51_reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool lfs51_is_signature(uint32_t word)
{
	uint32_t format = word & LFS51_SIG_FORMAT;

	return (word & 0xfffff0f0) == (0xfafa0000u | (LFS51_SIG & 0xf0f0)) &&
	       (format == 0x100 || format == 0xf00);
}

void lfs51_note(struct lfs51_reader *r, const struct diag *local)
{
	struct lua_image *img = r->img;

	if (img->note_count++ < LUA_NOTES_MAX)
		img->notes[img->note_count - 1] = *local;
}

void lfs51_absorb(struct lfs51_reader *r, const struct diag *local)
{
	if (!local->code)
		return;
	if (!r->first->code)
		*r->first = *local;
	else
		lfs51_note(r, local);
}

static bool flagged(const struct lfs51_addressing *how, uint32_t word)
{
	return !how->flags || (word < how->nflags && how->flags[word / 8] >> (word % 8) & 1);
}

uint32_t lfs51_take_address(struct lfs51_reader *r, struct rd *rd, const char *field)
{
	uint32_t at = (uint32_t)rd->off;
	uint32_t word = rd_u32(rd, field);
	uint64_t off = r->how->chained ? word & 0xffff : word;

	if (rd_bad(rd))
		return 0;
	r->taken[at / 32] |= (uint8_t)(1 << at / 4 % 8);
	if (word == 0 && !(r->how->flags && flagged(r->how, at / 4)))
		return 0;
	if (r->how->form == LUA_FORM_ABSOLUTE) {
		off = (uint32_t)(word - r->how->base);
	} else {
		if (!flagged(r->how, at / 4)) {
			rd_fail(rd, ERR_DAMAGED, 4, field,
				"0x%" PRIx32 " is not flagged as address", word);
			return 0;
		}
		off *= 4;
	}
	if (off == 0) {
		rd_fail(rd, ERR_DAMAGED, 4, field, "the header's own address");
		return 0;
	}
	if (off >= r->all.len || off % 4 != 0) {
		rd_fail(rd, ERR_DAMAGED, 4, field, "0x%" PRIx32 " leads outside the image", word);
		return 0;
	}
	return (uint32_t)off;
}

/* Modules and time stand in the main prototype: children, and constants beside them. */
static void read_modules(struct lfs51_reader *r)
{
	struct lua_image *img = r->img;
	const struct lua_proto *main = &img->protos[0];
	const struct lua_const *k = img->constants ? img->constants + main->constants.first : NULL;
	uint32_t nk = main->constants.count;
	struct diag memory = { 0 };
	struct rd rd = rd_init(NULL, 0, &memory);

	for (uint32_t i = 0; i < main->children.count; i++) {
		bool named = i < nk && k[i].type == LUA_STRING;
		uint32_t name = named ? k[i].string : LUA_NONE;

		lua_add_module(img, &rd, name, img->children[main->children.first + i]);
		lua_refer(img, name, LUA_USE_MODULE);
	}
	lfs51_absorb(r, &memory);
	if (main->off + LFS51_PROTO > r->all.len)
		return;
	if (nk != main->children.count + 1) {
		rd.inflated = r->how->inflated;
		rd.off = main->off + 40;
		rd_fail(&rd, ERR_DAMAGED, 0, "mainProto.sizek",
			"%" PRIu32 " constants for %" PRIu32 " modules and a time", nk,
			main->children.count);
		lfs51_note(r, rd.diag);
		return;
	}
	img->has_time = k[nk - 1].type == LUA_FLOAT || k[nk - 1].type == LUA_INTEGER;
	if (k[nk - 1].type == LUA_INTEGER)
		img->build_time = (uint32_t)k[nk - 1].i;
	else if (img->has_time && k[nk - 1].f >= -9e15 && k[nk - 1].f <= 9e15)
		img->build_time = (int64_t)k[nk - 1].f;
}

/* The loader adds its base to whatever is flagged: to code, or to a number. */
static void check_flags(struct lfs51_reader *r)
{
	struct diag local = { 0 };
	struct rd at = r->all;
	uint32_t count = 0;

	at.diag = &local;
	for (uint32_t word = 0; r->how->flags && word < r->all.len / 4; word++) {
		if (!flagged(r->how, word) || (r->taken[word / 8] >> word % 8 & 1))
			continue;
		if (count++ == 0)
			at.off = 4 * (uint64_t)word;
	}
	if (count == 0)
		return;
	rd_fail(&at, ERR_DAMAGED, 0, "flags",
		"%" PRIu32 " words, of which this is the first, are flagged, but are no addresses",
		count);
	lfs51_note(r, &local);
}

/* What the loader refuses before it looks any further. */
static void check_signature(struct lfs51_reader *r, struct rd rd)
{
	uint32_t sig = r->img->header.signature;
	struct diag local = { 0 };
	const char *text = NULL;

	rd.diag = &local;
	if (r->how->inflated && (sig & LFS51_SIG_FORMAT) != 0x100)
		text = "of 2018, when there was no gzip";
	else if (sig & LFS51_SIG_WRITING)
		text = "not written to its end";
	else if ((sig & LFS51_SIG_INTEGER) && (sig & LFS51_SIG_PACKED))
		text = "packed integers, which no build has";
	if (!text)
		return;
	rd_fail(&rd, ERR_DAMAGED, 4, "flash_sig", "0x%" PRIx32 ": %s", sig, text);
	lfs51_note(r, &local);
}

static void read_traits(struct lua_image *img, const struct lfs51_addressing *how)
{
	uint32_t sig = img->header.signature;
	struct lua_traits *t = &img->traits;

	t->version = LUA_51;
	t->form = how->form;
	t->format = (sig & LFS51_SIG_FORMAT) == 0x100 ? 1 : 0;
	t->integer_bytes = sig & LFS51_SIG_INTEGER ? 4 : 0;
	t->float_bytes = sig & LFS51_SIG_INTEGER ? 0 : 8;
	t->packed = sig & LFS51_SIG_PACKED;
	t->tvalue_bytes = sig & LFS51_SIG_INTEGER ? 8 : t->packed ? 12 : 16;
}

/* The image's bytes as far as they are there; records what the header says wrong. */
static void read_extent(struct lfs51_reader *r, struct rd *rd)
{
	struct lua_image *img = r->img;
	uint32_t size = (uint32_t)img->flash_size;
	size_t have = img->nbytes < size ? img->nbytes : size;

	if (size > LUA_FLASH_MAX)
		rd_fail(rd, ERR_LIMIT, 4, "flash_size", "%" PRIu32 " bytes, the most is %d", size,
			LUA_FLASH_MAX);
	else if (size < LFS51_HEADER || size % 4 != 0)
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

/* Where the strings are: right behind the hash vector, which is right behind the header. */
static void read_sections(struct lfs51_reader *r, struct rd *rd, uint32_t *nstrings)
{
	struct lua_header *h = &r->img->header;
	uint32_t hash = lfs51_take_address(r, rd, "pROhash");

	*nstrings = rd_u32(rd, "nROuse");
	h->buckets = rd_u32(rd, "nROsize");
	if (rd_bad(rd))
		return;
	if (hash != LFS51_HEADER)
		rd_fail(rd, ERR_DAMAGED, 12, "pROhash", "0x%" PRIx32 ", but the vector is at 0x%x",
			hash, LFS51_HEADER);
	else if (h->buckets == 0 || (h->buckets & (h->buckets - 1)) != 0)
		rd_fail(rd, ERR_DAMAGED, 4, "nROsize", "%" PRIu32 " is no power of two",
			h->buckets);
	else if (h->buckets > (r->all.len - LFS51_HEADER) / 4)
		rd_fail(rd, ERR_TRUNCATED, 4, "nROsize", "%" PRIu32 " buckets do not fit",
			h->buckets);
	else
		h->hash_vector = (struct lua_range){ LFS51_HEADER, h->buckets * 4 };
}

static void read_all(struct lfs51_reader *r, struct rd *rd)
{
	struct lua_image *img = r->img;
	struct diag section = { 0 };
	struct rd at = *rd;
	uint32_t nstrings;
	uint32_t main;

	rd_take(rd, 4, "mainProto");
	read_sections(r, rd, &nstrings);
	lfs51_absorb(r, rd->diag);
	if (rd_bad(rd))
		return;
	img->header.strings.off = LFS51_HEADER + img->header.buckets * 4;
	at.diag = &section;
	lfs51_read_strings(r, &section, nstrings);
	lfs51_absorb(r, &section);
	section = (struct diag){ 0 };
	lfs51_read_chains(r, &section);
	lfs51_absorb(r, &section);
	section = (struct diag){ 0 };
	main = lfs51_take_address(r, &at, "mainProto");
	if (main == 0)
		rd_fail(&at, ERR_DAMAGED, 4, "mainProto", "NULL");
	else
		img->header.main = lfs51_read_proto(r, &at, main, LUA_NONE, LUA_NONE);
	lfs51_absorb(r, &section);
	if (img->header.main != LUA_NONE)
		read_modules(r);
}

enum err lfs51_read(struct lua_image *img, const struct lfs51_addressing *how, struct diag *diag)
{
	struct lfs51_reader r = { .img = img, .how = how, .first = diag };
	struct diag extent = { 0 };
	struct diag head = { 0 };
	struct rd rd = rd_init(img->bytes, img->nbytes, &extent);

	rd.inflated = how->inflated;
	img->header.signature = rd_u32(&rd, "flash_sig");
	if (!rd_bad(&rd))
		check_signature(&r, rd);
	img->flash_size = rd_u32(&rd, "flash_size");
	img->header.size = LFS51_HEADER;
	read_traits(img, how);
	if (!rd_bad(&rd))
		read_extent(&r, &rd);
	lfs51_absorb(&r, &extent);
	if (r.all.len < LFS51_HEADER)
		return diag_fail(diag, ERR_TRUNCATED, "the header does not fit");
	r.seen = calloc(r.all.len / 32 + 1, 1);
	r.taken = calloc(r.all.len / 32 + 1, 1);
	if (r.seen && r.taken) {
		rd.diag = &head;
		r.all.diag = &head;
		read_all(&r, &rd);
		if (!diag->code)
			check_flags(&r);
	} else {
		diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	free(r.seen);
	free(r.taken);
	return diag->code;
}
