/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the reader of 5.1 images share: lfs51.c (header, modules), lfs51_strings.c and
 * lfs51_proto.c. Nobody else includes this.
 */
#ifndef LUA_LFS51_READER_H
#define LUA_LFS51_READER_H

#include "common/lua/flash51.h"
#include "common/lua/flash_reader.h"
#include "common/lua/lfs51.h"

struct lfs51_reader {
	struct flash flash; /* first */
	const struct lfs51_addressing *how;
	uint8_t *taken; /* bit per word: it was taken as an address */
};

/* Reads count strings, or their places in the chains of the hash vector. Failures are absorbed. */
void lfs51_read_strings(struct lfs51_reader *r, uint32_t count);
void lfs51_read_chains(struct lfs51_reader *r);

/* Of struct flash_ops. */
void lfs51_string_chained(struct flash *f, uint32_t s, uint32_t bucket);
void lfs51_read_constant(struct flash *f, struct rd *rd, struct lua_const *k);
void lfs51_read_upvalue(struct flash *f, struct rd *rd, struct lua_upvalue *u);
uint32_t lfs51_read_proto(struct flash *f, const struct flash_ref *ref);

#endif
