/* SPDX-License-Identifier: MIT */
/*
 * What lfsdump shows, told by content: images, chunks, firmwares.
 */
#ifndef LFSDUMP_KIND_H
#define LFSDUMP_KIND_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/diag.h"

/* "a Lua 5.3 LFS image"; NULL: lfsdump shows no such thing. */
const char *kind_shown(const uint8_t *data, size_t len);

/*
 * The same of the regular file that is at path; *out is NULL when there is none. Fails when there
 * is one that cannot be read.
 */
enum err kind_of_file(const char *path, struct diag *diag, const char **out);

#endif
