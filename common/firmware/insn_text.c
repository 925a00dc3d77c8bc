/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_CAPSTONE
#include <capstone/capstone.h>
#endif

#include "common/firmware/insn_text.h"

size_t insn_text_hex(char out[INSN_HEX], uint32_t number)
{
	size_t n = 2;

	for (uint32_t rest = number; rest > 15; rest >>= 4)
		n++;
	out[0] = '0';
	out[1] = 'x';
	out[n + 1] = 0;
	for (size_t i = n; i > 1; i--, number >>= 4)
		out[i] = "0123456789abcdef"[number & 15];
	return n + 1;
}

#ifdef HAVE_CAPSTONE

struct insn_text {
	csh handle;
	cs_insn *insn;
	enum insn_set set;
};

bool insn_text_available(void)
{
	return true;
}

void insn_text_close(struct insn_text *t)
{
	if (!t)
		return;
	if (t->insn)
		cs_free(t->insn, 1);
	if (t->handle)
		cs_close(&t->handle);
	free(t);
}

enum err insn_text_open(enum insn_set set, struct diag *diag, struct insn_text **out)
{
	static const struct {
		cs_arch arch;
		cs_mode mode;
	} kinds[] = {
		[INSN_LX106] = { CS_ARCH_XTENSA, CS_MODE_XTENSA_ESP8266 },
		[INSN_ESP32] = { CS_ARCH_XTENSA, CS_MODE_XTENSA_ESP32 },
		[INSN_ESP32S2] = { CS_ARCH_XTENSA, CS_MODE_XTENSA_ESP32S2 },
		[INSN_ESP32S3] = { CS_ARCH_XTENSA, CS_MODE_XTENSA_ESP32S3 },
		[INSN_RISCV] = { CS_ARCH_RISCV,
				 CS_MODE_RISCV32 | CS_MODE_RISCV_C | CS_MODE_RISCV_A },
	};
	struct insn_text *t = *out = calloc(1, sizeof *t);

	if (!t)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	t->set = set;
	cs_err e = cs_open(kinds[set].arch, kinds[set].mode, &t->handle);
	if (e != CS_ERR_OK)
		return diag_fail(diag, ERR_KIND, "capstone: %s", cs_strerror(e));
	t->insn = cs_malloc(t->handle);
	return t->insn ? ERR_NONE : diag_fail(diag, ERR_MEMORY, "out of memory");
}

/* As snprintf("%s") does, which takes longer than all of capstone. */
static void put_text(char *out, size_t size, const char *text)
{
	size_t n = strnlen(text, size - 1);

	memcpy(out, text, n);
	out[n] = 0;
}

static bool ask(struct insn_text *t, const struct insn *in, struct insn_words *out)
{
	uint8_t bytes[4];
	const uint8_t *p = bytes;
	size_t n = in->len;
	uint64_t address = in->address;

	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(in->word >> 8 * i);
	if (!cs_disasm_iter(t->handle, &p, &n, &address, t->insn) || t->insn->size != in->len)
		return false;
	put_text(out->mnemonic, sizeof out->mnemonic, t->insn->mnemonic);
	put_text(out->operands, sizeof out->operands, t->insn->op_str);
	return true;
}

/* Others that capstone 6.0.0 does not know. */
static const struct {
	uint32_t mask, match;
	const char *mnemonic;
	enum { NOTHING, NUMBER_S, REGISTER_S, REGISTERS_T_S, MMID_T } operands;
} unknown[] = {
	{ 0x00ffff, 0x00f03d, "nop.n", NOTHING },
	{ 0x00f0ff, 0x00f02d, "break.n", NUMBER_S },
	{ 0xfff0ff, 0x403000, "ssa8b", REGISTER_S },
	{ 0xffff0f, 0x135900, "wsr", MMID_T },
	{ 0xfff00f, 0x503000, "ritlb0", REGISTERS_T_S },
	{ 0xfff0ff, 0x504000, "iitlb", REGISTER_S },
	{ 0xfff00f, 0x505000, "pitlb", REGISTERS_T_S },
	{ 0xfff00f, 0x507000, "ritlb1", REGISTERS_T_S },
	{ 0xfff00f, 0x50b000, "rdtlb0", REGISTERS_T_S },
	{ 0xfff0ff, 0x50c000, "idtlb", REGISTER_S },
	{ 0xfff00f, 0x50d000, "pdtlb", REGISTERS_T_S },
	{ 0xfff00f, 0x50f000, "rdtlb1", REGISTERS_T_S },
};

static bool complete(enum insn_set set, const struct insn *in, struct insn_words *out)
{
	unsigned s = in->word >> 8 & 15;
	unsigned t = in->word >> 4 & 15;
	size_t n = sizeof(unknown) / sizeof(unknown[0]);
	size_t i = 0;

	while (i < n && (in->word & unknown[i].mask) != unknown[i].match)
		i++;
	if (set == INSN_RISCV || i == n)
		return false;
	strcpy(out->mnemonic, unknown[i].mnemonic);
	switch (unknown[i].operands) {
	case NOTHING: out->operands[0] = 0; break;
	case NUMBER_S: snprintf(out->operands, sizeof out->operands, "%u", s); break;
	case REGISTER_S: snprintf(out->operands, sizeof out->operands, "a%u", s); break;
	case REGISTERS_T_S: snprintf(out->operands, sizeof out->operands, "a%u, a%u", t, s); break;
	case MMID_T: snprintf(out->operands, sizeof out->operands, "a%u, mmid", t); break;
	}
	return true;
}

/* Two-byte instructions that capstone 6.0.0 does not know, or takes for break.n. */
static bool is_narrow(enum insn_set set, const struct insn *in)
{
	return set != INSN_RISCV && in->len == 2 && (in->word & 15) == 0xc;
}

static void narrow(const struct insn *in, struct insn_words *out)
{
	unsigned s = in->word >> 8 & 15;

	if (in->kind == INSN_SET) {
		strcpy(out->mnemonic, "movi.n");
		snprintf(out->operands, sizeof out->operands, "a%u, %d", s, (int)in->value);
		return;
	}
	strcpy(out->mnemonic, in->word & 0x40 ? "bnez.n" : "beqz.n");
	snprintf(out->operands, sizeof out->operands, "a%u, ", s);
}

/* Puts the target, as we know it, in the place of the last operand. */
static void put_target(const struct insn *in, struct insn_words *out)
{
	char *last = strrchr(out->operands, ',');
	char *at = last ? last + 1 : out->operands;
	size_t left = (size_t)(out->operands + sizeof out->operands - at);
	char hex[INSN_HEX];

	insn_text_hex(hex, in->target);
	if (last && left > 1) {
		*at++ = ' ';
		left--;
	}
	put_text(at, left, hex);
}

bool insn_text_words(struct insn_text *t, const struct insn *in, struct insn_words *out)
{
	if (is_narrow(t->set, in)) {
		narrow(in, out);
	} else if (!ask(t, in, out) && !complete(t->set, in, out)) {
		strcpy(out->mnemonic, ".byte");
		snprintf(out->operands, sizeof out->operands, "0x%0*x", 2 * in->len, in->word);
		return false;
	}
	if (in->kind == INSN_CALL || in->kind == INSN_JUMP || in->kind == INSN_LITERAL ||
	    insn_branches(in))
		put_target(in, out);
	return true;
}

#else

bool insn_text_available(void)
{
	return false;
}

void insn_text_close(struct insn_text *t)
{
	free(t);
}

enum err insn_text_open(enum insn_set set, struct diag *diag, struct insn_text **out)
{
	(void)set;
	*out = NULL;
	return diag_fail(diag, ERR_KIND,
			 "built without capstone 6: no disassembly (see \"make deps\")");
}

bool insn_text_words(struct insn_text *t, const struct insn *in, struct insn_words *out)
{
	(void)t;
	(void)in;
	memset(out, 0, sizeof *out);
	return false;
}

#endif
