/* SPDX-License-Identifier: MIT */
/*
 * The main prototype of a 5.1 image is a function that the firmware calls with a module's name. It
 * returns the module, or, for any other name, the time of the build and the list of names. Source:
 * combine() of luac.cross.
 *
 *	for each module i:  EQ 0 0 K(i)   JMP 2   CLOSURE 1 P(i)   RETURN 1 2
 *	then:               LOADK 1 K(n)   NEWTABLE 2 n   LOADK 3+i K(i)   SETLIST 2 n 1
 *	                    RETURN 1 3   RETURN 0 1
 */
#include "common/lua/check_found.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/lua/flash51.h"
#include "common/lua/ops.h"

enum { LOADK = 1, NEWTABLE = 10, JMP = 22, EQ = 23, RETURN = 30, SETLIST = 34, CLOSURE = 36 };
enum { CHAIN_WORDS = 4, TAIL_WORDS = 5, FLUSH = 50, SBX_ZERO = 131071 };

struct main_check {
	const struct check_scope *s;
	const struct lua_proto *p;
	uint32_t n; /* modules */
};

static uint32_t abc(uint32_t op, uint32_t a, uint32_t b, uint32_t c)
{
	return op | a << 6 | c << 14 | b << 23;
}

static uint32_t abx(uint32_t op, uint32_t a, uint32_t bx)
{
	return op | a << 6 | bx << 14;
}

/* A number as a "floating point byte" eeeeexxx, rounded up. */
static uint32_t to_fb(uint32_t x)
{
	uint32_t e = 0;

	while (x >= 16) {
		x = (x + 1) >> 1;
		e++;
	}
	return x < 8 ? x : (e + 1) << 3 | (x - 8);
}

static uint32_t chain_word(uint32_t i)
{
	uint32_t module = i / CHAIN_WORDS;

	switch (i % CHAIN_WORDS) {
	case 0: return abc(EQ, 0, 0, LUA_RK_BIT | module);
	case 1: return abx(JMP, 0, SBX_ZERO + 2);
	case 2: return abx(CLOSURE, 1, module);
	default: return abc(RETURN, 1, 2, 0);
	}
}

/* i counts from the end of the chain. */
static uint32_t tail_word(uint32_t n, uint32_t i)
{
	if (i == 0)
		return abx(LOADK, 1, n);
	if (i == 1)
		return abc(NEWTABLE, 2, to_fb(n), 0);
	if (i < n + 2)
		return abx(LOADK, i + 1, i - 2);
	if (i == n + 2)
		return abc(SETLIST, 2, n, 1);
	return i == n + 3 ? abc(RETURN, 1, 3, 0) : abc(RETURN, 0, 1, 0);
}

static void wrong_word(const struct main_check *m, uint32_t pc, const char *what)
{
	char path[40];

	snprintf(path, sizeof(path), "mainProto.code[%" PRIu32 "]", pc);
	check_wrong(m->s, check_offset(m->s->img, m->p->code + 4 * (size_t)pc), path,
		    "not the code that %s", what);
}

/* One finding for each module that is not reached: its first word that differs. */
static void check_chain(const struct main_check *m)
{
	char what[CHECK_WORDS + 20], name[CHECK_WORDS];

	for (uint32_t i = 0; i < m->n * CHAIN_WORDS; i++) {
		uint32_t module = i / CHAIN_WORDS;

		if (lua_word(m->p, i) == chain_word(i))
			continue;
		snprintf(what, sizeof(what), "finds module %s",
			 check_quote(m->s->img, m->s->img->modules[module].name, name));
		wrong_word(m, i, what);
		i = module * CHAIN_WORDS + CHAIN_WORDS - 1;
	}
}

static void check_tail(const struct main_check *m)
{
	uint32_t first = m->n * CHAIN_WORDS;

	for (uint32_t i = first; i < m->p->ncode; i++) {
		if (lua_word(m->p, i) == tail_word(m->n, i - first))
			continue;
		wrong_word(m, i, "lists the modules");
		return;
	}
}

static void check_names(const struct main_check *m)
{
	const struct lua_image *img = m->s->img;
	const struct lua_const *k = img->constants + m->p->constants.first;
	uint64_t off = m->p->parts[LUA_PART_CONSTANTS].off;
	char path[40];

	for (uint32_t i = 0; i <= m->n; i++) {
		bool sound = i < m->n ? k[i].type == LUA_STRING : img->has_time;

		snprintf(path, sizeof(path), "mainProto.k[%" PRIu32 "]", i);
		if (!sound)
			check_wrong(m->s, off + (uint64_t)i * img->traits.tvalue_bytes, path, "%s",
				    i < m->n ? "a module without a name" : "no build time");
	}
}

void check_main51(const struct check_scope *s)
{
	const struct lua_image *img = s->img;
	struct main_check m = { .s = s };

	if (img->header.main >= img->nprotos)
		return;
	m.p = &img->protos[img->header.main];
	m.n = m.p->children.count;
	if (m.p->params != 1)
		check_wrong(s, m.p->off + (uint64_t)PROTO51_PARAMS, "mainProto.numparams",
			    "%u, not 1: no module is found", m.p->params);
	if (m.p->constants.count != m.n + 1 || m.n != img->nmodules)
		return; /* reading has reported that */
	check_names(&m);
	/* Beyond what a K in RK can name, or SETLIST can hold, luac.cross has no form. */
	if (m.n == 0 || m.n > FLUSH)
		return;
	if (m.p->ncode != (CHAIN_WORDS + 1) * m.n + TAIL_WORDS) {
		check_wrong(s, m.p->off + PROTO51_SIZECODE, "mainProto.sizecode",
			    "%" PRIu32 " instructions, %" PRIu32 " modules need %" PRIu32,
			    m.p->ncode, m.n, (CHAIN_WORDS + 1) * m.n + TAIL_WORDS);
		return;
	}
	check_chain(&m);
	check_tail(&m);
}
