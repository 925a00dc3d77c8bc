/* SPDX-License-Identifier: MIT */
/*
 * RISC-V, rv32imc with the CSR and atomic instructions. Words of four bytes have
 *   opcode 6...0  rd 11...7  funct3 14...12  rs1 19...15  rs2 24...20  funct7 31...25
 * those of two bytes are told apart by bits 1...0 and 15...13; their short registers are x8...x15.
 */
#include "common/firmware/insn.h"

/* Where a register is, or which it is. */
enum field { NO, RD, RS1, RS2, C_RD, C_RS2, C_LOW, C_HIGH, SP };

/* Where a number or a target is: formats of the base set, then of the compressed one. */
enum number {
	NONE,
	I,
	S,
	B,
	U,
	UPC,
	J,
	SHIFT,
	ONE,
	CI,
	CLUI,
	C16SP,
	C4SPN,
	CLW,
	CLWSP,
	CSWSP,
	CJ,
	CB,
	CSHIFT
};

struct row {
	uint32_t mask, match;
	uint8_t kind, to, from, other, number;
};

/* The first that matches counts; more particular ones stand before. */
static const struct row words[] = {
	{ 0x0000007f, 0x00000037, INSN_SET, RD, NO, NO, U },
	{ 0x0000007f, 0x00000017, INSN_SET, RD, NO, NO, UPC },
	{ 0x00000fff, 0x0000006f, INSN_JUMP, NO, NO, NO, J },
	{ 0x0000007f, 0x0000006f, INSN_CALL, NO, NO, NO, J },
	{ 0xffffffff, 0x00008067, INSN_RETURN, NO, NO, NO, NONE },
	{ 0x00007fff, 0x00000067, INSN_JUMP_REGISTER, NO, RS1, NO, I },
	{ 0x0000707f, 0x00000067, INSN_CALL_REGISTER, NO, RS1, NO, I },
	{ 0x01f0707f, 0x00000063, INSN_IF_ZERO, NO, RS1, NO, B },
	{ 0x01f0707f, 0x00001063, INSN_IF_NOT_ZERO, NO, RS1, NO, B },
	{ 0x0000007f, 0x00000063, INSN_BRANCH, NO, NO, NO, B },
	{ 0x0000707f, 0x00002003, INSN_LOAD, RD, RS1, NO, I },
	{ 0x0000007f, 0x00000003, INSN_OTHER, RD, NO, NO, NONE },
	{ 0x0000707f, 0x00002023, INSN_STORE, NO, RS1, RS2, S },
	{ 0x000ff07f, 0x00000013, INSN_SET, RD, NO, NO, I },
	{ 0xfff0707f, 0x00000013, INSN_MOVE, RD, RS1, NO, NONE },
	{ 0x0000707f, 0x00000013, INSN_ADD, RD, RS1, NO, I },
	{ 0x0000707f, 0x00001013, INSN_SHIFT, RD, RS1, NO, SHIFT },
	{ 0x0000007f, 0x00000013, INSN_OTHER, RD, NO, NO, NONE },
	{ 0xfe00707f, 0x00000033, INSN_INDEX, RD, RS1, RS2, ONE },
	{ 0x0000007f, 0x00000033, INSN_OTHER, RD, NO, NO, NONE },
	{ 0x0000007f, 0x0000002f, INSN_OTHER, RD, NO, NO, NONE },
	{ 0xffffffff, 0xc0001073, INSN_STOP, NO, NO, NO, NONE },
	{ 0xdfffffff, 0x10200073, INSN_RETURN, NO, NO, NO, NONE },
	{ 0xffffffff, 0x30200073, INSN_RETURN, NO, NO, NO, NONE },
	{ 0x0000707f, 0x00000073, INSN_OTHER, NO, NO, NO, NONE },
	{ 0x0000007f, 0x00000073, INSN_OTHER, RD, NO, NO, NONE },
	{ 0, 0, INSN_OTHER, NO, NO, NO, NONE },
};

static const struct row halves[] = {
	{ 0xffff, 0x0000, INSN_STOP, NO, NO, NO, NONE },
	{ 0xe003, 0x0000, INSN_ADD, C_LOW, SP, NO, C4SPN },
	{ 0xe003, 0x4000, INSN_LOAD, C_LOW, C_HIGH, NO, CLW },
	{ 0xe003, 0xc000, INSN_STORE, NO, C_HIGH, C_LOW, CLW },
	{ 0xe003, 0x0001, INSN_ADD, C_RD, C_RD, NO, CI },
	{ 0xe003, 0x2001, INSN_CALL, NO, NO, NO, CJ },
	{ 0xe003, 0x4001, INSN_SET, C_RD, NO, NO, CI },
	{ 0xef83, 0x6101, INSN_ADD, SP, SP, NO, C16SP },
	{ 0xe003, 0x6001, INSN_SET, C_RD, NO, NO, CLUI },
	{ 0xe003, 0x8001, INSN_OTHER, C_HIGH, NO, NO, NONE },
	{ 0xe003, 0xa001, INSN_JUMP, NO, NO, NO, CJ },
	{ 0xe003, 0xc001, INSN_IF_ZERO, NO, C_HIGH, NO, CB },
	{ 0xe003, 0xe001, INSN_IF_NOT_ZERO, NO, C_HIGH, NO, CB },
	{ 0xe003, 0x0002, INSN_SHIFT, C_RD, C_RD, NO, CSHIFT },
	{ 0xe003, 0x4002, INSN_LOAD, C_RD, SP, NO, CLWSP },
	{ 0xffff, 0x8082, INSN_RETURN, NO, NO, NO, NONE },
	{ 0xf07f, 0x8002, INSN_JUMP_REGISTER, NO, C_RD, NO, NONE },
	{ 0xf003, 0x8002, INSN_MOVE, C_RD, C_RS2, NO, NONE },
	{ 0xffff, 0x9002, INSN_OTHER, NO, NO, NO, NONE },
	{ 0xf07f, 0x9002, INSN_CALL_REGISTER, NO, C_RD, NO, NONE },
	{ 0xf003, 0x9002, INSN_INDEX, C_RD, C_RD, C_RS2, ONE },
	{ 0xe003, 0xc002, INSN_STORE, NO, SP, C_RS2, CSWSP },
	{ 0, 0, INSN_OTHER, NO, NO, NO, NONE },
};

static uint8_t field(uint32_t w, uint8_t which)
{
	switch (which) {
	case RD:
	case C_RD: return w >> 7 & 31;
	case RS1: return w >> 15 & 31;
	case RS2: return w >> 20 & 31;
	case C_RS2: return w >> 2 & 31;
	case C_LOW: return 8 + (w >> 2 & 7);
	case C_HIGH: return 8 + (w >> 7 & 7);
	case SP: return 2;
	default: return INSN_NO_REGISTER;
	}
}

/* n bits of w from bit from, put at bit at. */
static uint32_t bits(uint32_t w, unsigned from, unsigned n, unsigned at)
{
	return (w >> from & ((UINT32_C(1) << n) - 1)) << at;
}

static uint32_t sign(uint32_t v, unsigned width)
{
	uint32_t top = UINT32_C(1) << (width - 1);
	return (v ^ top) - top;
}

static uint32_t number_word(uint32_t w, uint8_t which)
{
	switch (which) {
	case I: return sign(w >> 20, 12);
	case S: return sign(bits(w, 25, 7, 5) | bits(w, 7, 5, 0), 12);
	case B:
		return sign(bits(w, 31, 1, 12) | bits(w, 7, 1, 11) | bits(w, 25, 6, 5) |
				    bits(w, 8, 4, 1),
			    13);
	case U:
	case UPC: return w & 0xfffff000;
	case J:
		return sign(bits(w, 31, 1, 20) | bits(w, 12, 8, 12) | bits(w, 20, 1, 11) |
				    bits(w, 21, 10, 1),
			    21);
	case SHIFT: return UINT32_C(1) << (w >> 20 & 31);
	case ONE: return 1;
	default: return 0;
	}
}

static uint32_t number_half(uint32_t w, uint8_t which)
{
	switch (which) {
	case ONE: return 1;
	case CI: return sign(bits(w, 12, 1, 5) | bits(w, 2, 5, 0), 6);
	case CLUI: return sign(bits(w, 12, 1, 5) | bits(w, 2, 5, 0), 6) << 12;
	case C16SP:
		return sign(bits(w, 12, 1, 9) | bits(w, 3, 2, 7) | bits(w, 5, 1, 6) |
				    bits(w, 2, 1, 5) | bits(w, 6, 1, 4),
			    10);
	case C4SPN:
		return bits(w, 7, 4, 6) | bits(w, 11, 2, 4) | bits(w, 5, 1, 3) | bits(w, 6, 1, 2);
	case CLW: return bits(w, 5, 1, 6) | bits(w, 10, 3, 3) | bits(w, 6, 1, 2);
	case CLWSP: return bits(w, 2, 2, 6) | bits(w, 12, 1, 5) | bits(w, 4, 3, 2);
	case CSWSP: return bits(w, 7, 2, 6) | bits(w, 9, 4, 2);
	case CJ:
		return sign(bits(w, 12, 1, 11) | bits(w, 8, 1, 10) | bits(w, 9, 2, 8) |
				    bits(w, 6, 1, 7) | bits(w, 7, 1, 6) | bits(w, 2, 1, 5) |
				    bits(w, 11, 1, 4) | bits(w, 3, 3, 1),
			    12);
	case CB:
		return sign(bits(w, 12, 1, 8) | bits(w, 5, 2, 6) | bits(w, 2, 1, 5) |
				    bits(w, 10, 2, 3) | bits(w, 3, 2, 1),
			    9);
	case CSHIFT: return UINT32_C(1) << (w >> 2 & 31);
	default: return 0;
	}
}

void insn_decode_riscv(struct insn *in)
{
	bool half = in->len == 2;
	const struct row *row = half ? halves : words;

	while ((in->word & row->mask) != row->match)
		row++;
	uint32_t n = half ? number_half(in->word, row->number) : number_word(in->word, row->number);
	in->kind = row->kind;
	in->to = field(in->word, row->to);
	in->from = field(in->word, row->from);
	in->other = field(in->word, row->other);
	in->value = (int32_t)n;
	if (row->number == UPC)
		in->value = (int32_t)(in->address + n);
	if (in->kind == INSN_JUMP || in->kind == INSN_CALL || insn_branches(in)) {
		in->target = in->address + n;
		in->value = 0;
	}
	if (in->to == 0)
		in->to = INSN_NO_REGISTER;
}
