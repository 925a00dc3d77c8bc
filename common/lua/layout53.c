/* SPDX-License-Identifier: MIT */
/*
 * A portable image in flash. Source: undumpLFS() and what it calls in lundump.c. In this order,
 * everything on a multiple of 4:
 *
 *	header       48 bytes; written last
 *	strings      the file's, then the fixed ones: TString of 16 bytes, bytes, NUL, pad
 *	hash vector  an address per bucket
 *	prototypes   of each module in turn; for a function: those inside it, then the vectors p
 *	             (4 bytes each), code (4), k (8 or 12), upvalues (8), lineinfo (1, padded),
 *	             locvars (12), then its Proto of 76 bytes
 *	entries      name and prototype of each module, and an empty one: 12 or 16 bytes each
 *	ROTable      16 bytes
 */
#include "common/lua/layout53.h"

#include "common/lua/flash53.h"

struct plan {
	const struct lua_image *img;
	struct lua_layout *out;
	uint64_t size; /* so far */
};

/* Where the next len bytes go; the limit is checked at the end, and the sum cannot wrap. */
static uint32_t place(struct plan *p, uint64_t len)
{
	uint64_t off = p->size;

	p->size += (len + 3) & ~(uint64_t)3;
	return p->size <= LUA_FLASH_MAX ? (uint32_t)off : LUA_NONE;
}

static void place_image(struct plan *p, uint64_t len, enum lua_byte_kind kind)
{
	uint32_t off = place(p, len);

	if (off != LUA_NONE)
		lua_layout_add(p->out, off, (uint32_t)len, kind, LUA_OWNER_IMAGE, 0);
}

static void place_part(struct plan *p, uint32_t proto, enum lua_part part, uint64_t len)
{
	uint32_t off = place(p, len);

	if (off != LUA_NONE)
		lua_layout_add_part(p->out, proto, part, off, (uint32_t)len);
}

static void place_strings(struct plan *p)
{
	for (uint32_t i = 0; i < p->img->nstrings; i++) {
		const struct lua_string *s = &p->img->strings[i];
		uint64_t len = FLASH53_TSTRING + (uint64_t)s->len + 1;
		uint32_t off = place(p, len);

		if (off != LUA_NONE)
			lua_layout_add(p->out, off, (uint32_t)len, lua_string_bytes_kind(s),
				       LUA_OWNER_STRING, i);
	}
}

static void place_proto(struct plan *p, uint32_t proto)
{
	const struct lua_image *img = p->img;
	const struct lua_proto *f;

	if (proto >= img->nprotos)
		return;
	f = &img->protos[proto];
	for (uint32_t i = 0; i < f->children.count; i++)
		place_proto(p, img->children[f->children.first + i]);
	place_part(p, proto, LUA_PART_CHILDREN, 4 * (uint64_t)f->children.count);
	place_part(p, proto, LUA_PART_CODE, 4 * (uint64_t)f->ncode);
	place_part(p, proto, LUA_PART_CONSTANTS,
		   (uint64_t)img->traits.tvalue_bytes * f->constants.count);
	place_part(p, proto, LUA_PART_UPVALUES, FLASH53_UPVALUE * (uint64_t)f->upvalues.count);
	place_part(p, proto, LUA_PART_LINES, f->nlineinfo);
	place_part(p, proto, LUA_PART_LOCALS, FLASH53_LOCAL * (uint64_t)f->locals.count);
	place_part(p, proto, LUA_PART_RECORD, FLASH53_PROTO);
}

static void place_modules(struct plan *p)
{
	uint32_t entry = flash53_entry(p->img->traits.tvalue_bytes);

	for (uint32_t i = 0; i < p->img->nmodules; i++) {
		uint32_t off = place(p, entry);

		if (off != LUA_NONE)
			lua_layout_add(p->out, off, entry, LUA_BYTES_MODULES, LUA_OWNER_MODULE, i);
	}
	place_image(p, entry, LUA_BYTES_MODULES);
	place_image(p, FLASH53_ROTABLE, LUA_BYTES_MODULES);
}

enum err lua_layout53(const struct lua_image *img, struct diag *diag, struct lua_layout *out)
{
	struct plan p = { .img = img, .out = out };

	out->computed = true;
	place_image(&p, FLASH53_HEADER, LUA_BYTES_HEADER);
	place_strings(&p);
	place_image(&p, 4 * (uint64_t)img->header.buckets, LUA_BYTES_HASH);
	for (uint32_t i = 0; i < img->nmodules; i++)
		place_proto(&p, img->modules[i].proto);
	place_modules(&p);
	if (p.size > LUA_FLASH_MAX)
		return diag_fail(diag, ERR_LIMIT, "needs more than %d bytes of flash",
				 LUA_FLASH_MAX);
	out->size = (uint32_t)p.size;
	return ERR_NONE;
}
