/* SPDX-License-Identifier: MIT */
/* What became of a firmware, as a subject. Nodes are the modules that changed in size. */
#include "common/firmware/diff.h"

#include <stdlib.h>

#include "common/firmware/view_firmware.h"
#include "common/open/firmware.h"

struct firmware_pair {
	struct subject subject;
	struct subject *side[2];
	struct firmware_diff d;
};

static struct firmware_pair *pair_of(const struct subject *s)
{
	return (struct firmware_pair *)(void *)(uintptr_t)s;
}

static uint64_t count(const struct subject *s, uint64_t node)
{
	return firmware_diff_modules.count(&pair_of(s)->d, node);
}

static uint64_t child(const struct subject *s, uint64_t node, uint64_t i)
{
	return firmware_diff_modules.child(&pair_of(s)->d, node, i);
}

static void label(const struct subject *s, uint64_t node, struct buf *out)
{
	const struct firmware_pair *t = pair_of(s);

	if (node == VIEW_ROOT)
		open_diff_label(t->side, out);
	else
		buf_str(out, t->d.modules.items[node].name);
}

/* By how much it changed: what the bars show. */
static int64_t size(const struct subject *s, uint64_t node)
{
	const struct firmware_change *c;
	int64_t old, now;

	if (node == VIEW_ROOT)
		return -1;
	c = &pair_of(s)->d.modules.items[node];
	old = c->size[0] < 0 ? 0 : c->size[0];
	now = c->size[1] < 0 ? 0 : c->size[1];
	return now > old ? now - old : old - now;
}

/* Strings and padding have none. */
static bool has_symbols(const struct firmware_diff *d, const struct firmware_change *module)
{
	unsigned side = module->index[1] != FIRMWARE_NONE;

	return module->index[side] <= d->fw[side]->nmodules + REST_SYMBOLS;
}

static const struct view *view(const struct subject *s, uint64_t node, unsigned i)
{
	const struct firmware_diff *d = &pair_of(s)->d;

	if (node == VIEW_ROOT)
		return firmware_diff_nth(i);
	if (has_symbols(d, &d->modules.items[node]) && i-- == 0)
		return &firmware_diff_symbols;
	return i == 0 ? &firmware_diff_modules : NULL;
}

/* The row of firmware_view_modules that a symbol's bytes count for. */
static uint32_t row_of_symbol(const struct firmware *fw, uint32_t symbol)
{
	uint32_t m = fw->symbols[symbol].module;

	return m < fw->nmodules ? m : fw->nmodules + REST_SYMBOLS;
}

static bool is_of(const struct firmware_diff *d, const struct firmware_change *symbol,
		  const struct firmware_change *module)
{
	for (unsigned i = 0; i < 2; i++)
		if (symbol->index[i] != FIRMWARE_NONE &&
		    row_of_symbol(d->fw[i], symbol->index[i]) == module->index[i])
			return true;
	return false;
}

static enum err open_page(struct subject *s, struct subject_page *page, struct diag *diag)
{
	struct firmware_pair *t = pair_of(s);
	uint64_t node = page->place.node;
	struct lens *l;

	(void)diag;
	if (node == VIEW_ROOT) {
		open_whole(page, &t->d);
		return ERR_NONE;
	}
	l = open_narrow(page, &t->d, VIEW_ROOT);
	if (page->place.view == &firmware_diff_modules)
		lens_add(l, node);
	else
		for (uint32_t i = 0; i < t->d.symbols.count; i++)
			if (is_of(&t->d, &t->d.symbols.items[i], &t->d.modules.items[node]))
				lens_add(l, i);
	return ERR_NONE;
}

/* In the new firmware, where it has it. */
static bool follow(struct subject *s, const struct subject_page *page, uint64_t row,
		   struct subject_place *to)
{
	struct firmware_pair *t = pair_of(s);
	const struct view *v = page->place.view;
	const struct firmware_change *c;
	unsigned side;

	if (v == &firmware_diff_modules && page->place.node == VIEW_ROOT) {
		*to = (struct subject_place){ s, row, view(s, row, 0), SUBJECT_ANY, VIEW_ROOT };
		return true;
	}
	if (v == &firmware_diff_modules)
		c = &t->d.modules.items[row];
	else if (v == &firmware_diff_sources)
		c = &t->d.sources.items[row];
	else if (v == &firmware_diff_symbols)
		c = &t->d.symbols.items[row];
	else
		return false;
	side = c->index[1] != FIRMWARE_NONE;
	if (v == &firmware_diff_symbols)
		return open_firmware_to_symbol(t->side[side], c->index[side], to);
	*to = (struct subject_place){ t->side[side], VIEW_ROOT,
				      v == &firmware_diff_modules ? &firmware_view_modules
								  : &firmware_view_sources,
				      SUBJECT_ANY, c->index[side] };
	return true;
}

static void close_pair(struct subject *s)
{
	firmware_diff_free(&pair_of(s)->d);
}

static const struct subject_kind kind = {
	.words = "diff",
	.compares = true,
	.count = count,
	.child = child,
	.label = label,
	.size = size,
	.view = view,
	.open = open_page,
	.follow = follow,
	.close = close_pair,
};

enum err open_firmware_diff(struct subject *old, struct subject *now, struct diag *diag,
			    struct subject **out)
{
	struct firmware_pair *t = open_diff_new(sizeof(*t), &kind, old, now, diag);

	if (!t)
		return diag->code;
	t->side[0] = old;
	t->side[1] = now;
	if (firmware_diff_make(&open_firmware_of(old)->fw, &open_firmware_of(now)->fw, diag, &t->d))
		subject_close(&t->subject);
	else
		*out = &t->subject;
	return diag->code;
}
