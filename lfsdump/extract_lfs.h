/* SPDX-License-Identifier: MIT */
/*
 * The LFS image of a flash dump or a .bin: opened like a file of its own, or written as one.
 */
#ifndef LFSDUMP_EXTRACT_LFS_H
#define LFSDUMP_EXTRACT_LFS_H

#include "common/firmware/flash_map.h"
#include "common/lua/book.h"
#include "lfsdump/settings.h"

/* An LFS image in a firmware's file. Zeroed: none is open. Release with lfs_close. */
struct lfs_part {
	struct flash_lfs where;
	struct lua_book book; /* its offsets count from the image's begin */
	char *name;           /* of the book: "dump.bin (LFS at 0x96000)" */
};

/*
 * Opens the image where s says, or where table or search find it. A damaged image is open as far as
 * it goes, book.diag tells. ERR_KIND: there is none, diag says why; ERR_MEMORY.
 */
enum err lfs_open(const struct firmware *fw, const struct settings *s, struct diag *diag,
		  struct lfs_part *out);
void lfs_close(struct lfs_part *part);

#endif
