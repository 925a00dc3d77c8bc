/* SPDX-License-Identifier: MIT */
/*
 * Xtensa. Fields of the 24-bit word, as Cadence's ISA reference names them:
 *   op0 3...0  t 7...4  s 11...8  r 15...12  op1 19...16  op2 23...20
 * Instructions of two bytes have op0, t, s and r alone.
 */
#include "common/firmware/insn.h"

enum field { NO, T, S, R };

/* Where a number or a target is, and how it is meant. */
enum number {
	NONE,
	CALL18,  /* bits 23...6, words from the next word */
	JUMP18,  /* bits 23...6, from pc + 4 */
	FAR12,   /* bits 23...12, from pc + 4 */
	NEAR8,   /* bits 23...16, from pc + 4 */
	LOOP8,   /* the same without a sign */
	NARROW6, /* bits 5...4 and r, from pc + 4, forwards */
	LITERAL, /* bits 23...8, words back from pc + 3 */
	MOVI12,  /* s and bits 23...16 */
	MOVI7,   /* bits 6...4 and r: -32...95 */
	BYTE,    /* bits 23...16 */
	BYTE4,   /* the same, words, no sign */
	BYTE256, /* the same, times 256 */
	R4,      /* r, words */
	T1,      /* t; 0 is -1 */
	SHIFT,   /* 2 to the power of 32 - (bit 20 and t) */
	FRAME,   /* bits 23...12, units of 8 bytes */
	SCALE1,
	SCALE2,
	SCALE4,
	SCALE8,
	LESS2, /* times 2, without itself */
	LESS4,
	LESS8,
};

struct row {
	uint32_t mask, match;
	uint8_t kind, to, from, other, number;
};

/* Those of one op0 stand together; the first that matches counts. OTHER and NO: writes no register
 * of the a-file. */
static const struct row rows[] = {
	/* Two bytes. */
	{ 0x00000f, 0x000008, INSN_LOAD, T, S, NO, R4 },
	{ 0x00000f, 0x000009, INSN_STORE, NO, S, T, R4 },
	{ 0x00000f, 0x00000a, INSN_INDEX, R, S, T, SCALE1 },
	{ 0x00000f, 0x00000b, INSN_ADD, R, S, NO, T1 },
	{ 0x00008f, 0x00000c, INSN_SET, S, NO, NO, MOVI7 },
	{ 0x0000cf, 0x00008c, INSN_IF_ZERO, NO, S, NO, NARROW6 },
	{ 0x0000cf, 0x0000cc, INSN_IF_NOT_ZERO, NO, S, NO, NARROW6 },
	{ 0x00f00f, 0x00000d, INSN_MOVE, T, S, NO, NONE },
	{ 0x00f0ef, 0x00f00d, INSN_RETURN, NO, NO, NO, NONE },
	{ 0x00ffff, 0x00f06d, INSN_STOP, NO, NO, NO, NONE },
	{ 0x00000f, 0x00000d, INSN_OTHER, NO, NO, NO, NONE },
	/* l32r; loads, stores, movi, addi. */
	{ 0x00000f, 0x000001, INSN_LITERAL, T, NO, NO, LITERAL },
	{ 0x00f00f, 0x002002, INSN_LOAD, T, S, NO, BYTE4 },
	{ 0x00f00f, 0x006002, INSN_STORE, NO, S, T, BYTE4 },
	{ 0x00f00f, 0x00a002, INSN_SET, T, NO, NO, MOVI12 },
	{ 0x00f00f, 0x00b002, INSN_LOAD, T, S, NO, BYTE4 },
	{ 0x00f00f, 0x00c002, INSN_ADD, T, S, NO, BYTE },
	{ 0x00f00f, 0x00d002, INSN_ADD, T, S, NO, BYTE256 },
	{ 0x00f00f, 0x00f002, INSN_STORE, NO, S, T, BYTE4 },
	{ 0x00f00f, 0x004002, INSN_OTHER, NO, NO, NO, NONE },
	{ 0x00f00f, 0x005002, INSN_OTHER, NO, NO, NO, NONE },
	{ 0x00f00f, 0x007002, INSN_OTHER, NO, NO, NO, NONE },
	{ 0x00000f, 0x000002, INSN_OTHER, T, NO, NO, NONE },
	/* Floating point loads and stores that move their base; MAC16's. */
	{ 0x00800f, 0x008003, INSN_OTHER, S, NO, NO, NONE },
	{ 0x00000f, 0x000003, INSN_OTHER, NO, NO, NO, NONE },
	{ 0x20000f, 0x000004, INSN_OTHER, S, NO, NO, NONE },
	{ 0x00000f, 0x000004, INSN_OTHER, NO, NO, NO, NONE },
	/* Calls, jumps, branches, loops. */
	{ 0x00000f, 0x000005, INSN_CALL, NO, NO, NO, CALL18 },
	{ 0x00003f, 0x000006, INSN_JUMP, NO, NO, NO, JUMP18 },
	{ 0x0000ff, 0x000016, INSN_IF_ZERO, NO, S, NO, FAR12 },
	{ 0x0000ff, 0x000056, INSN_IF_NOT_ZERO, NO, S, NO, FAR12 },
	{ 0x00003f, 0x000016, INSN_BRANCH, NO, NO, NO, FAR12 },
	{ 0x00003f, 0x000026, INSN_BRANCH, NO, NO, NO, NEAR8 },
	{ 0x0000ff, 0x000036, INSN_ENTRY, NO, S, NO, FRAME },
	{ 0x00e0ff, 0x000076, INSN_BRANCH, NO, NO, NO, NEAR8 },
	{ 0x00f0ff, 0x008076, INSN_BRANCH, NO, NO, NO, LOOP8 },
	{ 0x00f0ff, 0x009076, INSN_BRANCH, NO, NO, NO, LOOP8 },
	{ 0x00f0ff, 0x00a076, INSN_BRANCH, NO, NO, NO, LOOP8 },
	{ 0x0000ff, 0x000076, INSN_OTHER, NO, NO, NO, NONE },
	{ 0x0000bf, 0x0000b6, INSN_BRANCH, NO, NO, NO, NEAR8 },
	{ 0x00000f, 0x000007, INSN_BRANCH, NO, NO, NO, NEAR8 },
	/*
	 * ill; ret, retw; jx; callx0...12; movsp; rfe, rfi and their like; rsil; the rest of that
	 * row.
	 */
	{ 0xffffff, 0x000000, INSN_STOP, NO, NO, NO, NONE },
	{ 0xfff0ef, 0x000080, INSN_RETURN, NO, NO, NO, NONE },
	{ 0xfff0ff, 0x0000a0, INSN_JUMP_REGISTER, NO, S, NO, NONE },
	{ 0xfff0cf, 0x0000c0, INSN_CALL_REGISTER, NO, S, NO, NONE },
	{ 0xfff00f, 0x001000, INSN_MOVE, T, S, NO, NONE },
	{ 0xfff0cf, 0x003000, INSN_RETURN, NO, NO, NO, NONE },
	{ 0xfff00f, 0x006000, INSN_OTHER, T, NO, NO, NONE },
	{ 0xff000f, 0x000000, INSN_OTHER, NO, NO, NO, NONE },
	/* or a, b, b is mov; rer, nsa, nsau; TLB reads; add, addx2, addx4, addx8. */
	{ 0xff000f, 0x200000, INSN_MOVE, R, S, T, NONE },
	{ 0xfff00f, 0x406000, INSN_OTHER, T, NO, NO, NONE },
	{ 0xffe00f, 0x40e000, INSN_OTHER, T, NO, NO, NONE },
	{ 0xff000f, 0x400000, INSN_OTHER, NO, NO, NO, NONE },
	{ 0xff100f, 0x501000, INSN_OTHER, T, NO, NO, NONE },
	{ 0xff000f, 0x500000, INSN_OTHER, NO, NO, NO, NONE },
	{ 0xff000f, 0x800000, INSN_INDEX, R, S, T, SCALE1 },
	{ 0xff000f, 0x900000, INSN_INDEX, R, S, T, SCALE2 },
	{ 0xff000f, 0xa00000, INSN_INDEX, R, S, T, SCALE4 },
	{ 0xff000f, 0xb00000, INSN_INDEX, R, S, T, SCALE8 },
	{ 0xff000f, 0xd00000, INSN_SHIFT, R, S, T, LESS2 },
	{ 0xff000f, 0xe00000, INSN_SHIFT, R, S, T, LESS4 },
	{ 0xff000f, 0xf00000, INSN_SHIFT, R, S, T, LESS8 },
	/* slli; xsr; booleans; rsr, wsr; moveqz...movt; wur. */
	{ 0xef000f, 0x010000, INSN_SHIFT, R, S, NO, SHIFT },
	{ 0xff000f, 0x610000, INSN_OTHER, T, NO, NO, NONE },
	{ 0x8f000f, 0x020000, INSN_OTHER, NO, NO, NO, NONE },
	{ 0xff000f, 0x030000, INSN_OTHER, T, NO, NO, NONE },
	{ 0xff000f, 0x130000, INSN_OTHER, NO, NO, NO, NONE },
	{ 0xcf000f, 0x830000, INSN_CHOOSE, R, S, NO, NONE },
	{ 0xef000f, 0xc30000, INSN_CHOOSE, R, S, NO, NONE },
	{ 0xff000f, 0xf30000, INSN_OTHER, NO, NO, NO, NONE },
	/*
	 * lsxu, ssxu; lsx, ssx; l32e; s32e; conversions to integers and rfr; other floating point.
	 */
	{ 0xbf000f, 0x180000, INSN_OTHER, S, NO, NO, NONE },
	{ 0x0f000f, 0x080000, INSN_OTHER, NO, NO, NO, NONE },
	{ 0xff000f, 0x090000, INSN_OTHER, T, NO, NO, NONE },
	{ 0x0f000f, 0x090000, INSN_OTHER, NO, NO, NO, NONE },
	{ 0xcf000f, 0x8a0000, INSN_OTHER, R, NO, NO, NONE },
	{ 0xff000f, 0xea0000, INSN_OTHER, R, NO, NO, NONE },
	{ 0xff00ff, 0xfa0040, INSN_OTHER, R, NO, NO, NONE },
	{ 0x0e000f, 0x0a0000, INSN_OTHER, NO, NO, NO, NONE },
	{ 0x00000f, 0x000000, INSN_OTHER, R, NO, NO, NONE },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* By op0: its first row. */
static const uint8_t first[16] = {
	[1] = 11, [2] = 12,  [3] = 23,  [4] = 25,  [5] = 27,  [6] = 28,     [7] = 40,     [8] = 0,
	[9] = 1,  [0xa] = 2, [0xb] = 3, [0xc] = 4, [0xd] = 7, [0xe] = ROWS, [0xf] = ROWS,
};

/* Where op0 is 0, by op1. */
static const uint8_t first_of_op1[16] = {
	[0] = 41,        [1] = 62,        [2] = 64,        [3] = 65,
	[4] = ROWS - 1,  [5] = ROWS - 1,  [6] = ROWS - 1,  [7] = ROWS - 1,
	[8] = 70,        [9] = 72,        [10] = 74,       [11] = 77,
	[12] = ROWS - 1, [13] = ROWS - 1, [14] = ROWS - 1, [15] = ROWS - 1,
};

static int32_t sign(uint32_t v, unsigned bits)
{
	uint32_t top = UINT32_C(1) << (bits - 1);
	return (int32_t)(((v & (top * 2 - 1)) ^ top) - top);
}

static uint8_t field(uint32_t w, uint8_t which)
{
	return which == NO ? INSN_NO_REGISTER : (uint8_t)(w >> 4 * which & 15);
}

static void set_target(struct insn *in, uint8_t number)
{
	uint32_t w = in->word, pc = in->address;

	switch (number) {
	case CALL18:
		in->target = (pc & ~UINT32_C(3)) + 4 + 4 * (uint32_t)sign(w >> 6, 18);
		in->window = (uint8_t)(w >> 4 & 3) * 4;
		break;
	case JUMP18: in->target = pc + 4 + (uint32_t)sign(w >> 6, 18); break;
	case FAR12: in->target = pc + 4 + (uint32_t)sign(w >> 12, 12); break;
	case NEAR8: in->target = pc + 4 + (uint32_t)sign(w >> 16, 8); break;
	case LOOP8: in->target = pc + 4 + (w >> 16 & 255); break;
	case NARROW6: in->target = pc + 4 + ((w & 0x30) | (w >> 12 & 15)); break;
	case LITERAL:
		in->target = ((pc + 3) & ~UINT32_C(3)) - 4 * (0x10000 - (w >> 8 & 0xffff));
		break;
	default: break;
	}
}

static int32_t value(uint32_t w, uint8_t number)
{
	switch (number) {
	case MOVI12: return sign((w & 0xf00) | (w >> 16 & 255), 12);
	case MOVI7: {
		int32_t v = (int32_t)((w & 0x70) | (w >> 12 & 15));
		return v < 96 ? v : v - 128;
	}
	case BYTE: return sign(w >> 16, 8);
	case BYTE4: return (int32_t)(w >> 16 & 255) * 4;
	case BYTE256: return sign(w >> 16, 8) * 256;
	case R4: return (int32_t)(w >> 12 & 15) * 4;
	case T1: return (w >> 4 & 15) ? (int32_t)(w >> 4 & 15) : -1;
	case SHIFT: return (int32_t)(UINT32_C(1) << ((32 - ((w >> 16 & 16) | (w >> 4 & 15))) & 31));
	case FRAME: return (int32_t)(w >> 12 & 0xfff) * 8;
	case SCALE1: return 1;
	case SCALE2: return 2;
	case SCALE4: return 4;
	case SCALE8: return 8;
	case LESS2: return 1;
	case LESS4: return 3;
	case LESS8: return 7;
	default: return 0;
	}
}

void insn_decode_xtensa(struct insn *in)
{
	uint8_t op0 = in->word & 15;
	const struct row *row = &rows[op0 ? first[op0] : first_of_op1[in->word >> 16 & 15]];

	while (row < &rows[ROWS] && (in->word & row->mask) != row->match)
		row++;
	if (row == &rows[ROWS])
		return;
	in->kind = row->kind;
	in->to = field(in->word, row->to);
	in->from = field(in->word, row->from);
	in->other = field(in->word, row->other);
	in->value = value(in->word, row->number);
	set_target(in, row->number);
	if (in->kind == INSN_CALL_REGISTER)
		in->window = (uint8_t)(in->word >> 4 & 3) * 4;
	/* or of two, subx2...8 of two; addx2...8 of one is a multiple of it, too */
	if (in->kind != INSN_INDEX && in->to != INSN_NO_REGISTER && row->other != NO &&
	    in->other != in->from)
		in->kind = INSN_OTHER;
	if (in->kind == INSN_INDEX && in->other == in->from) {
		in->kind = INSN_SHIFT;
		in->value++;
	}
}
