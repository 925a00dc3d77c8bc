/* SPDX-License-Identifier: MIT */
#include "common/lua/shown.h"

#include <inttypes.h>

#include "common/lua/build.h"
#include "common/lua/ops.h"

/* Mentions may have so many bytes altogether; an image of a device has a hundredth of it. */
enum { SHOWN_TOTAL = 64 << 20, SHOWN_LEAST = 16 };

struct weight {
	uint64_t bytes, mentions;
};

static void weigh(struct weight *w, uint64_t len)
{
	w->bytes += len;
	w->mentions++;
}

static uint32_t name_len(const struct lua_image *img, uint32_t string)
{
	if (string >= img->nstrings)
		return 0;
	return lua_shown_name(img, &img->strings[string]);
}

static void weigh_operand(const struct lua_image *img, const struct lua_proto *p, enum lua_arg arg,
			  int32_t value, struct weight *w)
{
	const struct lua_const *k;

	if (arg == LUA_ARG_RK && lua_rk_is_constant((uint16_t)value))
		value &= ~LUA_RK_BIT;
	else if (arg != LUA_ARG_CONSTANT)
		return;
	if (value < 0 || (uint32_t)value >= p->constants.count)
		return;
	k = &img->constants[p->constants.first + (uint32_t)value];
	if (k->type == LUA_STRING && k->string < img->nstrings)
		weigh(w, img->strings[k->string].len);
}

/* What the comments of a listing mention. */
static void weigh_code(const struct lua_image *img, const struct lua_proto *p, uint32_t title,
		       struct weight *w)
{
	const struct lua_dialect *d = lua_dialect_of(img->traits.version);

	for (uint32_t pc = 0; pc < p->ncode; pc++) {
		struct lua_insn insn = lua_decode(d, lua_word(p, pc));

		if (!insn.op)
			continue;
		if (insn.op->comment == LUA_COMMENT_CLOSURE) {
			weigh(w, title);
			continue;
		}
		weigh_operand(img, p, insn.op->b, insn.op->mode == LUA_ABC ? insn.b : insn.bx, w);
		if (insn.op->mode == LUA_ABC)
			weigh_operand(img, p, insn.op->c, insn.c, w);
	}
}

/* Every row of a prototype's lists may name its source and its module. */
static void weigh_proto(const struct lua_image *img, uint32_t proto, struct weight *w)
{
	const struct lua_proto *p = &img->protos[proto];
	uint64_t rows = (uint64_t)p->ncode + p->constants.count + p->upvalues.count +
			p->locals.count + p->children.count;
	uint32_t source = lua_proto_source(img, proto);
	uint32_t title = name_len(img, source);
	uint32_t module = p->module < img->nmodules ? name_len(img, img->modules[p->module].name)
						    : 0;

	w->bytes += rows * (title + module);
	w->mentions += rows * 2;
	if (source < img->nstrings)
		weigh(w, img->strings[source].len);
	weigh_code(img, p, title, w);
}

void lua_limit_shown(struct lua_image *img)
{
	struct weight w = { 0 };
	uint64_t max;

	for (uint32_t i = 0; i < img->nstrings; i++) {
		w.bytes += (uint64_t)img->strings[i].len * img->strings[i].refs;
		w.mentions += img->strings[i].refs;
	}
	for (uint32_t i = 0; i < img->nprotos; i++)
		weigh_proto(img, i, &w);
	if (w.bytes <= SHOWN_TOTAL)
		return;
	max = SHOWN_TOTAL / w.mentions;
	img->shown_max = max < SHOWN_LEAST ? SHOWN_LEAST : (uint32_t)max;
	lua_note(img, 0, "strings",
		 "mentioned in %" PRIu64 " bytes of text; mentions are cut to %" PRIu32, w.bytes,
		 img->shown_max);
}
