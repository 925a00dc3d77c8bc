/* SPDX-License-Identifier: MIT */
#include "tests/util_code.h"

#include <string.h>

void code_init(struct code *c, enum lua_version version)
{
	memset(c, 0, sizeof(*c));
	c->img.traits = (struct lua_traits){ .version = version,
					     .form = LUA_FORM_RELOCATABLE,
					     .float_bytes = 8 };
	c->img.protos = c->protos;
	c->img.children = c->children;
	c->img.constants = c->constants;
	c->img.strings = c->strings;
	c->img.upvalues = c->upvalues;
	c->img.modules = c->modules;
}

static struct lua_proto *current(struct code *c)
{
	return &c->protos[c->img.nprotos - 1];
}

void code_proto(struct code *c, uint32_t parent)
{
	struct lua_proto *p;

	c->img.nprotos++;
	p = current(c);
	p->parent = parent;
	p->module = LUA_NONE;
	p->source = LUA_NONE;
	p->lineinfo_string = LUA_NONE;
	p->constants.first = c->img.nconstants;
	p->upvalues.first = c->img.nupvalues;
	p->code = c->bytes + (size_t)4 * c->nwords;
}

void code_word(struct code *c, uint32_t word)
{
	for (unsigned i = 0; i < 4; i++)
		c->bytes[4 * c->nwords + i] = (uint8_t)(word >> 8 * i);
	c->nwords++;
	current(c)->ncode++;
}

void code_abc(struct code *c, unsigned op, unsigned a, unsigned b, unsigned n)
{
	code_word(c, op | a << 6 | n << 14 | (uint32_t)b << 23);
}

void code_abx(struct code *c, unsigned op, unsigned a, uint32_t bx)
{
	code_word(c, op | a << 6 | bx << 14);
}

void code_ax(struct code *c, unsigned op, uint32_t ax)
{
	code_word(c, op | ax << 6);
}

static uint32_t string_of(struct code *c, const char *text)
{
	struct lua_image *img = &c->img;
	uint32_t i = 0, len = (uint32_t)strlen(text);

	while (i < img->nstrings &&
	       (c->strings[i].len != len || memcmp(c->strings[i].text, text, len) != 0))
		i++;
	if (i == img->nstrings)
		c->strings[img->nstrings++] = (struct lua_string){ .text = (const uint8_t *)text,
								   .len = len };
	return i;
}

static void add_constant(struct code *c, struct lua_const k)
{
	c->constants[c->img.nconstants++] = k;
	current(c)->constants.count++;
}

void code_string(struct code *c, const char *text)
{
	add_constant(c, (struct lua_const){ .type = LUA_STRING, .string = string_of(c, text) });
}

void code_number(struct code *c, double f)
{
	add_constant(c, (struct lua_const){ .type = LUA_FLOAT, .f = f });
}

void code_upvalue(struct code *c, bool instack, uint8_t index)
{
	current(c)->nups++;
	if (c->img.traits.version == LUA_51)
		return;
	c->upvalues[c->img.nupvalues++] = (struct lua_upvalue){ LUA_NONE, instack, index, false };
	current(c)->upvalues.count++;
}

void code_module(struct code *c, const char *name)
{
	c->modules[c->img.nmodules++] = (struct lua_module){ string_of(c, name), LUA_NONE };
}

void code_done(struct code *c)
{
	struct lua_image *img = &c->img;

	for (uint32_t p = 0; p < img->nprotos; p++) {
		c->protos[p].children.first = img->nchildren;
		for (uint32_t i = p + 1; i < img->nprotos; i++) {
			if (c->protos[i].parent != p)
				continue;
			c->children[img->nchildren++] = i;
			c->protos[p].children.count++;
		}
	}
}

void code_compiled(struct code *c, enum lua_version version, const struct code_function *f,
		   size_t n)
{
	code_init(c, version);
	for (; n; f++, n--) {
		code_proto(c, f->parent);
		for (uint32_t i = 0; i < f->nups; i++)
			code_upvalue(c, f->upvalues[i][0], f->upvalues[i][1]);
		for (uint32_t i = 0; i < f->nconstants; i++) {
			if (f->constants[i][0])
				code_string(c, f->constants[i]);
			else
				code_number(c, 0);
		}
		for (uint32_t i = 0; i < f->ncode; i++)
			code_word(c, f->code[i]);
	}
}
