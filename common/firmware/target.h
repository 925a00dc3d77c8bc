/* SPDX-License-Identifier: MIT */
/*
 * A firmware as the one that images are checked against.
 */
#ifndef FIRMWARE_TARGET_H
#define FIRMWARE_TARGET_H

#include "common/firmware/firmware.h"
#include "common/lua/check.h"

/*
 * Fills target from the firmware's boot banner, its partition table and its ROTables; studies it.
 * ERR_KIND when it is no NodeMCU firmware, as far as its bytes are there; ERR_MEMORY.
 */
enum err firmware_target(struct firmware *fw, struct check_target *target, struct diag *diag);

/*
 * Adds to a report what the image uses that the firmware does not have: globals that neither the
 * firmware nor the image defines, and fields of its ROTables, each with the first place. A note
 * when the file does not tell. target: of firmware_target. ERR_MEMORY.
 */
enum err firmware_uses(const struct firmware *fw, const struct lua_book *book,
		       const struct check_target *target, struct check_report *report,
		       struct diag *diag);

#endif
