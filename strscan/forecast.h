/* SPDX-License-Identifier: MIT */
/*
 * A firmware's ELF file as a source of strings (--forecast), and what it tells of those of others
 * (--elf).
 */
#ifndef STRSCAN_FORECAST_H
#define STRSCAN_FORECAST_H

#include <stdio.h>

#include "common/base/file.h"
#include "common/firmware/forecast.h"
#include "common/lua/book.h"
#include "common/strings/input.h"
#include "common/view/output.h"

struct firmware_input {
	struct file file;
	struct firmware fw;
	struct forecast forecast;
	bool open;
};

/* Reads the file and makes the forecast. Says what is wrong, and returns 1 then. */
int forecast_load(struct firmware_input *in, const char *path);
void forecast_unload(struct firmware_input *in);

/* Lists the forecast. image: NULL, or one that may hold strings of it. */
enum err forecast_print(const struct firmware_input *in, const struct lua_book *image, FILE *f,
			const struct output_style *style, struct diag *diag);

/*
 * Adds the strings to set that will be in RAM: those of every start, and those of the modules that
 * the image uses; without one, of all. ERR_MEMORY.
 */
enum err forecast_add(const struct firmware_input *in, struct lua_book *image,
		      struct string_set *set, struct diag *diag);

/* The address of the string table in a dump, by the firmware's symbols; 0: they do not tell. */
uint32_t forecast_string_table(const struct firmware_input *in, const struct ram_dump *dump);

/* Appends whose a string is, in words: a C module's, or "C code"; nothing when C has none such. */
void forecast_origin(const void *in, const uint8_t *text, size_t len, struct buf *out);

#endif
