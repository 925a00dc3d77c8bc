/* SPDX-License-Identifier: MIT */
#include "tests/util_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/lua/stock.h"

static uint32_t dice(struct model *m, uint32_t sides)
{
	m->random = m->random * 1664525 + 1013904223;
	return (m->random >> 8) % sides;
}

static uint8_t *take(struct model *m, size_t n)
{
	uint8_t *p = m->bytes + m->used;

	assert_true(n <= sizeof(m->bytes) - m->used);
	m->used += n;
	return p;
}

/* Texts of every length around what the formats tell apart; now and then a known one again. */
static uint32_t add_string(struct model *m)
{
	static const char *const known[] = { "userdata", "nil", "_ENV", "__index", "", "end", "x" };
	static const uint8_t lengths[] = {
		0, 1, 2, 3, 4, 5, 8, 17, 31, 32, 39, 40, 41, 63, 64, 200
	};
	struct lua_string *s = &m->strings[m->img.nstrings];
	uint32_t kind = dice(m, 6);
	uint8_t *text;

	if (kind == 0 && m->img.nstrings)
		return dice(m, m->img.nstrings);
	if (kind == 1) {
		s->text = (const uint8_t *)known[dice(m, 7)];
		s->len = (uint32_t)strlen((const char *)s->text);
		return m->img.nstrings++;
	}
	s->len = lengths[dice(m, sizeof(lengths))];
	s->text = text = take(m, s->len);
	for (uint32_t i = 0; i < s->len; i++)
		text[i] = (uint8_t)dice(m, kind == 2 ? 256 : 26) + (kind == 2 ? 0 : 'a');
	return m->img.nstrings++;
}

static uint32_t add_name(struct model *m, const char *prefix, uint32_t number)
{
	struct lua_string *s = &m->strings[m->img.nstrings];
	char *text = (char *)take(m, 16);

	s->len = (uint32_t)snprintf(text, 16, "%s%u", prefix, (unsigned)number);
	s->text = (const uint8_t *)text;
	return m->img.nstrings++;
}

static void add_constants(struct model *m, struct lua_proto *p)
{
	bool v51 = m->img.traits.version == LUA_51;

	p->constants = (struct lua_slice){ m->img.nconstants, dice(m, 12) };
	for (uint32_t i = 0; i < p->constants.count; i++) {
		struct lua_const *k = &m->constants[m->img.nconstants++];
		uint32_t kind = dice(m, 8);
		uint32_t bits = m->random;

		*k = (struct lua_const){ .type = LUA_NIL };
		if (kind == 1) {
			k->type = LUA_BOOLEAN;
			k->b = bits & 0x100;
		} else if (kind == 2 && m->img.traits.integer_bytes) {
			k->type = LUA_INTEGER;
			k->i = (int32_t)(bits << (bits & 7));
			if (m->img.traits.integer_bytes == 8 && bits & 0x200)
				k->i = (int64_t)((uint64_t)k->i * 0x123456789);
		} else if (kind == 3 && m->img.traits.float_bytes) {
			k->type = LUA_FLOAT;
			k->f = (double)(float)(bits / 1024.0) * (bits & 8 ? -1 : 1);
			if (v51 || m->img.traits.float_bytes == 8)
				k->f /= 3;
		} else if (kind > 3) {
			k->type = LUA_STRING;
			k->string = add_string(m);
		}
	}
}

/* Loads and moves that stay within registers and constants, and a return. */
static void add_code(struct model *m, struct lua_proto *p)
{
	uint32_t n = dice(m, 30);
	uint8_t *code = take(m, 4 * ((size_t)n + 1));
	uint32_t word = m->img.traits.version == LUA_51 ? 0x0080001e : 0x00800026; /* RETURN 0 1 */

	p->code = code;
	p->ncode = n + 1;
	for (uint32_t i = 0; i <= n; i++) {
		uint32_t a = dice(m, p->stack), b = dice(m, p->stack);
		uint32_t w = a << 6 | b << 23; /* MOVE */

		if (p->constants.count && dice(m, 2))
			w = 1 | a << 6 | dice(m, p->constants.count) << 14; /* LOADK */
		if (i == n)
			w = word;
		for (unsigned k = 0; k < 4; k++)
			*code++ = (uint8_t)(w >> 8 * k);
	}
}

/* As a chunk has them: with the mark that ends them. */
static void add_lines(struct model *m, struct lua_proto *p)
{
	static const uint32_t steps[] = { 0, 0, 0, 1, 1, 2, 5, 70, 9000, 1000000 };
	struct buf packed = { 0 };
	uint32_t lines[40], line = p->line_first + 1;
	uint8_t *kept;

	for (uint32_t i = 0; i < p->ncode; i++) {
		uint32_t step = steps[dice(m, 10)];

		line = dice(m, 4) || line - p->line_first <= step ? line + step : line - step;
		lines[i] = line;
		if (line > p->line_last && p->parent != LUA_NONE)
			p->line_last = line;
	}
	if (dice(m, 8) == 0)
		return;
	lua_pack_lines(m->img.traits.version, lines, NULL, p->ncode, &packed);
	assert_false(packed.failed);
	kept = take(m, packed.len);
	memcpy(kept, packed.data, packed.len);
	p->lineinfo = kept;
	p->nlineinfo = (uint32_t)packed.len;
	buf_free(&packed);
}

static void add_upvalues(struct model *m, struct lua_proto *p)
{
	bool root = p->parent == LUA_NONE, v51 = m->img.traits.version == LUA_51;
	const struct lua_proto *up = root ? p : &m->protos[p->parent];

	p->upvalues = (struct lua_slice){ m->img.nupvalues, v51 && root ? 0
							    : root      ? 1
									: dice(m, 4) };
	for (uint32_t i = 0; i < p->upvalues.count; i++) {
		struct lua_upvalue *u = &m->upvalues[m->img.nupvalues++];
		bool instack = root || up->nups == 0 || dice(m, 2);

		*u = (struct lua_upvalue){ .name = add_name(m, "u", dice(m, 9)), .named = true };
		u->instack = !v51 && instack;
		if (!v51 && !root)
			u->index = (uint8_t)dice(m, instack ? up->stack : up->nups);
	}
	p->nups = (uint8_t)p->upvalues.count;
}

static void add_locals(struct model *m, struct lua_proto *p)
{
	uint32_t start = 0;

	p->locals = (struct lua_slice){ m->img.nlocals, dice(m, p->stack) };
	for (uint32_t i = 0; i < p->locals.count; i++) {
		start += dice(m, p->ncode - start);
		m->locals[m->img.nlocals++] =
			(struct lua_local){ .name = add_name(m, "l", dice(m, 9)),
					    .start_pc = start,
					    .end_pc = start + dice(m, p->ncode - start + 1) };
	}
}

static uint32_t add_proto(struct model *m, uint32_t parent, uint32_t module, uint32_t source)
{
	uint32_t self = m->img.nprotos++;
	uint32_t depth = parent == LUA_NONE ? 0 : m->protos[parent].depth + 1;
	struct lua_proto *p = &m->protos[self];

	*p = (struct lua_proto){ .parent = parent,
				 .module = module,
				 .depth = depth,
				 .source = parent == LUA_NONE ? source : LUA_NONE,
				 .lineinfo_string = LUA_NONE,
				 .line_first = parent == LUA_NONE ? 0 : 1 + dice(m, 100),
				 .stack = (uint8_t)(2 + dice(m, 20)) };
	p->line_last = p->line_first;
	p->vararg = parent == LUA_NONE ? (m->img.traits.version == LUA_51 ? 2 : 1) : 0;
	p->params = parent == LUA_NONE ? 0 : (uint8_t)dice(m, p->stack);
	add_constants(m, p);
	add_code(m, p);
	add_lines(m, p);
	add_upvalues(m, p);
	add_locals(m, p);
	return self;
}

static void add_tree(struct model *m, uint32_t self, uint32_t module)
{
	uint32_t n = m->protos[self].depth > 3 ? 0 : dice(m, 4);

	if (m->img.nchildren + n + MODEL_MODULES > MODEL_PROTOS)
		n = 0;
	m->protos[self].children = (struct lua_slice){ m->img.nchildren, n };
	m->img.nchildren += n;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t child = add_proto(m, self, module, LUA_NONE);

		m->children[m->protos[self].children.first + i] = child;
		add_tree(m, child, module);
	}
}

void model_make(struct model *m, const struct lua_traits *traits, uint32_t seed)
{
	memset(m, 0, sizeof(*m));
	m->random = seed;
	m->img.traits = *traits;
	m->img.traits.form = LUA_FORM_CHUNK;
	m->img.protos = m->protos;
	m->img.strings = m->strings;
	m->img.constants = m->constants;
	m->img.upvalues = m->upvalues;
	m->img.locals = m->locals;
	m->img.children = m->children;
	m->img.modules = m->modules;
	m->img.nmodules = 1 + dice(m, MODEL_MODULES);
	for (uint32_t i = 0; i < m->img.nmodules; i++) {
		uint32_t root = add_proto(m, LUA_NONE, i, add_name(m, "@m", i));

		m->modules[i] = (struct lua_module){ .name = add_name(m, "m", i), .proto = root };
		add_tree(m, root, i);
	}
}
