/* SPDX-License-Identifier: MIT */
/*
 * Inside of the search for ROTables: sound ones by what they look like (rotables.c), and those that
 * are meant to be ROTables but are damaged (rotables_broken.c).
 */
#ifndef FIRMWARE_ROTABLES_PARTS_H
#define FIRMWARE_ROTABLES_PARTS_H

#include "common/firmware/parts.h"

enum { TABLE_BYTES = 16, ENTRIES_MAX = 4096 };

enum tag {
	TAG_NIL = 0,
	TAG_POINTER = 2,
	TAG_NUMBER = 3,
	TAG_INTEGER53 = 0x13,
	TAG_TABLE = 0x15,
	TAG_FUNCTION53 = 0x16,
	TAG_FUNCTION51 = 0x26,
};

/* What is known while tables are looked for. Work counts entries looked at: in a good file tables
 * do not share theirs, so that there cannot be more than the file has bytes for. */
struct search {
	struct firmware *fw;
	uint32_t *found; /* addresses of candidates, ascending */
	uint32_t nfound, cap;
	uint32_t *claimed; /* addresses that a name or a pointer says are ROTables, ascending */
	uint32_t nclaimed, claimed_cap;
	uint64_t work, work_max;
	const struct firmware_stride *stride;
};

/* The key at an address: printable, and no longer than anybody writes. NULL: it is none. */
const char *rotable_key(const struct firmware *fw, uint32_t address);
bool rotable_tag_known(uint32_t tag);

/* True when p, the 16 bytes of a ROTable, is a sound one; *count: its entries. */
bool rotable_valid(struct search *s, const struct firmware_stride *stride, const uint8_t *p,
		   uint32_t *count);

/* Fills s->claimed, and adds it to s->found. False: no memory. */
bool rotable_find_claimed(struct search *s);
bool rotable_is_claimed(const struct search *s, uint32_t address);

/*
 * How many entries a damaged list has, and a note for each thing that is wrong with it. wanted: as
 * its ROTable says, or 0; what: "gpio_ROTable".
 */
uint32_t rotable_count_broken(struct search *s, uint32_t address, uint32_t wanted,
			      const char *what);
/* The same for the ROTable at an address. */
uint32_t rotable_judge(struct search *s, uint32_t address, const uint8_t *p);

/* Notes functions and ROTables of entries that point to where none can be. */
void rotable_check_values(struct firmware *fw);

#endif
