/* SPDX-License-Identifier: MIT */
/*
 * Every byte of every section and whose it is: the innermost symbol's that covers it, or nobody's.
 */
#include <stdlib.h>

#include "common/firmware/parts.h"

/* Fewer equal bytes may as well be constants. */
enum { PADDING_MIN = 16 };

/* Symbols that cover the place where the sweep stands, the innermost last. */
struct sweep {
	struct firmware *fw;
	uint32_t *stack;
	uint32_t depth;
	uint32_t section;
	uint64_t at, end; /* of the section; 64 bits, as it may end with the address space */
	bool failed;
};

static uint64_t end_of(const struct sweep *s, uint32_t symbol)
{
	const struct firmware_symbol *sym = &s->fw->symbols[symbol];
	uint64_t end = (uint64_t)sym->address + sym->size;

	return end < s->end ? end : s->end;
}

static void add_span(struct sweep *s, uint64_t to, bool padding)
{
	struct firmware *fw = s->fw;
	struct firmware_span *span;

	if (to <= s->at || s->failed)
		return;
	span = vec_grow(&fw->spans, &fw->nspans, &fw->cap.spans, sizeof(*span), 1);
	if (!span) {
		s->failed = true;
		return;
	}
	span->address = (uint32_t)s->at;
	span->size = (uint32_t)(to - s->at);
	span->section = s->section;
	span->padding = padding;
	span->symbol = s->depth ? s->stack[s->depth - 1] : FIRMWARE_NONE;
	span->source = span->module = FIRMWARE_NONE;
	if (span->symbol != FIRMWARE_NONE) {
		span->source = fw->symbols[span->symbol].source;
		span->module = fw->symbols[span->symbol].module;
	}
	s->at = to;
}

/* How many equal bytes, 00 or ff, p begins with. */
static size_t equal_bytes(const uint8_t *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] == p[0] && (p[0] == 0 || p[0] == 0xff))
		i++;
	return i;
}

/* Nobody's bytes: long runs of equal ones are padding. */
static void emit_gap(struct sweep *s, uint64_t to)
{
	size_t n;
	const uint8_t *p = firmware_bytes(s->fw, (uint32_t)s->at, &n);
	uint64_t from = s->at;

	if (n > to - from)
		n = (size_t)(to - from);
	for (size_t i = 0; i < n;) {
		size_t run = equal_bytes(p + i, n - i);

		if (run >= PADDING_MIN) {
			add_span(s, from + i, false);
			add_span(s, from + i + run, true);
		}
		i += run ? run : 1;
	}
	add_span(s, to, false);
}

/* Ends what the innermost symbol, or nobody, has of the bytes below to. */
static void emit(struct sweep *s, uint64_t to)
{
	if (s->depth)
		add_span(s, to, false);
	else if (to > s->at)
		emit_gap(s, to);
}

static void sweep_to(struct sweep *s, uint64_t to)
{
	while (s->depth && end_of(s, s->stack[s->depth - 1]) <= to) {
		emit(s, end_of(s, s->stack[s->depth - 1]));
		s->depth--;
	}
	emit(s, to);
}

/* Sweeps a section; symbols from *next on. */
static void sweep_section(struct sweep *s, uint32_t *next)
{
	const struct firmware *fw = s->fw;
	const struct firmware_section *sec = &fw->sections[s->section];

	s->at = sec->address;
	s->end = s->at + sec->size;
	s->depth = 0;
	for (; *next < fw->nsymbols && fw->symbols[*next].address < s->end; ++*next) {
		const struct firmware_symbol *sym = &fw->symbols[*next];
		bool alias;

		if (!sym->size || sym->absolute || sym->address < s->at)
			continue;
		sweep_to(s, sym->address);
		alias = s->depth && fw->symbols[s->stack[s->depth - 1]].address == sym->address &&
			fw->symbols[s->stack[s->depth - 1]].size == sym->size;
		if (!alias)
			s->stack[s->depth++] = *next;
	}
	sweep_to(s, s->end);
}

/* Bytes without a symbol between two symbols of one source file are that file's; but not strings,
 * which the linker merges over files. */
static void own_gaps(struct firmware *fw)
{
	for (uint32_t i = 1; i + 1 < fw->nspans; i++) {
		struct firmware_span *span = &fw->spans[i];
		const struct firmware_span *before = span - 1;
		const struct firmware_span *after = span + 1;

		if (span->symbol != FIRMWARE_NONE || span->text || span->padding ||
		    before->section != span->section || after->section != span->section ||
		    before->source != after->source || before->source == FIRMWARE_NONE)
			continue;
		span->source = before->source;
		span->module = before->module == after->module ? before->module : FIRMWARE_NONE;
	}
}

static enum firmware_rest rest_of(const struct firmware_span *span)
{
	if (span->symbol != FIRMWARE_NONE)
		return REST_SYMBOLS;
	return span->padding ? REST_PADDING : span->text ? REST_STRINGS : REST_OTHER;
}

static void add_up(struct firmware *fw)
{
	for (uint32_t i = 0; i < fw->nsections; i++)
		fw->mapped += fw->sections[i].size;
	for (uint32_t i = 0; i < fw->nspans; i++) {
		const struct firmware_span *span = &fw->spans[i];
		enum firmware_area area = fw->sections[span->section].area;
		uint32_t *module = span->module != FIRMWARE_NONE ? fw->modules[span->module].sizes
								 : fw->rest_modules[rest_of(span)];
		uint32_t *source = span->source != FIRMWARE_NONE ? fw->sources[span->source].sizes
								 : fw->rest_sources[rest_of(span)];

		module[area] += span->size;
		source[area] += span->size;
	}
}

bool firmware_find_spans(struct firmware *fw)
{
	struct sweep s = { .fw = fw };
	uint32_t next = 0;

	s.stack = malloc(((size_t)fw->nsymbols + 1) * sizeof(*s.stack));
	if (!s.stack)
		return false;
	for (; s.section < fw->nsections && !s.failed; s.section++) {
		while (next < fw->nsymbols &&
		       fw->symbols[next].address < fw->sections[s.section].address)
			next++;
		sweep_section(&s, &next);
	}
	free(s.stack);
	if (s.failed || !firmware_find_texts(fw))
		return false;
	own_gaps(fw);
	add_up(fw);
	return true;
}
