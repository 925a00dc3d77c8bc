/* SPDX-License-Identifier: MIT */
/*
 * Functions of a firmware as text: instructions along their control flow, what is loaded from
 * literal pools as strings and names, and what is called by name.
 */
#ifndef FIRMWARE_DISASM_H
#define FIRMWARE_DISASM_H

#include "common/firmware/firmware.h"
#include "common/firmware/insn_text.h"

struct disasm_line {
	uint32_t address;
	uint32_t text;  /* in .text: mnemonic, NUL, operands, NUL, comment, NUL */
	uint32_t leads; /* the address that it calls, jumps to or loads; 0: none that is known */
	uint8_t len;    /* bytes of it */
	bool label;     /* jumped to */
};

struct disasm_function {
	uint32_t address, end;
	uint32_t symbol;       /* FIRMWARE_NONE: it has no name */
	uint32_t first, count; /* in lines */
	uint32_t covered;      /* bytes of instructions in it */
};

struct disasm {
	struct firmware *fw;
	struct insn_text *words;
	struct disasm_function *functions;
	struct disasm_line *lines;
	uint32_t nfunctions, nlines;
	uint32_t functions_cap, lines_cap;
	struct buf text;
};

/* fw must be studied. ERR_KIND: no disassembler for its chip, or none at all. Always close it. */
enum err disasm_open(struct disasm *d, struct firmware *fw, struct diag *diag);
void disasm_close(struct disasm *d);

/*
 * Adds the functions that a name stands for: a symbol, its Lua name ("gpio.mode"), an address
 * ("0x40210000") or a glob of symbols ("lua_*"). ERR_KIND: there is none.
 */
enum err disasm_add(struct disasm *d, const char *name, struct diag *diag);

/* The line of a function at an address; FIRMWARE_NONE: there is none. */
uint32_t disasm_line_at(const struct disasm *d, uint32_t function, uint32_t address);

#endif
