/* SPDX-License-Identifier: MIT */
/*
 * The new image's model borrows texts, code and lines from the modules' images. Its strings are
 * collected in the order in which luac.cross scans them: source, line info (5.1), constants, names
 * of upvalues, names of locals, then the functions inside, depth first. That is their order in a
 * 5.3 image; for 5.1, table51.c makes the other of it. Until the order is
 * known, references are as link_strings.h has them.
 */
#include "common/lua/link.h"

#include <stdlib.h>
#include <string.h>

#include "common/lua/build.h"
#include "common/lua/convert.h"
#include "common/lua/fixed53.h"
#include "common/lua/link_strings.h"
#include "common/lua/table53.h"

struct linker {
	const struct lua_link_options *options;
	const struct lua_link_input *in; /* the module being copied */
	struct lua_image img;
	bool fields;  /* 5.3: upvalues have fields for their names, in all functions alike */
	struct rd rd; /* takes the failures; has no bytes */
};

static uint32_t add_text(struct linker *l, const uint8_t *text, uint32_t len)
{
	uint32_t fixed = LUA_NONE;

	if (l->img.traits.version == LUA_53)
		fixed = link_find_fixed(text, len);
	return fixed != LUA_NONE ? fixed : lua_intern(&l->img, &l->rd, text, len, 0);
}

static uint32_t add_words(struct linker *l, const char *text)
{
	return add_text(l, (const uint8_t *)text, (uint32_t)strlen(text));
}

static uint32_t add_string(struct linker *l, uint32_t string)
{
	const struct lua_image *img = l->in->img;

	if (string >= img->nstrings)
		return LUA_NONE;
	return add_text(l, img->strings[string].text, img->strings[string].len);
}

/* Every function in flash needs one, and a chunk that was stripped has none: Lua says "=?" then. */
static void copy_source(struct linker *l, uint32_t from, uint32_t self)
{
	struct lua_proto *p = &l->img.protos[self];
	uint32_t source = lua_proto_source(l->in->img, from);
	uint32_t text;

	if (l->in->source)
		text = add_words(l, l->in->source);
	else if (source < l->in->img->nstrings)
		text = add_string(l, source);
	else
		text = add_words(l, "=?");
	if (l->img.traits.version == LUA_51 || p->parent == LUA_NONE ||
	    lua_proto_source(&l->img, p->parent) != text)
		p->source = text;
}

static enum lua_strip strip_of(const struct linker *l)
{
	return l->in->strip > l->options->strip ? l->in->strip : l->options->strip;
}

/* In flash the lines of 5.1 are a string, which ends before its first NUL. */
static void copy_lines(struct linker *l, const struct lua_proto *from, uint32_t self)
{
	struct lua_proto *p = &l->img.protos[self];
	const uint8_t *end;

	if (strip_of(l) == LUA_STRIP_ALL || !from->lineinfo || !from->nlineinfo)
		return;
	p->lineinfo = from->lineinfo;
	p->nlineinfo = from->nlineinfo;
	if (l->img.traits.version != LUA_51)
		return;
	end = memchr(from->lineinfo, 0, from->nlineinfo);
	if (end)
		p->nlineinfo = (uint32_t)(end - from->lineinfo);
	p->lineinfo_string = add_text(l, p->lineinfo, p->nlineinfo);
}

static void copy_constants(struct linker *l, const struct lua_proto *from, uint32_t self)
{
	struct lua_slice k;

	if (!lua_add_constants(&l->img, &l->rd, from->constants.count, &k))
		return;
	l->img.protos[self].constants = k;
	for (uint32_t i = 0; i < k.count; i++) {
		struct lua_const *c = &l->img.constants[k.first + i];

		*c = l->in->img->constants[from->constants.first + i];
		if (c->type == LUA_STRING)
			c->string = add_string(l, c->string);
	}
}

/* In 5.1 upvalues are nothing but their names; in 5.3 they stay without. */
static void copy_upvalues(struct linker *l, const struct lua_proto *from, uint32_t self)
{
	bool strip = strip_of(l) != LUA_STRIP_NONE;
	struct lua_slice up;

	if (strip && l->img.traits.version == LUA_51)
		return;
	if (!lua_add_upvalues(&l->img, &l->rd, from->upvalues.count, &up))
		return;
	l->img.protos[self].upvalues = up;
	for (uint32_t i = 0; i < up.count; i++) {
		struct lua_upvalue *u = &l->img.upvalues[up.first + i];

		*u = l->in->img->upvalues[from->upvalues.first + i];
		u->name = strip ? LUA_NONE : add_string(l, u->name);
		u->named = l->fields;
	}
	/* The device gives a module its _ENV when it is fetched, not from a function around it. */
	if (l->img.traits.version == LUA_53 && l->img.protos[self].parent == LUA_NONE && up.count)
		l->img.upvalues[up.first].instack = 0;
}

static void copy_locals(struct linker *l, const struct lua_proto *from, uint32_t self)
{
	struct lua_slice locals;

	if (strip_of(l) != LUA_STRIP_NONE ||
	    !lua_add_locals(&l->img, &l->rd, from->locals.count, &locals))
		return;
	l->img.protos[self].locals = locals;
	for (uint32_t i = 0; i < locals.count; i++) {
		struct lua_local *local = &l->img.locals[locals.first + i];

		*local = l->in->img->locals[from->locals.first + i];
		local->name = add_string(l, local->name);
	}
}

static uint32_t copy_function(struct linker *l, uint32_t index, uint32_t parent, uint32_t module);

static void copy_children(struct linker *l, const struct lua_proto *from, uint32_t self,
			  uint32_t module)
{
	struct lua_slice kids;

	if (!lua_add_children(&l->img, &l->rd, from->children.count, &kids))
		return;
	l->img.protos[self].children = kids;
	for (uint32_t i = 0; i < kids.count && !rd_bad(&l->rd); i++) {
		uint32_t index = l->in->img->children[from->children.first + i];
		uint32_t child = copy_function(l, index, self, module);

		l->img.children[kids.first + i] = child;
	}
}

static uint32_t copy_function(struct linker *l, uint32_t index, uint32_t parent, uint32_t module)
{
	uint32_t self = lua_add_proto(&l->img, &l->rd, parent, module);
	const struct lua_proto *from = &l->in->img->protos[index];
	struct lua_proto *p;

	if (self == LUA_NONE || !lua_tally(&l->img, &l->rd, 4 * (uint64_t)from->ncode, "code"))
		return LUA_NONE;
	p = &l->img.protos[self];
	p->line_first = from->line_first;
	p->line_last = from->line_last;
	p->params = from->params;
	p->vararg = from->vararg;
	p->stack = from->stack;
	p->nups = from->nups;
	p->code = from->code;
	p->ncode = from->ncode;
	copy_source(l, index, self);
	copy_lines(l, from, self);
	copy_constants(l, from, self);
	copy_upvalues(l, from, self);
	copy_locals(l, from, self);
	copy_children(l, from, self, module);
	return self;
}

/* Modules with their names, not yet with functions. */
static void add_names(struct linker *l, const struct lua_link_input *in, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		lua_add_module(&l->img, &l->rd, add_text(l, in[i].name, in[i].name_len), LUA_NONE);
}

static void add_modules(struct linker *l, const struct lua_link_input *in, uint32_t n,
			uint32_t parent)
{
	for (uint32_t i = 0; i < n && !rd_bad(&l->rd); i++) {
		uint32_t proto;

		l->in = &in[i];
		proto = copy_function(l, in[i].proto, parent, i);
		l->img.modules[i].proto = proto;
	}
}

/* The main prototype of 5.1: its constants are names and time, its children the modules. */
static void link51(struct linker *l, const struct lua_link_input *in, uint32_t n)
{
	struct lua_image *img = &l->img;
	uint32_t main = lua_add_proto(img, &l->rd, LUA_NONE, LUA_NONE);
	struct lua_slice k, kids;

	if (main == LUA_NONE)
		return;
	img->header.main = main;
	img->protos[main].source = add_words(l, "=(luac)");
	add_names(l, in, n);
	if (!lua_add_constants(img, &l->rd, n + 1, &k) || !lua_add_children(img, &l->rd, n, &kids))
		return;
	for (uint32_t i = 0; i < n; i++)
		img->constants[k.first + i] = (struct lua_const){ .type = LUA_STRING,
								  .string = img->modules[i].name };
	if (img->traits.float_bytes)
		img->constants[k.first + n] = (struct lua_const){ .type = LUA_FLOAT,
								  .f = (double)img->build_time };
	else
		img->constants[k.first + n] = (struct lua_const){ .type = LUA_INTEGER,
								  .i = (int32_t)img->build_time };
	add_modules(l, in, n, main);
	img->protos[main].constants = k;
	img->protos[main].children = kids;
	for (uint32_t i = 0; i < n; i++)
		img->children[kids.first + i] = img->modules[i].proto;
	lua_link_main51(n, &img->store, &img->protos[main].stack);
	if (img->store.failed)
		rd_fail(&l->rd, ERR_MEMORY, 0, NULL, "out of memory");
	img->protos[main].params = 1;
	img->protos[main].code = img->store.data;
	img->protos[main].ncode = (uint32_t)(img->store.len / 4);
}

static bool has_fields(const struct lua_image *img, uint32_t proto)
{
	const struct lua_proto *p = &img->protos[proto];

	for (uint32_t i = 0; i < p->upvalues.count; i++)
		if (img->upvalues[p->upvalues.first + i].named)
			return true;
	for (uint32_t i = 0; i < p->children.count; i++)
		if (has_fields(img, img->children[p->children.first + i]))
			return true;
	return false;
}

/* One function that keeps them is enough. */
static bool keeps_fields(const struct linker *l, const struct lua_link_input *in, uint32_t n)
{
	const struct lua_link_options *o = l->options;

	if (o->as_luac || o->unnamed)
		return !o->unnamed;
	for (uint32_t i = 0; i < n; i++)
		if (in[i].strip == LUA_STRIP_NONE && o->strip == LUA_STRIP_NONE &&
		    has_fields(in[i].img, in[i].proto))
			return true;
	return false;
}

static void link53(struct linker *l, const struct lua_link_input *in, uint32_t n)
{
	l->fields = keeps_fields(l, in, n);
	if (l->options->as_luac)
		add_words(l, "=(luac.cross)");
	add_names(l, in, n);
	add_modules(l, in, n, LUA_NONE);
}

static uint32_t stock_buckets(const struct lua_image *img)
{
	uint32_t n = img->header.fixed_count;
	uint32_t buckets = 2;

	if (img->traits.version == LUA_51) {
		while (buckets <= img->nstrings)
			buckets *= 2;
		return buckets;
	}
	for (uint32_t i = 0; i < img->ntext; i++)
		n += img->strings[i].len <= LUA_SHORT_MAX;
	return table53_buckets(n);
}

uint32_t lua_link_buckets(const struct lua_image *img, enum lua_hash_size hash)
{
	uint32_t stock = stock_buckets(img);

	switch (hash) {
	case LUA_HASH_FAST: return stock * 2;
	case LUA_HASH_SMALL: return stock > 4 ? stock / 4 : 1;
	default: return stock;
	}
}

static void set_header(struct linker *l)
{
	const struct lua_link_options *o = l->options;
	struct lua_header *h = &l->img.header;

	if (l->img.traits.version == LUA_53)
		h->fixed_count = o->fix_fixed ? FIXED53_COUNT : FIXED53_STOCK;
	h->base = o->base;
	h->seed = o->seed;
	h->signature = lua_signature53(&l->img.traits, lua_base_is_esp32(&o->traits, o->base));
	h->buckets = lua_link_buckets(&l->img, o->hash);
	l->img.share = o->share;
}

enum err lua_link(const struct lua_link_input *in, uint32_t n,
		  const struct lua_link_options *options, struct diag *diag, struct lua_image **out)
{
	struct linker l = { .options = options, .rd = rd_init(NULL, 0, diag) };
	struct lua_image *img = &l.img;

	*out = NULL;
	img->traits = options->traits;
	img->format = lua_format_of(&img->traits);
	img->header.main = LUA_NONE;
	img->has_time = true;
	img->build_time = (uint32_t)options->time;
	if (!img->format || img->traits.form == LUA_FORM_CHUNK)
		return diag_fail(diag, ERR_KIND, "there is no such form of an image");
	if (lua_link_check(in, n, &options->traits, diag))
		return diag->code;
	if (img->traits.version == LUA_51)
		link51(&l, in, n);
	else
		link53(&l, in, n);
	if (!diag->code)
		link_order_strings(&l.img, &l.rd);
	if (!diag->code) {
		set_header(&l);
		lua_image_settle(img, diag, out);
	}
	lua_image_clear(img);
	return diag->code;
}
