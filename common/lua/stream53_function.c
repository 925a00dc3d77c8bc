/* SPDX-License-Identifier: MIT */
/*
 * Function bodies of Lua 5.3 streams. Source: DumpFunction() of ldump.c, LoadFunction() of
 * lundump.c. Counts, typed integers and strings: stream53.c, stream53_string.c.
 *
 *	source            string; "no string": that of the function around it
 *	linedefined       count
 *	lastlinedefined   count
 *	numparams         1 byte
 *	is_vararg         1 byte
 *	maxstacksize      1 byte
 *	sizep             count, then so many whole functions
 *	sizecode          count, then so many instructions of 4 bytes, little-endian, not aligned
 *	sizek             count, then so many constants (stream53_constant.c)
 *	named             1 byte, 1: upvalues have names (luac.cross -s: 0, everywhere in the file)
 *	sizeupvalues      count, then for each: string if named, instack 1 byte, idx 1 byte
 *	sizelineinfo      count, then so many bytes of packed line info
 *	sizelocvars       count, then for each: string varname, count startpc, count endpc
 *
 * lua_proto.parts are one after the other and name each of the function's own bytes once: RECORD
 * ends behind maxstacksize, CHILDREN is sizep alone, and every other vector begins with its count
 * (UPVALUES: with named).
 */
#include "common/lua/stream53.h"

#include <inttypes.h>

enum { CONSTANT_MIN = 1, LOCAL_MIN = 3 }; /* bytes */

/* Not kept over a call that may add a prototype. */
static struct lua_proto *proto_of(struct stream53 *s, uint32_t index)
{
	return &s->img->protos[index];
}

/* A part begins at the cursor; it ends where part_end is called. */
static struct lua_range *part_begin(struct stream53 *s, struct lua_proto *p, enum lua_part part)
{
	p->parts[part].off = (uint32_t)s->rd.off;
	return &p->parts[part];
}

static void part_end(struct stream53 *s, struct lua_range *range)
{
	range->len = (uint32_t)s->rd.off - range->off;
}

static void read_record(struct stream53 *s, struct lua_proto *p)
{
	struct lua_range *range = part_begin(s, p, LUA_PART_RECORD);

	p->off = range->off;
	p->source = stream53_string(s, rd_u8(&s->rd, "source"), "source");
	lua_refer(s->img, p->source, LUA_USE_SOURCE);
	p->line_first = stream53_count(s, INT32_MAX, "linedefined");
	p->line_last = stream53_count(s, INT32_MAX, "lastlinedefined");
	p->params = rd_u8(&s->rd, "numparams");
	p->vararg = rd_u8(&s->rd, "is_vararg");
	p->stack = rd_u8(&s->rd, "maxstacksize");
	part_end(s, range);
}

static void read_children(struct stream53 *s, uint32_t self)
{
	struct lua_range *range = part_begin(s, proto_of(s, self), LUA_PART_CHILDREN);
	uint32_t count = stream53_count(s, INT32_MAX, "sizep");
	uint32_t module = proto_of(s, self)->module;
	struct lua_slice slice;

	part_end(s, range);
	if (!rd_fits(&s->rd, count, FUNCTION53_MIN, "sizep") ||
	    !lua_add_children(s->img, &s->rd, count, &slice))
		return;
	proto_of(s, self)->children = slice;
	for (uint32_t i = 0; i < count && !rd_bad(&s->rd); i++) {
		uint32_t child = stream53_function(s, self, module);

		s->img->children[slice.first + i] = child;
	}
}

static void read_code(struct stream53 *s, struct lua_proto *p)
{
	struct lua_range *range = part_begin(s, p, LUA_PART_CODE);
	uint32_t count = stream53_count(s, INT32_MAX, "sizecode");

	if (!rd_fits(&s->rd, count, 4, "sizecode") ||
	    !lua_tally(s->img, &s->rd, 4 * (uint64_t)count, "sizecode"))
		return;
	p->code = rd_take(&s->rd, 4 * (size_t)count, "code");
	p->ncode = count;
	part_end(s, range);
}

static void read_constants(struct stream53 *s, struct lua_proto *p)
{
	struct lua_range *range = part_begin(s, p, LUA_PART_CONSTANTS);
	uint32_t count = stream53_count(s, INT32_MAX, "sizek");
	struct rd_scope scope = { "k", 0, s->rd.scope };

	if (!rd_fits(&s->rd, count, CONSTANT_MIN, "sizek") ||
	    !lua_add_constants(s->img, &s->rd, count, &p->constants))
		return;
	s->rd.scope = &scope;
	for (; scope.index < count && !rd_bad(&s->rd); scope.index++)
		stream53_constant(s, &s->img->constants[p->constants.first + scope.index]);
	s->rd.scope = scope.up;
	part_end(s, range);
}

/* A writer drops the names of all functions or of none. */
static bool read_named(struct stream53 *s)
{
	uint8_t named = rd_u8(&s->rd, "named");

	if (rd_bad(&s->rd))
		return false;
	if (named > 1)
		stream53_note(s, s->rd.off - 1, "named", "%u, not 0 or 1", named);
	else if (s->any_list && s->img->header.unnamed == named)
		stream53_note(s, s->rd.off - 1, "named", "not as in the functions before");
	if (!s->any_list)
		s->img->header.unnamed = !named;
	s->any_list = true;
	return named;
}

static void read_upvalues(struct stream53 *s, struct lua_proto *p)
{
	struct lua_range *range = part_begin(s, p, LUA_PART_UPVALUES);
	bool named = read_named(s);
	uint32_t count = stream53_count(s, INT32_MAX, "sizeupvalues");
	struct rd_scope scope = { "upvalues", 0, s->rd.scope };

	if (!rd_fits(&s->rd, count, named ? 3 : 2, "sizeupvalues") ||
	    !lua_add_upvalues(s->img, &s->rd, count, &p->upvalues))
		return;
	p->nups = count < UINT8_MAX ? (uint8_t)count : UINT8_MAX;
	s->rd.scope = &scope;
	for (; scope.index < count && !rd_bad(&s->rd); scope.index++) {
		struct lua_upvalue *u = &s->img->upvalues[p->upvalues.first + scope.index];

		u->named = named;
		if (named)
			u->name = stream53_string(s, rd_u8(&s->rd, "name"), "name");
		lua_refer(s->img, u->name, LUA_USE_UPVALUE);
		u->instack = rd_u8(&s->rd, "instack");
		u->index = rd_u8(&s->rd, "idx");
	}
	s->rd.scope = scope.up;
	part_end(s, range);
}

static void put_upvalues(struct writer53 *w, const struct lua_proto *p)
{
	const struct lua_upvalue *u = w->img->upvalues;
	bool named = w->img->nupvalues ? u[p->upvalues.count ? p->upvalues.first : 0].named
				       : !w->img->header.unnamed;

	buf_byte(w->out, named);
	writer53_count(w, p->upvalues.count);
	for (uint32_t i = 0; i < p->upvalues.count; i++) {
		u = &w->img->upvalues[p->upvalues.first + i];
		if (named)
			writer53_string(w, u->name);
		buf_byte(w->out, u->instack);
		buf_byte(w->out, u->index);
	}
}

static void read_lineinfo(struct stream53 *s, struct lua_proto *p)
{
	struct lua_range *range = part_begin(s, p, LUA_PART_LINES);
	uint32_t count = stream53_count(s, INT32_MAX, "sizelineinfo");

	if (!rd_fits(&s->rd, count, 1, "sizelineinfo") ||
	    !lua_tally(s->img, &s->rd, ((uint64_t)count + 3) & ~(uint64_t)3, "sizelineinfo"))
		return;
	if (count)
		p->lineinfo = rd_take(&s->rd, count, "lineinfo");
	p->nlineinfo = count;
	part_end(s, range);
}

static void read_locals(struct stream53 *s, struct lua_proto *p)
{
	struct lua_range *range = part_begin(s, p, LUA_PART_LOCALS);
	uint32_t count = stream53_count(s, INT32_MAX, "sizelocvars");
	struct rd_scope scope = { "locvars", 0, s->rd.scope };

	if (!rd_fits(&s->rd, count, LOCAL_MIN, "sizelocvars") ||
	    !lua_add_locals(s->img, &s->rd, count, &p->locals))
		return;
	s->rd.scope = &scope;
	for (; scope.index < count && !rd_bad(&s->rd); scope.index++) {
		struct lua_local *l = &s->img->locals[p->locals.first + scope.index];

		l->name = stream53_string(s, rd_u8(&s->rd, "varname"), "varname");
		lua_refer(s->img, l->name, LUA_USE_LOCAL);
		l->start_pc = stream53_count(s, INT32_MAX, "startpc");
		l->end_pc = stream53_count(s, INT32_MAX, "endpc");
	}
	s->rd.scope = scope.up;
	part_end(s, range);
}

/* The loader wants an int; an image in flash, if damaged, may have more. */
static void put_int(struct writer53 *w, uint32_t value, const char *field)
{
	if (value > INT32_MAX)
		diag_fail(w->diag, ERR_DAMAGED, "%s: %" PRIu32 " is more than %d", field, value,
			  INT32_MAX);
	writer53_count(w, value);
}

static void put_locals(struct writer53 *w, const struct lua_proto *p)
{
	writer53_count(w, p->locals.count);
	for (uint32_t i = 0; i < p->locals.count; i++) {
		const struct lua_local *l = &w->img->locals[p->locals.first + i];

		writer53_string(w, l->name);
		put_int(w, l->start_pc, "startpc");
		put_int(w, l->end_pc, "endpc");
	}
}

uint32_t stream53_function(struct stream53 *s, uint32_t parent, uint32_t module)
{
	struct rd_scope scope = { "proto", s->img->nprotos, NULL };
	const struct rd_scope *outer = s->rd.scope;
	struct lua_proto *p;
	uint32_t self;

	s->rd.scope = &scope;
	self = lua_add_proto(s->img, &s->rd, parent, module);
	if (self != LUA_NONE) {
		read_record(s, proto_of(s, self));
		read_children(s, self);
		p = proto_of(s, self);
		read_code(s, p);
		read_constants(s, p);
		read_upvalues(s, p);
		read_lineinfo(s, p);
		read_locals(s, p);
	}
	s->rd.scope = outer;
	return self;
}

void writer53_function(struct writer53 *w, uint32_t proto)
{
	const struct lua_image *img = w->img;
	const struct lua_proto *p;

	if (proto >= img->nprotos) {
		diag_fail(w->diag, ERR_DAMAGED, "a function is missing");
		return;
	}
	p = &img->protos[proto];
	writer53_string(w, p->source);
	put_int(w, p->line_first, "linedefined");
	put_int(w, p->line_last, "lastlinedefined");
	buf_byte(w->out, p->params);
	buf_byte(w->out, p->vararg);
	buf_byte(w->out, p->stack);
	writer53_count(w, p->children.count);
	for (uint32_t i = 0; i < p->children.count; i++)
		writer53_function(w, img->children[p->children.first + i]);
	writer53_count(w, p->ncode);
	buf_put(w->out, p->code, 4 * (size_t)p->ncode);
	writer53_count(w, p->constants.count);
	for (uint32_t i = 0; i < p->constants.count; i++)
		writer53_constant(w, &img->constants[p->constants.first + i]);
	put_upvalues(w, p);
	writer53_count(w, p->nlineinfo);
	buf_put(w->out, p->lineinfo, p->nlineinfo);
	put_locals(w, p);
}
