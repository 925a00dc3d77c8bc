/* SPDX-License-Identifier: MIT */
/*
 * Compiled chunk of NodeMCU's Lua 5.1 (.lc)
 *
 *   0  1b 'L' 'u' 'a' 51 00      signature, version, format
 *   6  01 04 04 04               little-endian; sizes of int, size_t, Instruction
 *   10 N F                       size of a number (8 or 4), 1 = integers
 *   12 function
 *
 *   function:  string source; u32 linedefined, lastlinedefined; u8 nups, numparams, is_vararg,
 *              maxstacksize; u32 ncode, pad, words; u32 nk, constants; u32 np, functions;
 *              u32 nlineinfo, pad, packed bytes; u32 nlocvars, (string, u32 startpc, u32 endpc)s;
 *              u32 nupvalues, strings
 *   string:    u32 length with NUL (0: none), bytes, NUL
 *   constant:  u8 tag (0 nil, 1 boolean, 3 number, 4 string; until April 2020 number 5, string 6),
 *              value: u8, number, string
 *   pad:       zeros up to a multiple of 4 from the start of the file; NodeMCU's own
 *
 * A PC's luac built for 32 bits writes the same header, but no pads, and plain lines.
 */
#include "common/lua/format.h"

#include <string.h>

#include "common/lua/build.h"
#include "common/lua/flash51.h"
#include "common/lua/lc51_save.h"

/* CLAIMED: bytes that tell the file from others, as far as a cut one goes. */
enum { HEAD = 12, CLAIMED = 6 };

static const uint8_t head[10] = { 0x1b, 'L', 'u', 'a', 0x51, 0, 1, 4, 4, 4 };

struct reader {
	struct lua_image *img;
	struct rd rd;
	bool stock;   /* a PC's chunk: no pads, a word per line */
	uint8_t tags; /* 1: new tags were seen, 2: old ones */
};

static bool probe(const uint8_t *data, size_t len)
{
	return len >= CLAIMED && memcmp(data, head, len < sizeof(head) ? len : sizeof(head)) == 0;
}

/* Damage of the field that ends at the cursor and began back bytes before it. */
static void note(struct reader *r, size_t back, const char *field, const char *text)
{
	struct diag local = { 0 };
	struct rd at = r->rd;

	if (rd_bad(&r->rd) || r->stock)
		return;
	at.diag = &local; /* only to have the path put together */
	rd_fail(&at, ERR_DAMAGED, back, field, "%s", text);
	lua_note(r->img, local.off, local.path, "%s", text);
}

static void skip_pad(struct reader *r, const char *field)
{
	size_t n = (size_t)(-r->rd.off & 3);
	const uint8_t *p = r->stock ? NULL : rd_take(&r->rd, n, field);

	if (p && memcmp(p, "\0\0\0", n) != 0)
		note(r, n, field, "the padding behind it is not zero");
}

static bool read_boolean(struct reader *r, const char *field)
{
	uint8_t b = rd_u8(&r->rd, field);

	if (b > 1)
		note(r, 1, field, "a boolean that is neither 0 nor 1");
	return b != 0;
}

static uint32_t read_string(struct reader *r, enum lua_use use, const char *field)
{
	uint32_t off = (uint32_t)r->rd.off;
	uint32_t size = rd_u32(&r->rd, field);
	const uint8_t *text = rd_take(&r->rd, size, field);
	uint32_t s;

	if (!text || size == 0)
		return LUA_NONE;
	if (text[size - 1] != 0) {
		rd_fail(&r->rd, ERR_DAMAGED, 1, field, "the string does not end in NUL");
		return LUA_NONE;
	}
	s = lua_intern(r->img, &r->rd, text, size - 1, off);
	lua_refer(r->img, s, use);
	return s;
}

static double number_of(const uint8_t *p)
{
	uint64_t bits = le64(p);
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

static void read_constant(struct reader *r, struct lua_const *k)
{
	const struct lua_traits *t = &r->img->traits;
	uint8_t tag = rd_u8(&r->rd, "tag");
	const uint8_t *p;

	switch (tag) {
	case 0: return;
	case 1:
		k->type = LUA_BOOLEAN;
		k->b = read_boolean(r, "value");
		return;
	case 3:
	case 5:
		k->type = t->float_bytes ? LUA_FLOAT : LUA_INTEGER;
		p = rd_take(&r->rd, t->float_bytes ? 8 : 4, "value");
		if (p && t->float_bytes)
			k->f = number_of(p);
		else if (p)
			k->i = (int32_t)le32(p);
		break;
	case 4:
	case 6:
		k->string = read_string(r, LUA_USE_CONSTANT, "value");
		if (k->string == LUA_NONE)
			rd_fail(&r->rd, ERR_DAMAGED, 4, "value", "a string constant without text");
		else
			k->type = LUA_STRING;
		break;
	default: rd_fail(&r->rd, ERR_DAMAGED, 1, "tag", "%u is no type of a constant", tag); return;
	}
	r->tags |= tag < 5 ? 1 : 2;
	if (r->tags == 3)
		rd_fail(&r->rd, ERR_DAMAGED, 0, "tag", "type tags of before and after April 2020");
}

/* Ends a part that began at off. */
static void close_part(struct reader *r, uint32_t self, enum lua_part part, uint32_t off)
{
	r->img->protos[self].parts[part] = (struct lua_range){ off, (uint32_t)r->rd.off - off };
}

static void read_code(struct reader *r, uint32_t self)
{
	struct lua_proto *p = &r->img->protos[self];
	uint32_t off = (uint32_t)r->rd.off;
	uint32_t n = rd_u32(&r->rd, "sizecode");

	skip_pad(r, "sizecode");
	if (!rd_fits(&r->rd, n, 4, "sizecode") ||
	    !lua_tally(r->img, &r->rd, 4 * (uint64_t)n, "sizecode"))
		return;
	p->code = rd_take(&r->rd, 4 * (size_t)n, "code");
	p->ncode = n;
	close_part(r, self, LUA_PART_CODE, off);
}

static void read_constants(struct reader *r, uint32_t self)
{
	struct rd_scope scope = { .name = "k", .up = r->rd.scope };
	uint32_t off = (uint32_t)r->rd.off;
	uint32_t n = rd_u32(&r->rd, "sizek");
	struct lua_slice k;

	if (!rd_fits(&r->rd, n, 1, "sizek") || !lua_add_constants(r->img, &r->rd, n, &k))
		return;
	r->rd.scope = &scope;
	for (uint32_t i = 0; i < n && !rd_bad(&r->rd); i++) {
		scope.index = i;
		read_constant(r, &r->img->constants[k.first + i]);
	}
	r->rd.scope = scope.up;
	r->img->protos[self].constants = k;
	close_part(r, self, LUA_PART_CONSTANTS, off);
}

static uint32_t read_function(struct reader *r, uint32_t parent);

static void read_children(struct reader *r, uint32_t self)
{
	uint32_t off = (uint32_t)r->rd.off;
	uint32_t n = rd_u32(&r->rd, "sizep");
	struct lua_slice kids;

	/* A function needs at least 40 bytes, and its constants come first: nothing is lost. */
	if (!rd_fits(&r->rd, n, 40, "sizep") || !lua_add_children(r->img, &r->rd, n, &kids))
		return;
	close_part(r, self, LUA_PART_CHILDREN, off);
	r->img->protos[self].children = kids;
	for (uint32_t i = 0; i < n && !rd_bad(&r->rd); i++) {
		uint32_t child = read_function(r, self);

		r->img->children[kids.first + i] = child;
	}
}

static void read_lines(struct reader *r, uint32_t self)
{
	struct lua_proto *p = &r->img->protos[self];
	uint32_t off = (uint32_t)r->rd.off;
	uint32_t n = rd_u32(&r->rd, "sizelineinfo");

	skip_pad(r, "sizelineinfo");
	if (!rd_fits(&r->rd, n, r->stock ? 4 : 1, "sizelineinfo") ||
	    !lua_tally(r->img, &r->rd, n, "sizelineinfo"))
		return;
	p->lineinfo = rd_take(&r->rd, r->stock ? 4 * (size_t)n : n, "lineinfo");
	p->nlineinfo = n;
	if (n == 0)
		p->lineinfo = NULL;
	close_part(r, self, LUA_PART_LINES, off);
}

static void read_locals(struct reader *r, uint32_t self)
{
	struct rd_scope scope = { .name = "locvars", .up = r->rd.scope };
	uint32_t off = (uint32_t)r->rd.off;
	uint32_t n = rd_u32(&r->rd, "sizelocvars");
	struct lua_slice locals;

	if (!rd_fits(&r->rd, n, 12, "sizelocvars") || !lua_add_locals(r->img, &r->rd, n, &locals))
		return;
	r->rd.scope = &scope;
	for (uint32_t i = 0; i < n && !rd_bad(&r->rd); i++) {
		struct lua_local *l = &r->img->locals[locals.first + i];

		scope.index = i;
		l->name = read_string(r, LUA_USE_LOCAL, "varname");
		l->start_pc = rd_u32(&r->rd, "startpc");
		l->end_pc = rd_u32(&r->rd, "endpc");
	}
	r->rd.scope = scope.up;
	r->img->protos[self].locals = locals;
	close_part(r, self, LUA_PART_LOCALS, off);
}

static void read_upvalues(struct reader *r, uint32_t self)
{
	struct rd_scope scope = { .name = "upvalues", .up = r->rd.scope };
	uint32_t off = (uint32_t)r->rd.off;
	uint32_t n = rd_u32(&r->rd, "sizeupvalues");
	struct lua_slice up;

	if (!rd_fits(&r->rd, n, 4, "sizeupvalues") || !lua_add_upvalues(r->img, &r->rd, n, &up))
		return;
	r->rd.scope = &scope;
	for (uint32_t i = 0; i < n && !rd_bad(&r->rd); i++) {
		scope.index = i;
		r->img->upvalues[up.first + i].name = read_string(r, LUA_USE_UPVALUE, "name");
	}
	r->rd.scope = scope.up;
	r->img->protos[self].upvalues = up;
	close_part(r, self, LUA_PART_UPVALUES, off);
}

static void read_record(struct reader *r, uint32_t self)
{
	struct lua_proto *p = &r->img->protos[self];

	p->off = (uint32_t)r->rd.off;
	p->source = read_string(r, LUA_USE_SOURCE, "source");
	p->line_first = rd_u32(&r->rd, "linedefined");
	p->line_last = rd_u32(&r->rd, "lastlinedefined");
	p->nups = rd_u8(&r->rd, "nups");
	p->params = rd_u8(&r->rd, "numparams");
	p->vararg = rd_u8(&r->rd, "is_vararg");
	p->stack = rd_u8(&r->rd, "maxstacksize");
	close_part(r, self, LUA_PART_RECORD, p->off);
}

static uint32_t read_function(struct reader *r, uint32_t parent)
{
	struct rd_scope scope = { .name = "proto", .index = r->img->nprotos };
	uint32_t self;

	r->rd.scope = &scope;
	self = lua_add_proto(r->img, &r->rd, parent, 0);
	if (self != LUA_NONE) {
		read_record(r, self);
		read_code(r, self);
		read_constants(r, self);
		read_children(r, self);
		r->rd.scope = &scope;
		read_lines(r, self);
		read_locals(r, self);
		read_upvalues(r, self);
	}
	r->rd.scope = NULL;
	return self;
}

/* Is it what a PC's luac of 32 bits writes? Tried only when it is no chunk of NodeMCU's. */
static bool is_stock(const uint8_t *data, size_t len, const struct lua_traits *traits)
{
	struct lua_image img = { .traits = *traits };
	struct diag diag = { 0 };
	struct reader r = { .img = &img, .rd = rd_init(data, len, &diag), .stock = true };
	bool whole;

	rd_take(&r.rd, HEAD, "header");
	read_function(&r, LUA_NONE);
	whole = !diag.code && r.rd.len == 0;
	lua_image_clear(&img);
	return whole;
}

static enum err load(struct lua_image *img, const uint8_t *data, size_t len, struct diag *diag)
{
	struct diag found = { 0 };
	struct reader r = { .img = img };
	uint8_t size;
	uint8_t integral;

	if (lua_keep(img, data, len, diag))
		return diag->code;
	r.rd = rd_init(img->bytes, img->nbytes, &found);
	img->traits.version = LUA_51;
	img->traits.form = LUA_FORM_CHUNK;
	rd_take(&r.rd, sizeof(head), "header");
	size = rd_u8(&r.rd, "header.number_size");
	if (!rd_bad(&r.rd) && size != 8 && size != 4)
		rd_fail(&r.rd, ERR_DAMAGED, 1, "header.number_size", "%u bytes", size);
	integral = rd_u8(&r.rd, "header.integral");
	if (!rd_bad(&r.rd) && (integral > 1 || integral != (size == 4)))
		rd_fail(&r.rd, ERR_DAMAGED, 1, "header.integral", "%u with numbers of %u bytes",
			integral, size);
	img->traits.integer_bytes = integral ? 4 : 0;
	img->traits.float_bytes = integral ? 0 : 8;
	img->traits.tvalue_bytes = flash51_tvalue(integral, true);
	if (!rd_bad(&r.rd)) {
		lua_add_module(img, &r.rd, LUA_NONE, 0);
		read_function(&r, LUA_NONE);
	}
	img->traits.old_tags = r.tags & 2;
	if (found.code && is_stock(data, len, &img->traits))
		return diag_fail(diag, ERR_KIND,
				 "a chunk of a PC's Lua 5.1 (luac, 32 bits); a device "
				 "cannot load it either");
	if (!diag->code && found.code)
		*diag = found;
	if (!found.code && r.rd.len)
		lua_note(img, r.rd.off, "", "%zu bytes behind the chunk", r.rd.len);
	return diag->code;
}

const struct lua_format lua_lc51 = { "lc51", probe, load, lc51_save,
				     "a compiled chunk (.lc) of Lua 5.1" };
