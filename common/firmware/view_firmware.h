/* SPDX-License-Identifier: MIT */
/*
 * The views of a firmware. ctx of all: a struct firmware, studied.
 */
#ifndef FIRMWARE_VIEW_FIRMWARE_H
#define FIRMWARE_VIEW_FIRMWARE_H

#include "common/firmware/firmware.h"
#include "common/view/view.h"

extern const struct view firmware_view_summary, firmware_view_memory, firmware_view_modules,
	firmware_view_sources, firmware_view_rotables, firmware_view_functions,
	firmware_view_symbols, firmware_view_strings, firmware_view_damage;

/* The views that a user can ask for by name, in the order of the help. */
struct firmware_view_entry {
	const struct view *view;
	unsigned forms; /* bits 1 << enum firmware_form of files that have it */
	bool standard;  /* among those shown when none is asked for */
	bool names;     /* shows names of metatables, for which code is followed (forecast.h) */
};
extern const struct firmware_view_entry firmware_views[];
extern const unsigned firmware_view_count;

/* The view of that name for files of a form; NULL: they have none. */
const struct view *firmware_view_find(const char *name, enum firmware_form form);

/* The row of firmware_view_rotables below which a table's content stands. */
uint64_t firmware_table_row(const struct firmware *fw, uint32_t table);

/* What a name in sizes stands for: a module, a source file, or what belongs to none. */
const char *firmware_rest_words(enum firmware_rest rest);

/* "ESP8266 firmware, Lua 5.1, double numbers": appends. */
void firmware_lua_words(const struct firmware *fw, struct buf *out);

/* Bytes of all sections in an area. */
uint32_t firmware_area_used(const struct firmware *fw, enum firmware_area area);
extern const char *const firmware_area_names[FIRMWARE_AREAS];

#endif
