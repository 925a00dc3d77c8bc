/* SPDX-License-Identifier: MIT */
/*
 * Constants in the streams of Lua 5.3. Source: DumpConstants() of ldump.c, LoadConstants() of
 * lundump.c. The first byte of each has the type of a typed integer (stream53.c):
 *
 *	00            nil
 *	10, 11        false, true
 *	20, N bytes   float, IEEE 754, little-endian; the header has N
 *	3x, 4x, ...   typed integer
 *	5x, 6x, ...   string (stream53_string.c); never "no string"
 *
 * Damaged ones that leave the stream legible become nil here. To the loader a constant of type 7
 * is one byte too, of no certain value, and "no string" a string at address 0.
 */
#include "common/lua/stream53.h"

#include <string.h>

/* A float's bits survive, those of a signalling NaN too, which a conversion would make quiet. */
double stream53_widen(uint32_t bits)
{
	uint64_t wide = (uint64_t)(bits & 0x80000000) << 32 | (uint64_t)0x7ff << 52 |
			(uint64_t)(bits & 0x7fffff) << 29;
	float f;
	double d;

	memcpy(&f, &bits, sizeof(f));
	d = f;
	if ((bits & 0x7f800000) == 0x7f800000)
		memcpy(&d, &wide, sizeof(d));
	return d;
}

uint32_t stream53_narrow(double d)
{
	uint64_t wide;
	uint32_t bits;
	float f;

	memcpy(&wide, &d, sizeof(wide));
	if ((wide >> 52 & 0x7ff) == 0x7ff)
		return (uint32_t)(wide >> 32 & 0x80000000) | 0x7f800000 |
		       (uint32_t)(wide >> 29 & 0x7fffff);
	f = (float)d;
	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

static double take_float(struct stream53 *s)
{
	uint64_t bits;
	double d;

	if (s->img->traits.float_bytes == 4)
		return stream53_widen(rd_u32(&s->rd, NULL));
	bits = rd_u64(&s->rd, NULL);
	memcpy(&d, &bits, sizeof(d));
	return d;
}

static void put_float(struct writer53 *w, double d)
{
	uint64_t bits;

	buf_byte(w->out, TYPED53_FLOAT << 4);
	if (w->img->traits.float_bytes == 4) {
		buf_u32(w->out, stream53_narrow(d));
		return;
	}
	memcpy(&bits, &d, sizeof(bits));
	buf_u64(w->out, bits);
}

static void read_string_constant(struct stream53 *s, uint8_t tag, struct lua_const *k)
{
	uint64_t off = s->rd.off - 1;

	k->string = stream53_string(s, tag, NULL);
	if (rd_bad(&s->rd))
		return;
	if (k->string == LUA_NONE) {
		stream53_note(s, off, NULL, "a string constant without a string");
		return;
	}
	k->type = LUA_STRING;
	lua_refer(s->img, k->string, LUA_USE_CONSTANT);
}

void stream53_constant(struct stream53 *s, struct lua_const *k)
{
	uint64_t off = s->rd.off;
	uint8_t tag = rd_u8(&s->rd, NULL);
	uint8_t plain = tag & 0x70;

	switch (tag >> 4 & 7) {
	case TYPED53_NIL: break;
	case TYPED53_BOOLEAN:
		k->type = LUA_BOOLEAN;
		k->b = tag != TYPED53_BOOLEAN << 4; /* as the loader sees it */
		plain |= k->b;
		break;
	case TYPED53_FLOAT:
		k->type = LUA_FLOAT;
		k->f = take_float(s);
		break;
	case TYPED53_POSITIVE:
	case TYPED53_NEGATIVE:
		k->i = stream53_integer(s, tag, NULL);
		k->type = LUA_INTEGER;
		return;
	case TYPED53_SHORT:
	case TYPED53_LONG: read_string_constant(s, tag, k); return;
	default: plain = TYPED53_NIL; break;
	}
	if (tag != plain)
		stream53_note(s, off, NULL, "type byte %02x, not %02x", tag, plain);
}

void writer53_constant(struct writer53 *w, const struct lua_const *k)
{
	switch (k->type) {
	case LUA_NIL: buf_byte(w->out, TYPED53_NIL << 4); break;
	case LUA_BOOLEAN: buf_byte(w->out, TYPED53_BOOLEAN << 4 | k->b); break;
	case LUA_INTEGER: writer53_integer(w, k->i); break;
	case LUA_FLOAT: put_float(w, k->f); break;
	case LUA_STRING: writer53_string(w, k->string); break;
	}
}
