/* SPDX-License-Identifier: MIT */
/*
 * A function as the loader takes it (stream53_function.c has the bytes): a Proto and the vector of
 * its children stand in RAM until all children are in flash, code and line info only while they are
 * copied, the rest goes to flash item by item. So a function whose code is larger than the free
 * heap cannot be loaded, whatever the region's size.
 */

#include "common/lua/flash53.h"
#include "common/lua/loader53.h"
#include "common/lua/stream53.h"

/* A function that waits for its children. */
struct pending {
	int32_t children; /* to come */
	uint32_t nchildren;
	uint32_t memory; /* of its vector */
};

/* Each takes 80 bytes of the heap at least, so more cannot be nested. */
enum { DEPTH_MAX = LOADER_HEAP / (FLASH53_PROTO + 4) + 2 };

static void any_string(struct loader53 *l, const char *field)
{
	loader53_string(l, loader53_byte(l, field), field);
}

/* Everything in front of the children. */
static struct pending begin(struct loader53 *l)
{
	struct pending p = { 0 };

	loader53_new(l, FLASH53_PROTO, "proto");
	any_string(l, "proto.source");
	loader53_int(l, "proto.linedefined");
	loader53_int(l, "proto.lastlinedefined");
	loader53_take(l, 3, "proto.numparams");
	p.children = loader53_int(l, "proto.sizep");
	p.memory = loader53_vector(l, p.children, 4, "proto.sizep");
	p.nchildren = (uint32_t)p.children;
	return p;
}

static void copy_code(struct loader53 *l)
{
	int32_t n = loader53_int(l, "proto.sizecode");
	uint32_t memory = loader53_vector(l, n, 4, "proto.sizecode");

	loader53_take(l, memory, "proto.code");
	loader53_write(l, memory);
	l->heap -= l->stopped ? 0 : memory;
}

static void copy_constant(struct loader53 *l)
{
	size_t off = l->pos;
	uint8_t tag = loader53_byte(l, "proto.k");

	switch (tag >> 4 & 7) {
	case TYPED53_NIL:
	case TYPED53_BOOLEAN: break;
	case TYPED53_FLOAT: loader53_take(l, l->float_bytes, "proto.k"); break;
	case TYPED53_POSITIVE:
	case TYPED53_NEGATIVE: loader53_integer(l, tag, "proto.k"); break;
	case TYPED53_SHORT:
	case TYPED53_LONG: loader53_string(l, tag, "proto.k"); break;
	default:
		if (!l->stopped)
			check_place(check_add(l->report, CHECK_ERROR, NULL, LOADER_UPLOAD_AGAIN,
					      "a constant of no type: the loader stores what "
					      "happens to be in memory"),
				    off, "proto.k");
	}
}

static void copy_constants(struct loader53 *l)
{
	int32_t n = loader53_int(l, "proto.sizek");

	for (int32_t i = 0; i < n && !l->stopped; i++) {
		copy_constant(l);
		loader53_write(l, flash53_tvalue(l->integer_bytes, l->float_bytes));
	}
}

static void copy_upvalues(struct loader53 *l)
{
	bool named = loader53_byte(l, "proto.upvalues") != 0;
	int32_t n = loader53_int(l, "proto.sizeupvalues");

	for (int32_t i = 0; i < n && !l->stopped; i++) {
		if (named)
			any_string(l, "proto.upvalues");
		loader53_take(l, 2, "proto.upvalues");
		loader53_write(l, FLASH53_UPVALUE);
	}
}

static void copy_debug(struct loader53 *l)
{
	int32_t n = loader53_int(l, "proto.sizelineinfo");
	uint32_t memory = n ? loader53_vector(l, n, 1, "proto.sizelineinfo") : 0;

	loader53_take(l, memory, "proto.lineinfo");
	loader53_write(l, memory);
	l->heap -= l->stopped ? 0 : memory;
	n = loader53_int(l, "proto.sizelocvars");
	for (int32_t i = 0; i < n && !l->stopped; i++) {
		any_string(l, "proto.locvars");
		loader53_int(l, "proto.locvars");
		loader53_int(l, "proto.locvars");
		loader53_write(l, FLASH53_LOCAL);
	}
}

/* Everything behind the children. */
static void finish(struct loader53 *l, const struct pending *p)
{
	loader53_write(l, 4 * (uint64_t)p->nchildren);
	l->heap -= l->stopped ? 0 : p->memory;
	copy_code(l);
	copy_constants(l);
	copy_upvalues(l);
	copy_debug(l);
	loader53_write(l, FLASH53_PROTO);
	l->heap -= l->stopped ? 0 : FLASH53_PROTO;
}

void loader53_function(struct loader53 *l)
{
	struct pending stack[DEPTH_MAX];
	uint32_t depth = 0;

	stack[depth++] = begin(l);
	while (depth > 0 && !l->stopped) {
		struct pending *top = &stack[depth - 1];

		if (top->children-- > 0) {
			stack[depth++] = begin(l);
			continue;
		}
		finish(l, top);
		depth--;
	}
}
