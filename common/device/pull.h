/* SPDX-License-Identifier: MIT */
/*
 * LFS modules off the board.
 */
#ifndef DEVICE_PULL_H
#define DEVICE_PULL_H

#include "common/device/console.h"

/* What is to be said of a module. */
typedef void (*pull_tell)(void *ctx, const char *name, const char *what);

/*
 * Writes each LFS module to folder (made if need be) as NAME.lc, by string.dump: a compiled chunk
 * with its line numbers, as far as the image has them. A module that cannot be had is told of and
 * is a failure in the end; the others are written all the same.
 */
enum err pull_modules(struct console *c, const char *folder, pull_tell tell, void *ctx,
		      struct diag *diag);

#endif
