/* SPDX-License-Identifier: MIT */
/*
 * Strings that are to go to dummy_strings: what that saves and costs.
 */
#ifndef TUI_MARKS_H
#define TUI_MARKS_H

#include "common/strings/filter.h"

struct marks {
	struct string_set set; /* all that were ever marked */
	uint8_t *off;          /* by item of set: not marked any more */
	uint32_t off_cap;
	const struct lua_book *image; /* an image that was opened; NULL: none */
	uint32_t count;               /* marked now */
	struct string_totals totals;  /* of these */
	bool written;                 /* as they are now */
};

void marks_free(struct marks *m);

/* Marks a text, or no longer. ERR_MEMORY. */
enum err marks_turn(struct marks *m, const uint8_t *text, size_t len, struct diag *diag);
bool marks_has(const struct marks *m, const uint8_t *text, size_t len);

/* The marked strings, judged: none is left out but what is in the image already or too long. */
enum err marks_judge(const struct marks *m, struct string_set *out, struct diag *diag);

#endif
