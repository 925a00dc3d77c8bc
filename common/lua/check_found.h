/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the content check share: whose file it is, and findings with their place.
 */
#ifndef LUA_CHECK_FOUND_H
#define LUA_CHECK_FOUND_H

#include "common/lua/check_parts.h"

struct check_scope {
	const struct lua_book *book;
	const struct lua_image *img;
	const struct check_target *target;
	struct check_report *r;
};

#define CHECK_NO_OFFSET UINT64_MAX

/* Room for what check_where and check_quote write. */
enum { CHECK_WORDS = 64 };

/* An error whose remedy is to build the image anew, at a byte of it (CHECK_NO_OFFSET: nowhere). */
struct check_finding *check_wrong(const struct check_scope *s, uint64_t off, const char *path,
				  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Advice; remedy may be NULL. */
struct check_finding *check_advise(const struct check_scope *s, const char *remedy, const char *fmt,
				   ...) __attribute__((format(printf, 3, 4)));

/* Offset in the image of a field that p points to. */
uint64_t check_offset(const struct lua_image *img, const uint8_t *p);

/* "main.lua:12" for an instruction, "main, instruction 5" without line info; pc may be LUA_NONE. */
const char *check_where(const struct check_scope *s, uint32_t proto, uint32_t pc,
			char out[CHECK_WORDS]);

/* A string in quotes, escaped and cut to what fits. */
const char *check_quote(const struct lua_image *img, uint32_t string, char out[CHECK_WORDS]);

/* A short text in quotation marks. */
const char *check_quote_part(const uint8_t *p, size_t n, char out[CHECK_WORDS]);

/* The parts of check_content. */
void check_strings51(const struct check_scope *s);
void check_strings53(const struct check_scope *s);
void check_protos(const struct check_scope *s);
void check_main51(const struct check_scope *s);
void check_odd51(const struct check_scope *s);
void check_modules(const struct check_scope *s);
void check_fixed53(const struct check_scope *s);

#endif
