/* SPDX-License-Identifier: MIT */
/*
 * Fields of prototypes, but for their instructions. Places in the file are exact for what stands
 * in flash; in a stream, where fields have no fixed size, they are those of the part around them.
 */
#include "common/lua/check_found.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/lua/dialect.h"

/* Offsets in the records. */
enum {
	P51_MARKED = 5,
	P51_SOURCE = 32,
	P51_SIZEUPVALUES = 36,
	P51_LINES = 20,
	P51_LINE_FIRST = 56,
	P51_NUPS = 68,
	P51_PARAMS,
	P51_VARARG,
	P51_STACK,
	P53_MARKED = 5,
	P53_PARAMS,
	P53_VARARG,
	P53_STACK,
	P53_LINE_FIRST = 36,
	P53_LINES = 56,
	P53_SOURCE = 68,
};

enum {
	STACK_MIN = 2, /* the compilers': registers 0 and 1 are always there */
	STACK51_MAX = 250,
	UPVALUES51_MAX = 60,
	UPVALUES53_MAX = 255,
	WHITE_BITS = 3,
	TT_PROTO = 9,
	TT_OLD_PROTO = 11,
	LFS51_BIT = 0x40,
	LFS53_BIT = 0x20,
};

enum field { SOURCE, LINE_FIRST, LINES, PARAMS, VARARG, STACK, NUPS, SIZEUPVALUES, MARKED, FIELDS };

static const struct {
	const char *name;
	uint8_t at51, at53;
	bool last53; /* of the three bytes that a stream's record ends with */
} fields[FIELDS] = {
	[SOURCE] = { "source", P51_SOURCE, P53_SOURCE, false },
	[LINE_FIRST] = { "linedefined", P51_LINE_FIRST, P53_LINE_FIRST, false },
	[LINES] = { "lineinfo", P51_LINES, P53_LINES, false },
	[PARAMS] = { "numparams", P51_PARAMS, P53_PARAMS, true },
	[VARARG] = { "is_vararg", P51_VARARG, P53_VARARG, true },
	[STACK] = { "maxstacksize", P51_STACK, P53_STACK, true },
	[NUPS] = { "nups", P51_NUPS, 12, false },
	[SIZEUPVALUES] = { "sizeupvalues", P51_SIZEUPVALUES, 12, false },
	[MARKED] = { "marked", P51_MARKED, P53_MARKED, false },
};

struct proto_check {
	const struct check_scope *s;
	const struct lua_image *img;
	const struct lua_proto *p;
	uint32_t index;
	uint32_t *lines; /* room for the longest prototype */
	char path[60];
};

static bool is_stream(const struct lua_image *img)
{
	return img->traits.form == LUA_FORM_CHUNK || img->traits.form == LUA_FORM_PORTABLE;
}

static uint64_t field_offset(const struct proto_check *c, enum field f)
{
	const struct lua_range *record = &c->p->parts[LUA_PART_RECORD];

	if (!is_stream(c->img))
		return c->p->off + (uint64_t)(c->img->traits.version == LUA_51 ? fields[f].at51
									       : fields[f].at53);
	if (f == LINES)
		return c->p->parts[LUA_PART_LINES].off;
	if (c->img->traits.version == LUA_53 && fields[f].last53 && record->len >= 3)
		return record->off + record->len - (uint64_t)(3 - (f - PARAMS));
	return c->p->off;
}

static const char *field_path(struct proto_check *c, enum field f)
{
	bool packed = f == LINES && c->img->traits.version == LUA_51;

	snprintf(c->path, sizeof(c->path), "proto[%" PRIu32 "].%s", c->index,
		 packed ? "packedlineinfo" : fields[f].name);
	return c->path;
}

#define WRONG(c, f, ...) \
	check_wrong((c)->s, field_offset((c), (f)), field_path((c), (f)), __VA_ARGS__)

/* Where an item of a vector stands, as well as it is known. */
static uint64_t item_offset(const struct proto_check *c, enum lua_part part, uint32_t i,
			    uint32_t size, uint32_t field)
{
	uint64_t off = c->p->parts[part].off;

	return is_stream(c->img) ? off : off + (uint64_t)i * size + field;
}

static const char *item_path(struct proto_check *c, const char *vector, uint32_t i,
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
		WRONG(c, STACK, "%u registers, a function has %u to %u", p->stack, STACK_MIN,
		      is51 ? STACK51_MAX : 255u);
	if (p->params + arg > p->stack)
		WRONG(c, PARAMS, "%u parameters in %u registers", p->params, p->stack);
	if (!vararg_known(c->img, p->vararg))
		WRONG(c, VARARG, "0x%02x says nothing that a compiler says", p->vararg);
}

/* Prototypes in flash must never be marked either. A 5.1 image has 0 here, whatever tt is. */
static void check_marked(struct proto_check *c)
{
	const uint8_t *head = c->img->bytes + c->p->off;
	bool sound;

	if (is_stream(c->img))
		return;
	if (c->img->traits.version == LUA_51)
		sound = !(head[P51_MARKED] & WHITE_BITS) ||
			((head[4] == TT_PROTO || head[4] == TT_OLD_PROTO) &&
			 head[P51_MARKED] & LFS51_BIT);
	else
		sound = head[P53_MARKED] & LFS53_BIT;
	if (!sound)
		WRONG(c, MARKED, "0x%02x: the garbage collector takes the prototype for one in RAM",
		      head[P51_MARKED]);
}

/* 5.1 prints the name without a look; 5.3's loader does not protect a nameless one from the GC. */
static void check_source(struct proto_check *c)
{
	if (c->img->traits.form == LUA_FORM_CHUNK || lua_proto_source(c->img, c->index) != LUA_NONE)
		return;
	WRONG(c, SOURCE, "no name of a source: %s",
	      c->img->traits.version == LUA_51
		      ? "an error in this function crashes"
		      : "the garbage collector takes the prototype for one in RAM");
}

static void check_upvalues51(struct proto_check *c)
{
	const struct lua_proto *p = c->p;

	if (p->nups > UPVALUES51_MAX)
		WRONG(c, NUPS, "%u upvalues, a function has %u at most", p->nups, UPVALUES51_MAX);
	else if (p->upvalues.count && p->upvalues.count != p->nups)
		WRONG(c, SIZEUPVALUES, "%" PRIu32 " names for %u upvalues", p->upvalues.count,
		      p->nups);
	if (p->parent == LUA_NONE && p->nups)
		WRONG(c, NUPS, "%u upvalues, but there is no function around it", p->nups);
	for (uint32_t i = 0; i < p->upvalues.count; i++)
		if (c->img->upvalues[p->upvalues.first + i].name == LUA_NONE)
			check_wrong(c->s, item_offset(c, LUA_PART_UPVALUES, i, 4, 0),
				    item_path(c, "upvalues", i, "name"), "no name");
}

/* A module's only upvalue is _ENV, which whoever loads it fills in. */
static void check_root53(struct proto_check *c)
{
	if (c->p->upvalues.count != 1 && c->img->traits.form != LUA_FORM_CHUNK)
		check_wrong(c->s, c->p->parts[LUA_PART_UPVALUES].off, field_path(c, SIZEUPVALUES),
			    "%" PRIu32 " upvalues, but a module has one, _ENV",
			    c->p->upvalues.count);
}

static void check_upvalues53(struct proto_check *c)
{
	const struct lua_proto *p = c->p, *around;

	if (p->upvalues.count > UPVALUES53_MAX)
		check_wrong(c->s, p->parts[LUA_PART_UPVALUES].off, field_path(c, SIZEUPVALUES),
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
			check_wrong(c->s, item_offset(c, LUA_PART_UPVALUES, i, 8, 4),
				    item_path(c, "upvalues", i, "instack"), "%u, not 0 or 1",
				    u->instack);
		if (u->index >= room)
			check_wrong(c->s, item_offset(c, LUA_PART_UPVALUES, i, 8, 5),
				    item_path(c, "upvalues", i, "idx"),
				    "%s %u, but the function around has %" PRIu32,
				    u->instack ? "register" : "upvalue", u->index, room);
	}
}

/* The lookup by register walks the list up to the first local that begins later. */
static void check_local(struct proto_check *c, uint32_t i, uint32_t *start)
{
	const struct lua_local *l = &c->img->locals[c->p->locals.first + i];

	if (l->name == LUA_NONE)
		check_wrong(c->s, item_offset(c, LUA_PART_LOCALS, i, 12, 0),
			    item_path(c, "locvars", i, "varname"), "no name");
	if (l->start_pc > l->end_pc || l->end_pc > c->p->ncode)
		check_wrong(c->s, item_offset(c, LUA_PART_LOCALS, i, 12, 4),
			    item_path(c, "locvars", i, "startpc"),
			    "instructions %" PRIu32 " to %" PRIu32 " of %" PRIu32, l->start_pc,
			    l->end_pc, c->p->ncode);
	else if (l->start_pc < *start)
		check_wrong(c->s, item_offset(c, LUA_PART_LOCALS, i, 12, 4),
			    item_path(c, "locvars", i, "startpc"),
			    "begins at instruction %" PRIu32 ", before the local before it",
			    l->start_pc);
	else
		*start = l->start_pc;
}

/* Firmware reads until the end mark, wherever that is. */
static bool lines_end(const struct proto_check *c)
{
	const struct lua_proto *p = c->p;
	bool is51 = c->img->traits.version == LUA_51;

	for (uint32_t i = 0; i < p->nlineinfo; i++)
		if (p->lineinfo[i] == 0 || (is51 && p->lineinfo[i] == 0x7f))
			return true;
	/* In flash the string's NUL is the mark. */
	return is51 && c->img->traits.form != LUA_FORM_CHUNK;
}

static void check_line_order(struct proto_check *c)
{
	const struct lua_proto *p = c->p;

	if (p->line_first > p->line_last || (p->line_first == 0 && p->line_last)) {
		WRONG(c, LINE_FIRST, "line %" PRIu32 " to line %" PRIu32, p->line_first,
		      p->line_last);
		return;
	}
	for (uint32_t pc = 0; p->lineinfo && pc < p->ncode; pc++) {
		uint32_t line = c->lines[pc];

		if (line >= p->line_first && line && (line <= p->line_last || !p->line_last))
			continue;
		WRONG(c, LINES,
		      "instruction %" PRIu32 " in line %" PRIu32 " of a function from %" PRIu32
		      " to %" PRIu32,
		      pc + 1, line, p->line_first, p->line_last);
		return;
	}
}

static void check_lineinfo(struct proto_check *c)
{
	const struct lua_proto *p = c->p;
	uint32_t covered;

	if (!p->lineinfo) {
		check_line_order(c);
		return;
	}
	covered = lua_lines(c->img, p, c->lines);
	if (covered != p->ncode)
		WRONG(c, LINES, "lines of %s%" PRIu32 " instructions, there are %" PRIu32,
		      covered > p->ncode ? "at least " : "", covered, p->ncode);
	else if (!lines_end(c))
		WRONG(c, LINES, "no end mark: the firmware reads on");
	else
		check_line_order(c);
}

/* true compares as equal to true by its number, 1. */
static void check_booleans51(struct proto_check *c)
{
	const struct lua_traits *t = &c->img->traits;
	const struct lua_proto *p = c->p;

	if (t->version != LUA_51 || is_stream(c->img))
		return;
	for (uint32_t i = 0; i < p->constants.count; i++) {
		uint64_t off = item_offset(c, LUA_PART_CONSTANTS, i, t->tvalue_bytes, 0);

		if (c->img->constants[p->constants.first + i].type != LUA_BOOLEAN ||
		    le32(c->img->bytes + off) <= 1)
			continue;
		check_wrong(c->s, off, item_path(c, "k", i, "value"),
			    "a boolean of %" PRIu32 ": it does not equal true",
			    le32(c->img->bytes + off));
	}
}

static void check_proto(struct proto_check *c)
{
	uint32_t start = 0;

	check_frame(c);
	check_marked(c);
	check_source(c);
	if (c->img->traits.version == LUA_51)
		check_upvalues51(c);
	else
		check_upvalues53(c);
	check_booleans51(c);
	for (uint32_t i = 0; i < c->p->locals.count; i++)
		check_local(c, i, &start);
	check_lineinfo(c);
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
		check_wrong(s, CHECK_NO_OFFSET, NULL, "out of memory: prototypes are not checked");
		return;
	}
	for (uint32_t i = 0; i < s->img->nprotos; i++) {
		c.p = &s->img->protos[i];
		c.index = i;
		check_proto(&c);
	}
	free(c.lines);
}
