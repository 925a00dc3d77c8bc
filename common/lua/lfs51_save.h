/* SPDX-License-Identifier: MIT */
/*
 * Writers of Lua 5.1 images (formats: flash51.h, lfs51_files.c). All that is written comes from the
 * model: a damaged image is refused. traits.form does not count.
 */
#ifndef LUA_LFS51_SAVE_H
#define LUA_LFS51_SAVE_H

#include "common/lua/flash_writer.h"

/* Appends a relocatable image with its flags, gzipped as the device can inflate it. */
enum err lfs51_save(const struct lua_image *img, struct diag *diag, struct buf *out);

/* Appends the image as mapped to header.base. */
enum err lfs51_save_absolute(const struct lua_image *img, struct diag *diag, struct buf *out);

/* Appends an image of format 0, of June to September 2018. */
enum err lfs51_save_2018(const struct lua_image *img, struct diag *diag, struct buf *out);

/* For these: the image with byte offsets as addresses. w is open. */
enum err lfs51_make(struct flash_writer *w, bool absolute);

#endif
