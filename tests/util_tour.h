/* SPDX-License-Identifier: MIT */
/*
 * A tour through everything that can be shown of a file: all views, all rows, all cells, all
 * outputs, and the format's writer. For fuzzing and for damage that must do no harm.
 */
#ifndef UTIL_TOUR_H
#define UTIL_TOUR_H

#include "common/lua/book.h"

enum {
	TOUR_ROWS = 1,  /* row by row, as a browser asks */
	TOUR_TABLE = 2, /* and as each output form */
	TOUR_JSON = 4,
	TOUR_CSV = 8,
	TOUR_TSV = 16,
	TOUR_MARKDOWN = 32,
	TOUR_ALL = 63,
};

/*
 * Opens data and walks through it. Ends the program (abort) with a line on stderr when a promise of
 * the headers is broken: output that is no valid UTF-8 or has control bytes, an error without words
 * or place, rows without end, a sound file that is not saved as it was.
 */
void tour_bytes(const uint8_t *data, size_t len, unsigned parts);

/* The name of the first broken promise about bytes that go to a terminal or file, or NULL. */
const char *tour_text_fault(const uint8_t *p, size_t n, const char *allowed);

#endif
