/* SPDX-License-Identifier: MIT */
/*
 * Images made by us against the reference ones: what of their bytes counts, the sources and chunks
 * of their modules, and the verdict on them.
 */
#ifndef UTIL_LINK_H
#define UTIL_LINK_H

#include "common/lua/link.h"

enum { LINK_INPUTS_MAX = 300 };

/* The modules that an image is linked of. Release with inputs_close. */
struct inputs {
	struct lua_link_input in[LINK_INPUTS_MAX];
	struct lua_image *owned[LINK_INPUTS_MAX];
	char sources[LINK_INPUTS_MAX][64];
	uint32_t count;
};

/* The modules of an image itself, which must outlive them. */
void inputs_of_image(struct inputs *s, const struct lua_image *img);

/* The same modules from chunks in tests/golden/lc. False when one of them is not there. */
bool inputs_of_chunks(struct inputs *s, const struct lua_image *img, const char *path);

/* The same modules compiled from their sources by this computer's Lua; skips without one. */
void inputs_of_sources(struct inputs *s, const struct lua_image *img);

void inputs_close(struct inputs *s);

/* Options that make what luac.cross made of the modules of the image at path. */
struct lua_link_options options_of(const struct lua_image *img, const char *path);

/* Two images have the same bytes, as far as they are defined. */
bool same_image(const struct lua_image *a, const struct lua_image *b);

/*
 * The image is sound: it says what wanted says (NULL: nothing to compare), every byte has an owner,
 * and the check finds nothing that is bad. what: for messages.
 */
void assert_sound(const char *what, const struct lua_image *img, const struct lua_image *wanted);

#endif
