/* SPDX-License-Identifier: MIT */
/*
 * Firmwares as subjects; private to common/open.
 */
#ifndef OPEN_FIRMWARE_H
#define OPEN_FIRMWARE_H

#include "common/firmware/firmware.h"
#include "common/open/open.h"

/* A node's id: its kind in the upper byte, what it is below that. */
enum open_firmware_node {
	FIRMWARE_GROUP,    /* row of firmware_view_modules: a module, or what belongs to none */
	FIRMWARE_FUNCTION, /* symbol */
	FIRMWARE_TABLES,   /* all ROTables */
	FIRMWARE_ROW,      /* row of firmware_view_rotables */
	FIRMWARE_IMAGE,    /* the LFS image of a dump or .bin */
	FIRMWARE_INSIDE,   /* node of that image */
};

static inline uint64_t open_firmware_node(enum open_firmware_node kind, uint64_t what)
{
	return (uint64_t)kind << 56 | what;
}

static inline enum open_firmware_node open_firmware_kind(uint64_t node)
{
	return (enum open_firmware_node)(node >> 56);
}

static inline uint64_t open_firmware_what(uint64_t node)
{
	return node & ((UINT64_C(1) << 56) - 1);
}

struct open_firmware {
	struct subject subject;
	struct file file; /* a copy of the bytes */
	struct firmware fw;
	uint32_t *functions;   /* symbols, by module, then address; last those of none */
	uint32_t *first;       /* per module, and for none: the first in functions */
	struct subject *image; /* NULL: there is none */
};

struct open_firmware *open_firmware_of(const struct subject *s);

/* Functions of a row of firmware_view_modules: from *first, as many as it returns. */
uint32_t open_firmware_functions(const struct open_firmware *t, uint64_t row, uint32_t *first);

/* The node that a node of the image is inside of it. */
uint64_t open_firmware_inside(uint64_t node);

/* The function whose code a row of the ROTables or of the C functions is; FIRMWARE_NONE: none. */
uint32_t open_firmware_function(const struct firmware *fw, uint64_t row);

/* Is it a page of the image? */
bool open_firmware_is_inside(const struct subject_page *page);

/* Where a symbol is shown: its code, or its row in the list of symbols. */
bool open_firmware_to_symbol(struct subject *s, uint32_t symbol, struct subject_place *to);

const struct view *open_firmware_view(const struct subject *s, uint64_t node, unsigned i);
enum err open_firmware_page(struct subject *s, struct subject_page *page, struct diag *diag);
bool open_firmware_follow(struct subject *s, const struct subject_page *page, uint64_t row,
			  struct subject_place *to);
bool open_firmware_text(const struct subject *s, const struct subject_page *page, uint64_t row,
			const uint8_t **text, size_t *len);
bool open_firmware_find(struct subject *s, const uint8_t *text, size_t len,
			struct subject_place *to);

#endif
