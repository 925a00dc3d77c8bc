/* SPDX-License-Identifier: MIT */
/*
 * lfsdump on a firmware: an ELF file, a .bin, a dump of a flash.
 */
#ifndef LFSDUMP_FIRMWARE_H
#define LFSDUMP_FIRMWARE_H

#include <stdio.h>

#include "common/firmware/firmware.h"
#include "common/lua/book.h"
#include "lfsdump/settings.h"

/* Prints what s asks of an image. */
typedef enum err (*book_fn)(FILE *f, const struct settings *s, struct lua_book *book,
			    struct diag *diag);

/*
 * Shows a firmware's file, and the LFS image in it by show. Complains of what is wrong with it.
 * Returns 1 when anything is, else 0.
 */
int firmware_show(FILE *f, const struct settings *s, const char *file, const uint8_t *data,
		  size_t len, book_fn show);

/* Complains of all that is wrong with a firmware. Returns 1 when anything is, else 0. */
int report_firmware(const struct firmware *fw);

/* Compares two ELF files, which both are open. Returns the exit status: 0 the same, else 1. */
int firmware_diff_files(FILE *f, const struct settings *s, struct firmware *old,
			struct firmware *now);

#endif
