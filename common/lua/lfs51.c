/* SPDX-License-Identifier: MIT */
/* Header and modules of a Lua 5.1 image; the bytes are described in flash51.h. */
#include "common/lua/lfs51_reader.h"

#include <inttypes.h>
#include <stdlib.h>

bool lfs51_is_signature(uint32_t word)
{
	uint32_t format = word & FLASH51_SIG_FORMAT;

	return (word & 0xfffff0f0) == (FLASH51_SIG & 0xfffff0f0) &&
	       (format == FLASH51_SIG_1 || format == FLASH51_SIG_2018);
}

static bool flagged(const struct lfs51_addressing *how, uint32_t word)
{
	return !how->flags || (word < how->nflags && how->flags[word / 8] >> (word % 8) & 1);
}

static uint32_t take_address(struct flash *f, struct rd *rd, const char *field)
{
	struct lfs51_reader *r = (struct lfs51_reader *)f;
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
	if (off >= r->flash.all.len || off % 4 != 0) {
		rd_fail(rd, ERR_DAMAGED, 4, field, "0x%" PRIx32 " leads outside the image", word);
		return 0;
	}
	return (uint32_t)off;
}

/* Modules and time stand in the main prototype: children, and constants beside them. */
static void read_modules(struct lfs51_reader *r)
{
	struct lua_image *img = r->flash.img;
	const struct lua_proto *main = &img->protos[0];
	const struct lua_const *k = img->constants ? img->constants + main->constants.first : NULL;
	uint32_t nk = main->constants.count;
	struct diag memory = { 0 }, local = { 0 };
	struct rd rd = rd_init(NULL, 0, &memory);

	for (uint32_t i = 0; i < main->children.count; i++) {
		bool named = i < nk && k[i].type == LUA_STRING;
		uint32_t name = named ? k[i].string : LUA_NONE;

		lua_add_module(img, &rd, name, img->children[main->children.first + i]);
		lua_refer(img, name, LUA_USE_MODULE);
	}
	flash_absorb(&r->flash, &memory);
	if (main->off + FLASH51_PROTO > r->flash.all.len)
		return;
	if (nk != main->children.count + 1) {
		rd = flash_at(&r->flash, &local, NULL, main->off + PROTO51_SIZEK, 0);
		rd_fail(&rd, ERR_DAMAGED, 0, "mainProto.sizek",
			"%" PRIu32 " constants for %" PRIu32 " modules and a time", nk,
			main->children.count);
		lua_note_diag(img, &local);
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
	uint32_t count = 0, first = 0;
	struct rd at;

	for (uint32_t word = 0; r->how->flags && word < r->flash.all.len / 4; word++) {
		if (!flagged(r->how, word) || (r->taken[word / 8] >> word % 8 & 1))
			continue;
		if (count++ == 0)
			first = 4 * word;
	}
	if (count == 0)
		return;
	at = flash_at(&r->flash, &local, NULL, first, 0);
	rd_fail(&at, ERR_DAMAGED, 0, "flags",
		"%" PRIu32 " words, of which this is the first, are flagged, but are no addresses",
		count);
	lua_note_diag(r->flash.img, &local);
}

/* What the loader refuses before it looks any further. */
static void check_signature(struct lfs51_reader *r, struct rd rd)
{
	uint32_t sig = r->flash.img->header.signature;
	struct diag local = { 0 };
	const char *text = NULL;

	rd.diag = &local;
	if (r->flash.img->inflated && (sig & FLASH51_SIG_FORMAT) != FLASH51_SIG_1)
		text = "of 2018, when there was no gzip";
	else if (sig & FLASH51_SIG_WRITING)
		text = "not written to its end";
	else if ((sig & FLASH51_SIG_INTEGER) && (sig & FLASH51_SIG_PACKED))
		text = "packed integers, which no build has";
	if (!text)
		return;
	rd_fail(&rd, ERR_DAMAGED, 4, "flash_sig", "0x%" PRIx32 ": %s", sig, text);
	lua_note_diag(r->flash.img, &local);
}

static void read_traits(struct lua_image *img, const struct lfs51_addressing *how)
{
	uint32_t sig = img->header.signature;
	struct lua_traits *t = &img->traits;

	t->version = LUA_51;
	t->form = how->form;
	t->format = (sig & FLASH51_SIG_FORMAT) == FLASH51_SIG_1;
	t->integer_bytes = sig & FLASH51_SIG_INTEGER ? 4 : 0;
	t->float_bytes = sig & FLASH51_SIG_INTEGER ? 0 : 8;
	t->packed = sig & FLASH51_SIG_PACKED;
	t->tvalue_bytes = flash51_tvalue(sig & FLASH51_SIG_INTEGER, t->packed);
}

/* Where the strings are: right behind the hash vector, which is right behind the header. */
static void read_sections(struct lfs51_reader *r, struct rd *rd, uint32_t *nstrings)
{
	struct lua_header *h = &r->flash.img->header;
	uint32_t hash = take_address(&r->flash, rd, "pROhash");

	*nstrings = rd_u32(rd, "nROuse");
	h->buckets = rd_u32(rd, "nROsize");
	if (rd_bad(rd))
		return;
	if (hash != FLASH51_HEADER)
		rd_fail(rd, ERR_DAMAGED, 12, "pROhash", "0x%" PRIx32 ", but the vector is at 0x%x",
			hash, FLASH51_HEADER);
	flash_check_buckets(&r->flash, rd, r->flash.all.len - FLASH51_HEADER);
	if (!rd_bad(rd))
		h->hash_vector = (struct lua_range){ FLASH51_HEADER, h->buckets * 4 };
}

static void read_main(struct lfs51_reader *r, struct rd rd)
{
	struct lua_image *img = r->flash.img;
	struct diag local = { 0 };
	struct flash_ref ref = { .from = &rd, .parent = LUA_NONE, .module = LUA_NONE };

	rd.diag = &local;
	ref.off = take_address(&r->flash, &rd, "mainProto");
	if (ref.off == 0)
		rd_fail(&rd, ERR_DAMAGED, 4, "mainProto", "NULL");
	else
		img->header.main = lfs51_read_proto(&r->flash, &ref);
	flash_absorb(&r->flash, &local);
	if (img->header.main != LUA_NONE)
		read_modules(r);
}

static void read_all(struct lfs51_reader *r, struct rd *rd)
{
	struct lua_image *img = r->flash.img;
	struct rd at_main = *rd;
	uint32_t nstrings;

	rd_take(rd, 4, "mainProto");
	read_sections(r, rd, &nstrings);
	flash_absorb(&r->flash, rd->diag);
	if (rd_bad(rd))
		return;
	img->header.strings.off = FLASH51_HEADER + img->header.buckets * 4;
	lfs51_read_strings(r, nstrings);
	lfs51_read_chains(r);
	read_main(r, at_main);
	if (!r->flash.first->code)
		check_flags(r);
}

static const struct flash_ops ops = {
	.buckets = "pROhash",
	.next = "next",
	.next_offset = TSTRING51_NEXT,
	.address = take_address,
	.chained = lfs51_string_chained,
	.constant = lfs51_read_constant,
	.upvalue = lfs51_read_upvalue,
	.proto = lfs51_read_proto,
};

enum err lfs51_read(struct lua_image *img, const struct lfs51_addressing *how, struct diag *diag)
{
	struct lfs51_reader r = { .flash = { .ops = &ops, .img = img, .first = diag }, .how = how };
	struct diag extent = { 0 };
	struct diag head = { 0 };
	struct rd rd = rd_init(img->bytes, img->nbytes, &extent);

	rd.inflated = img->inflated;
	img->header.signature = rd_u32(&rd, "flash_sig");
	if (!rd_bad(&rd))
		check_signature(&r, rd);
	read_traits(img, how);
	if (flash_reader_open(&r.flash, &rd, FLASH51_HEADER, FLASH51_HEADER)) {
		rd.diag = &head;
		r.taken = calloc(r.flash.all.len / 32 + 1, 1);
		if (r.taken)
			read_all(&r, &rd);
		else
			diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	free(r.taken);
	flash_reader_close(&r.flash);
	return diag->code;
}
