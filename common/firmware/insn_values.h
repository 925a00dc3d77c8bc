/* SPDX-License-Identifier: MIT */
/*
 * What registers and stack slots may hold at a place in a function: the values that were loaded
 * from literals, moved, added to and read from constant tables on some way to there.
 */
#ifndef FIRMWARE_INSN_VALUES_H
#define FIRMWARE_INSN_VALUES_H

#include <string.h>

#include "common/firmware/firmware.h"
#include "common/firmware/insn.h"

enum { VALUES_MAX = 8, VALUES_SLOTS = 24, VALUES_PARAMETERS = 6 };

/*
 * .n numbers, ascending, each of which it is on some way; .other: it may be something else, too.
 * With a stride it is one of many: v[0] + an unknown multiple of the stride, inside of the object
 * that v[0] is in; .loaded: the word at such an address. Without v[0]: any multiple of the stride.
 * v[1] and on are then other numbers that it may be instead.
 */
struct values {
	uint8_t n;
	bool other;
	uint8_t parameter; /* .other is the function's parameter of this number + 1; 0: is not */
	uint8_t stride;
	bool loaded;
	uint32_t v[VALUES_MAX];
};

struct values_state {
	bool reached;
	uint8_t nslots;
	int32_t escaped; /* stack offsets from here up others may write to; INT32_MAX: none */
	int32_t frame;   /* offset of the stack pointer from where it was at the beginning */
	struct values r[INSN_REGISTERS];
	struct {
		int32_t off; /* from the stack pointer at the beginning */
		struct values value;
	} slots[VALUES_SLOTS]; /* nslots of them */
};

struct values_machine {
	const struct firmware *fw;
	enum insn_set set;
	/* What the function at an address returns; NULL, and where it gives NULL: nobody knows. */
	const struct values *(*returned)(const void *ctx, uint32_t function);
	const void *ctx;
};

/* A function's beginning: its parameters are known as such. */
void values_begin(const struct values_machine *m, struct values_state *s);

/* The effect of an instruction. */
void values_step(const struct values_machine *m, struct values_state *s, const struct insn *in);

/* What an instruction leaves in its register .to; without calls' effects. */
struct values values_result(const struct values_machine *m, const struct values_state *s,
			    const struct insn *in);

/* A branch has shown that register r is zero, or that it is not. */
void values_assume_zero(struct values_state *s, uint8_t r, bool zero);

/* What s may be if it may be from, too. True when that changed s. */
bool values_join(const struct values_machine *m, struct values_state *s,
		 const struct values_state *from);

/* What is either a or b. */
struct values values_either(const struct values_machine *m, const struct values *a,
			    const struct values *b);

/* *to = *from, without the slots that are not in use. */
static inline void values_copy(struct values_state *to, const struct values_state *from)
{
	memcpy(to, from,
	       offsetof(struct values_state, slots) + from->nslots * sizeof(from->slots[0]));
}

/* What register r holds; nothing known of INSN_NO_REGISTER. */
struct values values_of(const struct values_state *s, uint8_t r);

/* All numbers that the value may be, tables included; at most max of them. Returns how many. */
uint32_t values_list(const struct values_machine *m, const struct values *v, uint32_t *out,
		     uint32_t max);

/* True when the value is just one number. */
static inline bool values_single(const struct values *v)
{
	return v->n == 1 && !v->other && !v->stride;
}

#endif
