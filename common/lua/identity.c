/* SPDX-License-Identifier: MIT */
#include "common/lua/identity.h"

#include <string.h>

#include "common/lua/fixed53.h"

struct hasher {
	const struct lua_image *img;
	struct sha256 sha;
};

enum { KIND_CHUNK, KIND_LFS, KIND_LFS_REPAIRED };

static void add_u8(struct hasher *h, uint8_t v)
{
	sha256_add(&h->sha, &v, 1);
}

static void add_u32(struct hasher *h, uint32_t v)
{
	const uint8_t p[] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
			      (uint8_t)(v >> 24) };

	sha256_add(&h->sha, p, sizeof(p));
}

static void add_u64(struct hasher *h, uint64_t v)
{
	add_u32(h, (uint32_t)v);
	add_u32(h, (uint32_t)(v >> 32));
}

static void add_text(struct hasher *h, uint32_t string)
{
	const struct lua_string *s;

	if (string >= h->img->nstrings) {
		add_u32(h, UINT32_MAX);
		return;
	}
	s = &h->img->strings[string];
	add_u32(h, s->len);
	sha256_add(&h->sha, s->text, s->len);
}

static void add_constant(struct hasher *h, const struct lua_const *k)
{
	uint64_t bits;

	add_u8(h, (uint8_t)k->type);
	switch (k->type) {
	case LUA_NIL: break;
	case LUA_BOOLEAN: add_u64(h, k->b); break;
	case LUA_INTEGER: add_u64(h, (uint64_t)k->i); break;
	case LUA_FLOAT:
		memcpy(&bits, &k->f, sizeof(bits));
		add_u64(h, bits);
		break;
	case LUA_STRING: add_text(h, k->string); break;
	}
}

static void add_constants(struct hasher *h, const struct lua_slice *s)
{
	add_u32(h, s->count);
	for (uint32_t i = 0; i < s->count; i++)
		add_constant(h, &h->img->constants[s->first + i]);
}

static void add_upvalues(struct hasher *h, const struct lua_slice *s)
{
	add_u32(h, s->count);
	for (uint32_t i = 0; i < s->count; i++) {
		const struct lua_upvalue *u = &h->img->upvalues[s->first + i];

		add_text(h, u->name);
		add_u8(h, u->instack);
		add_u8(h, u->index);
	}
}

static void add_locals(struct hasher *h, const struct lua_slice *s)
{
	add_u32(h, s->count);
	for (uint32_t i = 0; i < s->count; i++) {
		const struct lua_local *l = &h->img->locals[s->first + i];

		add_text(h, l->name);
		add_u32(h, l->start_pc);
		add_u32(h, l->end_pc);
	}
}

static void add_bytes(struct hasher *h, uint32_t count, const uint8_t *p, size_t len)
{
	add_u32(h, count);
	if (len)
		sha256_add(&h->sha, p, len);
}

static void add_function(struct hasher *h, uint32_t proto)
{
	const struct lua_image *img = h->img;
	const struct lua_proto *p;

	if (proto >= img->nprotos) {
		add_u32(h, LUA_NONE);
		return;
	}
	p = &img->protos[proto];
	add_text(h, lua_proto_source(img, proto));
	add_u32(h, p->line_first);
	add_u32(h, p->line_last);
	add_u8(h, p->params);
	add_u8(h, p->vararg);
	add_u8(h, p->stack);
	add_u8(h, p->nups);
	add_bytes(h, p->ncode, p->code, 4 * (size_t)p->ncode);
	add_constants(h, &p->constants);
	add_upvalues(h, &p->upvalues);
	add_bytes(h, p->nlineinfo, p->lineinfo, p->lineinfo ? p->nlineinfo : 0);
	add_locals(h, &p->locals);
	add_u32(h, p->children.count);
	for (uint32_t i = 0; i < p->children.count; i++)
		add_function(h, img->children[p->children.first + i]);
}

static uint8_t kind_of(const struct lua_image *img)
{
	if (img->traits.form == LUA_FORM_CHUNK)
		return KIND_CHUNK;
	return img->header.fixed_count == FIXED53_COUNT ? KIND_LFS_REPAIRED : KIND_LFS;
}

void lua_identity(const struct lua_image *img, uint8_t out[SHA256_BYTES])
{
	static const char name[] = "nodemcu-lua 1";
	struct hasher h = { .img = img, .sha = sha256_begin() };

	sha256_add(&h.sha, name, sizeof(name) - 1);
	add_u8(&h, (uint8_t)img->traits.version);
	add_u8(&h, img->traits.integer_bytes);
	add_u8(&h, img->traits.float_bytes);
	add_u8(&h, kind_of(img));
	add_u32(&h, img->nmodules);
	for (uint32_t i = 0; i < img->nmodules; i++) {
		add_text(&h, img->modules[i].name);
		add_function(&h, img->modules[i].proto);
	}
	sha256_end(&h.sha, out);
}
