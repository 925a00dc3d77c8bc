/* SPDX-License-Identifier: MIT */
/*
 * Lua 5.3 in flash: where the loader puts the parts of a portable image.
 */
#ifndef LUA_LAYOUT53_H
#define LUA_LAYOUT53_H

#include "common/lua/layout.h"

enum {
	FLASH53_HEADER = 48,
	FLASH53_TSTRING = 16, /* before the bytes, the NUL and the pad */
	FLASH53_PROTO = 76,
	FLASH53_UPVALUE = 8,
	FLASH53_LOCAL = 12,
	FLASH53_ROTABLE = 16,
};

/* An entry of the modules' ROTable: address of the key, TValue. */
static inline uint32_t flash53_entry(const struct lua_image *img)
{
	return 4 + (uint32_t)img->traits.tvalue_bytes;
}

/*
 * Fills out->spans and out->size. A damaged image is laid out as far as it was read.
 * ERR_LIMIT above LUA_FLASH_MAX.
 */
enum err lua_layout53(const struct lua_image *img, struct diag *diag, struct lua_layout *out);

#endif
