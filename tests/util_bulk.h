/* SPDX-License-Identifier: MIT */
/*
 * Large files that hold as much as they can of one thing, each valid as far as it goes.
 */
#ifndef UTIL_BULK_H
#define UTIL_BULK_H

#include "common/base/buf.h"

struct bulk_kind {
	const char *name;
	struct buf (*make)(void);
};

/* Of Lua 5.1 and of 5.3; both end with a row whose name is NULL. */
extern const struct bulk_kind bulk_kinds51[], bulk_kinds53[];

#endif
