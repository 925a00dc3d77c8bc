/* SPDX-License-Identifier: MIT */
/*
 * What lasts without power beside the files: the region's bytes, and the name of an image that is
 * to be loaded at the next start. In a folder, if wanted, where each page is as soon as it is
 * written.
 */
#ifndef SIMDEV_REGION_H
#define SIMDEV_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fs.h"
#include "image.h"

struct region {
	const char *folder; /* NULL: none */
	bool fresh;         /* nothing was there before */
	uint32_t size, mapped;
	uint8_t *bytes;
	char pending[FS_NAME + 1];
};

/* False: errno tells why. */
bool region_open(struct region *f, const char *folder, uint32_t size);
void region_close(struct region *f);

bool region_is_blank(const struct region *f, size_t page);
void region_erase(struct region *f, size_t page);
/* Writing makes ones to zeros, and nothing else. */
void region_write(struct region *f, size_t off, const void *data, size_t len);

/* "": nothing. */
void region_set_pending(struct region *f, const char *name);

#endif
