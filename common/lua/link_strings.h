/* SPDX-License-Identifier: MIT */
/*
 * The order of a new image's strings. Until it is known, a reference is the string's place in the
 * scan, or LINK_FIXED plus the number of a string that the firmware has itself. Private to link.c.
 */
#ifndef LUA_LINK_STRINGS_H
#define LUA_LINK_STRINGS_H

#include "common/lua/build.h"

#define LINK_FIXED 0x80000000u

/* LINK_FIXED and the number of a text that 5.3's firmware has itself, or LUA_NONE. */
uint32_t link_find_fixed(const uint8_t *text, uint32_t len);

/* Puts the strings in their order, and turns references into places. ERR_MEMORY. */
void link_order_strings(struct lua_image *img, struct rd *rd);

#endif
