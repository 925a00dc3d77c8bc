/* SPDX-License-Identifier: MIT */
#include "common/lua/ops.h"

/* Instruction word, low bits first: opcode 6, A 8, C 9, B 9; Bx is C and B, Ax is all above. */
enum { OP_BITS = 6, SBX_ZERO = 131071 };

const struct lua_dialect *lua_dialect_of(enum lua_version version)
{
	return version == LUA_53 ? &lua_dialect53 : &lua_dialect51;
}

struct lua_insn lua_decode(const struct lua_dialect *d, uint32_t word)
{
	struct lua_insn insn = { 0 };

	insn.opcode = word & 0x3f;
	insn.a = (uint8_t)(word >> OP_BITS);
	insn.c = (word >> 14) & 0x1ff;
	insn.b = (uint16_t)(word >> 23);
	insn.bx = (int32_t)(word >> 14);
	if (insn.opcode >= d->nops)
		return insn;
	insn.op = &d->ops[insn.opcode];
	if (insn.op->mode == LUA_ASBX)
		insn.bx -= SBX_ZERO;
	else if (insn.op->mode == LUA_AX)
		insn.bx = (int32_t)(word >> OP_BITS);
	return insn;
}
