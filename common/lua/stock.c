/* SPDX-License-Identifier: MIT */
/*
 * Chunks of stock Lua. Source: ldump.c, lundump.c of Lua 5.1.5 and 5.3.6.
 *
 *   5.1  1b 'Lua' 51 00, 01 (little-endian), sizes of int, size_t, Instruction, lua_Number, 00;
 *        function
 *   5.3  1b 'Lua' 53 00, 19 93 0d 0a 1a 0a, sizes of int, size_t, Instruction, lua_Integer,
 *        lua_Number, 5678 as lua_Integer, 370.5 as lua_Number; u8 upvalues; function
 *
 *   function 5.1:  string source; int linedefined, lastlinedefined; u8 nups, numparams, is_vararg,
 *                  maxstacksize; code; constants; functions; lines; locals; names of upvalues
 *   function 5.3:  string source; int linedefined, lastlinedefined; u8 numparams, is_vararg,
 *                  maxstacksize; code; constants; upvalues (u8 instack, idx); functions; lines;
 *                  locals; names of upvalues
 *   vectors:       int count, items; lines are ints, locals (string, int startpc, int endpc)
 *   string 5.1:    size_t length with NUL (0: none), bytes, NUL
 *   string 5.3:    u8 length + 1 (0: none; ff: a size_t follows that holds it), bytes
 *   constant:      u8 tag, value. 0 nil, 1 boolean u8, 3 float, 4 string; 5.3 too: 13 integer,
 *                  14 long string
 */
#include "common/lua/stock.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/file.h"
#include "common/lua/build.h"

enum { FUNCTION_MIN = 31 };

struct stock {
	struct lua_image *img;
	struct rd rd;
	bool v53;
	uint8_t size_bytes; /* of a size_t */
	const struct lua_walk *walk;
	uint32_t *lines; /* room for the lines of one function, twice */
	uint32_t lines_cap;
};

static uint64_t take_size(struct stock *s, const char *field)
{
	return s->size_bytes == 8 ? rd_u64(&s->rd, field) : rd_u32(&s->rd, field);
}

static uint32_t take_string(struct stock *s, enum lua_use use, const char *field)
{
	uint32_t off = (uint32_t)s->rd.off;
	uint64_t size = s->v53 ? rd_u8(&s->rd, field) : take_size(s, field);
	const uint8_t *text;
	uint32_t string;

	if (s->v53 && size == 0xff)
		size = take_size(s, field);
	if (size == 0 || !rd_fits(&s->rd, size - s->v53, 1, field))
		return LUA_NONE;
	text = rd_take(&s->rd, (size_t)size - s->v53, field);
	if (!text)
		return LUA_NONE;
	string = lua_intern(s->img, &s->rd, text, (uint32_t)size - 1, off);
	lua_refer(s->img, string, use);
	return string;
}

static uint32_t take_count(struct stock *s, size_t each, const char *field)
{
	uint32_t n = rd_u32(&s->rd, field);

	return rd_fits(&s->rd, n, each, field) ? n : 0;
}

static void take_constant(struct stock *s, struct lua_const *k)
{
	uint8_t tag = rd_u8(&s->rd, "tag");
	uint64_t bits;

	switch (tag) {
	case 0: return;
	case 1:
		k->type = LUA_BOOLEAN;
		k->b = rd_u8(&s->rd, "value") != 0;
		return;
	case 3:
		k->type = LUA_FLOAT;
		bits = rd_u64(&s->rd, "value");
		memcpy(&k->f, &bits, sizeof(k->f));
		return;
	case 0x13:
		k->type = LUA_INTEGER;
		k->i = (int64_t)rd_u64(&s->rd, "value");
		break;
	case 4:
	case 0x14:
		k->string = take_string(s, LUA_USE_CONSTANT, "value");
		if (k->string == LUA_NONE)
			rd_fail(&s->rd, ERR_DAMAGED, 1, "value", "a string constant without text");
		else
			k->type = LUA_STRING;
		break;
	default: tag = 0xff; break;
	}
	if (tag == 0xff || (tag > 4 && !s->v53))
		rd_fail(&s->rd, ERR_DAMAGED, 1, "tag", "no type of a constant");
}

static void take_code(struct stock *s, uint32_t self)
{
	uint32_t n = take_count(s, 4, "sizecode");
	struct lua_proto *p = &s->img->protos[self];

	if (!lua_tally(s->img, &s->rd, 4 * (uint64_t)n, "sizecode"))
		return;
	p->code = rd_take(&s->rd, 4 * (size_t)n, "code");
	p->ncode = p->code ? n : 0;
}

static void take_constants(struct stock *s, uint32_t self)
{
	uint32_t n = take_count(s, 1, "sizek");
	struct lua_slice k;

	if (!lua_add_constants(s->img, &s->rd, n, &k))
		return;
	s->img->protos[self].constants = k;
	for (uint32_t i = 0; i < n && !rd_bad(&s->rd); i++)
		take_constant(s, &s->img->constants[k.first + i]);
}

/* 5.3; in 5.1 the names are all there is. */
static void take_upvalues(struct stock *s, uint32_t self)
{
	uint32_t n = take_count(s, 2, "sizeupvalues");
	struct lua_slice up;

	if (!lua_add_upvalues(s->img, &s->rd, n, &up))
		return;
	s->img->protos[self].upvalues = up;
	s->img->protos[self].nups = (uint8_t)(n < UINT8_MAX ? n : UINT8_MAX);
	for (uint32_t i = 0; i < n; i++) {
		s->img->upvalues[up.first + i].named = true;
		s->img->upvalues[up.first + i].instack = rd_u8(&s->rd, "instack");
		s->img->upvalues[up.first + i].index = rd_u8(&s->rd, "idx");
	}
}

static void take_names(struct stock *s, uint32_t self)
{
	uint32_t n = take_count(s, 1, "sizeupvalues");
	struct lua_slice up = s->img->protos[self].upvalues;

	if (!s->v53 && !lua_add_upvalues(s->img, &s->rd, n, &up))
		return;
	s->img->protos[self].upvalues = up;
	if (n > up.count)
		rd_fail(&s->rd, ERR_DAMAGED, 4, "sizeupvalues", "more names than upvalues");
	for (uint32_t i = 0; i < n && !rd_bad(&s->rd); i++)
		s->img->upvalues[up.first + i].name = take_string(s, LUA_USE_UPVALUE, "name");
}

static void take_locals(struct stock *s, uint32_t self)
{
	uint32_t n = take_count(s, 9, "sizelocvars");
	struct lua_slice locals;

	if (!lua_add_locals(s->img, &s->rd, n, &locals))
		return;
	s->img->protos[self].locals = locals;
	for (uint32_t i = 0; i < n && !rd_bad(&s->rd); i++) {
		struct lua_local *l = &s->img->locals[locals.first + i];

		l->name = take_string(s, LUA_USE_LOCAL, "varname");
		l->start_pc = rd_u32(&s->rd, "startpc");
		l->end_pc = rd_u32(&s->rd, "endpc");
	}
}

/* Room for n lines, and as many again. */
static uint32_t *lines_room(struct stock *s, uint32_t n)
{
	if (n > s->lines_cap) {
		free(s->lines);
		s->lines = malloc(2 * (size_t)n * sizeof(*s->lines));
		s->lines_cap = s->lines ? n : 0;
	}
	if (!s->lines)
		diag_fail(s->rd.diag, ERR_MEMORY, "out of memory");
	return s->lines;
}

/* The store has room for all packed lines behind the file: at most 6 bytes for a line's 4. */
static void take_lines(struct stock *s, uint32_t self)
{
	uint32_t n = take_count(s, 4, "sizelineinfo");
	struct lua_proto *p = &s->img->protos[self];
	size_t from = s->img->store.len;
	const uint8_t *words = rd_take(&s->rd, 4 * (size_t)n, "lineinfo");
	uint32_t *lines = words && n ? lines_room(s, n) : NULL;
	uint32_t *emitted;

	if (!lines)
		return;
	for (uint32_t i = 0; i < n; i++)
		lines[i] = le32(words + 4 * (size_t)i);
	emitted = lines + n;
	if (!s->walk || n != p->ncode || !lua_walk_emitted(s->walk, s->img, self, lines, emitted))
		emitted = NULL;
	lua_pack_lines(s->img->traits.version, lines, emitted, n, &s->img->store);
	p->lineinfo = s->img->store.data + from;
	p->nlineinfo = (uint32_t)(s->img->store.len - from);
}

static uint32_t take_function(struct stock *s, uint32_t parent);

static void take_children(struct stock *s, uint32_t self)
{
	uint32_t n = take_count(s, FUNCTION_MIN, "sizep");
	struct lua_slice kids;

	if (!lua_add_children(s->img, &s->rd, n, &kids))
		return;
	s->img->protos[self].children = kids;
	for (uint32_t i = 0; i < n && !rd_bad(&s->rd); i++) {
		uint32_t child = take_function(s, self);

		s->img->children[kids.first + i] = child;
	}
}

static void take_record(struct stock *s, uint32_t self)
{
	struct lua_proto *p = &s->img->protos[self];

	p->off = (uint32_t)s->rd.off;
	p->source = take_string(s, LUA_USE_SOURCE, "source");
	p->line_first = rd_u32(&s->rd, "linedefined");
	p->line_last = rd_u32(&s->rd, "lastlinedefined");
	if (!s->v53)
		p->nups = rd_u8(&s->rd, "nups");
	p->params = rd_u8(&s->rd, "numparams");
	p->vararg = rd_u8(&s->rd, "is_vararg");
	p->stack = rd_u8(&s->rd, "maxstacksize");
}

static uint32_t take_function(struct stock *s, uint32_t parent)
{
	struct rd_scope scope = { .name = "proto", .index = s->img->nprotos };
	const struct rd_scope *outer = s->rd.scope;
	uint32_t self;

	s->rd.scope = &scope;
	self = lua_add_proto(s->img, &s->rd, parent, 0);
	if (self != LUA_NONE) {
		take_record(s, self);
		take_code(s, self);
		take_constants(s, self);
		if (s->v53)
			take_upvalues(s, self);
		take_children(s, self);
		take_lines(s, self);
		take_locals(s, self);
		take_names(s, self);
	}
	s->rd.scope = outer;
	return self;
}

static bool take_bytes(struct stock *s, const void *want, size_t n, const char *field)
{
	const uint8_t *p = rd_take(&s->rd, n, field);

	return p && memcmp(p, want, n) == 0;
}

static bool take_header(struct stock *s)
{
	static const uint8_t tail[] = { 8, 8, 0x78, 0x56, 0, 0, 0,    0,    0,
					0, 0, 0,    0,    0, 0, 0x28, 0x77, 0x40 };
	bool ok;

	s->v53 = s->rd.len > 4 && s->rd.p[4] == 0x53;
	ok = take_bytes(s, s->v53 ? "\x1bLua\x53\0" : "\x1bLua\x51\0", 6, "header");
	if (ok && s->v53)
		ok = take_bytes(s, "\x19\x93\r\n\x1a\n", 6, "header");
	else if (ok)
		ok = take_bytes(s, "\1", 1, "header.endianness");
	ok = ok && take_bytes(s, "\4", 1, "header.int");
	s->size_bytes = rd_u8(&s->rd, "header.size_t");
	ok = ok && (s->size_bytes == 4 || s->size_bytes == 8);
	ok = ok && take_bytes(s, "\4", 1, "header.instruction");
	if (ok && s->v53)
		ok = take_bytes(s, tail, sizeof(tail), "header.numbers") &&
		     rd_take(&s->rd, 1, "header.sizeupvalues");
	else if (ok)
		ok = take_bytes(s, "\10\0", 2, "header.number");
	s->img->traits = (struct lua_traits){ .version = s->v53 ? LUA_53 : LUA_51,
					      .form = LUA_FORM_CHUNK,
					      .integer_bytes = s->v53 ? 8 : 0,
					      .float_bytes = 8,
					      .tvalue_bytes = 12 };
	return ok;
}

/* The file, and behind it room that packed lines can have without moving the file's bytes. */
static bool keep(struct lua_image *img, const uint8_t *data, size_t len)
{
	if (len > FILE_MAX)
		return false;
	buf_put(&img->store, data, len);
	buf_extend(&img->store, 2 * len + 64);
	if (img->store.failed)
		return false;
	img->store.len = len;
	img->bytes = img->store.data;
	img->nbytes = len;
	return true;
}

static void load(struct stock *s, struct diag *diag)
{
	struct lua_image *img = s->img;

	s->rd = rd_init(img->bytes, img->nbytes, diag);
	if (!take_header(s)) {
		*diag = (struct diag){ 0 };
		diag_fail(diag, ERR_KIND,
			  "no chunk of stock Lua 5.1 or 5.3 in a layout known here");
		return;
	}
	lua_add_module(img, &s->rd, LUA_NONE, 0);
	take_function(s, LUA_NONE);
	if (!rd_bad(&s->rd) && s->rd.len)
		rd_fail(&s->rd, ERR_DAMAGED, 0, "", "%zu bytes behind the chunk", s->rd.len);
	free(img->string_index);
	img->string_index = NULL;
	img->string_slots = 0;
	img->nbytes = img->store.len;
}

enum err lua_stock_load(const uint8_t *data, size_t len, const struct lua_walk *walk,
			struct diag *diag, struct lua_image **out)
{
	struct stock s = { .img = calloc(1, sizeof(*s.img)), .walk = walk };

	*out = NULL;
	if (!s.img || !keep(s.img, data, len)) {
		lua_image_free(s.img);
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	s.img->file_size = len;
	s.img->header.main = LUA_NONE;
	load(&s, diag);
	free(s.lines);
	if (diag->code)
		lua_image_free(s.img);
	else
		*out = s.img;
	return diag->code;
}
