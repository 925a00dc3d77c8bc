/* SPDX-License-Identifier: MIT */
/*
 * The parts of the check; private to common/lua/check*.c, loader*.c and boot.c.
 */
#ifndef LUA_CHECK_PARTS_H
#define LUA_CHECK_PARTS_H

#include "common/lua/check.h"

/*
 * Appends a finding; message and remedy may be NULL. Returns NULL when there is no room for it, but
 * .refused and .bad are set all the same.
 */
struct check_finding *check_add(struct check_report *r, enum check_level level, const char *message,
				const char *remedy, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* Sets where; f may be NULL. */
void check_place(struct check_finding *f, uint64_t off, const char *path);

/*
 * What the firmware's start says to these bytes in the region, however they came there; true when
 * it takes them for an image.
 */
bool check_boot51(const uint8_t *data, size_t len, const struct check_target *target,
		  struct check_report *r);
bool check_boot53(const uint8_t *data, size_t len, const struct check_target *target,
		  struct check_report *r);
/* What the loader does not look at: pointers, chains, hashes, types, operands of instructions. */
void check_content(const struct lua_book *book, const struct check_target *target,
		   struct check_report *r);
void check_code(const struct lua_book *book, struct check_report *r);
/* Advice. */
void check_advice(const struct lua_book *book, const struct check_target *target,
		  struct check_report *r);

#endif
