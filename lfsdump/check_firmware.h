/* SPDX-License-Identifier: MIT */
/*
 * --check --firmware: a firmware's file as what an image is checked against.
 */
#ifndef LFSDUMP_CHECK_FIRMWARE_H
#define LFSDUMP_CHECK_FIRMWARE_H

#include "lfsdump/settings.h"

/* Opens the file and fills s->target. False after a message of its own. It stays open. */
bool check_set_firmware(struct settings *s, const char *path);

/*
 * Adds what the image uses that the firmware lacks; nothing without --firmware, or for an
 * image that it refuses. ERR_MEMORY.
 */
enum err check_firmware(const struct settings *s, const struct lua_book *book,
			struct check_report *report, struct diag *diag);

#endif
