/* SPDX-License-Identifier: MIT */
/*
 * The reference data under tests/golden: finding it, reading it, comparing a model with what an
 * independent decoder said. Everything here ends the running test when it fails.
 */
#ifndef UTIL_GOLDEN_H
#define UTIL_GOLDEN_H

#include "common/base/file.h"
#include "common/lua/model.h"

/* Calls f with each path that a glob pattern matches; there must be some. */
void golden_each(const char *pattern, void (*f)(const char *path));

/* The bytes of a file; release with file_close. */
struct file golden_file(const char *path);

/* Loads an image or chunk that must be whole. */
struct lua_image *golden_load(const char *path);

/* Loads what may be damaged, from a copy behind which reading is noticed. *diag is set anew. */
struct lua_image *golden_load_bytes(const uint8_t *data, size_t len, struct diag *diag);

/*
 * Writes folder/NAME.ext of tests/golden for a path like tests/golden/img/NAME.img to out, and
 * tells whether there is such a file.
 */
bool golden_sibling(const char *path, const char *folder, const char *ext, char *out, size_t size);

/* "PATH: what: a, not b" unless they are equal. */
void golden_same(const char *path, const char *what, uint64_t got, uint64_t wanted);
void golden_same_bytes(const char *path, const char *what, const void *got, size_t got_len,
		       const void *wanted, size_t wanted_len);

/* The model against tests/golden/decoded/NAME.json, 5.1 and 5.3. */
void golden_compare(const struct lua_image *img, const char *json_path);

#endif
