/* SPDX-License-Identifier: MIT */
/*
 * What stands where in a flash: firmware images, partitions, the LFS region. One reader for .bin
 * files and for dumps: a .bin is the begin of a flash, or (0x10000.bin of a pair) the part of it
 * where an ESP8266's flash code stands; a cloud build holds both with ff between.
 *
 * "Flash address" counts from the chip's first byte; "off" is a byte offset in the file.
 */
#ifndef FIRMWARE_FLASH_MAP_H
#define FIRMWARE_FLASH_MAP_H

#include "common/firmware/bin.h"
#include "common/firmware/firmware.h"
#include "common/firmware/partition.h"

enum {
	FLASH_IMAGES_MAX = 24, /* a boot loader and all applications of a table */
	FLASH_LFS_MAX = 16,
	FLASH_MAPPED = 0x40200000, /* ESP8266: address of flash address 0... */
	FLASH_MAPPED_END = 0x40400000,
	FLASH_WINDOW = 0x100000, /* how much of the flash is mapped at a time */
};

enum flash_how {
	FLASH_BY_TABLE,
	FLASH_BY_SEARCH, /* an image's header was met at a page */
	FLASH_BY_USER,
};

enum flash_state {
	FLASH_LFS_IMAGE,
	FLASH_LFS_CUT, /* an image, whose end the file does not have */
	FLASH_LFS_ERASED,
	FLASH_LFS_OTHER,   /* something that is no image */
	FLASH_LFS_MISSING, /* the file does not reach so far */
};

struct flash_lfs {
	enum flash_how how;
	enum flash_state state;
	uint32_t address, size; /* of the region in flash; size 0: not known */
	uint64_t off;           /* in the file */
	uint32_t image;         /* bytes, as the image's header says */
	uint32_t present;       /* and those that the file has */
	uint32_t base;          /* mapped address; 0: not known (ESP32) */
	uint32_t made_for;      /* mapped address that the image's pointers are for; 0: no image */
};

struct flash_map {
	uint32_t start;      /* flash address of the file's first byte */
	uint32_t flash_size; /* no partition can be beyond it; 0: unknown */
	bool esp32;
	bool table_cut; /* the file ends before the partition table, or in it */
	bool piece;     /* where in flash the file begins is not known: start is 0 then */
	struct bin_image images[FLASH_IMAGES_MAX];
	uint32_t nimages;
	uint32_t app; /* of images: the one that the sections are of, or FIRMWARE_NONE */
	struct partition_table table;
	struct flash_lfs lfs[FLASH_LFS_MAX]; /* what to look into first */
	uint32_t nlfs;
};

/*
 * Where the image is that the user asked for: at a flash address or mapped address (0: where the
 * table or a search says), in a region of that size (0: as the table has it). ERR_KIND: there is
 * none, diag says what was found instead. fw is a .bin or a dump.
 */
enum err flash_find_lfs(const struct firmware *fw, uint32_t address, uint32_t size,
			struct diag *diag, struct flash_lfs *out);

/* The image's pointers are for where it stands, as far as that is known. */
bool flash_lfs_in_place(const struct firmware *fw, const struct flash_lfs *lfs);

/* Steps of the loader: the regions of the table and what a search finds; what is mapped. */
void flash_locate(struct firmware *fw);
void flash_add_sections(struct firmware *fw);

/* "by the table"; "an image", "cut off", "erased" ... */
const char *flash_how_words(enum flash_how how);
const char *flash_state_words(enum flash_state state);

/*
 * The text that the firmware prints at a start, "NodeMCU … powered by Lua 5.1.4 on SDK %s", from
 * the mapped bytes; NULL: there is none. For check_banner.
 */
const char *flash_banner(const struct firmware *fw, size_t *len);

/*
 * True for flash code without a head, 0x10000.bin of a pair: it holds that text as C has it, with a
 * NUL. What a console printed of it has the end of a line there.
 */
bool flash_is_irom0(const uint8_t *data, size_t len);

/* True when page-aligned data begins with the header of an LFS image in flash; *size: its bytes,
 * *base: the mapped address it was made for. */
bool flash_is_lfs(const uint8_t *data, size_t len, uint32_t *size, uint32_t *base);

#endif
