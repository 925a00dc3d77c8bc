/* SPDX-License-Identifier: MIT */
/*
 * A Lua source's lines, and what in it matters to a comparison with an image. Private to against.c.
 */
#ifndef LUA_SOURCE_SCAN_H
#define LUA_SOURCE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Strings and comments are skipped. Lines ascend. */
struct lua_source_facts {
	uint32_t lines;
	uint32_t *functions; /* line of each function keyword */
	uint32_t nfunctions, cap_functions;
	/* lines of numbers with a fraction, above 31 bits, or that the compiler computes */
	uint32_t *delicate;
	uint32_t ndelicate, cap_delicate;
};

/* False when there is no memory. Release with lua_source_free in any case. */
bool lua_source_scan(const uint8_t *text, size_t len, struct lua_source_facts *out);
void lua_source_free(struct lua_source_facts *f);

#endif
