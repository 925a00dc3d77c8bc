/* SPDX-License-Identifier: MIT */
/* Debug data of prototypes: locals and lines. */
#include "common/lua/check_protos.h"

#include <inttypes.h>

#include "common/lua/dialect.h"
#include "common/lua/flash53.h"

/* The lookup by register walks the list up to the first local that begins later. */
static void check_local(struct proto_check *c, uint32_t i, uint32_t *start)
{
	const struct lua_local *l = &c->img->locals[c->p->locals.first + i];

	if (l->name == LUA_NONE)
		check_wrong(c->s, check_item_offset(c, LUA_PART_LOCALS, i, FLASH53_LOCAL, 0),
			    check_item_path(c, "locvars", i, "varname"), "no name");
	if (l->start_pc > l->end_pc || l->end_pc > c->p->ncode)
		check_wrong(c->s,
			    check_item_offset(c, LUA_PART_LOCALS, i, FLASH53_LOCAL, LOCAL53_START),
			    check_item_path(c, "locvars", i, "startpc"),
			    "instructions %" PRIu32 " to %" PRIu32 " of %" PRIu32, l->start_pc,
			    l->end_pc, c->p->ncode);
	else if (l->start_pc < *start)
		check_wrong(c->s,
			    check_item_offset(c, LUA_PART_LOCALS, i, FLASH53_LOCAL, LOCAL53_START),
			    check_item_path(c, "locvars", i, "startpc"),
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
		CHECK_FIELD(c, FIELD_LINE_FIRST, "line %" PRIu32 " to line %" PRIu32, p->line_first,
			    p->line_last);
		return;
	}
	for (uint32_t pc = 0; p->lineinfo && pc < p->ncode; pc++) {
		uint32_t line = c->lines[pc];

		if (line >= p->line_first && line && (line <= p->line_last || !p->line_last))
			continue;
		CHECK_FIELD(c, FIELD_LINES,
			    "instruction %" PRIu32 " in line %" PRIu32
			    " of a function from %" PRIu32 " to %" PRIu32,
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
		CHECK_FIELD(c, FIELD_LINES,
			    "lines of %s%" PRIu32 " instructions, there are %" PRIu32,
			    covered > p->ncode ? "at least " : "", covered, p->ncode);
	else if (!lines_end(c))
		CHECK_FIELD(c, FIELD_LINES, "no end mark: the firmware reads on");
	else
		check_line_order(c);
}

void check_debug(struct proto_check *c)
{
	uint32_t start = 0;

	for (uint32_t i = 0; i < c->p->locals.count; i++)
		check_local(c, i, &start);
	check_lineinfo(c);
}
