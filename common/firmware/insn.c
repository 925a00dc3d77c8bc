/* SPDX-License-Identifier: MIT */
#include "common/firmware/insn.h"

/* Bytes of the instruction that begins with byte b. */
static uint8_t length(enum insn_set set, uint8_t b)
{
	if (set == INSN_RISCV)
		return (b & 3) == 3 ? 4 : 2;
	return (b & 15) >= 8 && (b & 15) <= 13 ? 2 : 3;
}

bool insn_decode(enum insn_set set, const uint8_t *p, size_t n, uint32_t address, struct insn *out)
{
	*out = (struct insn){ .address = address,
			      .to = INSN_NO_REGISTER,
			      .from = INSN_NO_REGISTER,
			      .other = INSN_NO_REGISTER };
	if (n < 2)
		return false;
	out->len = length(set, p[0]);
	if (out->len > n)
		return false;
	for (unsigned i = 0; i < out->len; i++)
		out->word |= (uint32_t)p[i] << 8 * i;
	if (set == INSN_RISCV)
		insn_decode_riscv(out);
	else
		insn_decode_xtensa(out);
	return true;
}

uint8_t insn_argument(enum insn_set set, const struct insn *call, unsigned i)
{
	if (set == INSN_RISCV)
		return i < 8 ? (uint8_t)(10 + i) : INSN_NO_REGISTER;
	unsigned r = 2 + i + call->window;
	return i < 6 && r < 16 ? (uint8_t)r : INSN_NO_REGISTER;
}

uint8_t insn_parameter(enum insn_set set, unsigned i)
{
	return insn_argument(set, &(struct insn){ 0 }, i);
}

uint8_t insn_result(enum insn_set set, const struct insn *call)
{
	return insn_argument(set, call, 0);
}

bool insn_call_keeps(enum insn_set set, const struct insn *call, uint8_t r)
{
	if (set == INSN_RISCV)
		return r == 0 || (r >= 2 && r <= 4) || r == 8 || r == 9 || (r >= 18 && r <= 27);
	if (call->window)
		return r < call->window;
	return r == 1 || r >= 12;
}

uint8_t insn_stack(enum insn_set set)
{
	return set == INSN_RISCV ? 2 : 1;
}
