/* SPDX-License-Identifier: MIT */
/*
 * The LFS region: images are judged by the models of the device's loaders and, once taken, kept as
 * read. 5.1 loads while the device runs; 5.3 erases, restarts and loads then.
 */
#ifndef SIMDEV_LFS_H
#define SIMDEV_LFS_H

#include <stdbool.h>

#include "image.h"
#include "lang.h"

struct sim;

struct lfs {
	struct lua_image *image; /* NULL: none */
	char pending[32];        /* 5.3: to be loaded at the next start */
};

void lfs_free(struct lfs *lfs);

/*
 * At the start of the device: loads what is pending, and tells about it on the line. False: the
 * device hangs.
 */
bool lfs_boot(struct sim *sim);

/* Pushes node.LFS; its older names; node.info's table. */
void lfs_open(struct sim *sim);
int lfs_reload_deprecated(lua_State *L);
int lfs_get(lua_State *L);
int lfs_config(lua_State *L);

/* debug.getstrings'ROM': pushes an array, or nil. */
void lfs_push_strings(struct sim *sim);

#endif
