/* SPDX-License-Identifier: MIT */
/*
 * Fields of prototypes, but for their instructions and debug data. Places in the file are exact for
 * what stands in flash; in a stream, where fields have no fixed size, they are those of the part
 * around them.
 */
#include "common/lua/check_protos.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/lua/flash51.h"
#include "common/lua/flash53.h"

enum {
	STACK_MIN = 2, /* the compilers': registers 0 and 1 are always there */
	STACK51_MAX = 250,
	UPVALUES51_MAX = 60,
	UPVALUES53_MAX = 255,
};

static const struct {
	const char *name;
	uint8_t at51, at53;
	bool last53; /* of the three bytes that a stream's record ends with */
} fields[CHECK_FIELDS] = {
	[FIELD_SOURCE] = { "source", PROTO51_SOURCE, PROTO53_SOURCE, false },
	[FIELD_LINE_FIRST] = { "linedefined", PROTO51_LINE_FIRST, PROTO53_LINE_FIRST, false },
	[FIELD_LINES] = { "lineinfo", PROTO51_LINES, PROTO53_LINES, false },
	[FIELD_PARAMS] = { "numparams", PROTO51_PARAMS, PROTO53_PARAMS, true },
	[FIELD_VARARG] = { "is_vararg", PROTO51_VARARG, PROTO53_VARARG, true },
	[FIELD_STACK] = { "maxstacksize", PROTO51_STACK, PROTO53_STACK, true },
	[FIELD_NUPS] = { "nups", PROTO51_NUPS, PROTO53_SIZEUPVALUES, false },
	[FIELD_SIZEUPVALUES] = { "sizeupvalues", PROTO51_SIZEUPVALUES, PROTO53_SIZEUPVALUES,
				 false },
	[FIELD_MARKED] = { "marked", PROTO51_MARKED, PROTO53_MARKED, false },
};

static bool is_stream(const struct lua_image *img)
{
	return img->traits.form == LUA_FORM_CHUNK || img->traits.form == LUA_FORM_PORTABLE;
}

uint64_t check_field_offset(const struct proto_check *c, enum check_field f)
{
	const struct lua_range *record = &c->p->parts[LUA_PART_RECORD];

	if (!is_stream(c->img))
		return c->p->off + (uint64_t)(c->img->traits.version == LUA_51 ? fields[f].at51
									       : fields[f].at53);
	if (f == FIELD_LINES)
		return c->p->parts[LUA_PART_LINES].off;
	if (c->img->traits.version == LUA_53 && fields[f].last53 && record->len >= 3)
		return record->off + record->len - (uint64_t)(3 - (f - FIELD_PARAMS));
	return c->p->off;
}

const char *check_field_path(struct proto_check *c, enum check_field f)
{
	bool packed = f == FIELD_LINES && c->img->traits.version == LUA_51;

	snprintf(c->path, sizeof(c->path), "proto[%" PRIu32 "].%s", c->index,
		 packed ? "packedlineinfo" : fields[f].name);
	return c->path;
}

uint64_t check_item_offset(const struct proto_check *c, enum lua_part part, uint32_t i,
			   uint32_t size, uint32_t field)
{
	uint64_t off = c->p->parts[part].off;

	return is_stream(c->img) ? off : off + (uint64_t)i * size + field;
}

const char *check_item_path(struct proto_check *c, const char *vector, uint32_t i,
			    const char *field)
{
	snprintf(c->path, sizeof(c->path), "proto[%" PRIu32 "].%s[%" PRIu32 "].%s", c->index,
		 vector, i, field);
	return c->path;
}

/* 1 has the variable "arg", 2 takes ..., 4 "arg" is used; in 5.3 a yes that was 2 once. */
static bool vararg_known(const struct lua_image *img, uint8_t v)
{
	if (img->traits.version == LUA_53)
		return v <= 2;
	return v == 0 || v == 2 || v == 3 || v == 7;
}

static void check_frame(struct proto_check *c)
{
	const struct lua_proto *p = c->p;
	bool is51 = c->img->traits.version == LUA_51;
	unsigned arg = is51 && (p->vararg & 1) ? 1 : 0;

	if (p->stack < STACK_MIN || (is51 && p->stack > STACK51_MAX))
		CHECK_FIELD(c, FIELD_STACK, "%u registers, a function has %u to %u", p->stack,
			    STACK_MIN, is51 ? STACK51_MAX : 255u);
	if (p->params + arg > p->stack)
		CHECK_FIELD(c, FIELD_PARAMS, "%u parameters in %u registers", p->params, p->stack);
	if (!vararg_known(c->img, p->vararg))
		CHECK_FIELD(c, FIELD_VARARG, "0x%02x says nothing that a compiler says", p->vararg);
}

/* Prototypes in flash must never be marked either. A 5.1 image has 0 here, whatever tt is. */
static void check_marked(struct proto_check *c)
{
	const uint8_t *head = c->img->bytes + c->p->off;
	bool sound;

	if (is_stream(c->img))
		return;
	if (c->img->traits.version == LUA_51)
		sound = !(head[PROTO51_MARKED] & MARK51_WHITE) ||
			((head[PROTO51_TT] == TAG51_PROTO ||
			  head[PROTO51_TT] == TAG51_PROTO + TAG51_OLD) &&
			 head[PROTO51_MARKED] & MARK51_LFS);
	else
		sound = head[PROTO53_MARKED] & MARK53_LFS;
	if (!sound)
		CHECK_FIELD(c, FIELD_MARKED,
			    "0x%02x: the garbage collector takes the prototype for one in RAM",
			    head[PROTO51_MARKED]);
}

/* 5.1 prints the name without a look; 5.3's loader does not protect a nameless one from the GC. */
static void check_source(struct proto_check *c)
{
	if (c->img->traits.form == LUA_FORM_CHUNK || lua_proto_source(c->img, c->index) != LUA_NONE)
		return;
	CHECK_FIELD(c, FIELD_SOURCE, "no name of a source: %s",
		    c->img->traits.version == LUA_51
			    ? "an error in this function crashes"
			    : "the garbage collector takes the prototype for one in RAM");
}

static void check_upvalues51(struct proto_check *c)
{
	const struct lua_proto *p = c->p;

	if (p->nups > UPVALUES51_MAX)
		CHECK_FIELD(c, FIELD_NUPS, "%u upvalues, a function has %u at most", p->nups,
			    UPVALUES51_MAX);
	else if (p->upvalues.count && p->upvalues.count != p->nups)
		CHECK_FIELD(c, FIELD_SIZEUPVALUES, "%" PRIu32 " names for %u upvalues",
			    p->upvalues.count, p->nups);
	if (p->parent == LUA_NONE && p->nups)
		CHECK_FIELD(c, FIELD_NUPS, "%u upvalues, but there is no function around it",
			    p->nups);
	for (uint32_t i = 0; i < p->upvalues.count; i++)
		if (c->img->upvalues[p->upvalues.first + i].name == LUA_NONE)
			check_wrong(c->s,
				    check_item_offset(c, LUA_PART_UPVALUES, i, FLASH51_UPVALUE, 0),
				    check_item_path(c, "upvalues", i, "name"), "no name");
}

/* A module's only upvalue is _ENV, which whoever loads it fills in. */
static void check_root53(struct proto_check *c)
{
	if (c->p->upvalues.count != 1 && c->img->traits.form != LUA_FORM_CHUNK)
		check_wrong(c->s, c->p->parts[LUA_PART_UPVALUES].off,
			    check_field_path(c, FIELD_SIZEUPVALUES),
			    "%" PRIu32 " upvalues, but a module has one, _ENV",
			    c->p->upvalues.count);
}

static void check_upvalues53(struct proto_check *c)
{
	const struct lua_proto *p = c->p, *around;

	if (p->upvalues.count > UPVALUES53_MAX)
		check_wrong(c->s, p->parts[LUA_PART_UPVALUES].off,
			    check_field_path(c, FIELD_SIZEUPVALUES),
			    "%" PRIu32 " upvalues, a function has %u at most", p->upvalues.count,
			    UPVALUES53_MAX);
	if (p->parent == LUA_NONE) {
		check_root53(c);
		return;
	}
	around = &c->img->protos[p->parent];
	for (uint32_t i = 0; i < p->upvalues.count; i++) {
		const struct lua_upvalue *u = &c->img->upvalues[p->upvalues.first + i];
		uint32_t room = u->instack ? around->stack : around->upvalues.count;

		if (u->instack > 1)
			check_wrong(c->s,
				    check_item_offset(c, LUA_PART_UPVALUES, i, FLASH53_UPVALUE,
						      UPVALUE53_INSTACK),
				    check_item_path(c, "upvalues", i, "instack"), "%u, not 0 or 1",
				    u->instack);
		if (u->index >= room)
			check_wrong(c->s,
				    check_item_offset(c, LUA_PART_UPVALUES, i, FLASH53_UPVALUE,
						      UPVALUE53_INDEX),
				    check_item_path(c, "upvalues", i, "idx"),
				    "%s %u, but the function around has %" PRIu32,
				    u->instack ? "register" : "upvalue", u->index, room);
	}
}

/* true compares as equal to true by its number, 1. */
static void check_booleans51(struct proto_check *c)
{
	const struct lua_traits *t = &c->img->traits;
	const struct lua_proto *p = c->p;

	if (t->version != LUA_51 || is_stream(c->img))
		return;
	for (uint32_t i = 0; i < p->constants.count; i++) {
		uint64_t off = check_item_offset(c, LUA_PART_CONSTANTS, i, t->tvalue_bytes, 0);

		if (c->img->constants[p->constants.first + i].type != LUA_BOOLEAN ||
		    le32(c->img->bytes + off) <= 1)
			continue;
		check_wrong(c->s, off, check_item_path(c, "k", i, "value"),
			    "a boolean of %" PRIu32 ": it does not equal true",
			    le32(c->img->bytes + off));
	}
}

static void check_proto(struct proto_check *c)
{
	check_frame(c);
	check_marked(c);
	check_source(c);
	if (c->img->traits.version == LUA_51)
		check_upvalues51(c);
	else
		check_upvalues53(c);
	check_booleans51(c);
	check_debug(c);
}

void check_protos(const struct check_scope *s)
{
	struct proto_check c = { .s = s, .img = s->img };
	uint32_t longest = 1;

	for (uint32_t i = 0; i < s->img->nprotos; i++)
		if (s->img->protos[i].ncode > longest)
			longest = s->img->protos[i].ncode;
	c.lines = calloc(longest, sizeof(*c.lines));
	if (!c.lines) {
		s->r->failed = true;
		return;
	}
	for (uint32_t i = 0; i < s->img->nprotos; i++) {
		c.p = &s->img->protos[i];
		c.index = i;
		check_proto(&c);
	}
	free(c.lines);
}
