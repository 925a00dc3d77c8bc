/* SPDX-License-Identifier: MIT */
/*
 * How much of a text is shown where it is mentioned. A file may name one long text a million times
 * and would come out a million times as long; then mentions are cut, the list of strings is not.
 */
#ifndef LUA_SHOWN_H
#define LUA_SHOWN_H

#include "common/lua/model.h"

/* A source's or module's name that titles something; file names are no longer. */
enum { LUA_NAME_SHOWN = 255 };

/* Sets img->shown_max, and notes it when there is a limit. Called by lua_image_load. */
void lua_limit_shown(struct lua_image *img);

/* Bytes of s that a mention shows. */
static inline uint32_t lua_shown(const struct lua_image *img, const struct lua_string *s)
{
	return img->shown_max && s->len > img->shown_max ? img->shown_max : s->len;
}

/* The same for a name. */
static inline uint32_t lua_shown_name(const struct lua_image *img, const struct lua_string *s)
{
	uint32_t n = lua_shown(img, s);

	return n < LUA_NAME_SHOWN ? n : LUA_NAME_SHOWN;
}

#endif
