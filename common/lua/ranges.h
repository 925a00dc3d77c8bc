/* SPDX-License-Identifier: MIT */
/*
 * An image as a list of byte ranges, in flash and as stored: every byte once, with what it holds
 * and whose it is.
 */
#ifndef LUA_RANGES_H
#define LUA_RANGES_H

#include "common/lua/layout.h"

/* Of a damaged image ranges may overlap. A file may have a million. */
struct lua_byte_range {
	uint32_t off, len;
	uint32_t owner; /* index in strings, protos or modules */
	uint8_t who;    /* enum lua_owner */
	uint8_t kind;   /* enum lua_byte_kind, or enum lua_range_kind: what only files have */
	uint8_t part;   /* of a prototype: enum lua_part; else LUA_NPARTS */
};

enum lua_range_kind {
	LUA_RANGE_UNKNOWN = LUA_BYTE_KINDS, /* bytes without owner */
	LUA_RANGE_FLAGS,
	LUA_RANGE_BEHIND, /* behind the image */
};

struct lua_ranges {
	struct lua_byte_range *items; /* by offset */
	uint32_t count, cap;
	bool failed; /* out of memory on the way */
};

extern const char *const lua_part_words[LUA_NPARTS];

/* "hash vector" and the like, and the part in words, or NULL. */
const char *lua_range_kind_words(const struct lua_byte_range *r);
const char *lua_range_part_words(const struct lua_byte_range *r);

/*
 * flash: the layout's ranges; padding has ranges of its own. Packed line info of 5.1 belongs to the
 * (first) prototype whose it is.
 * stored: the ranges of img->bytes. Those of flash, and what the file has behind the image; of a
 * 5.3 stream its sections, strings and the parts of its functions.
 * Either may be NULL. False when there is no memory. Release both with lua_ranges_free in any case.
 */
bool lua_ranges_make(const struct lua_image *img, const struct lua_layout *layout,
		     struct lua_ranges *flash, struct lua_ranges *stored);
void lua_ranges_free(struct lua_ranges *r);

#endif
