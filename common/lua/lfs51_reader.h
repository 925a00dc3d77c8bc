/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the 5.1 image reader share: lfs51.c (header, modules), lfs51_strings.c and
 * lfs51_proto.c. Nobody else includes this.
 */
#ifndef LUA_LFS51_READER_H
#define LUA_LFS51_READER_H

#include "common/lua/lfs51.h"

struct lfs51_reader {
	struct lua_image *img;
	const struct lfs51_addressing *how;
	struct rd all;      /* the whole image */
	struct diag *first; /* the caller's: the first failure */
	uint8_t *seen;      /* bit per word: a prototype was read there */
	uint8_t *taken;     /* bit per word: it was taken as an address */
};

/* Keeps damage that can be passed over. */
void lfs51_note(struct lfs51_reader *r, const struct diag *local);

/* Keeps a failure: the first for the caller, the others as notes of the image. */
void lfs51_absorb(struct lfs51_reader *r, const struct diag *local);

/*
 * Byte offset of what the address word at the cursor names, 0 for NULL; fails on words that lead
 * outside the image or that the loader would not relocate.
 */
uint32_t lfs51_take_address(struct lfs51_reader *r, struct rd *rd, const char *field);

/*
 * The string that the address word at the cursor names, and counts the use; LUA_NONE for NULL or on
 * failure. skip: how far behind the TString's start the address points (packedlineinfo: 16).
 */
uint32_t lfs51_take_string(struct lfs51_reader *r, struct rd *rd, uint32_t skip, enum lua_use use,
			   const char *field);

/* Reads count strings, and then their places in the chains of the hash vector. */
void lfs51_read_strings(struct lfs51_reader *r, struct diag *diag, uint32_t count);
void lfs51_read_chains(struct lfs51_reader *r, struct diag *diag);

/*
 * Reads the prototype at byte offset off and all below it; from is the cursor that its address came
 * from. Returns its index, or LUA_NONE.
 */
uint32_t lfs51_read_proto(struct lfs51_reader *r, struct rd *from, uint32_t off, uint32_t parent,
			  uint32_t module);

#endif
