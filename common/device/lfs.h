/* SPDX-License-Identifier: MIT */
/*
 * The image that is in a device, as far as the device can be asked; and whether it is a given one.
 *
 * A device tells the time of the build, the size in flash, the names of the modules and, by
 * debug.getstrings, the texts of the image's string table (5.3: those of 40 bytes or fewer). Code,
 * numbers and longer texts cannot be read back.
 */
#ifndef DEVICE_LFS_H
#define DEVICE_LFS_H

#include "common/device/tool.h"
#include "common/lua/model.h"

enum lfs_same { LFS_UNKNOWN, LFS_SAME, LFS_DIFFERENT };

enum lfs_what { LFS_TIME, LFS_SIZE, LFS_MODULES, LFS_STRINGS, LFS_STRING_SUM, LFS_ROWS };

/* What was compared: both sides as text. */
struct lfs_row {
	enum lfs_same same;
	struct buf image, device;
};

struct lfs_report {
	struct lfs_row rows[LFS_ROWS];
	bool loaded;        /* there is an image in the device */
	bool short_of_heap; /* the strings were not compared: asking for them takes too much */
	enum lfs_same same; /* all in all: nothing is different, and time or strings are the same */
};

extern const char *const lfs_words[LFS_ROWS];

/* Fills out; release it with lfs_free in any case. */
enum err lfs_compare(struct console *c, const struct lua_image *img, struct lfs_report *out,
		     struct diag *diag);
void lfs_free(struct lfs_report *r);

#endif
