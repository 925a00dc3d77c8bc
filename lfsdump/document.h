/* SPDX-License-Identifier: MIT */
#ifndef LFSDUMP_DOCUMENT_H
#define LFSDUMP_DOCUMENT_H

#include <stdio.h>

#include "common/lua/book.h"
#include "common/view/output.h"

/*
 * The whole file as one JSON object in one line (docs: tests/schema/lfsdump-1.schema.json).
 * A file that could not be read at all gives "file" and "damage". ERR_MEMORY.
 */
enum err document_write(FILE *f, const struct lua_book *book, struct diag *diag);

/*
 * Views of a file as style has them, one after the other; as JSON one object in one line, which has
 * the name of each as a key. ERR_MEMORY, or as output_view says.
 */
enum err document_views(FILE *f, const struct output_style *style, const char *file,
			const void *ctx, const struct view *const *views, unsigned n,
			struct diag *diag);

#endif
