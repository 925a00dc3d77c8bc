/* SPDX-License-Identifier: MIT */
#include "common/firmware/forecast.h"

#include <stdlib.h>
#include <string.h>

#include "common/firmware/forecast_scan.h"

enum { SHORT_MAX_53 = 40 }; /* bytes of the longest string that Lua 5.3 interns */

const char *const forecast_sure_words[FORECAST_SURES] = {
	[FORECAST_START] = "at start",
	[FORECAST_USE] = "when used",
	[FORECAST_NEVER] = "never",
};

static int compare_texts(const uint8_t *a, uint32_t na, const uint8_t *b, uint32_t nb)
{
	int c = memcmp(a, b, na < nb ? na : nb);

	return c ? c : (na > nb) - (na < nb);
}

static int by_text(const void *va, const void *vb)
{
	const struct scan_found *a = va;
	const struct scan_found *b = vb;
	int c = compare_texts(a->p, a->len, b->p, b->len);

	if (c)
		return c;
	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return strcmp(a->through, b->through);
}

static void mark_symbol(uint8_t *marks, uint32_t symbol)
{
	if (symbol != FIRMWARE_NONE)
		marks[symbol] = 1;
}

/*
 * Whether what a function of the start calls is part of the start, too, and no function of Lua's.
 */
static bool goes_on(const struct firmware *fw, const struct scan_edge *e)
{
	const struct firmware_symbol *from = &fw->symbols[e->from];
	const struct firmware_symbol *to = &fw->symbols[e->to];

	if (to->kind != SYMBOL_FUNCTION)
		return false;
	return from->source == to->source && (from->source != FIRMWARE_NONE || !to->global);
}

/* Marks the functions that run at every start: luaopen_xxx, Lua's own, and their helpers. */
static uint8_t *find_start(const struct forecast_scan *scan)
{
	const struct firmware *fw = scan->fw;
	uint8_t *marks = calloc(fw->nsymbols + 1, 1);

	if (!marks)
		return NULL;
	for (uint32_t i = 0; i < fw->nmodules; i++)
		if (fw->modules[i].open)
			mark_symbol(marks, firmware_symbol_at(fw, fw->modules[i].open));
	for (const char *const *name = sink_starters; *name; name++)
		mark_symbol(marks, firmware_symbol_find(fw, *name));
	for (bool more = true; more;) {
		more = false;
		for (uint32_t i = 0; i < scan->nedges; i++) {
			const struct scan_edge *e = &scan->edges[i];

			if (!marks[e->from] || marks[e->to] || !goes_on(fw, e))
				continue;
			marks[e->to] = 1;
			more = true;
		}
	}
	return marks;
}

static bool same_text(const struct forecast_string *s, const struct scan_found *f)
{
	return s->len == f->len && !memcmp(s->p, f->p, f->len);
}

static bool add_use(struct forecast *out, const struct scan_found *f, uint8_t sure)
{
	struct forecast_string *s = out->nstrings ? &out->strings[out->nstrings - 1] : NULL;
	uint32_t module = out->fw->symbols[f->symbol].module;

	if (!s || !same_text(s, f)) {
		s = vec_grow(&out->strings, &out->nstrings, &out->strings_cap, sizeof(*s), 1);
		if (!s)
			return false;
		*s = (struct forecast_string){ f->p, f->len, sure, module, false, out->nuses, 0 };
	} else if (out->uses[out->nuses - 1].address == f->address) {
		return true; /* once by itself, once as what it hands on */
	}
	struct forecast_use *u = vec_grow(&out->uses, &out->nuses, &out->uses_cap, sizeof(*u), 1);
	if (!u)
		return false;
	*u = (struct forecast_use){ out->nstrings - 1, f->symbol, f->address, f->through, sure };
	s->count++;
	if (sure < s->sure)
		s->sure = sure;
	if (s->module == FIRMWARE_NONE)
		s->module = module;
	s->modules |= module != FIRMWARE_NONE && module != s->module;
	return true;
}

static bool collect(struct forecast_scan *scan, struct forecast *out)
{
	uint8_t *start = find_start(scan);
	bool ok = start != NULL;

	if (scan->nfound)
		qsort(scan->found, scan->nfound, sizeof(*scan->found), by_text);
	for (uint32_t i = 0; i < scan->nfound && ok; i++) {
		const struct scan_found *f = &scan->found[i];
		uint8_t sure = start[f->symbol] ? FORECAST_START : FORECAST_USE;

		if (f->never || (scan->fw->lua.version == 53 && f->len > SHORT_MAX_53))
			sure = FORECAST_NEVER;
		ok = add_use(out, f, sure);
	}
	free(start);
	return ok;
}

enum err forecast_make(struct firmware *fw, struct diag *diag, struct forecast *out)
{
	struct forecast_scan scan = { .fw = fw };

	*out = (struct forecast){ .fw = fw };
	enum err e = firmware_study(fw, diag);
	if (!e)
		e = forecast_scan_run(&scan, diag);
	if (!e && !collect(&scan, out))
		e = diag_fail(diag, ERR_MEMORY, "out of memory");
	out->sites = scan.sites;
	out->resolved = scan.resolved;
	out->passed = scan.passed;
	forecast_scan_free(&scan);
	return e;
}

void forecast_free(struct forecast *f)
{
	free(f->strings);
	free(f->uses);
	*f = (struct forecast){ 0 };
}

enum err forecast_name_tables(struct firmware *fw, struct diag *diag)
{
	struct forecast_scan scan = { .fw = fw, .tables = true };
	struct diag none = { 0 };
	enum err e = forecast_scan_run(&scan, &none);

	forecast_scan_free(&scan);
	return e == ERR_MEMORY ? diag_fail(diag, e, "out of memory") : ERR_NONE;
}

uint32_t forecast_find(const struct forecast *f, const uint8_t *p, size_t len)
{
	uint32_t from = 0;
	uint32_t to = f->nstrings;

	if (len > UINT32_MAX)
		return FIRMWARE_NONE;
	while (from < to) {
		uint32_t mid = from + (to - from) / 2;
		const struct forecast_string *s = &f->strings[mid];
		int c = compare_texts(s->p, s->len, p, (uint32_t)len);

		if (!c)
			return mid;
		if (c < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return FIRMWARE_NONE;
}
