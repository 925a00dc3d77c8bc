/* SPDX-License-Identifier: MIT */
/*
 * Streams of NodeMCU's Lua 5.3, chunks (.lc) and portable LFS images alike. Source: ldump.c and
 * lundump.c of release 3.0-release_20240225, and files made by its luac.cross.
 *
 * Count (called MBE, multi-byte encoding, in the firmware): groups of 7 bits, most significant
 * first, one byte each; bit 7 is set in all but the last. 0 is one byte 00.
 *
 * Typed integer: a first byte F TTT DDDD, then, if F is set, groups as in a count. DDDD are the
 * four most significant bits of the value, so the first byte may be 8x with x = 0. TTT:
 *
 *	0  nil      one byte 00                4  integer, value is -1 - number
 *	1  boolean  10 false, 11 true          5  string of 40 bytes or fewer
 *	2  float    20, then the number        6  longer string
 *	3  integer, value is the number
 *
 * Header:
 *
 *	offset  size
 *	0       4     1b 'L' 'u' 'a'
 *	4       1     53
 *	5       1     format: 0a chunk, 0b portable LFS image
 *	6       6     19 93 0d 0a 1a 0a, which breaks when a file is taken for text
 *	12      1     04, size of int
 *	13      1     04, size of an instruction
 *	14      1     I, size of lua_Integer: 4 or 8
 *	15      1     N, size of lua_Number: 4 or 8
 *	16      1     20, the type of a float; the loader skips it
 *	17      N     370.5 as an IEEE 754 number, little-endian
 */
#include "common/lua/stream53.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/lua/flash53.h"

#define SIGNATURE "\x1bLua\x53"
#define GUARD     "\x19\x93\r\n\x1a\n"

enum { GROUPS_MAX = 10, TAG_FLOAT = TYPED53_FLOAT << 4 };

static const uint32_t probe_float = 0x43b94000;
static const uint64_t probe_double = 0x4077280000000000;

void stream53_note(struct stream53 *s, uint64_t off, const char *field, const char *fmt, ...)
{
	struct diag d = { 0 };
	struct rd at = s->rd;
	char text[sizeof(d.text)];
	va_list args;

	if (rd_bad(&s->rd))
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	at.diag = &d; /* only to have the path put together */
	at.off = off;
	rd_fail(&at, ERR_DAMAGED, 0, field, "%s", text);
	lua_note(s->img, off, d.path, "%s", text);
}

static unsigned group_count(uint64_t value)
{
	unsigned n = 1;

	while (value >>= 7)
		n++;
	return n;
}

/* A type takes three bits of the first group; when the value needs them a byte more goes before. */
static unsigned typed_size(uint64_t value)
{
	unsigned n = group_count(value);

	return n + ((value >> 7 * (n - 1) & 0x70) != 0);
}

/* Takes groups until one has bit 7 clear. Returns how many. */
static unsigned take_groups(struct stream53 *s, uint64_t *value, unsigned before, const char *field)
{
	unsigned n = before;
	uint8_t b;

	do {
		b = rd_u8(&s->rd, field);
		n++;
		if (n > GROUPS_MAX || *value >> 57) {
			rd_fail(&s->rd, ERR_DAMAGED, n, field, "an integer of more than 64 bits");
			return n;
		}
		*value = *value << 7 | (b & 0x7f);
	} while (b & 0x80);
	return n;
}

static void note_overlong(struct stream53 *s, unsigned size, unsigned needed, const char *field)
{
	if (size != needed)
		stream53_note(s, s->rd.off - size, field, "written in %u bytes where %u would do",
			      size, needed);
}

uint32_t stream53_count(struct stream53 *s, uint32_t max, const char *field)
{
	uint64_t value = 0;
	unsigned size = take_groups(s, &value, 0, field);

	if (rd_bad(&s->rd))
		return 0;
	if (value > max) {
		rd_fail(&s->rd, ERR_DAMAGED, size, field, "%" PRIu64 " is more than %" PRIu32,
			value, max);
		return 0;
	}
	note_overlong(s, size, group_count(value), field);
	return (uint32_t)value;
}

void writer53_count(struct writer53 *w, uint64_t value)
{
	for (unsigned n = group_count(value); n-- > 0;)
		buf_byte(w->out, (uint8_t)((value >> 7 * n & 0x7f) | (n ? 0x80 : 0)));
}

struct typed53 stream53_typed(struct stream53 *s, uint8_t tag, const char *field)
{
	struct typed53 t = { .type = tag >> 4 & 7, .size = 1, .value = tag & 0x0f };

	if (tag & 0x80)
		t.size = (uint8_t)take_groups(s, &t.value, 1, field);
	note_overlong(s, t.size, typed_size(t.value), field);
	return t;
}

void writer53_typed(struct writer53 *w, enum typed53_type type, uint64_t value)
{
	unsigned n = group_count(value);
	uint8_t tag = (uint8_t)(type << 4);

	if (typed_size(value) != n) {
		buf_byte(w->out, tag | 0x80);
		writer53_count(w, value);
		return;
	}
	for (; n-- > 0; tag = 0)
		buf_byte(w->out, (uint8_t)(tag | (value >> 7 * n & 0x7f) | (n ? 0x80 : 0)));
}

int64_t stream53_integer(struct stream53 *s, uint8_t tag, const char *field)
{
	struct typed53 t = stream53_typed(s, tag, field);
	uint64_t max = s->img->traits.integer_bytes == 4 ? INT32_MAX : INT64_MAX;

	if (rd_bad(&s->rd))
		return 0;
	if (t.type != TYPED53_POSITIVE && t.type != TYPED53_NEGATIVE)
		stream53_note(s, s->rd.off - t.size, field, "type %u, not an integer", t.type);
	if (t.value > INT64_MAX) {
		rd_fail(&s->rd, ERR_DAMAGED, t.size, field, "an integer of more than 64 bits");
		return 0;
	}
	if (t.value > max)
		stream53_note(s, s->rd.off - t.size, field, "does not fit in %u bytes",
			      s->img->traits.integer_bytes);
	return t.type == TYPED53_NEGATIVE ? -(int64_t)t.value - 1 : (int64_t)t.value;
}

void writer53_integer(struct writer53 *w, int64_t value)
{
	if (value < 0)
		writer53_typed(w, TYPED53_NEGATIVE, ~(uint64_t)value);
	else
		writer53_typed(w, TYPED53_POSITIVE, (uint64_t)value);
}

static uint8_t take_width(struct stream53 *s, bool wide, const char *field)
{
	uint8_t size = rd_u8(&s->rd, field);

	if (!rd_bad(&s->rd) && size != 4 && !(wide && size == 8))
		rd_fail(&s->rd, ERR_DAMAGED, 1, field, "%u bytes, not 4%s", size,
			wide ? " or 8" : "");
	return size;
}

static void take_literal(struct stream53 *s, const char *bytes, size_t n, enum err code,
			 const char *field, const char *text)
{
	const uint8_t *p = rd_take(&s->rd, n, field);

	if (p && memcmp(p, bytes, n) != 0)
		rd_fail(&s->rd, code, n, field, "%s", text);
}

void stream53_mark(struct stream53 *s, const char *mark, const char *field)
{
	char text[32];

	snprintf(text, sizeof(text), "no mark 19 '%c' '%c'", mark[1], mark[2]);
	take_literal(s, mark, 3, ERR_DAMAGED, field, text);
}

void stream53_header(struct stream53 *s, uint8_t format)
{
	struct lua_traits *t = &s->img->traits;
	uint8_t tag;
	bool sound;

	take_literal(s, SIGNATURE, sizeof(SIGNATURE) - 1, ERR_KIND, "header.signature",
		     "not a Lua 5.3 file");
	if (rd_u8(&s->rd, "header.format") != format)
		rd_fail(&s->rd, ERR_KIND, 1, "header.format", "not %u", format);
	take_literal(s, GUARD, sizeof(GUARD) - 1, ERR_DAMAGED, "header.guard",
		     "damaged, as by a transfer as text");
	take_width(s, false, "header.int_size");
	take_width(s, false, "header.instruction_size");
	t->integer_bytes = take_width(s, true, "header.integer_size");
	t->float_bytes = take_width(s, true, "header.number_size");
	if (rd_bad(&s->rd))
		return;
	t->tvalue_bytes = flash53_tvalue(t->integer_bytes, t->float_bytes);
	tag = rd_u8(&s->rd, "header.number_type");
	if (tag != TAG_FLOAT)
		stream53_note(s, s->rd.off - 1, "header.number_type", "%02x, not 20", tag);
	sound = t->float_bytes == 4 ? rd_u32(&s->rd, "header.number") == probe_float
				    : rd_u64(&s->rd, "header.number") == probe_double;
	if (!sound)
		stream53_note(s, s->rd.off - t->float_bytes, "header.number",
			      "not 370.5; a device refuses the file");
}

void writer53_header(struct writer53 *w, uint8_t format)
{
	const struct lua_traits *t = &w->img->traits;

	buf_str(w->out, SIGNATURE);
	buf_byte(w->out, format);
	buf_str(w->out, GUARD);
	buf_byte(w->out, 4);
	buf_byte(w->out, 4);
	buf_byte(w->out, t->integer_bytes);
	buf_byte(w->out, t->float_bytes);
	buf_byte(w->out, TAG_FLOAT);
	if (t->float_bytes == 4)
		buf_u32(w->out, probe_float);
	else
		buf_u64(w->out, probe_double);
}

void stream53_end(struct stream53 *s)
{
	if (!rd_bad(&s->rd) && s->rd.len)
		stream53_note(s, s->rd.off, "end", "%zu bytes behind the end", s->rd.len);
}

enum err writer53_end(struct writer53 *w)
{
	if (w->out->failed)
		return diag_fail(w->diag, ERR_MEMORY, "out of memory");
	return w->diag ? w->diag->code : ERR_NONE;
}
