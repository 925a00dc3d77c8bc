/* SPDX-License-Identifier: MIT */
/* What the parts of the library share. Nobody else includes this. */
#ifndef LIB_HANDLE_H
#define LIB_HANDLE_H

#include "common/base/file.h"
#include "common/lua/book.h"
#include "lib/nodemcu-lfs.h"

struct nlfs {
	struct lua_book book;
	struct file file; /* for the check */
};

/* Makes *error what diag has; error may be NULL. Returns the code. */
enum nlfs_code error_tell(const struct diag *diag, struct nlfs_error *error);

/* The caller's fault. */
enum nlfs_code error_argument(struct nlfs_error *error, const char *text);

/* Gives the caller what buf holds, unless diag tells of a failure. buf is empty afterwards. */
enum nlfs_code handle_give(struct buf *buf, struct diag *diag, uint8_t **data, size_t *len,
			   struct nlfs_error *error);

/* What was read of the handle's file; NULL: nothing, or there is no handle. */
const struct lua_image *handle_image(const struct nlfs *l);

/* A string of the image; none for LUA_NONE. */
struct nlfs_text handle_text(const struct lua_image *img, uint32_t string);

#endif
