/* SPDX-License-Identifier: MIT */
#include "tests/util_code.h"

#include <string.h>

void code_init(struct code *c, enum lua_version version)
{
	memset(c, 0, sizeof(*c));
	c->img.traits = (struct lua_traits){ .version = version, .float_bytes = 8 };
	for (unsigned i = 0; i < CODE_PROTOS; i++) {
		c->protos[i].source = LUA_NONE;
		c->protos[i].lineinfo_string = LUA_NONE;
		c->protos[i].parent = i ? 0 : LUA_NONE;
		c->protos[i].module = LUA_NONE;
	}
	for (unsigned i = 0; i < 2; i++)
		c->upvalues[i].name = LUA_NONE;
}

void code_word(struct code *c, uint32_t word)
{
	for (unsigned i = 0; i < 4; i++)
		c->bytes[4 * c->ncode + i] = (uint8_t)(word >> 8 * i);
	c->ncode++;
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

uint32_t code_string(struct code *c, const char *text)
{
	uint32_t i = 0, len = (uint32_t)strlen(text);

	while (i < c->nstrings &&
	       (c->strings[i].len != len || memcmp(c->strings[i].text, text, len) != 0))
		i++;
	if (i == c->nstrings)
		c->strings[c->nstrings++] = (struct lua_string){ .text = (const uint8_t *)text,
								 .len = len };
	c->constants[c->nconstants] = (struct lua_const){ .type = LUA_STRING, .string = i };
	return c->nconstants++;
}

uint32_t code_number(struct code *c, double f)
{
	c->constants[c->nconstants] = (struct lua_const){ .type = LUA_FLOAT, .f = f };
	return c->nconstants++;
}

void code_done(struct code *c)
{
	struct lua_image *img = &c->img;

	c->protos[0].code = c->bytes;
	c->protos[0].ncode = c->ncode;
	c->protos[0].constants.count = c->nconstants;
	c->protos[0].children.count = 1;
	c->children[0] = 1;
	img->protos = c->protos;
	img->nprotos = CODE_PROTOS;
	img->children = c->children;
	img->nchildren = 1;
	img->constants = c->constants;
	img->nconstants = c->nconstants;
	img->strings = c->strings;
	img->nstrings = c->nstrings;
	img->upvalues = c->upvalues;
	img->nupvalues = 2;
}
