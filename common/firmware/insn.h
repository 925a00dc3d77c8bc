/* SPDX-License-Identifier: MIT */
/*
 * One machine instruction: what it does, as far as following code and values needs it, told from
 * its bytes alone. Xtensa as in the ESP8266 and (with register windows) in the ESP32, and 32-bit
 * RISC-V with compressed instructions as in the ESP32-C3. How it reads as text: insn_text.h.
 */
#ifndef FIRMWARE_INSN_H
#define FIRMWARE_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum insn_set { INSN_LX106, INSN_ESP32, INSN_ESP32S2, INSN_ESP32S3, INSN_RISCV };

enum {
	INSN_REGISTERS = 32,     /* Xtensa: a0...a15; RISC-V: x0...x31 */
	INSN_NO_REGISTER = 0xff, /* also for RISC-V's x0 where it is written to */
};

enum insn_kind {
	INSN_OTHER,         /* computes something into .to, or nothing that matters here */
	INSN_CALL,          /* of .target */
	INSN_CALL_REGISTER, /* of what .from holds, + .value */
	INSN_JUMP,          /* to .target */
	INSN_JUMP_REGISTER, /* to what .from holds, + .value */
	INSN_BRANCH,        /* to .target or onwards */
	INSN_IF_ZERO,       /* the same: to .target when .from is 0 */
	INSN_IF_NOT_ZERO,
	INSN_RETURN,
	INSN_STOP,    /* no instruction on purpose: what stands behind it is not run */
	INSN_LITERAL, /* .to = word at .target */
	INSN_SET,     /* .to = .value */
	INSN_MOVE,    /* .to = .from */
	INSN_CHOOSE,  /* .to = .from, or stays */
	INSN_ADD,     /* .to = .from + .value */
	INSN_INDEX,   /* .to = .from * .value + .other */
	INSN_SHIFT,   /* .to = .from * .value */
	INSN_LOAD,    /* .to = word at .from + .value */
	INSN_STORE,   /* word at .from + .value = .other */
	INSN_ENTRY,   /* windowed function's first: makes a frame of .value bytes */
};

struct insn {
	uint32_t address;
	uint32_t word; /* its bytes, little-endian */
	uint32_t target;
	int32_t value;
	uint8_t len; /* bytes: 2, 3 or 4 */
	uint8_t kind;
	uint8_t to, from, other; /* registers or INSN_NO_REGISTER */
	uint8_t window;          /* calls: by how many registers the window moves, 0, 4, 8, 12 */
};

/* Decodes the instruction at p, of which n bytes are there. False: it is not all there. */
bool insn_decode(enum insn_set set, const uint8_t *p, size_t n, uint32_t address, struct insn *out);

/* The register of the caller that argument i (0 is the first) of a call is in. */
uint8_t insn_argument(enum insn_set set, const struct insn *call, unsigned i);
/* The register that parameter i of a function is in when the function begins. */
uint8_t insn_parameter(enum insn_set set, unsigned i);
/* The register of the caller that a call leaves its result in. */
uint8_t insn_result(enum insn_set set, const struct insn *call);
/* Whether a call leaves register r as it is. */
bool insn_call_keeps(enum insn_set set, const struct insn *call, uint8_t r);
/* The stack pointer. */
uint8_t insn_stack(enum insn_set set);

/* True for what ends a run of instructions: the next one is not reached from here. */
static inline bool insn_ends(const struct insn *in)
{
	return in->kind == INSN_JUMP || in->kind == INSN_JUMP_REGISTER || in->kind == INSN_RETURN ||
	       in->kind == INSN_STOP;
}

static inline bool insn_branches(const struct insn *in)
{
	return in->kind == INSN_BRANCH || in->kind == INSN_IF_ZERO || in->kind == INSN_IF_NOT_ZERO;
}

static inline bool insn_calls(const struct insn *in)
{
	return in->kind == INSN_CALL || in->kind == INSN_CALL_REGISTER;
}

/* For insn.c. */
void insn_decode_xtensa(struct insn *in);
void insn_decode_riscv(struct insn *in);

#endif
