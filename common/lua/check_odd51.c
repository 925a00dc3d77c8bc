/* SPDX-License-Identifier: MIT */
/*
 * Fields of a 5.1 image that nothing on the device reads, where they are not as luac.cross writes
 * them. One note for all: they do no harm, but who made them so?
 */
#include "common/lua/check_found.h"

#include <inttypes.h>

#include "common/lua/flash51.h"

struct odd {
	const struct lua_image *img;
	uint32_t count, first;
};

static void expect(struct odd *o, uint32_t off, uint32_t bytes, uint32_t value)
{
	uint32_t got = 0;

	if (off > o->img->nbytes || o->img->nbytes - off < bytes)
		return;
	for (uint32_t i = bytes; i-- > 0;)
		got = got << 8 | o->img->bytes[off + i];
	if (got == value)
		return;
	if (!o->count++)
		o->first = off;
}

/* tt, marked and two bytes of padding; a marked that does harm is reported elsewhere. */
static void expect_head(struct odd *o, uint32_t off, uint8_t tt, uint8_t marked)
{
	expect(o, off, 1, tt);
	if (off + 1 < o->img->nbytes &&
	    (o->img->bytes[off + 1] & (MARK51_LFS | MARK51_WHITE)) == marked)
		expect(o, off + 1, 1, marked);
	expect(o, off + 2, 2, 0);
}

/* In images of June 2018 the heads are those of the compiler's own memory. */
static void expect_proto(struct odd *o, const struct lua_proto *p)
{
	if (o->img->traits.format == 0)
		return;
	expect(o, p->off + PROTO51_NEXT, 4, 0);
	expect_head(o, p->off + PROTO51_TT, 0, 0);
	expect(o, p->off + PROTO51_GCLIST, 4, 0);
}

static void expect_string(struct odd *o, uint32_t off)
{
	uint8_t tt = flash51_tag(o->img->traits.old_tags, TAG51_STRING);

	expect_head(o, off + TSTRING51_TT, tt, MARK51_LFS);
}

void check_odd51(const struct check_scope *s)
{
	struct odd o = { .img = s->img };
	struct check_finding *f;

	if (s->img->nbytes < FLASH51_HEADER)
		return;
	expect(&o, HEADER51_ZEROS, 4, 0);
	expect(&o, HEADER51_ZEROS + 4, 4, 0);
	for (uint32_t i = 0; i < s->img->nstrings; i++)
		expect_string(&o, s->img->strings[i].off);
	for (uint32_t i = 0; i < s->img->nprotos; i++)
		expect_proto(&o, &s->img->protos[i]);
	if (!o.count)
		return;
	f = check_advise(s, NULL,
			 "%" PRIu32 " field%s that the device does not read %s not as luac.cross "
			 "writes them",
			 o.count, o.count > 1 ? "s" : "", o.count > 1 ? "are" : "is");
	check_place(f, o.first, "");
	if (f)
		f->inflated = s->img->inflated;
}
