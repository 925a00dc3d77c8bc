/* SPDX-License-Identifier: MIT */
/*
 * Flashes made up for tests: images, partition tables and LFS regions put where devices have them.
 */
#ifndef UTIL_FLASH_H
#define UTIL_FLASH_H

#include "common/base/buf.h"
#include "common/firmware/flash_map.h"

enum { FLASH_TEST_LFS = 0x96000, FLASH_TEST_REGION = 0x40000 }; /* where golden/regions were */

/* An ESP8266 image with a segment in IRAM and one in DRAM. */
void flash_put_bin(struct buf *out);
/* An ESP32 image of that chip, with a SHA-256. */
void flash_put_bin32(struct buf *out, uint16_t chip);
/* Fills up with ff. */
void flash_fill(struct buf *out, size_t to);
/* A record with n entries of three words. */
void flash_put_table(struct buf *out, const uint32_t (*items)[3], uint8_t n);
/* An entry of an ESP32's table. */
void flash_put_entry32(struct buf *out, uint8_t type, uint8_t subtype, uint32_t address,
		       uint32_t size, const char *label);

/* 1 MB of an ESP8266's flash that has started, with these bytes as its LFS region. */
void flash_put_dump(struct buf *out, const uint8_t *region, size_t len);
/* An ESP32's, boot loader at 0x1000, application and LFS at 0x10000 and lfs. */
void flash_put_dump32(struct buf *out, uint32_t lfs, const uint8_t *region, size_t len);

/*
 * Opens the file as a firmware and looks at all of it: views in all forms, the LFS image, the
 * target of a check. Ends the program when a failure has no words.
 */
void flash_tour(const uint8_t *data, size_t len);

#endif
