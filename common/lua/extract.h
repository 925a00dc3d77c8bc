/* SPDX-License-Identifier: MIT */
/*
 * A module of an LFS image as the compiled chunk (.lc) that the same firmware loads from its file
 * system: what luac.cross would have written for the module's source.
 */
#ifndef LUA_EXTRACT_H
#define LUA_EXTRACT_H

#include "common/lua/model.h"

/*
 * Appends the chunk of module (an index in img->modules). Which of relocatable, portable or
 * absolute the image is makes no difference; of a stripped image of 5.3 the absolute form has lost
 * whether upvalues were to have names, and gives a chunk with empty ones. ERR_DAMAGED when the
 * module was not read whole, ERR_KIND when img is no LFS image.
 */
enum err lua_extract(const struct lua_image *img, uint32_t module, struct diag *diag,
		     struct buf *out);

#endif
