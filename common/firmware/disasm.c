/* SPDX-License-Identifier: MIT */
#include "common/firmware/disasm.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "common/firmware/insn_flow.h"

enum {
	NAMELESS_MAX = 1 << 16, /* bytes that are looked at for a function without a symbol */
	STRING_SHOWN = 60,
};

enum err disasm_open(struct disasm *d, struct firmware *fw, struct diag *diag)
{
	struct values_machine m;

	*d = (struct disasm){ .fw = fw };
	if (!insn_flow_machine(fw, &m))
		return diag_fail(diag, ERR_KIND,
				 "it is not known which chip the code is for: no disassembly");
	return insn_text_open(m.set, diag, &d->words);
}

void disasm_close(struct disasm *d)
{
	insn_text_close(d->words);
	free(d->functions);
	free(d->lines);
	buf_free(&d->text);
	*d = (struct disasm){ 0 };
}

/* Appends the name of what is at an address; false: nothing that has one. */
static bool put_name(const struct firmware *fw, uint32_t address, struct buf *out)
{
	uint32_t i = firmware_symbol_at(fw, address);

	if (i == FIRMWARE_NONE || !*fw->symbols[i].name)
		return false;
	buf_str(out, fw->symbols[i].name);
	if (address != fw->symbols[i].address) {
		buf_byte(out, '+');
		buf_int(out, address - fw->symbols[i].address);
	}
	return true;
}

static bool put_string(const struct firmware *fw, uint32_t address, struct buf *out)
{
	size_t len;
	const char *s = firmware_string(fw, address, &len);
	size_t n = 0;

	while (s && n < len && ((s[n] >= ' ' && s[n] < 127) || strchr("\t\r\n", s[n])))
		n++;
	if (!s || !len || n < len)
		return false;
	buf_byte(out, '"');
	for (size_t i = 0; i < len && i < STRING_SHOWN; i++) {
		const char *escape = strchr("\tt\rr\nn\"\"", s[i]);

		if (escape && s[i] != 't' && s[i] != 'r' && s[i] != 'n')
			buf_printf(out, "\\%c", escape[1]);
		else
			buf_byte(out, (uint8_t)s[i]);
	}
	buf_str(out, len > STRING_SHOWN ? "\"..." : "\"");
	return true;
}

/* What a number means as an address: the name of what stands there, a string, or itself. */
static void put_value(const struct firmware *fw, uint32_t v, bool number, struct buf *out)
{
	uint32_t section = firmware_section_at(fw, v);
	size_t before = out->len;

	if (section != FIRMWARE_NONE || firmware_area_of(fw->chip, v) == AREA_ROM)
		put_name(fw, v, out);
	if (out->len == before && section != FIRMWARE_NONE)
		put_string(fw, v, out);
	if (out->len == before && number) {
		char hex[INSN_HEX];
		size_t n = insn_text_hex(hex, v);
		/* below 10 without 0x */
		buf_put(out, v < 10 ? hex + 2 : hex, v < 10 ? n - 2 : n);
	}
}

struct adding {
	struct disasm *d;
	struct insn_flow *flow;
	bool failed;
};

/* Where an instruction goes or what it loads: a few addresses, the first is the best known. */
enum { LEADS_MAX = 4 };

static bool goes(const struct insn *in)
{
	return insn_calls(in) || insn_branches(in) || in->kind == INSN_JUMP ||
	       in->kind == INSN_JUMP_REGISTER;
}

static uint32_t find_leads(const struct insn_flow *f, const struct insn *in,
			   const struct values_state *before, uint32_t out[LEADS_MAX])
{
	if (goes(in))
		return insn_flow_targets(f, in, before, out, LEADS_MAX);
	if (in->kind != INSN_LITERAL && in->kind != INSN_ADD && in->kind != INSN_LOAD)
		return 0;
	struct values v = values_result(&f->machine, before, in);
	out[0] = v.v[0];
	return values_single(&v);
}

static void put_call(struct adding *a, const struct insn *in, const uint32_t *targets, uint32_t n,
		     struct buf *out)
{
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			buf_str(out, ", ");
		if (!put_name(a->d->fw, targets[i], out) && in->kind == INSN_CALL_REGISTER)
			buf_printf(out, "0x%x", targets[i]);
	}
}

/* Appends what an instruction calls or loads. */
static void put_comment(struct adding *a, const struct insn *in, const uint32_t *leads, uint32_t n,
			struct buf *out)
{
	const struct insn_flow *f = a->flow;

	if (insn_calls(in) ||
	    (in->kind == INSN_JUMP && (in->target < f->start || in->target >= f->end)))
		put_call(a, in, leads, n, out);
	else if (n && !goes(in))
		put_value(a->d->fw, leads[0], in->kind == INSN_LITERAL, out);
}

static void add_line(void *ctx, const struct insn *in, const struct values_state *before)
{
	struct adding *a = ctx;
	struct disasm *d = a->d;
	struct insn_words words;
	uint32_t leads[LEADS_MAX];
	uint32_t n;
	struct disasm_line *line = vec_grow(&d->lines, &d->nlines, &d->lines_cap, sizeof(*line), 1);

	if (!line) {
		a->failed = true;
		return;
	}
	insn_text_words(d->words, in, &words);
	n = find_leads(a->flow, in, before, leads);
	*line = (struct disasm_line){
		.address = in->address,
		.text = (uint32_t)d->text.len,
		.leads = n ? leads[0] : 0,
		.len = in->len,
		.label = a->flow->marks[in->address - a->flow->start] & FLOW_LABEL,
	};
	buf_put(&d->text, words.mnemonic, strlen(words.mnemonic) + 1);
	buf_put(&d->text, words.operands, strlen(words.operands) + 1);
	put_comment(a, in, leads, n, &d->text);
	buf_byte(&d->text, 0);
}

static enum err add_function(struct disasm *d, uint32_t address, uint32_t end, uint32_t symbol,
			     struct diag *diag)
{
	struct insn_flow flow;
	struct values_machine m;
	struct adding a = { d, &flow, false };

	insn_flow_machine(d->fw, &m);
	enum err e = insn_flow_find(&flow, &m, address, end, diag);
	if (!e) {
		struct disasm_function *f = vec_grow(&d->functions, &d->nfunctions,
						     &d->functions_cap, sizeof(*f), 1);
		uint32_t first = d->nlines;

		if (f)
			insn_flow_visit(&flow, add_line, &a);
		if (!f || a.failed || d->text.failed || d->text.len > UINT32_MAX)
			e = diag_fail(diag, ERR_MEMORY, "out of memory");
		else
			*f = (struct disasm_function){ address, flow.end,          symbol,
						       first,   d->nlines - first, flow.bytes };
	}
	insn_flow_free(&flow);
	return e;
}

static bool is_code(const struct firmware *fw, uint32_t symbol)
{
	const struct firmware_symbol *s = &fw->symbols[symbol];

	return s->section != FIRMWARE_NONE && fw->sections[s->section].code &&
	       s->kind != SYMBOL_OBJECT;
}

static enum err add_symbol(struct disasm *d, uint32_t i, struct diag *diag)
{
	return add_function(d, d->fw->symbols[i].address, insn_flow_end(d->fw, i), i, diag);
}

/* All functions whose symbols match, aliases once. */
static enum err add_matching(struct disasm *d, const char *glob, struct diag *diag)
{
	const struct firmware *fw = d->fw;
	uint32_t last = 0, before = d->nfunctions;
	uint32_t budget = insn_flow_budget(fw);
	enum err e = ERR_NONE;

	for (uint32_t i = 0; i < fw->nsymbols && !e; i++) {
		const struct firmware_symbol *s = &fw->symbols[i];

		if (s->kind != SYMBOL_FUNCTION || !is_code(fw, i) || fnmatch(glob, s->name, 0) ||
		    (d->nfunctions > before && s->address == last))
			continue;
		last = s->address;
		if (insn_flow_end(fw, i) - s->address > budget)
			break;
		budget -= insn_flow_end(fw, i) - s->address;
		struct diag none = { 0 };
		e = add_symbol(d, i, &none);
		if (e == ERR_MEMORY)
			return diag_fail(diag, e, "%s", none.text);
		e = ERR_NONE; /* a function of which there is no code is not shown */
	}
	return d->nfunctions > before ? ERR_NONE
				      : diag_fail(diag, ERR_KIND, "no function \"%.60s\"", glob);
}

static bool find_lua_name(const struct firmware *fw, const char *name, uint32_t *out)
{
	struct buf b = { 0 };
	bool found = false;

	for (uint32_t i = 0; i < fw->nentries && !found; i++) {
		b.len = 0;
		if (fw->entries[i].value != VALUE_FUNCTION ||
		    !firmware_lua_name(fw, fw->entries[i].address, &b))
			continue;
		found = b.len == strlen(name) && !memcmp(b.data, name, b.len);
		*out = fw->entries[i].address;
	}
	buf_free(&b);
	return found;
}

/* The function at an address; without a symbol, from there on. */
static enum err add_address(struct disasm *d, uint32_t address, struct diag *diag)
{
	const struct firmware *fw = d->fw;
	uint32_t i = firmware_symbol_at(fw, address);
	uint32_t section = firmware_section_at(fw, address);

	if (i != FIRMWARE_NONE && is_code(fw, i))
		return add_symbol(d, i, diag);
	if (section == FIRMWARE_NONE)
		return diag_fail(diag, ERR_KIND, "nothing is mapped at 0x%x", address);
	const struct firmware_section *s = &fw->sections[section];
	uint32_t left = s->size - (address - s->address);
	return add_function(d, address, address + (left < NAMELESS_MAX ? left : NAMELESS_MAX),
			    FIRMWARE_NONE, diag);
}

enum err disasm_add(struct disasm *d, const char *name, struct diag *diag)
{
	uint32_t i = firmware_symbol_find(d->fw, name);
	uint32_t address;
	char *end;

	if (i != FIRMWARE_NONE && is_code(d->fw, i))
		return add_symbol(d, i, diag);
	errno = 0;
	unsigned long number = strtoul(name, &end, 0);
	if (*name >= '0' && *name <= '9' && !*end && !errno && number <= UINT32_MAX)
		return add_address(d, (uint32_t)number, diag);
	if (find_lua_name(d->fw, name, &address))
		return add_address(d, address, diag);
	return add_matching(d, name, diag);
}

uint32_t disasm_line_at(const struct disasm *d, uint32_t function, uint32_t address)
{
	const struct disasm_function *f = &d->functions[function];

	for (uint32_t i = f->first; i < f->first + f->count; i++)
		if (d->lines[i].address == address)
			return i;
	return FIRMWARE_NONE;
}
