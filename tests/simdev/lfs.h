/* SPDX-License-Identifier: MIT */
/*
 * The LFS region: flash, which holds what the models of the device's loaders would have written.
 * 5.1 loads while the device runs; 5.3 erases, restarts and loads then.
 */
#ifndef SIMDEV_LFS_H
#define SIMDEV_LFS_H

#include <stdbool.h>

#include "region.h"
#include "image.h"
#include "lang.h"

struct sim;

struct lfs {
	struct region region;
	bool there;              /* the firmware's start has taken the region for an image... */
	struct lua_image *image; /* ...and this is it; NULL: too damaged to be read */
	bool sound;              /* its functions can be run */
};

void lfs_free(struct lfs *lfs);

/* Puts an image there before the device starts; false when its loader would refuse it. */
bool lfs_put(struct sim *sim, const void *data, size_t len, char message[IMAGE_MESSAGE]);

/*
 * At the start of the device: loads what is pending, looks at the region, and tells about it on the
 * line. False: the device hangs.
 */
bool lfs_boot(struct sim *sim);

/* lfs_reload.c: node.LFS.reload and its older name. */
int lfs_reload(lua_State *L);
int lfs_reload_deprecated(lua_State *L);

/* lfs_run.c: puts the image's functions and strings where Lua has them, out of the heap's sight. */
void lfs_load_functions(struct sim *sim);
/* Pushes a new closure of a module. */
void lfs_push_function(struct sim *sim, uint32_t module);

/* Pushes node.LFS; its older names; node.info's table. */
void lfs_open(struct sim *sim);
int lfs_index(lua_State *L);
int lfs_config(lua_State *L);

/* Is this a firmware of before node.LFS? (fault missing=node.LFS) */
bool lfs_is_old(const struct sim *sim);

/* debug.getstrings'ROM': pushes an array, or nil. */
void lfs_push_strings(struct sim *sim);

/* Is the string in the image's table? Then it is none in RAM. */
bool lfs_has_string(const struct lfs *lfs, const char *s, size_t len);

#endif
