/* SPDX-License-Identifier: MIT */
/* What instructions do to registers and to what is on the stack. */
#include "common/firmware/insn_values_parts.h"

/* The index of the slot at an offset, or nslots. */
static uint8_t slot(const struct values_state *s, int32_t off)
{
	uint8_t i = 0;

	while (i < s->nslots && s->slots[i].off != off)
		i++;
	return i;
}

static void put_slot(struct values_state *s, int32_t off, const struct values *v)
{
	uint8_t i = slot(s, off);

	if (values_same(v, &unknown)) {
		if (i < s->nslots)
			s->slots[i] = s->slots[--s->nslots];
		return;
	}
	if (i == VALUES_SLOTS)
		return;
	if (i == s->nslots)
		s->nslots++;
	s->slots[i].off = off;
	s->slots[i].value = *v;
}

/* Something wrote through a pointer that may be one to an escaped slot. */
static void forget_escaped(struct values_state *s)
{
	uint8_t kept = 0;

	for (uint8_t i = 0; i < s->nslots; i++)
		if (s->slots[i].off < s->escaped)
			s->slots[kept++] = s->slots[i];
	s->nslots = kept;
}

static void escape(struct values_state *s, int32_t off)
{
	if (off < s->escaped)
		s->escaped = off;
}

static void step_call(const struct values_machine *m, struct values_state *s, const struct insn *in)
{
	struct values function = values_of(s, in->from);
	uint32_t target = in->kind == INSN_CALL      ? in->target
			  : values_single(&function) ? function.v[0] + (uint32_t)in->value
						     : 0;
	const struct values *result = m->returned ? m->returned(m->ctx, target) : NULL;

	for (unsigned i = 0; i < INSN_REGISTERS; i++)
		if (!insn_call_keeps(m->set, in, (uint8_t)i))
			s->r[i] = unknown;
	if (result)
		s->r[insn_result(m->set, in)] = *result;
	forget_escaped(s);
}

/* Offsets that no stack has stay where they are, so that no sum of them overflows. */
static int32_t stack_add(int32_t frame, int32_t by)
{
	int64_t sum = (int64_t)frame + by;

	return sum > -(1 << 20) && sum < 1 << 20 ? (int32_t)sum : frame;
}

/* Moves of the stack pointer and addresses of what is on the stack; false: neither. */
static bool step_stack(const struct values_machine *m, struct values_state *s,
		       const struct insn *in)
{
	uint8_t sp = insn_stack(m->set);
	int32_t at = stack_add(s->frame, in->value);

	if (in->kind == INSN_ENTRY) {
		s->frame = stack_add(s->frame, -in->value);
		return true;
	}
	if (in->to == sp && (in->kind != INSN_ADD || in->from != sp)) {
		s->nslots = 0;
		return true;
	}
	if (in->from != sp)
		return false;
	switch (in->kind) {
	case INSN_ADD:
	case INSN_MOVE:
		if (in->to == sp)
			s->frame = at;
		else
			escape(s, at);
		return true;
	case INSN_STORE: put_slot(s, at, &s->r[in->other % INSN_REGISTERS]); return true;
	default: return true;
	}
}

static struct values result_of(const struct values_machine *m, const struct values_state *s,
			       const struct insn *in)
{
	const struct values *a = in->from < INSN_REGISTERS ? &s->r[in->from] : &unknown;
	const struct values *b = in->other < INSN_REGISTERS ? &s->r[in->other] : &unknown;
	uint32_t word;

	switch (in->kind) {
	case INSN_SET: return values_number((uint32_t)in->value);
	case INSN_LITERAL:
		return firmware_word(m->fw, in->target, &word) ? values_number(word) : unknown;
	case INSN_MOVE: return *a;
	case INSN_CHOOSE:
		return in->to < INSN_REGISTERS ? values_either(m, &s->r[in->to], a) : unknown;
	case INSN_ADD: return values_add(m, a, in->value);
	case INSN_INDEX: return values_index(m, a, (uint32_t)in->value, b);
	case INSN_SHIFT: return values_shift(a, (uint32_t)in->value);
	case INSN_LOAD: return values_load(m, a, in->value);
	default: return unknown;
	}
}

struct values values_result(const struct values_machine *m, const struct values_state *s,
			    const struct insn *in)
{
	uint8_t sp = insn_stack(m->set);
	uint8_t i;

	if (in->to == sp)
		return unknown;
	if (in->from != sp)
		return result_of(m, s, in);
	i = in->kind == INSN_LOAD ? slot(s, stack_add(s->frame, in->value)) : s->nslots;
	return i < s->nslots ? s->slots[i].value : unknown;
}

void values_step(const struct values_machine *m, struct values_state *s, const struct insn *in)
{
	bool written = in->to < INSN_REGISTERS && in->to != insn_stack(m->set);
	struct values result;

	if (insn_calls(in)) {
		step_call(m, s, in);
		return;
	}
	if (written)
		result = values_result(m, s, in);
	if (!step_stack(m, s, in) && in->kind == INSN_STORE)
		forget_escaped(s);
	if (written)
		s->r[in->to] = result;
}
