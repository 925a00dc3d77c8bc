/* SPDX-License-Identifier: MIT */
/*
 * Operands and comments as in print.c (5.1) and luac.c (5.3). An operand that points at nothing,
 * which only damaged code has, reads "?".
 */
#include "common/lua/listing.h"
#include "common/lua/ops.h"
#include "common/lua/shown.h"

#include <stdio.h>

/* A run of words that all look like SETLIST with C = 0 is followed back no further than this. */
enum { LOOK_BACK_MAX = 16 };

static const struct lua_proto *proto_at(const struct lua_image *img, uint32_t proto, uint32_t pc)
{
	const struct lua_proto *p;

	if (proto >= img->nprotos)
		return NULL;
	p = &img->protos[proto];
	return pc < p->ncode ? p : NULL;
}

static void put_operand(struct buf *out, const char *space, enum lua_arg arg, int32_t value)
{
	if (arg == LUA_ARG_NONE)
		return;
	if (arg == LUA_ARG_CONSTANT)
		value = -1 - value;
	else if (arg == LUA_ARG_RK && lua_rk_is_constant((uint16_t)value))
		value = -1 - (value & ~LUA_RK_BIT);
	buf_str(out, space);
	buf_int(out, value);
}

void lua_operands(const struct lua_image *img, const struct lua_insn *insn, struct buf *out)
{
	const struct lua_op *op = insn->op;
	const char *space;

	(void)img;
	if (!op)
		return;
	put_operand(out, "", op->a, insn->a);
	space = op->a == LUA_ARG_NONE ? "" : " ";
	put_operand(out, space, op->b, op->mode == LUA_ABC ? insn->b : insn->bx);
	if (op->mode == LUA_ABC)
		put_operand(out, space, op->c, insn->c);
}

static void put_name(const struct lua_image *img, uint32_t string, const char *none,
		     struct buf *out)
{
	if (string == LUA_NONE || string >= img->nstrings)
		buf_str(out, none);
	else
		buf_put(out, img->strings[string].text, lua_shown(img, &img->strings[string]));
}

/* As printf's "\\%03u", of which a long text may want millions. */
static void put_decimal(struct buf *out, uint8_t c)
{
	char text[4] = { '\\', (char)('0' + c / 100), (char)('0' + c / 10 % 10),
			 (char)('0' + c % 10) };

	buf_put(out, text, sizeof(text));
}

static void put_quoted(const struct lua_image *img, const struct lua_string *s, struct buf *out)
{
	static const char named[] = "\"\"\\\\\aa\bb\ff\nn\rr\tt\vv";

	uint32_t shown = lua_shown(img, s);

	buf_byte(out, '"');
	for (uint32_t i = 0; i < shown; i++) {
		uint8_t c = s->text[i];
		const char *n = named;

		while (*n && (uint8_t)*n != c)
			n += 2;
		if (*n)
			buf_put(out, (char[]){ '\\', n[1] }, 2);
		else if (c >= 0x20 && c < 0x7f)
			buf_byte(out, c);
		else
			put_decimal(out, c);
	}
	buf_str(out, shown < s->len ? "\"..." : "\"");
}

/* A 5.3 float that would read as an integer gets ".0"; 5.1 has no integers to confuse it with. */
static void put_float(const struct lua_traits *traits, double f, struct buf *out)
{
	char text[40];
	const char *p = text;

	snprintf(text, sizeof(text), traits->float_bytes == 4 ? "%.7g" : "%.14g", f);
	buf_str(out, text);
	while (*p == '-' || (*p >= '0' && *p <= '9'))
		p++;
	if (traits->version == LUA_53 && !*p)
		buf_str(out, ".0");
}

void lua_constant_text(const struct lua_image *img, const struct lua_const *k, struct buf *out)
{
	switch (k->type) {
	case LUA_NIL: buf_str(out, "nil"); return;
	case LUA_BOOLEAN: buf_str(out, k->b ? "true" : "false"); return;
	case LUA_INTEGER: buf_int(out, k->i); return;
	case LUA_FLOAT: put_float(&img->traits, k->f, out); return;
	case LUA_STRING:
		if (k->string < img->nstrings)
			put_quoted(img, &img->strings[k->string], out);
		else
			buf_byte(out, '?');
	}
}

static const struct lua_const *constant_at(const struct lua_image *img, const struct lua_proto *p,
					   int32_t i)
{
	if (i < 0 || (uint32_t)i >= p->constants.count)
		return NULL;
	return &img->constants[p->constants.first + (uint32_t)i];
}

static void put_constant(const struct lua_image *img, const struct lua_proto *p, int32_t i,
			 struct buf *out)
{
	const struct lua_const *k = constant_at(img, p, i);

	if (k)
		lua_constant_text(img, k, out);
	else
		buf_byte(out, '?');
}

static void put_rk(const struct lua_image *img, const struct lua_proto *p, uint16_t rk,
		   struct buf *out)
{
	if (lua_rk_is_constant(rk))
		put_constant(img, p, rk & ~LUA_RK_BIT, out);
	else
		buf_byte(out, '-');
}

static void put_upvalue(const struct lua_image *img, const struct lua_proto *p, uint32_t i,
			struct buf *out)
{
	uint32_t nups = img->traits.version == LUA_51 ? p->nups : p->upvalues.count;

	if (i >= nups)
		buf_byte(out, '?');
	else if (i >= p->upvalues.count)
		buf_byte(out, '-');
	else
		put_name(img, img->upvalues[p->upvalues.first + i].name, "-", out);
}

static void put_global(const struct lua_image *img, const struct lua_proto *p, int32_t i,
		       struct buf *out)
{
	const struct lua_const *k = constant_at(img, p, i);

	put_name(img, k && k->type == LUA_STRING ? k->string : LUA_NONE, "?", out);
}

static void put_child(const struct lua_image *img, const struct lua_proto *p, int32_t i,
		      struct buf *out)
{
	if ((uint32_t)i < p->children.count)
		lua_proto_title(img, img->children[p->children.first + (uint32_t)i], out);
	else
		buf_byte(out, '?');
}

static void put_both(const struct lua_image *img, const struct lua_proto *p,
		     const struct lua_insn *insn, struct buf *out)
{
	if (!lua_rk_is_constant(insn->b) && !lua_rk_is_constant(insn->c))
		return;
	put_rk(img, p, insn->b, out);
	buf_byte(out, ' ');
	put_rk(img, p, insn->c, out);
}

static void put_target(const struct lua_image *img, uint32_t proto, uint32_t pc, struct buf *out)
{
	uint32_t target = lua_jump_target(img, proto, pc);

	buf_str(out, "to ");
	if (target == LUA_NONE)
		buf_byte(out, '?');
	else
		buf_int(out, (int64_t)target + 1);
}

static void put_list(const struct lua_image *img, const struct lua_proto *p, uint32_t pc,
		     const struct lua_insn *insn, struct buf *out)
{
	const struct lua_dialect *d = lua_dialect_of(img->traits.version);
	uint32_t word = pc + 1 < p->ncode ? lua_word(p, pc + 1) : 0;
	struct lua_insn next = lua_decode(d, word);

	if (insn->c)
		buf_int(out, insn->c);
	else if (img->traits.version == LUA_51 && word)
		buf_int(out, word);
	else if (next.op && next.op->effect == LUA_EFFECT_EXTRA)
		buf_int(out, next.bx);
	else
		buf_byte(out, '?');
}

static void put_extra(const struct lua_image *img, const struct lua_proto *p, uint32_t pc,
		      const struct lua_insn *insn, struct buf *out)
{
	struct lua_insn before;

	if (pc == 0)
		return;
	before = lua_decode(lua_dialect_of(img->traits.version), lua_word(p, pc - 1));
	if (before.op && before.op->effect == LUA_EFFECT_LOADKX)
		put_constant(img, p, insn->bx, out);
}

static void put_upvalue_key(const struct lua_image *img, const struct lua_proto *p,
			    const struct lua_insn *insn, struct buf *out)
{
	bool set = insn->op->comment == LUA_COMMENT_SETTAB;

	put_upvalue(img, p, set ? insn->a : insn->b, out);
	if (set && lua_rk_is_constant(insn->b)) {
		buf_byte(out, ' ');
		put_rk(img, p, insn->b, out);
	}
	if (lua_rk_is_constant(insn->c)) {
		buf_byte(out, ' ');
		put_rk(img, p, insn->c, out);
	}
}

void lua_comment(const struct lua_image *img, uint32_t proto, uint32_t pc, struct buf *out)
{
	const struct lua_proto *p = proto_at(img, proto, pc);
	struct lua_insn insn;

	if (!p || lua_is_extra_word(img, proto, pc))
		return;
	insn = lua_decode(lua_dialect_of(img->traits.version), lua_word(p, pc));
	if (!insn.op)
		return;
	switch ((enum lua_comment_kind)insn.op->comment) {
	case LUA_COMMENT_NONE: return;
	case LUA_COMMENT_CONSTANT: put_constant(img, p, insn.bx, out); return;
	case LUA_COMMENT_GLOBAL: put_global(img, p, insn.bx, out); return;
	case LUA_COMMENT_UPVALUE: put_upvalue(img, p, insn.b, out); return;
	case LUA_COMMENT_KEY:
		if (lua_rk_is_constant(insn.c))
			put_rk(img, p, insn.c, out);
		return;
	case LUA_COMMENT_BOTH: put_both(img, p, &insn, out); return;
	case LUA_COMMENT_JUMP: put_target(img, proto, pc, out); return;
	case LUA_COMMENT_CLOSURE: put_child(img, p, insn.bx, out); return;
	case LUA_COMMENT_LIST: put_list(img, p, pc, &insn, out); return;
	case LUA_COMMENT_GETTAB:
	case LUA_COMMENT_SETTAB: put_upvalue_key(img, p, &insn, out); return;
	case LUA_COMMENT_EXTRA: put_extra(img, p, pc, &insn, out); return;
	}
}

uint32_t lua_jump_target(const struct lua_image *img, uint32_t proto, uint32_t pc)
{
	const struct lua_proto *p = proto_at(img, proto, pc);
	struct lua_insn insn;
	int64_t target;

	if (!p)
		return LUA_NONE;
	insn = lua_decode(lua_dialect_of(img->traits.version), lua_word(p, pc));
	if (!insn.op || !lua_op_jumps(insn.op) || lua_is_extra_word(img, proto, pc))
		return LUA_NONE;
	target = (int64_t)pc + 1 + insn.bx;
	return target >= 0 && target < p->ncode ? (uint32_t)target : LUA_NONE;
}

static bool takes_next_word(const struct lua_proto *p, uint32_t pc)
{
	struct lua_insn insn = lua_decode(&lua_dialect51, lua_word(p, pc));

	return insn.op && insn.op->effect == LUA_EFFECT_LIST && insn.c == 0;
}

bool lua_is_extra_word(const struct lua_image *img, uint32_t proto, uint32_t pc)
{
	const struct lua_proto *p = proto_at(img, proto, pc);
	unsigned run = 0;

	if (!p || img->traits.version != LUA_51)
		return false;
	/* The data may itself look like such a SETLIST: every second word of a run is data. */
	while (run < pc && run < LOOK_BACK_MAX && takes_next_word(p, pc - 1 - run))
		run++;
	return run % 2 == 1;
}

/* The source's name without the mark that Lua puts in front. */
static void put_source(const struct lua_image *img, uint32_t proto, struct buf *out)
{
	uint32_t source = lua_proto_source(img, proto);
	const struct lua_string *s;

	if (source >= img->nstrings) {
		buf_byte(out, '?');
		return;
	}
	s = &img->strings[source];
	if (s->len && (s->text[0] == '@' || s->text[0] == '=')) {
		buf_put(out, s->text + 1, lua_shown_name(img, s) - 1);
		buf_str(out, lua_shown_name(img, s) < s->len ? "..." : "");
	} else {
		buf_str(out, "(string)");
	}
}

void lua_proto_title(const struct lua_image *img, uint32_t proto, struct buf *out)
{
	if (proto >= img->nprotos) {
		buf_byte(out, '?');
		return;
	}
	buf_str(out, img->protos[proto].line_first == 0 ? "main <" : "function <");
	put_source(img, proto, out);
	buf_byte(out, ':');
	buf_int(out, img->protos[proto].line_first);
	buf_byte(out, ',');
	buf_int(out, img->protos[proto].line_last);
	buf_byte(out, '>');
}

void lua_proto_place(const struct lua_image *img, uint32_t proto, struct buf *out)
{
	put_source(img, proto, out);
	buf_byte(out, ':');
	buf_int(out, img->protos[proto].line_first);
}
