/* SPDX-License-Identifier: MIT */
#ifndef LUA_LFS53_ABSOLUTE_SAVE_H
#define LUA_LFS53_ABSOLUTE_SAVE_H

#include "common/lua/model.h"

/*
 * Appends a Lua 5.3 image as the device's loader would leave it at header.base (format:
 * flash53.h), with header.signature. What the loader leaves undefined is 0. traits.form does
 * not count.
 */
enum err lfs53_save_absolute(const struct lua_image *img, struct diag *diag, struct buf *out);

#endif
