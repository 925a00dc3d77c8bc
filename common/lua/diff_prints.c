/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "common/lua/diff_parts.h"

/* FNV-1a, 64 bits. */
static const uint64_t start = UINT64_C(0xcbf29ce484222325);

static uint64_t put(uint64_t h, const void *data, size_t n)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return h;
}

static uint64_t put_number(uint64_t h, uint64_t v)
{
	return put(h, &v, sizeof(v));
}

static uint64_t put_string(uint64_t h, const struct lua_image *img, uint32_t string)
{
	if (string >= img->nstrings)
		return put_number(h, UINT64_MAX);
	h = put_number(h, img->strings[string].len);
	return put(h, img->strings[string].text, img->strings[string].len);
}

static uint64_t put_constant(uint64_t h, const struct lua_image *img, const struct lua_const *k)
{
	uint64_t bits = 0;

	h = put_number(h, k->type);
	switch (k->type) {
	case LUA_NIL: return h;
	case LUA_BOOLEAN: return put_number(h, k->b);
	case LUA_INTEGER: return put_number(h, (uint64_t)k->i);
	case LUA_FLOAT: memcpy(&bits, &k->f, sizeof(bits)); return put_number(h, bits);
	case LUA_STRING: return put_string(h, img, k->string);
	}
	return h;
}

static uint64_t code_print(const struct lua_image *img, const struct lua_proto *p)
{
	uint64_t h = put_number(start, p->params);

	h = put_number(h, p->vararg);
	h = put_number(h, p->stack);
	h = put_number(h, p->nups);
	h = put_number(h, p->ncode);
	h = put(h, p->code, 4 * (size_t)p->ncode);
	h = put_number(h, p->constants.count);
	for (uint32_t i = 0; i < p->constants.count; i++)
		h = put_constant(h, img, &img->constants[p->constants.first + i]);
	for (uint32_t i = 0; img->traits.version == LUA_53 && i < p->upvalues.count; i++) {
		const struct lua_upvalue *u = &img->upvalues[p->upvalues.first + i];

		h = put_number(h, (uint64_t)u->instack << 8 | u->index);
	}
	return h;
}

static uint64_t own_print(const struct lua_book *b, uint32_t proto, uint64_t h)
{
	const struct lua_image *img = b->img;
	const struct lua_proto *p = &img->protos[proto];

	h = put_number(h, p->line_first);
	h = put_number(h, p->line_last);
	h = put_string(h, img, lua_proto_source(img, proto));
	for (uint32_t i = 0; i < p->ncode; i++)
		h = put_number(h, b->lines[b->code_first[proto] + i]);
	h = put_number(h, p->upvalues.count);
	for (uint32_t i = 0; i < p->upvalues.count; i++)
		h = put_string(h, img, img->upvalues[p->upvalues.first + i].name);
	h = put_number(h, p->locals.count);
	for (uint32_t i = 0; i < p->locals.count; i++) {
		const struct lua_local *l = &img->locals[p->locals.first + i];

		h = put_string(h, img, l->name);
		h = put_number(h, (uint64_t)l->start_pc << 32 | l->end_pc);
	}
	return h;
}

/* Parents come before their children, so what is below a prototype is known before it. */
static void deepen(const struct lua_image *img, const uint64_t *own, uint64_t *deep)
{
	for (uint32_t i = img->nprotos; i-- > 0;) {
		const struct lua_slice *kids = &img->protos[i].children;
		uint64_t h = put_number(own[i], kids->count);

		for (uint32_t k = 0; k < kids->count; k++) {
			uint32_t child = img->children[kids->first + k];

			h = put_number(h, child > i && child < img->nprotos ? deep[child] : 0);
		}
		deep[i] = h;
	}
}

bool lua_prints_make(const struct lua_book *b, struct lua_prints *out)
{
	size_t n = (size_t)b->img->nprotos + 1;

	out->own = calloc(n, sizeof(uint64_t));
	out->deep = calloc(n, sizeof(uint64_t));
	out->code_own = calloc(n, sizeof(uint64_t));
	out->code_deep = calloc(n, sizeof(uint64_t));
	if (!out->own || !out->deep || !out->code_own || !out->code_deep)
		return false;
	for (uint32_t i = 0; i < b->img->nprotos; i++) {
		out->code_own[i] = code_print(b->img, &b->img->protos[i]);
		out->own[i] = own_print(b, i, out->code_own[i]);
	}
	deepen(b->img, out->own, out->deep);
	deepen(b->img, out->code_own, out->code_deep);
	return true;
}

void lua_prints_free(struct lua_prints *p)
{
	free(p->own);
	free(p->deep);
	free(p->code_own);
	free(p->code_deep);
	*p = (struct lua_prints){ 0 };
}
