/* SPDX-License-Identifier: MIT */
#include "common/firmware/forecast_scan.h"

#include <stdlib.h>
#include <string.h>

#include "common/firmware/insn_flow.h"

enum {
	PASSES_MIN = 3,
	PASSES_MAX = 6,
	TARGETS_MAX = 16,
	TEXTS_MAX = 256,
	STRING_MAX = 4096, /* bytes; no literal is longer */
};

/* The function that is looked at. */
struct looking {
	struct forecast_scan *scan;
	const struct insn_flow *flow;
	uint32_t symbol;
	bool returns; /* it was seen to return */
	bool more;    /* a sink was found that was not known when the pass began */
};

/* A call, and what one of its arguments may be. */
struct call {
	const struct insn *in;
	const struct values_state *before;
	const struct sink *sink;
};

static struct values argument(const struct looking *l, const struct call *c, uint8_t i)
{
	return values_of(c->before, insn_argument(l->flow->machine.set, c->in, i));
}

/* Bytes at an address that are the same at every start. */
static const uint8_t *constant_bytes(const struct firmware *fw, uint32_t address, size_t *n)
{
	uint32_t i = firmware_section_at(fw, address);

	if (i == FIRMWARE_NONE || (fw->sections[i].written && fw->sections[i].area != AREA_FLASH))
		return NULL;
	return firmware_bytes(fw, address, n);
}

/* How long the string at p is, of which n bytes are there; false: nobody can tell. */
static bool measure(const struct looking *l, const struct call *c, const uint8_t *p, size_t n,
		    uint32_t *len)
{
	const uint8_t *end = memchr(p, 0, n < STRING_MAX ? n : STRING_MAX);

	*len = end ? (uint32_t)(end - p) : 0;
	if (c->sink->length == SINK_NO_LENGTH)
		return end;
	struct values v = argument(l, c, c->sink->length);
	struct values text = argument(l, c, c->sink->text);
	if (!v.n && (text.loaded || text.n > 1))
		return end; /* one of several texts, by strlen */
	if (v.stride || v.other)
		return false;
	/* One of two strings has one of two lengths. */
	if (v.n == 1)
		*len = v.v[0];
	for (unsigned i = 0; i < v.n; i++)
		if (v.v[i] == *len)
			return *len <= n && *len <= STRING_MAX;
	return false;
}

static void add_found(struct looking *l, const struct call *c, const uint8_t *p, uint32_t len)
{
	struct forecast_scan *scan = l->scan;
	bool never = c->sink->kind == SINK_MESSAGE ||
		     (c->sink->kind == SINK_FORMAT && memchr(p, '%', len));
	struct scan_found *f = vec_grow(&scan->found, &scan->nfound, &scan->found_cap, sizeof(*f),
					1);

	if (f)
		*f = (struct scan_found){ p, len, l->symbol, c->in->address, c->sink->name, never };
	else
		scan->failed = true;
}

static void name_table(struct looking *l, const struct call *c, const uint8_t *name)
{
	struct values table = argument(l, c, (uint8_t)(c->sink->text + 1));

	if (values_single(&table))
		firmware_table_name(l->scan->fw, table.v[0], (const char *)name);
}

/* What the caller hands over is handed on: callers of this function intern it. */
static void derive(struct looking *l, const struct call *c, const struct values *text)
{
	struct sink sink = *c->sink;
	bool added;

	sink.address = l->flow->start;
	sink.name = l->scan->fw->symbols[l->symbol].name;
	sink.text = (uint8_t)(text->parameter - 1);
	sink.derived = true;
	sink.length = SINK_NO_LENGTH;
	if (c->sink->length != SINK_NO_LENGTH) {
		struct values length = argument(l, c, c->sink->length);
		if (length.n)
			return; /* always so many bytes of it */
		if (length.parameter)
			sink.length = (uint8_t)(length.parameter - 1);
	}
	if (sink.kind == SINK_TABLE) {
		struct values table = argument(l, c, (uint8_t)(c->sink->text + 1));
		if (table.parameter != text->parameter + 1)
			sink.kind = SINK_STRING;
	}
	if (!sinks_add(&l->scan->sinks, &sink, &added))
		l->scan->failed = true;
	l->more |= added;
}

/* The names in lua_libs_base: of libraries that have a function to open them. */
static uint32_t add_libs(struct looking *l, const struct call *c)
{
	const struct firmware *fw = l->scan->fw;
	uint32_t n = 0;

	for (uint32_t i = 0; i < fw->nmodules; i++)
		if (fw->modules[i].open) {
			add_found(l, c, (const uint8_t *)fw->modules[i].name,
				  (uint32_t)strlen(fw->modules[i].name));
			n++;
		}
	return n;
}

/*
 * Of an array of texts, the index may be known too roughly: a text begins where the array does, or
 * behind a NUL.
 */
static bool is_amid_text(const struct firmware *fw, const struct values *text, uint32_t address)
{
	const uint8_t *before;
	size_t n;

	if (!text->stride || text->loaded || address == text->v[0])
		return false;
	before = firmware_bytes(fw, address - 1, &n);
	return before && *before;
}

/* Adds what the texts at the addresses are; how many could be told. */
static uint32_t add_texts(struct looking *l, const struct call *c, const struct values *text)
{
	const struct firmware *fw = l->scan->fw;
	uint32_t addresses[TEXTS_MAX];
	uint32_t n = values_list(&l->flow->machine, text, addresses, TEXTS_MAX);
	uint32_t known = 0;

	if (text->loaded && text->n && text->v[0] >= fw->libs && text->v[0] < fw->libs_end)
		return add_libs(l, c);
	for (uint32_t i = 0; i < n; i++) {
		size_t left;
		uint32_t len;
		const uint8_t *p = constant_bytes(fw, addresses[i], &left);

		if (!p || !measure(l, c, p, left, &len))
			continue;
		/* those beside the table come first */
		if (i + 1 >= text->n && c->sink->length == SINK_NO_LENGTH &&
		    is_amid_text(fw, text, addresses[i]))
			continue;
		add_found(l, c, p, len);
		if (c->sink->kind == SINK_TABLE)
			name_table(l, c, p);
		known++;
	}
	return known;
}

static void look_at_call(struct looking *l, const struct call *c)
{
	struct values text = argument(l, c, c->sink->text);
	uint32_t known = add_texts(l, c, &text);

	if (text.parameter)
		derive(l, c, &text);
	if (c->sink->derived)
		return;
	l->scan->sites++;
	l->scan->resolved += known > 0;
	l->scan->passed += !known && text.parameter;
}

static void add_edge(struct looking *l, uint32_t address)
{
	struct forecast_scan *scan = l->scan;
	uint32_t to = firmware_symbol_at(scan->fw, address);

	if (to == FIRMWARE_NONE || scan->tables)
		return;
	struct scan_edge *e = vec_grow(&scan->edges, &scan->nedges, &scan->edges_cap, sizeof(*e),
				       1);
	if (e)
		*e = (struct scan_edge){ l->symbol, to };
	else
		scan->failed = true;
}

static void add_return(struct looking *l, struct values v)
{
	struct values *r = &l->scan->returns_now[l->symbol];

	v.parameter = 0; /* the caller's, not ours */
	*r = l->returns ? values_either(&l->flow->machine, r, &v) : v;
	l->returns = true;
}

static const struct values *returned(const void *ctx, uint32_t function)
{
	const struct forecast_scan *scan = ctx;
	uint32_t i = firmware_symbol_at(scan->fw, function);

	if (i == FIRMWARE_NONE || scan->fw->symbols[i].address != function || !scan->returns[i].n)
		return NULL;
	return &scan->returns[i];
}

/* Calls, and jumps to other functions, whose arguments are then as for a call. */
static void look(void *ctx, const struct insn *in, const struct values_state *before)
{
	struct looking *l = ctx;
	uint32_t targets[TARGETS_MAX];
	bool jump = in->kind == INSN_JUMP || in->kind == INSN_JUMP_REGISTER;

	if (in->kind == INSN_RETURN)
		add_return(l, values_of(before, insn_parameter(l->flow->machine.set, 0)));
	if (!insn_calls(in) && !jump)
		return;
	uint32_t n = insn_flow_targets(l->flow, in, before, targets, TARGETS_MAX);
	if (jump && (!n || targets[0] < l->flow->start || targets[0] >= l->flow->end))
		add_return(l, (struct values){ .other = true });
	for (uint32_t i = 0; i < n; i++) {
		uint32_t nsinks;
		if (jump && targets[i] > l->flow->start && targets[i] < l->flow->end)
			continue;
		const struct sink *s = sinks_at(&l->scan->sinks, targets[i], &nsinks);
		add_edge(l, targets[i]);
		/* sinks may move when one is derived */
		for (uint32_t k = 0; k < nsinks; k++) {
			struct sink sink = s[k];
			look_at_call(l, &(struct call){ in, before, &sink });
			s = sinks_at(&l->scan->sinks, targets[i], &nsinks);
		}
	}
}

static enum err pass(struct forecast_scan *scan, const struct values_machine *m, bool *more)
{
	struct firmware *fw = scan->fw;
	uint32_t budget = insn_flow_budget(fw);
	uint32_t last = 0;

	scan->nfound = scan->nedges = scan->sites = scan->resolved = scan->passed = 0;
	for (uint32_t i = 0; i < fw->nsymbols && !scan->failed; i++) {
		const struct firmware_symbol *s = &fw->symbols[i];
		struct insn_flow flow;
		struct diag diag = { 0 };

		if (s->kind != SYMBOL_FUNCTION || s->section == FIRMWARE_NONE ||
		    !fw->sections[s->section].code || (i && s->address == last))
			continue;
		last = s->address;
		uint32_t end = insn_flow_end(fw, i);
		if (end - s->address > budget)
			break;
		budget -= end - s->address;
		struct looking l = { .scan = scan, .flow = &flow, .symbol = i };
		enum err e = insn_flow_find(&flow, m, s->address, end, &diag);
		if (!e)
			insn_flow_visit(&flow, look, &l);
		scan->failed |= e == ERR_MEMORY;
		*more |= l.more;
		insn_flow_free(&flow);
	}
	return scan->failed ? ERR_MEMORY : ERR_NONE;
}

enum err forecast_scan_run(struct forecast_scan *scan, struct diag *diag)
{
	struct values_machine m;
	bool more = true;

	if (!insn_flow_machine(scan->fw, &m))
		return diag_fail(diag, ERR_KIND, "it is not known which chip the code is for");
	if (!scan->fw->nsymbols)
		return diag_fail(diag, ERR_KIND,
				 "no symbols: the ELF file is wanted, not what was made of it");
	if (!sinks_find(&scan->sinks, scan->fw))
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (!scan->sinks.count)
		return diag_fail(diag, ERR_KIND, "no function of Lua's among the symbols");
	scan->returns = calloc(scan->fw->nsymbols, sizeof(*scan->returns));
	scan->returns_now = calloc(scan->fw->nsymbols, sizeof(*scan->returns));
	m.returned = returned;
	m.ctx = scan;
	if (!scan->returns || !scan->returns_now)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	/* What functions return is known after the first, what they hand on when nothing is new. */
	for (unsigned i = 0; i < PASSES_MAX && (more || i < PASSES_MIN); i++) {
		struct values *last = scan->returns;

		more = false;
		if (pass(scan, &m, &more))
			return diag_fail(diag, ERR_MEMORY, "out of memory");
		scan->returns = scan->returns_now;
		scan->returns_now = last;
		memset(last, 0, scan->fw->nsymbols * sizeof(*last));
	}
	return ERR_NONE;
}

void forecast_scan_free(struct forecast_scan *scan)
{
	sinks_free(&scan->sinks);
	free(scan->found);
	free(scan->returns);
	free(scan->returns_now);
	free(scan->edges);
	*scan = (struct forecast_scan){ 0 };
}
