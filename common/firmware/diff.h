/* SPDX-License-Identifier: MIT */
/*
 * What became of a firmware: memories, modules, source files and symbols of an old one against a
 * new one, each by its name. Of several with one name, the first is compared with the first, and so
 * on.
 */
#ifndef FIRMWARE_DIFF_H
#define FIRMWARE_DIFF_H

#include "common/firmware/firmware.h"
#include "common/view/view.h"

struct firmware_change {
	const char *name;
	int64_t size[2]; /* old and new; -1: it is not there */
	/* Old and new: row of firmware_view_modules, source file (nsources and more: what none
	 * has) or symbol; FIRMWARE_NONE: it is not there. */
	uint32_t index[2];
	bool changed; /* the same size, but other bytes (symbols; addresses in it count, too) */
};

struct firmware_changes {
	struct firmware_change *items; /* only what is not the same, the biggest change first */
	uint32_t count, cap;
};

struct firmware_diff {
	const struct firmware *fw[2]; /* old and new, studied */
	bool same;                    /* every byte of every section */
	struct firmware_changes modules, sources, symbols;
};

/* Only ERR_MEMORY. Release with firmware_diff_free in any case. */
enum err firmware_diff_make(const struct firmware *old, const struct firmware *now,
			    struct diag *diag, struct firmware_diff *out);
void firmware_diff_free(struct firmware_diff *d);

/* All take a struct firmware_diff as ctx. */
extern const struct view firmware_diff_modules, firmware_diff_sources, firmware_diff_symbols;

/* View i of a comparison, in the order of the output; NULL: there are no more. */
const struct view *firmware_diff_nth(unsigned i);

#endif
