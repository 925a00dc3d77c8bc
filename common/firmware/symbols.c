/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "common/firmware/parts.h"

/* For qsort, which has no context: symbols by name are sorted as pairs. */
struct named {
	const char *name;
	uint32_t index;
};

static int by_address(const void *va, const void *vb)
{
	const struct firmware_symbol *a = va;
	const struct firmware_symbol *b = vb;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind == SYMBOL_FUNCTION || b->kind == SYMBOL_OTHER ? -1 : 1;
	if (a->global != b->global)
		return a->global ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int by_name(const void *va, const void *vb)
{
	const struct named *a = va;
	const struct named *b = vb;
	int order = strcmp(a->name, b->name);

	return order ? order : a->index < b->index ? -1 : a->index > b->index;
}

static uint32_t symbol_end(const struct firmware_symbol *s)
{
	return s->size > UINT32_MAX - s->address ? UINT32_MAX : s->address + s->size;
}

static bool index_names(struct firmware *fw)
{
	struct named *all = malloc(((size_t)fw->nsymbols + 1) * sizeof(*all));

	fw->symbol_names = malloc(((size_t)fw->nsymbols + 1) * sizeof(*fw->symbol_names));
	if (!all || !fw->symbol_names) {
		free(all);
		return false;
	}
	for (uint32_t i = 0; i < fw->nsymbols; i++)
		all[i] = (struct named){ fw->symbols[i].name, i };
	qsort(all, fw->nsymbols, sizeof(*all), by_name);
	for (uint32_t i = 0; i < fw->nsymbols; i++)
		fw->symbol_names[i] = all[i].index;
	free(all);
	return true;
}

bool firmware_index_symbols(struct firmware *fw)
{
	uint32_t end = 0;

	if (fw->nsymbols)
		qsort(fw->symbols, fw->nsymbols, sizeof(*fw->symbols), by_address);
	fw->symbol_ends = malloc(((size_t)fw->nsymbols + 1) * sizeof(*fw->symbol_ends));
	if (!fw->symbol_ends)
		return false;
	for (uint32_t i = 0; i < fw->nsymbols; i++) {
		struct firmware_symbol *s = &fw->symbols[i];

		s->section = firmware_section_at(fw, s->address);
		if (symbol_end(s) > end)
			end = symbol_end(s);
		fw->symbol_ends[i] = end;
	}
	return index_names(fw);
}

uint32_t firmware_symbols_below(const struct firmware *fw, uint32_t address)
{
	uint32_t from = 0;
	uint32_t to = fw->nsymbols;

	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if (fw->symbols[mid].address < address)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

/* Labels within a symbol that are passed over; more of them only a made-up file has. */
enum { LABELS_MAX = 1024 };

uint32_t firmware_symbol_at(const struct firmware *fw, uint32_t address)
{
	uint32_t i = firmware_symbols_below(fw, address);

	/* of those at the same address the first is the largest */
	if (i < fw->nsymbols && fw->symbols[i].address == address)
		return i;
	for (unsigned n = 0; n < LABELS_MAX && i && fw->symbol_ends[i - 1] > address; n++) {
		const struct firmware_symbol *s = &fw->symbols[--i];

		if (address - s->address < s->size)
			return firmware_symbols_below(fw, s->address);
	}
	return FIRMWARE_NONE;
}

uint32_t firmware_symbol_find(const struct firmware *fw, const char *name)
{
	uint32_t from = 0;
	uint32_t to = fw->nsymbols;

	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if (strcmp(fw->symbols[fw->symbol_names[mid]].name, name) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	if (from < fw->nsymbols && !strcmp(fw->symbols[fw->symbol_names[from]].name, name))
		return fw->symbol_names[from];
	return FIRMWARE_NONE;
}
