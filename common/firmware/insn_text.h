/* SPDX-License-Identifier: MIT */
/*
 * How an instruction reads: by capstone 6, where this was built with it.
 */
#ifndef FIRMWARE_INSN_TEXT_H
#define FIRMWARE_INSN_TEXT_H

#include "common/base/diag.h"
#include "common/firmware/insn.h"

enum { INSN_MNEMONIC = 32, INSN_OPERANDS = 160 };

struct insn_words {
	char mnemonic[INSN_MNEMONIC]; /* "addi.n"; ".byte" for what is no instruction */
	char operands[INSN_OPERANDS]; /* "a2, a3, 4"; targets as absolute addresses: "0x40210004" */
};

struct insn_text;

/* False: built without capstone; insn_text_open fails and says so. */
bool insn_text_available(void);
/* ERR_KIND without capstone, ERR_MEMORY. *out may be given to insn_text_close in any case. */
enum err insn_text_open(enum insn_set set, struct diag *diag, struct insn_text **out);
void insn_text_close(struct insn_text *t);

/* The words of an instruction that insn_decode gave. False: no instruction has these bytes. */
bool insn_text_words(struct insn_text *t, const struct insn *in, struct insn_words *out);

enum { INSN_HEX = sizeof("0x01234567") };

/* A number as printf's "0x%x" has it, which takes much longer; returns how many characters. */
size_t insn_text_hex(char out[INSN_HEX], uint32_t number);

#endif
