/* SPDX-License-Identifier: MIT */
#ifndef LFSDUMP_DOCUMENT_H
#define LFSDUMP_DOCUMENT_H

#include <stdio.h>

#include "common/lua/book.h"

/*
 * The whole file as one JSON object in one line (docs: tests/schema/lfsdump-1.schema.json).
 * A file that could not be read at all gives "file" and "damage". ERR_MEMORY.
 */
enum err document_write(FILE *f, const struct lua_book *book, struct diag *diag);

#endif
