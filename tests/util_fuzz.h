/* SPDX-License-Identifier: MIT */
/*
 * The fuzz targets: how each one makes a file of the fuzzer's bytes. tests/fuzz_target.c lets
 * libFuzzer run one of them, tests/test_corpus.c replays tests/corpus/NAME/ with each.
 */
#ifndef UTIL_FUZZ_H
#define UTIL_FUZZ_H

#include "common/base/buf.h"

struct fuzz_target {
	const char *name;
	/* Appends the file to out. It begins as the format does, whatever data is. */
	void (*make)(const uint8_t *data, size_t len, struct buf *out);
	/* Reads the file. NULL: as an image, see tour_bytes. */
	void (*read)(const uint8_t *file, size_t len);
};

/* Ends with a row whose name is NULL. */
extern const struct fuzz_target fuzz_targets[];

/* Makes the file and walks through it, see tour_bytes. Not all: only parts, chosen by the bytes. */
void fuzz_run(const char *name, const uint8_t *data, size_t len, bool all);

/* Makes the file that a target would make, and calls read with it. */
void fuzz_read(const char *name, const uint8_t *data, size_t len,
	       void (*read)(const uint8_t *file, size_t len));

#endif
