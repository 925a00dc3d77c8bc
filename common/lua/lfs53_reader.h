/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the reader of absolute Lua 5.3 images share: lfs53_absolute.c (header),
 * lfs53_absolute_modules.c, lfs53_absolute_strings.c and lfs53_absolute_proto.c. Nobody else
 * includes this.
 */
#ifndef LUA_LFS53_READER_H
#define LUA_LFS53_READER_H

#include "common/lua/flash53.h"
#include "common/lua/flash_reader.h"

struct lfs53_reader {
	struct flash flash;    /* first */
	uint32_t rotable;      /* offset of the modules' ROTable, 0: not known */
	uint32_t last;         /* offset of the prototype that ended last, 0: none yet */
	uint32_t last_text[2]; /* offset of the last short and the last long TString, 0: none */
};

/* Reads the strings from the header to byte offset end, and tells the fixed ones apart. */
void lfs53_read_strings(struct lfs53_reader *r, uint32_t end);

/* Finds the base, once the strings are read. Failures go to the first. */
void lfs53_find_base(struct lfs53_reader *r);

/* Places of strings in the chains of the hash vector, and the lists that next links. */
void lfs53_read_chains(struct lfs53_reader *r);

/* Reads the list of modules and what it leads to; finds the widths of numbers before. */
void lfs53_read_modules(struct lfs53_reader *r);

/* Of struct flash_ops. A fixed string is the one that the file's author wrote (fixed53.h). */
uint32_t lfs53_meant_string(struct flash *f, const struct rd *rd, uint32_t s, const char *field);
void lfs53_read_constant(struct flash *f, struct rd *rd, struct lua_const *k);
void lfs53_read_upvalue(struct flash *f, struct rd *rd, struct lua_upvalue *u);
uint32_t lfs53_read_proto(struct flash *f, const struct flash_ref *ref);

/* The word at a byte offset that is known to be there. */
static inline uint32_t lfs53_word(const struct lfs53_reader *r, uint32_t off)
{
	return le32(r->flash.img->bytes + off);
}

#endif
