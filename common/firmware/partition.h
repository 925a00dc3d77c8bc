/* SPDX-License-Identifier: MIT */
/*
 * Partition tables in flash
 *
 * NodeMCU on the ESP8266, since 2019: the 4 KB page at flash address 0x10000, which is the begin of
 * the flash code (irom0), holds records one after the other: {words u8, id u8, 0, 0} and that many
 * words. id 0 deleted, 0xff free: the end. Record 1 is the table: entries {type, flash address,
 * size}. As built, LFS0 and SPIFFS0 have no address yet and the last entry is {0, mapped end of the
 * flash code, 0}; the first start fills the addresses in and writes the record anew.
 *
 * ESP32: 32-byte entries at flash address 0x8000: aa 50, type u8, subtype u8, address, size, label
 * of 16, flags; eb eb: an MD5 of the entries; ff: the end.
 *
 * Source: platform.c, platform.h, user_main.c of NodeMCU; gen_esp32part.py of esp-idf.
 */
#ifndef FIRMWARE_PARTITION_H
#define FIRMWARE_PARTITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/diag.h"

enum {
	PARTITION_PAGE = 4096,
	PARTITION_AT = 0x10000,   /* flash address of the ESP8266's page */
	PARTITION_AT32 = 0x8000,  /* of the ESP32's table */
	PARTITION_BYTES32 = 3072, /* and its size */
	PARTITIONS_MAX = 96,
	RECORDS_MAX = 64,
};

enum partition_type {
	PARTITION_IROM0 = 102,
	PARTITION_LFS0 = 103,
	PARTITION_LFS1 = 104,
	PARTITION_SPIFFS0 = 106,
	PARTITION_APP32 = 0,
	PARTITION_LFS32 = 0xc2, /* subtypes 1 and 2: LFS 0 and 1 */
};

enum record_id {
	RECORD_DELETED = 0,
	RECORD_TABLE = 1,
	RECORD_LFS = 4,
	RECORD_INIT = 5,
	RECORD_OPTIONS = 6,
	RECORD_FREE = 0xff
};

struct partition {
	uint32_t type, subtype; /* subtype: ESP32 */
	uint32_t address, size; /* in flash */
	uint64_t off;           /* of the entry, in the file */
	char label[17];         /* ESP32, else empty */
};

struct partition_record {
	uint8_t id, words;
	uint64_t off; /* of its head, in the file */
};

enum partition_kind { PARTITION_NONE, PARTITION_ESP8266, PARTITION_ESP32 };

struct partition_table {
	enum partition_kind kind;
	uint64_t off; /* of the first entry, in the file */
	struct partition items[PARTITIONS_MAX];
	uint32_t count;
	struct partition_record records[RECORDS_MAX]; /* ESP8266 */
	uint32_t nrecords;
	bool fresh;         /* ESP8266: never started; addresses may be 0 */
	uint32_t irom0_end; /* fresh: mapped end of the flash code */
	uint32_t spare;     /* further tables, which the firmware does not look at */
};

/* The bytes begin with a page of records that holds a table. */
bool partition_probe(const uint8_t *data, size_t len);

/*
 * Reads the records that begin at byte off of a file, or the ESP32's table. ERR_KIND without
 * words in diag->path when there is no table; else what is wrong with it, and out has the rest.
 */
enum err partition_read(const uint8_t *data, size_t len, uint64_t off, struct diag *diag,
			struct partition_table *out);
enum err partition_read32(const uint8_t *data, size_t len, uint64_t off, struct diag *diag,
			  struct partition_table *out);

/*
 * What is wrong with where item lies: outside a flash of that size (0: unknown), over another, not
 * at a page. NULL: nothing.
 */
const char *partition_fault(const struct partition_table *t, uint32_t item, uint32_t flash_size);

/* The first of that type (and subtype, on the ESP32), or t->count. */
uint32_t partition_find(const struct partition_table *t, uint32_t type, uint32_t subtype);

/* "LFS0", "app factory", "type 77": appends. */
void partition_words(const struct partition_table *t, uint32_t item, struct buf *out);
/* "partition table", "deleted" ...; NULL: no such record is known. */
const char *partition_record_words(uint8_t id);

#endif
