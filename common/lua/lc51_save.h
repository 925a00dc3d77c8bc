/* SPDX-License-Identifier: MIT */
#ifndef LUA_LC51_SAVE_H
#define LUA_LC51_SAVE_H

#include "common/lua/model.h"

/* Appends the first module of a whole Lua 5.1 image as a chunk (format: lc51.c). */
enum err lc51_save(const struct lua_image *img, struct diag *diag, struct buf *out);

#endif
