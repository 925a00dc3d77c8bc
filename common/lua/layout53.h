/* SPDX-License-Identifier: MIT */
/*
 * Lua 5.3 in flash: where the loader puts the parts of a portable image.
 */
#ifndef LUA_LAYOUT53_H
#define LUA_LAYOUT53_H

#include "common/lua/layout.h"

/*
 * Fills out->spans and out->size. A damaged image is laid out as far as it was read.
 * ERR_LIMIT above LUA_FLASH_MAX.
 */
enum err lua_layout53(const struct lua_image *img, struct diag *diag, struct lua_layout *out);

#endif
