/* SPDX-License-Identifier: MIT */
/*
 * Views of a judged set and of a heap.
 */
#ifndef STRINGS_VIEW_STRINGS_H
#define STRINGS_VIEW_STRINGS_H

#include "common/strings/filter.h"
#include "common/strings/input.h"
#include "common/view/view.h"

/* What string_view is about. */
struct string_list {
	const struct string_set *set;
	const struct lua_book *image; /* whose modules are the origins; NULL: none */
	bool all;                     /* those left out, too */
	/* Appends whose a string is that is no module's; NULL: nobody can tell. */
	void (*other_origin)(const void *ctx, const uint8_t *text, size_t len, struct buf *out);
	const void *other;
};

/* ctx: a struct string_list. Rows are indexes of set->items. */
extern const struct view string_view;

/* ctx: a struct ram_census. */
extern const struct view ram_view;

#endif
