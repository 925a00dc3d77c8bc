/* SPDX-License-Identifier: MIT */
#include "common/firmware/diff.h"

#include <stdlib.h>
#include <string.h>

#include "common/firmware/view_firmware.h"

/* A named thing of one side. */
struct item {
	const char *name;
	int64_t size;
	uint32_t index; /* of the symbol, for its bytes */
};

struct side {
	struct item *items;
	uint32_t count, cap;
};

/* By name; equal names stay in their order. */
static int by_name(const void *va, const void *vb)
{
	const struct item *a = va;
	const struct item *b = vb;
	int order = strcmp(a->name, b->name);

	return order ? order : a->index < b->index ? -1 : a->index > b->index;
}

static int64_t amount(const struct firmware_change *c)
{
	int64_t old = c->size[0] < 0 ? 0 : c->size[0];
	int64_t now = c->size[1] < 0 ? 0 : c->size[1];

	return now > old ? now - old : old - now;
}

static int by_amount(const void *va, const void *vb)
{
	const struct firmware_change *a = va;
	const struct firmware_change *b = vb;

	if (amount(a) != amount(b))
		return amount(a) > amount(b) ? -1 : 1;
	return strcmp(a->name, b->name);
}

static bool add_item(struct side *s, const char *name, int64_t size, uint32_t index)
{
	struct item *item = vec_grow(&s->items, &s->count, &s->cap, sizeof(*item), 1);

	if (item)
		*item = (struct item){ name, size, index };
	return item != NULL;
}

static int64_t total(const uint32_t *sizes)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < FIRMWARE_AREAS; i++)
		sum += sizes[i];
	return sum;
}

static bool add_rest(struct side *s, const uint32_t (*rest)[FIRMWARE_AREAS], uint32_t index)
{
	for (unsigned i = 0; i < FIRMWARE_RESTS; i++)
		if (!add_item(s, firmware_rest_words((enum firmware_rest)i), total(rest[i]),
			      index + i))
			return false;
	return true;
}

static bool list_modules(const struct firmware *fw, struct side *s)
{
	for (uint32_t i = 0; i < fw->nmodules; i++)
		if (!add_item(s, fw->modules[i].name, total(fw->modules[i].sizes), i))
			return false;
	return add_rest(s, fw->rest_modules, fw->nmodules);
}

static bool list_sources(const struct firmware *fw, struct side *s)
{
	for (uint32_t i = 0; i < fw->nsources; i++)
		if (!add_item(s, fw->sources[i].name, total(fw->sources[i].sizes), i))
			return false;
	return add_rest(s, fw->rest_sources, fw->nsources);
}

static bool list_symbols(const struct firmware *fw, struct side *s)
{
	for (uint32_t i = 0; i < fw->nsymbols; i++)
		if (fw->symbols[i].size && !fw->symbols[i].absolute &&
		    !add_item(s, fw->symbols[i].name, fw->symbols[i].size, i))
			return false;
	return true;
}

/* The bytes of a symbol, as far as they are in the file. */
static const uint8_t *symbol_bytes(const struct firmware *fw, uint32_t symbol, size_t *n)
{
	const struct firmware_symbol *s = &fw->symbols[symbol];
	const uint8_t *p = firmware_bytes(fw, s->address, n);

	if (*n > s->size)
		*n = s->size;
	return p;
}

static bool bytes_differ(const struct firmware_diff *d, uint32_t old, uint32_t now)
{
	size_t n[2];
	const uint8_t *a = symbol_bytes(d->fw[0], old, &n[0]);
	const uint8_t *b = symbol_bytes(d->fw[1], now, &n[1]);

	return n[0] != n[1] || (n[0] && memcmp(a, b, n[0]) != 0);
}

/* NULL: it is not there. changed: the same size, but other bytes. */
static bool add_change(struct firmware_changes *out, const struct item *old, const struct item *now,
		       bool changed)
{
	struct firmware_change *c;

	if (old && now && old->size == now->size && !changed)
		return true;
	c = vec_grow(&out->items, &out->count, &out->cap, sizeof(*c), 1);
	if (c)
		*c = (struct firmware_change){
			.name = old ? old->name : now->name,
			.size = { old ? old->size : -1, now ? now->size : -1 },
			.index = { old ? old->index : FIRMWARE_NONE,
				   now ? now->index : FIRMWARE_NONE },
			.changed = changed,
		};
	return c != NULL;
}

typedef bool (*list_fn)(const struct firmware *fw, struct side *s);

static bool compare(const struct firmware_diff *d, const struct side *a, const struct side *b,
		    bool bytes, struct firmware_changes *out)
{
	uint32_t i = 0;
	uint32_t k = 0;

	while (i < a->count || k < b->count) {
		const struct item *x = i < a->count ? &a->items[i] : NULL;
		const struct item *y = k < b->count ? &b->items[k] : NULL;
		int order = !x ? 1 : !y ? -1 : strcmp(x->name, y->name);
		bool changed = order == 0 && bytes && x->size == y->size &&
			       bytes_differ(d, x->index, y->index);

		if (!add_change(out, order <= 0 ? x : NULL, order >= 0 ? y : NULL, changed))
			return false;
		i += order <= 0;
		k += order >= 0;
	}
	if (out->count)
		qsort(out->items, out->count, sizeof(*out->items), by_amount);
	return true;
}

static bool compare_lists(const struct firmware_diff *d, list_fn list, struct firmware_changes *out)
{
	struct side sides[2] = { { 0 }, { 0 } };
	bool ok = list(d->fw[0], &sides[0]) && list(d->fw[1], &sides[1]);

	for (unsigned i = 0; ok && i < 2; i++)
		if (sides[i].count)
			qsort(sides[i].items, sides[i].count, sizeof(struct item), by_name);
	ok = ok && compare(d, &sides[0], &sides[1], list == list_symbols, out);
	free(sides[0].items);
	free(sides[1].items);
	return ok;
}

static bool sections_same(const struct firmware *a, const struct firmware *b)
{
	if (a->nsections != b->nsections)
		return false;
	for (uint32_t i = 0; i < a->nsections; i++) {
		const struct firmware_section *x = &a->sections[i];
		const struct firmware_section *y = &b->sections[i];

		if (x->address != y->address || x->size != y->size || x->nbytes != y->nbytes ||
		    (x->nbytes && memcmp(x->bytes, y->bytes, x->nbytes) != 0))
			return false;
	}
	return true;
}

enum err firmware_diff_make(const struct firmware *old, const struct firmware *now,
			    struct diag *diag, struct firmware_diff *out)
{
	*out = (struct firmware_diff){ .fw = { old, now } };
	out->same = sections_same(old, now);
	if (compare_lists(out, list_modules, &out->modules) &&
	    compare_lists(out, list_sources, &out->sources) &&
	    compare_lists(out, list_symbols, &out->symbols))
		return ERR_NONE;
	return diag_fail(diag, ERR_MEMORY, "out of memory");
}

void firmware_diff_free(struct firmware_diff *d)
{
	free(d->modules.items);
	free(d->sources.items);
	free(d->symbols.items);
	*d = (struct firmware_diff){ 0 };
}
