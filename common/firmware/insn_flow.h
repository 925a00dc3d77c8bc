/* SPDX-License-Identifier: MIT */
/*
 * The code of one function, found by following its control flow from the beginning: branches, jumps
 * and jump tables; and what registers may hold at each instruction.
 */
#ifndef FIRMWARE_INSN_FLOW_H
#define FIRMWARE_INSN_FLOW_H

#include "common/firmware/insn_values.h"

enum insn_flow_mark {
	FLOW_INSN = 1,  /* an instruction begins here */
	FLOW_LABEL = 2, /* a branch or a jump leads here */
};

struct insn_flow {
	struct values_machine machine;
	uint32_t start, end; /* addresses; jumps out of here leave the function */
	const uint8_t *code; /* the bytes at start...end */
	uint8_t *marks;      /* end - start of them: enum insn_flow_mark */
	uint32_t count;      /* instructions */
	uint32_t bytes;      /* covered by them */
	/* The states before labels. */
	uint32_t *blocks; /* per address: number in states + 1 */
	struct values_state *states;
	uint32_t nstates, states_cap;
	bool starved; /* no memory for a state */
	bool rough;   /* too large or too tangled to know what registers hold */
};

/*
 * Follows the code in start...end. ERR_DAMAGED: no code there; ERR_LIMIT: more than any function;
 * ERR_MEMORY. Always free it.
 */
enum err insn_flow_find(struct insn_flow *f, const struct values_machine *m, uint32_t start,
			uint32_t end, struct diag *diag);
void insn_flow_free(struct insn_flow *f);

/*
 * Calls visit for every instruction, by address, with what is known before it. Instructions that
 * may be data (behind a call that never returns) can overlap the next.
 */
void insn_flow_visit(const struct insn_flow *f,
		     void (*visit)(void *ctx, const struct insn *in,
				   const struct values_state *before),
		     void *ctx);

/* Where a call or a jump by register may lead, or the one target of another; at most max. */
uint32_t insn_flow_targets(const struct insn_flow *f, const struct insn *in,
			   const struct values_state *before, uint32_t *out, uint32_t max);

/* The instruction set of a firmware; false: its chip is not known. */
bool insn_flow_machine(const struct firmware *fw, struct values_machine *out);

/* How many bytes of functions are worth following in all: symbols may lie over each other. */
uint32_t insn_flow_budget(const struct firmware *fw);

/* The end of the function that a symbol names: by its size, else the next function's beginning. */
uint32_t insn_flow_end(const struct firmware *fw, uint32_t symbol);

#endif
