/* SPDX-License-Identifier: MIT */
/*
 * A luac.cross as a compiler. Nothing it writes gets a name: it leaves no files behind.
 */
#ifndef STRSCAN_LUAC_H
#define STRSCAN_LUAC_H

#include <stdio.h>

#include "common/lua/model.h"

struct luac {
	const char *path; /* the program; NULL: not open */
};

/*
 * Makes sure that the program is a luac.cross for these version and numbers: ERR_KIND, or ERR_IO
 * when it does not run.
 */
enum err luac_open(const char *path, const struct lua_traits *traits, struct diag *diag,
		   struct luac *out);

/*
 * Compiles a file, or text (NULL: the file's). ERR_KIND after the program's own words were said.
 * On failure *out is NULL.
 */
enum err luac_compile(const struct luac *l, const char *file, const struct buf *text,
		      const struct lua_traits *traits, struct diag *diag, struct lua_image **out);

#endif
