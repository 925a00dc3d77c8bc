/* SPDX-License-Identifier: MIT */
/*
 * Where the bytes go, as a tree that the disk usage browser ncdu imports (ncdu -f FILE). Format:
 * https://dev.yorhel.nl/ncdu/jsonfmt, major version 1.
 */
#ifndef LUA_NCDU_H
#define LUA_NCDU_H

#include "common/lua/book.h"

/*
 * Appends the document: header, hash vector, the strings that no module has for itself, and a
 * folder for each module: its own strings, and its prototypes as folders in each other, with their
 * parts as files. Both sizes of a file (apparent size and disk usage) are its bytes in flash, of a
 * chunk in the file; they add up to the layout's size. Texts are escaped as on a terminal.
 */
void lua_ncdu(const struct lua_book *book, struct buf *out);

#endif
