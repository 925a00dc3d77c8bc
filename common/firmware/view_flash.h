/* SPDX-License-Identifier: MIT */
/*
 * Views of a .bin or a dump of a flash. ctx: struct firmware; of an ELF file all are empty.
 */
#ifndef FIRMWARE_VIEW_FLASH_H
#define FIRMWARE_VIEW_FLASH_H

#include "common/firmware/flash_map.h"
#include "common/view/view.h"

extern const struct view flash_view_images, flash_view_segments, flash_view_partitions,
	flash_view_records, flash_view_lfs;

/*
 * Appends a line for each part of the flash that the table names and the file does not have:
 * "SPIFFS0: 0x100000...0x3fd000 is not in the file". Nothing is missing: nothing.
 */
void flash_missing(const struct firmware *fw, struct buf *out);

#endif
