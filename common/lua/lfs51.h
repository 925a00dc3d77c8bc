/* SPDX-License-Identifier: MIT */
/*
 * LFS images of Lua 5.1 as they stand in flash (flash51.h): the part that the relocatable, the
 * absolute and the 2018 form share. Which form it is decides only how an address word is read.
 */
#ifndef LUA_LFS51_H
#define LUA_LFS51_H

#include "common/lua/build.h"

/* How the words of an image name other places in it. */
struct lfs51_addressing {
	enum lua_form form;
	uint32_t base; /* absolute: the mapped address of the image */
	const uint8_t
		*flags;  /* relocatable: bit per word, LSB first, 1 = address; NULL: not known */
	uint32_t nflags; /* in words of the image */
	bool chained;    /* 2018: the upper 16 bits are the chain */
};

/* The word is a signature of Lua 5.1, in any form. */
bool lfs51_is_signature(uint32_t word);

/* data begins with an image whose words are mapped addresses. */
bool lfs51_is_absolute(const uint8_t *data, size_t len);

/*
 * Reads the image in img->bytes. Damage of one prototype does not stop the reading of others: the
 * first failure goes to diag, the rest to img's notes.
 */
enum err lfs51_read(struct lua_image *img, const struct lfs51_addressing *how, struct diag *diag);

#endif
