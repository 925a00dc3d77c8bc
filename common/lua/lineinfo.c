/* SPDX-License-Identifier: MIT */
/*
 * Packed line info (NodeMCU's ldebug.c): pairs of a step between lines and a count of
 * instructions. A byte below 0x80 is a count; without a step before it, the line is the next one.
 * A step: 1snnnnnn, then 1nnnnnnn each with 7 bits more, low bits first; s: back by n lines, else
 * on by n + 2. 00 ends it, in 5.1 also the fill byte 7f.
 */
#include "common/lua/dialect.h"

struct lines {
	const uint8_t *p, *end;
	int64_t line;
	uint8_t fill; /* ends the info, besides 00 */
};

static void step_read(struct lines *s)
{
	uint8_t first = *s->p++;
	uint32_t delta = first & 0x3f;
	unsigned shift = 6;

	for (; s->p < s->end && *s->p & 0x80 && shift < 32; s->p++, shift += 7)
		delta += (uint32_t)(*s->p & 0x7f) << shift;
	s->line += first & 0x40 ? -(int64_t)delta : (int64_t)delta + 2;
}

/* The count of the next run, whose line is then in s->line; 0 at the end or where a step is longer
 * than any line number, so that the work stays in proportion to the instructions. */
static uint32_t run_read(struct lines *s)
{
	if (s->p < s->end && *s->p & 0x80)
		step_read(s);
	else
		s->line++;
	if (s->p >= s->end || *s->p == 0 || *s->p == s->fill || *s->p & 0x80)
		return 0;
	return *s->p++;
}

uint32_t lua_lines(const struct lua_image *img, const struct lua_proto *p, uint32_t *out)
{
	struct lines s = { .fill = img->traits.version == LUA_51 ? 0x7f : 0 };
	uint32_t pc = 0, n;

	if (p->lineinfo) {
		s.p = p->lineinfo;
		s.end = p->lineinfo + p->nlineinfo;
	}
	while (p->lineinfo && (n = run_read(&s))) {
		uint32_t line = s.line > 0 && s.line <= INT32_MAX ? (uint32_t)s.line : 0;

		for (; n && pc < p->ncode; n--)
			out[pc++] = line;
		if (n)
			return pc + n;
	}
	for (n = pc; n < p->ncode; n++)
		out[n] = 0;
	return pc;
}
