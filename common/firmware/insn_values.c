/* SPDX-License-Identifier: MIT */
#include "common/firmware/insn_values_parts.h"

#include <stdint.h>
#include <string.h>

struct object {
	uint32_t start, end;
};

/* The variable that an address is inside of; the linker puts lua_libs_base together of many. */
static bool object_at(const struct values_machine *m, uint32_t address, struct object *out)
{
	uint32_t i = firmware_symbol_at(m->fw, address);

	if (address >= m->fw->libs && address < m->fw->libs_end) {
		*out = (struct object){ m->fw->libs, m->fw->libs_end };
		return true;
	}
	if (i == FIRMWARE_NONE)
		return false;
	const struct firmware_symbol *s = &m->fw->symbols[i];
	if (s->kind != SYMBOL_OBJECT || address - s->address >= s->size)
		return false;
	*out = (struct object){ s->address, s->address + s->size };
	return true;
}

static bool in_object(const struct object *o, uint32_t address)
{
	return address >= o->start && address < o->end;
}

static uint32_t gcd(uint32_t a, uint32_t b)
{
	while (b) {
		uint32_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

struct values values_number(uint32_t v)
{
	return (struct values){ .n = 1, .v = { v } };
}

/* A table from base on; unknown when the stride makes no sense. */
static struct values table(uint32_t n, uint32_t base, uint32_t stride)
{
	if (!stride || stride > 128)
		return unknown;
	return (struct values){ .n = (uint8_t)n, .stride = (uint8_t)stride, .v = { base } };
}

/* Adds a number to the set; what does not fit makes it uncertain. */
static void add_number(struct values *s, uint32_t v)
{
	unsigned i = 0;

	while (i < s->n && s->v[i] < v)
		i++;
	if (i < s->n && s->v[i] == v)
		return;
	if (s->n == VALUES_MAX) {
		s->other = true;
		return;
	}
	memmove(&s->v[i + 1], &s->v[i], (s->n - i) * sizeof(s->v[0]));
	s->v[i] = v;
	s->n++;
}

/* A loop over a table shows as three and more addresses inside of one object. */
static void widen(const struct values_machine *m, struct values *s)
{
	struct object o;

	if (s->n < 3 || !object_at(m, s->v[0], &o) || !in_object(&o, s->v[s->n - 1]))
		return;
	uint32_t step = 0;
	for (unsigned i = 1; i < s->n; i++)
		step = gcd(s->v[i] - s->v[0], step);
	*s = table(1, s->v[0], step);
}

/*
 * Takes an address into a table of addresses, or a table of the same kind; false: of another
 * object.
 */
static bool merge_table(const struct values_machine *m, struct values *t, uint32_t base,
			uint32_t stride)
{
	struct object o;
	uint32_t low = t->v[0] < base ? t->v[0] : base;
	uint32_t high = t->v[0] ^ base ^ low;

	if (!object_at(m, low, &o) || !in_object(&o, high))
		return false;
	t->v[0] = low;
	t->stride = (uint8_t)gcd(gcd(t->stride, stride), high - low);
	return true;
}

/* Takes a number that is beside the table; false: there are too many. */
static bool add_beside(struct values *t, uint32_t v)
{
	unsigned k = 1;

	while (k < t->n && t->v[k] != v)
		k++;
	if (k == VALUES_MAX)
		return false;
	t->v[k] = v;
	t->n = (uint8_t)(k == t->n ? k + 1 : t->n);
	return true;
}

/* a is a table. */
static struct values join_table(const struct values_machine *m, const struct values *a,
				const struct values *b)
{
	struct values out = *a;
	unsigned from = b->stride ? 1 : 0;

	if (!a->n || (b->stride && (!b->n || b->loaded != a->loaded)) || a->other || b->other)
		return unknown;
	if (b->stride && (a->v[0] != b->v[0] || a->stride != b->stride) &&
	    !merge_table(m, &out, b->v[0], b->stride))
		return unknown;
	for (unsigned i = from; i < b->n; i++)
		if ((a->loaded || !merge_table(m, &out, b->v[i], out.stride)) &&
		    !add_beside(&out, b->v[i]))
			return unknown;
	return out;
}

struct values values_either(const struct values_machine *m, const struct values *a,
			    const struct values *b)
{
	if (a->stride)
		return join_table(m, a, b);
	if (b->stride)
		return join_table(m, b, a);
	struct values out = *a;
	for (unsigned i = 0; i < b->n; i++)
		add_number(&out, b->v[i]);
	if (b->other) {
		out.parameter = !a->other || a->parameter == b->parameter ? b->parameter : 0;
		out.other = true;
	}
	widen(m, &out);
	return out;
}

bool values_same(const struct values *a, const struct values *b)
{
	if (a->n != b->n || a->other != b->other || a->parameter != b->parameter ||
	    a->stride != b->stride || a->loaded != b->loaded)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (a->v[i] != b->v[i])
			return false;
	return true;
}

/* Joins from into *s; true when that changed it. */
static bool join_into(const struct values_machine *m, struct values *s, const struct values *from)
{
	if (values_same(s, from))
		return false;
	struct values out = values_either(m, s, from);
	bool changed = !values_same(s, &out);
	*s = out;
	return changed;
}

bool values_join(const struct values_machine *m, struct values_state *s,
		 const struct values_state *from)
{
	if (!s->reached) {
		values_copy(s, from);
		return true;
	}
	bool changed = false;
	unsigned nregisters = m->set == INSN_RISCV ? INSN_REGISTERS : INSN_REGISTERS / 2;
	for (unsigned i = 0; i < nregisters; i++)
		changed |= join_into(m, &s->r[i], &from->r[i]);
	if (from->escaped < s->escaped) {
		s->escaped = from->escaped;
		changed = true;
	}
	/* Slots that both know stay, of those at the same offset. */
	uint8_t kept = 0;
	for (uint8_t i = 0; i < s->nslots; i++)
		for (uint8_t j = 0; j < from->nslots; j++)
			if (s->slots[i].off == from->slots[j].off) {
				changed |= join_into(m, &s->slots[i].value, &from->slots[j].value);
				s->slots[kept++] = s->slots[i];
				break;
			}
	changed |= kept != s->nslots;
	s->nslots = kept;
	return changed;
}

void values_assume_zero(struct values_state *s, uint8_t r, bool zero)
{
	struct values *v = r < INSN_REGISTERS ? &s->r[r] : NULL;

	if (!v)
		return;
	if (zero) {
		*v = values_number(0);
		return;
	}
	/* Numbers ascend: 0 is the first, if it is there at all, and not in a table. */
	if (!v->stride && v->n && !v->v[0]) {
		v->n--;
		memmove(v->v, v->v + 1, v->n * sizeof(v->v[0]));
	}
	/* A value that can be nothing: this way is never gone. */
	if (!v->n && !v->other && !v->stride)
		*v = unknown;
}

void values_begin(const struct values_machine *m, struct values_state *s)
{
	memset(s, 0, sizeof(*s));
	s->reached = true;
	s->escaped = INT32_MAX;
	for (unsigned i = 0; i < INSN_REGISTERS; i++)
		s->r[i] = unknown;
	if (m->set == INSN_RISCV)
		s->r[0] = values_number(0);
	for (unsigned i = 0; i < VALUES_PARAMETERS; i++)
		s->r[insn_parameter(m->set, i)].parameter = (uint8_t)(i + 1);
}

/* The word at an address whose content does not change at run time. */
static bool constant_word(const struct values_machine *m, uint32_t address, uint32_t *out)
{
	uint32_t i = firmware_section_at(m->fw, address);

	if (i == FIRMWARE_NONE ||
	    (m->fw->sections[i].written && m->fw->sections[i].area != AREA_FLASH))
		return false;
	return firmware_word(m->fw, address, out);
}

struct values values_load(const struct values_machine *m, const struct values *at,
			  int32_t displacement)
{
	struct values out = { .other = at->other };
	uint32_t word;

	if (at->loaded || !at->n || (at->stride && at->n > 1))
		return unknown;
	if (at->stride) {
		out = *at;
		out.v[0] += (uint32_t)displacement;
		out.loaded = true;
		if (out.stride < 4) /* words are aligned, whatever the index was made of */
			out.stride = 4;
		return out;
	}
	for (unsigned i = 0; i < at->n; i++)
		if (constant_word(m, at->v[i] + (uint32_t)displacement, &word))
			add_number(&out, word);
		else
			out.other = true;
	return out;
}

/*
 * A pointer that a loop moves stays in its object, but for the one behind its end, which nobody
 * follows. What is one number for sure may be where others are counted from (a section's anchor).
 */
struct values values_add(const struct values_machine *m, const struct values *a, int32_t by)
{
	struct values out = { .other = a->other, .stride = a->stride };
	struct object o;

	if (a->loaded || !a->n || (a->stride && a->n > 1))
		return unknown;
	for (unsigned i = 0; i < a->n; i++) {
		uint32_t v = a->v[i] + (uint32_t)by;

		if (!a->stride && !values_single(a) && object_at(m, a->v[i], &o) &&
		    !in_object(&o, v))
			out.other = true;
		else
			add_number(&out, v);
	}
	return out;
}

/* a * scale + b, where a or b is an address and the other is not known. */
struct values values_index(const struct values_machine *m, const struct values *a, uint32_t scale,
			   const struct values *b)
{
	struct object o;

	if (values_single(a) && values_single(b))
		return values_number(a->v[0] * scale + b->v[0]);
	if (scale == 1 && (!b->n || (a->n && object_at(m, a->v[0], &o)))) {
		const struct values *swap = a;
		a = b;
		b = swap;
	}
	uint32_t step = scale * (!a->n && a->stride ? a->stride : 1);
	uint32_t word;
	if (b->n != 1 || b->other || b->loaded || !constant_word(m, b->v[0], &word))
		return unknown;
	return table(1, b->v[0], gcd(step, b->stride));
}

struct values values_shift(const struct values *a, uint32_t scale)
{
	if (values_single(a))
		return values_number(a->v[0] * scale);
	return table(0, 0, !a->n && a->stride ? scale * a->stride : scale);
}

struct values values_of(const struct values_state *s, uint8_t r)
{
	return r < INSN_REGISTERS ? s->r[r] : unknown;
}

uint32_t values_list(const struct values_machine *m, const struct values *v, uint32_t *out,
		     uint32_t max)
{
	struct object o;
	uint32_t n = 0;

	if (!v->stride) {
		for (; n < v->n && n < max; n++)
			out[n] = v->v[n];
		return n;
	}
	if (!v->n || !object_at(m, v->v[0], &o))
		return 0;
	for (unsigned i = 1; i < v->n && n < max; i++)
		out[n++] = v->v[i];
	uint32_t first = o.start + (v->v[0] - o.start) % v->stride;
	for (uint32_t a = first; a < o.end && o.end - a >= 4 && n < max; a += v->stride)
		if (!v->loaded)
			out[n++] = a;
		else if (constant_word(m, a, &out[n]))
			n++;
	return n;
}
