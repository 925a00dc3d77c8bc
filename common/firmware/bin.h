/* SPDX-License-Identifier: MIT */
/*
 * Firmware images as esptool makes them and the boot loaders read them (little-endian words):
 *
 *   offset  size  field
 *   0       1     e9                     1  1  segments      2  1  flash mode
 *   3       1     flash size (high half), frequency (low half)
 *   4       4     entry point
 *   ESP32 and later, 16 bytes more:
 *   8       4     WP pin, drive strengths
 *   12      2     chip                   14 1  least revision, then twice in 16 bits, 4 reserved
 *   23      1     1: a SHA-256 of all before it follows the checksum
 *
 *   then each segment: address, size, bytes (address 0: padding)
 *   then zeros and the checksum, which is the last byte of a multiple of 16: ef xor all bytes of
 *   segments
 *
 * ESP8266 with a boot loader (version 2): ea, 4, mode, size, entry; the segment of flash code, with
 * address 0 and not in the checksum; then an image as above, aligned as part of the whole, and a
 * CRC-32.
 * Source: esptool's bin_image.py, esp-idf's esp_app_format.h.
 */
#ifndef FIRMWARE_BIN_H
#define FIRMWARE_BIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/diag.h"
#include "common/base/sha256.h"

enum {
	BIN_MAGIC = 0xe9,
	BIN_MAGIC_2 = 0xea,
	BIN_SEGMENTS_MAX = 17, /* the loaders take 16, and one of flash code in version 2 */
};

struct bin_segment {
	uint32_t address, size; /* as the file has them */
	uint64_t off;           /* of its bytes in the file */
	uint32_t present;       /* bytes that the file has of them */
};

enum bin_digest { BIN_NO_DIGEST, BIN_DIGEST_CUT, BIN_DIGEST_GOOD, BIN_DIGEST_BAD };

struct bin_image {
	uint64_t off, end;   /* in the file; end: behind the last thing that was read */
	uint8_t version;     /* 1 or 2 */
	bool esp32;          /* it has the longer header */
	uint8_t mode, sizes; /* as in the header */
	uint16_t chip;       /* esp32 */
	uint32_t entry;
	struct bin_segment segments[BIN_SEGMENTS_MAX];
	uint32_t nsegments; /* those whose heads are there */
	uint32_t wanted;    /* as the header says */
	bool has_sum;       /* the file reaches so far */
	uint8_t sum, stored_sum;
	uint64_t sum_off;
	enum bin_digest digest;
	uint8_t sha[SHA256_BYTES], stored_sha[SHA256_BYTES];
	uint64_t digest_off;
};

/* An image begins so, with a count of segments that can be. */
bool bin_probe(const uint8_t *data, size_t len);

/*
 * Reads the image that begins at byte off of a file. What is cut off or cannot be is a failure;
 * segments before it are in out. A wrong checksum or digest is none: out has both values.
 */
enum err bin_read(const uint8_t *data, size_t len, uint64_t off, struct diag *diag,
		  struct bin_image *out);

/* Bytes of flash that the header names, 0: unknown code. */
uint32_t bin_flash_size(const struct bin_image *image);
/* "DIO", "40 MHz", "ESP32-S3"; NULL: unknown code. */
const char *bin_mode(const struct bin_image *image);
const char *bin_frequency(const struct bin_image *image);
const char *bin_chip(const struct bin_image *image);
/* Its code is RISC-V. */
bool bin_is_riscv(const struct bin_image *image);

#endif
