/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the reader of absolute Lua 5.3 images share: lfs53_absolute.c (header),
 * lfs53_absolute_modules.c, lfs53_absolute_strings.c and lfs53_absolute_proto.c.
 */
#ifndef LUA_LFS53_ABSOLUTE_H
#define LUA_LFS53_ABSOLUTE_H

#include "common/lua/build.h"
#include "common/lua/layout53.h"

enum {
	FLASH53_HNEXT = 12,  /* in a TString: the next one in the bucket's chain */
	FLASH53_INT64 = 1,   /* signature: integers of 64 bits... */
	FLASH53_FLOAT64 = 2, /* ...and floats */
};

struct absolute53 {
	struct lua_image *img;
	struct rd all;         /* the whole image; its diag stays empty */
	struct diag *first;    /* the caller's: the first failure */
	uint8_t *seen;         /* bit per word: a prototype was read there */
	uint32_t rotable;      /* offset of the modules' ROTable, 0: not known */
	uint32_t last;         /* offset of the prototype that ended last, 0: none yet */
	uint32_t last_text[2]; /* offset of the last short and the last long TString, 0: none */
};

/* Keeps a failure: the first for the caller, the others as notes of the image. */
void absolute53_absorb(struct absolute53 *r, const struct diag *local);

/*
 * Byte offset of what the address word at the cursor names, 0 for NULL; fails on words that lead
 * outside the image or between its words.
 */
uint32_t absolute53_address(struct absolute53 *r, struct rd *rd, const char *field);

/* String whose TString begins at byte offset off, or LUA_NONE. */
uint32_t absolute53_string_at(const struct lua_image *img, uint32_t off);

/*
 * The string that the address word at the cursor names, LUA_NONE for NULL or on failure; the use is
 * counted. skip: how far behind the TString's start the address points. A fixed string is the one
 * that the file's author wrote, not the one that the device mistakes it for (fixed53.h).
 */
uint32_t absolute53_string(struct absolute53 *r, struct rd *rd, uint32_t skip, enum lua_use use,
			   const char *field);

/* Reads the strings from the header to byte offset end, and tells the fixed ones apart. */
void absolute53_strings(struct absolute53 *r, uint32_t end);

/* Finds the base, once the strings are read. Failures go to r->first. */
void absolute53_base(struct absolute53 *r);

/* Reads the list of modules and what it leads to; finds the widths of numbers before. */
void absolute53_modules(struct absolute53 *r);

/* Places of strings in the chains of the hash vector, and the lists that next links. */
void absolute53_chains(struct absolute53 *r);

/*
 * Reads the prototype at byte offset off and all below it; from is the cursor that its address came
 * from. Returns its index, or LUA_NONE.
 */
uint32_t absolute53_proto(struct absolute53 *r, struct rd *from, uint32_t off, uint32_t parent,
			  uint32_t module);

#endif
