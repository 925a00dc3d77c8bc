/* SPDX-License-Identifier: MIT */
/*
 * Inside of the firmware readers: the steps of opening and studying. False: no memory.
 */
#ifndef FIRMWARE_PARTS_H
#define FIRMWARE_PARTS_H

#include "common/firmware/firmware.h"

/* Orders the symbols, for firmware_symbol_at() and firmware_symbol_find(). */
bool firmware_index_symbols(struct firmware *fw);

/* How many symbols begin below an address. */
uint32_t firmware_symbols_below(const struct firmware *fw, uint32_t address);

/* Source files by the debug data of an ELF file: paths, and who has the global symbols.
 * What debug data does not tell, or tells wrong, stays unknown. */
void firmware_read_dwarf(struct firmware *fw);

bool firmware_find_tables(struct firmware *fw);
/* Who holds whom, and who has which function; called by firmware_find_tables. */
bool firmware_reach_tables(struct firmware *fw);
bool firmware_index_functions(struct firmware *fw);
bool firmware_find_modules(struct firmware *fw);
bool firmware_find_spans(struct firmware *fw);
bool firmware_find_texts(struct firmware *fw);

/* How entries are laid out: key at 0, then a TValue. */
struct firmware_stride {
	uint8_t bytes, value, tag, tvalue;
};

/* Where lua_rotable_base is, without its symbol. found: addresses of ROTables, ascending. */
bool firmware_guess_base(const struct firmware *fw, const struct firmware_stride *stride,
			 const uint32_t *found, uint32_t nfound, uint32_t *address);

#endif
