/* SPDX-License-Identifier: MIT */
#include "common/firmware/insn_flow.h"

#include <stdlib.h>

#include "common/base/buf.h"

enum {
	FUNCTION_MAX = 1 << 18, /* bytes */
	STATES_MAX = 8192,      /* labels of a function whose values are followed */
	ROUNDS_MAX = 16,    /* steps taken per byte until nothing changes any more; 8 are seen */
	CODE_MAX = 4 << 20, /* bytes of all functions; no chip maps more */
	TABLE_MAX = 512,    /* ways out of a jump table */
};

struct worklist {
	uint32_t *items;
	uint32_t count, cap;
	bool failed;
};

static void push(struct worklist *w, uint32_t address)
{
	uint32_t *item = vec_grow(&w->items, &w->count, &w->cap, sizeof(*item), 1);

	if (item)
		*item = address;
	else
		w->failed = true;
}

static bool inside(const struct insn_flow *f, uint32_t address)
{
	return address >= f->start && address < f->end;
}

static bool decode(const struct insn_flow *f, uint32_t address, struct insn *out)
{
	return inside(f, address) && insn_decode(f->machine.set, f->code + (address - f->start),
						 f->end - address, address, out);
}

/* Marks a place that is jumped to. True when it was none before. */
static bool label(struct insn_flow *f, uint32_t address)
{
	uint8_t *mark = &f->marks[address - f->start];

	if (*mark & FLOW_LABEL)
		return false;
	*mark |= FLOW_LABEL;
	return true;
}

/* Marks everything that is reached from address by direct branches. */
static void reach(struct insn_flow *f, struct worklist *w, uint32_t address)
{
	struct insn in;
	uint32_t floor = w->count;

	push(w, address);
	while (w->count > floor && !w->failed) {
		address = w->items[--w->count];
		while (decode(f, address, &in) && !(f->marks[address - f->start] & FLOW_INSN)) {
			f->marks[address - f->start] |= FLOW_INSN;
			f->count++;
			f->bytes += in.len;
			if ((insn_branches(&in) || in.kind == INSN_JUMP) && inside(f, in.target)) {
				label(f, in.target);
				push(w, in.target);
			}
			if (insn_ends(&in))
				break;
			address += in.len;
		}
	}
}

/* The state before a label, made when it is not there; NULL: too many, or no memory. */
static struct values_state *state_at(struct insn_flow *f, uint32_t address)
{
	uint32_t *block = &f->blocks[address - f->start];

	if (!*block) {
		if (f->nstates == STATES_MAX)
			return NULL;
		f->starved |= !vec_grow(&f->states, &f->nstates, &f->states_cap, sizeof(*f->states),
					1);
		if (f->starved)
			return NULL;
		*block = f->nstates;
	}
	return &f->states[*block - 1];
}

/* Control may go from a place in state s to address. */
static void flow_to(struct insn_flow *f, struct worklist *w, uint32_t address,
		    const struct values_state *s)
{
	struct values_state *at = state_at(f, address);

	if (!at)
		f->rough = true;
	else if (values_join(&f->machine, at, s))
		push(w, address);
}

/*
 * The ways out of a switch: words from the table's base on, as long as they lead into the function.
 */
static uint32_t switch_targets(const struct insn_flow *f, const struct values *v, uint32_t *out,
			       uint32_t max)
{
	uint32_t n = 0;

	while (n < max && firmware_word(f->machine.fw, v->v[0] + n * v->stride, &out[n]) &&
	       inside(f, out[n]))
		n++;
	return n;
}

uint32_t insn_flow_targets(const struct insn_flow *f, const struct insn *in,
			   const struct values_state *before, uint32_t *out, uint32_t max)
{
	if (in->kind != INSN_CALL_REGISTER && in->kind != INSN_JUMP_REGISTER) {
		out[0] = in->target;
		return max && in->target;
	}
	struct values v = values_of(before, in->from);
	if (in->kind == INSN_JUMP_REGISTER && v.n && v.loaded)
		return switch_targets(f, &v, out, max);
	uint32_t n = values_list(&f->machine, &v, out, max);
	for (uint32_t i = 0; i < n; i++)
		out[i] += (uint32_t)in->value;
	return n;
}

/* A jump by register. True when it led to a place that was not known as a label. */
static bool follow_table(struct insn_flow *f, struct worklist *w, const struct insn *in,
			 const struct values_state *s)
{
	uint32_t targets[TABLE_MAX];
	uint32_t n = insn_flow_targets(f, in, s, targets, TABLE_MAX);
	bool found = false;

	for (uint32_t i = 0; i < n; i++) {
		if (!inside(f, targets[i]))
			continue;
		found |= label(f, targets[i]);
		reach(f, w, targets[i]);
		flow_to(f, w, targets[i], s);
	}
	return found;
}

/* Both ways of a branch; s becomes the state of going on. */
static void follow_branch(struct insn_flow *f, struct worklist *w, const struct insn *in,
			  struct values_state *s)
{
	struct values_state taken;

	values_copy(&taken, s);
	if (in->kind == INSN_IF_ZERO || in->kind == INSN_IF_NOT_ZERO) {
		values_assume_zero(&taken, in->from, in->kind == INSN_IF_ZERO);
		values_assume_zero(s, in->from, in->kind != INSN_IF_ZERO);
	}
	if (inside(f, in->target))
		flow_to(f, w, in->target, &taken);
}

/* From one label to where control ends or meets the next. True: see follow_table. */
static bool run_block(struct insn_flow *f, struct worklist *w, uint32_t address, uint64_t *steps)
{
	struct values_state s;
	struct insn in;
	bool found = false;

	values_copy(&s, state_at(f, address));
	while (decode(f, address, &in) && *steps) {
		--*steps;
		if (in.kind == INSN_JUMP && inside(f, in.target))
			flow_to(f, w, in.target, &s);
		if (insn_branches(&in))
			follow_branch(f, w, &in, &s);
		if (in.kind == INSN_JUMP_REGISTER)
			found |= follow_table(f, w, &in, &s);
		if (insn_ends(&in))
			break;
		values_step(&f->machine, &s, &in);
		address += in.len;
		if (inside(f, address) && f->marks[address - f->start] & FLOW_LABEL) {
			flow_to(f, w, address, &s);
			break;
		}
	}
	return found;
}

/* One attempt to find all states. True: a jump table showed new labels, and it must begin anew. */
static bool run(struct insn_flow *f, struct worklist *w)
{
	struct values_state begin;
	uint64_t steps = (uint64_t)(f->end - f->start) * ROUNDS_MAX;
	bool found = false;

	for (uint32_t i = 0; i < f->end - f->start; i++)
		f->blocks[i] = 0;
	f->nstates = 0;
	w->count = 0;
	values_begin(&f->machine, &begin);
	flow_to(f, w, f->start, &begin);
	while (w->count && !w->failed && !f->rough) {
		uint32_t address = w->items[--w->count];
		found |= run_block(f, w, address, &steps);
		if (!steps)
			f->rough = true;
	}
	return found && !f->rough && !w->failed;
}

enum err insn_flow_find(struct insn_flow *f, const struct values_machine *m, uint32_t start,
			uint32_t end, struct diag *diag)
{
	struct worklist w = { 0 };
	size_t n;

	*f = (struct insn_flow){ .machine = *m, .start = start };
	f->code = firmware_bytes(m->fw, start, &n);
	if (!f->code || !n || end <= start)
		return diag_fail(diag, ERR_DAMAGED, "there is no code at 0x%x", start);
	f->end = end - start < n ? end : start + (uint32_t)n;
	if (f->end - start > FUNCTION_MAX)
		return diag_fail(diag, ERR_LIMIT, "a function of %u bytes", f->end - start);
	f->marks = calloc(f->end - start, sizeof(*f->marks));
	f->blocks = calloc(f->end - start, sizeof(*f->blocks));
	if (!f->marks || !f->blocks)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	label(f, start);
	reach(f, &w, start);
	for (unsigned i = 0; i < TABLE_MAX && run(f, &w); i++)
		;
	bool failed = w.failed || f->starved;
	free(w.items);
	return failed ? diag_fail(diag, ERR_MEMORY, "out of memory") : ERR_NONE;
}

void insn_flow_free(struct insn_flow *f)
{
	free(f->marks);
	free(f->blocks);
	free(f->states);
	*f = (struct insn_flow){ 0 };
}

void insn_flow_visit(const struct insn_flow *f,
		     void (*visit)(void *ctx, const struct insn *in,
				   const struct values_state *before),
		     void *ctx)
{
	struct values_state nothing, s;
	struct insn in;
	uint32_t next = f->start; /* where s is the state of */

	values_begin(&f->machine, &nothing);
	for (unsigned i = 0; i < INSN_REGISTERS; i++)
		nothing.r[i] = (struct values){ .other = true };
	values_copy(&s, &nothing);
	for (uint32_t a = f->start; a < f->end; a++) {
		if (!(f->marks[a - f->start] & FLOW_INSN) || !decode(f, a, &in))
			continue;
		uint32_t block = f->blocks[a - f->start];
		if (f->rough || (!block && a != next))
			values_copy(&s, &nothing);
		else if (block)
			values_copy(&s, &f->states[block - 1]);
		visit(ctx, &in, &s);
		if (in.kind == INSN_IF_ZERO || in.kind == INSN_IF_NOT_ZERO)
			values_assume_zero(&s, in.from, in.kind != INSN_IF_ZERO);
		values_step(&f->machine, &s, &in);
		next = a + in.len;
	}
}

bool insn_flow_machine(const struct firmware *fw, struct values_machine *out)
{
	static const uint8_t sets[FIRMWARE_CHIPS] = {
		[CHIP_ESP8266] = INSN_LX106,   [CHIP_ESP32] = INSN_ESP32,
		[CHIP_ESP32S2] = INSN_ESP32S2, [CHIP_ESP32S3] = INSN_ESP32S3,
		[CHIP_ESP32C3] = INSN_RISCV,
	};

	*out = (struct values_machine){ .fw = fw, .set = sets[fw->chip] };
	return fw->chip != CHIP_UNKNOWN;
}

uint32_t insn_flow_budget(const struct firmware *fw)
{
	uint32_t bytes = 0;

	for (uint32_t i = 0; i < fw->nsections; i++) {
		uint32_t n = fw->sections[i].code ? fw->sections[i].nbytes : 0;
		bytes += n < CODE_MAX - bytes ? n : CODE_MAX - bytes;
	}
	return 2 * bytes;
}

uint32_t insn_flow_end(const struct firmware *fw, uint32_t symbol)
{
	const struct firmware_symbol *s = &fw->symbols[symbol];
	const struct firmware_section *in = &fw->sections[s->section];
	uint32_t end = in->address + in->size;

	if (s->size)
		return s->size < end - s->address ? s->address + s->size : end;
	for (uint32_t i = symbol + 1; i < fw->nsymbols; i++)
		if (fw->symbols[i].kind == SYMBOL_FUNCTION && fw->symbols[i].address > s->address)
			return fw->symbols[i].address < end ? fw->symbols[i].address : end;
	return end;
}
