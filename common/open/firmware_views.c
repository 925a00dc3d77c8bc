/* SPDX-License-Identifier: MIT */
/* The views of a firmware's nodes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/firmware/view_disasm.h"
#include "common/firmware/view_firmware.h"
#include "common/open/firmware.h"

uint32_t open_firmware_function(const struct firmware *fw, uint64_t row)
{
	uint32_t symbol;

	if (row >= fw->nentries || fw->entries[row].value != VALUE_FUNCTION)
		return FIRMWARE_NONE;
	symbol = firmware_symbol_at(fw, fw->entries[row].address);
	return symbol != FIRMWARE_NONE && fw->symbols[symbol].section != FIRMWARE_NONE
		       ? symbol
		       : FIRMWARE_NONE;
}

static const struct view *nth_view(const struct view *const *list, unsigned n, unsigned i)
{
	return i < n ? list[i] : NULL;
}

/* Of a module or of what belongs to none: its functions' code, its symbols, its bytes. */
static const struct view *group_view(const struct open_firmware *t, uint64_t row, unsigned i)
{
	const struct view *list[3];
	unsigned n = 0;
	uint32_t first;

	if (row <= t->fw.nmodules)
		list[n++] = &firmware_view_symbols;
	list[n++] = &firmware_view_modules;
	if (insn_text_available() && open_firmware_functions(t, row, &first))
		list[n++] = &firmware_view_disasm;
	return nth_view(list, n, i);
}

static const struct view *function_view(unsigned i)
{
	static const struct view *const list[] = { &firmware_view_disasm, &firmware_view_symbols };

	i += !insn_text_available();
	return nth_view(list, 2, i);
}

static const struct view *root_view(const struct open_firmware *t, unsigned i)
{
	for (unsigned k = 0; k < firmware_view_count; k++)
		if (firmware_views[k].forms & 1u << t->fw.form && i-- == 0)
			return firmware_views[k].view;
	return NULL;
}

const struct view *open_firmware_view(const struct subject *s, uint64_t node, unsigned i)
{
	const struct open_firmware *t = open_firmware_of(s);
	uint64_t what = open_firmware_what(node);

	if (node == VIEW_ROOT)
		return root_view(t, i);
	switch (open_firmware_kind(node)) {
	case FIRMWARE_GROUP: return group_view(t, what, i);
	case FIRMWARE_FUNCTION: return function_view(i);
	case FIRMWARE_TABLES: return i == 0 ? &firmware_view_rotables : NULL;
	case FIRMWARE_ROW:
		if (i == 0)
			return &firmware_view_rotables;
		if (insn_text_available() && i == 1 &&
		    open_firmware_function(&t->fw, what) != FIRMWARE_NONE)
			return &firmware_view_disasm;
		return NULL;
	default: return t->image->kind->view(t->image, open_firmware_inside(node), i);
	}
}

static void release_disasm(void *held)
{
	disasm_close(held);
	free(held);
}

/* The code of the functions of a node, followed when it is looked at. */
static enum err open_code(struct open_firmware *t, struct subject_page *page, struct diag *diag)
{
	uint64_t node = page->place.node;
	uint64_t what = open_firmware_what(node);
	uint32_t first = 0, n = 1, one = (uint32_t)what;
	const uint32_t *symbols = &one;
	struct disasm *d = calloc(1, sizeof(*d));

	if (!d)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	page->held = d;
	page->release = release_disasm;
	open_whole(page, d);
	if (open_firmware_kind(node) == FIRMWARE_ROW)
		one = open_firmware_function(&t->fw, what);
	if (open_firmware_kind(node) == FIRMWARE_GROUP) {
		n = open_firmware_functions(t, what, &first);
		symbols = t->functions + first;
	}
	disasm_open(d, &t->fw, diag);
	for (uint32_t i = 0; i < n && !diag->code; i++) {
		char address[16];

		snprintf(address, sizeof(address), "0x%x", t->fw.symbols[symbols[i]].address);
		disasm_add(d, address, diag);
	}
	return diag->code;
}

static void narrow(struct open_firmware *t, struct subject_page *page)
{
	uint64_t node = page->place.node;
	uint64_t what = open_firmware_what(node);
	struct lens *l = open_narrow(page, &t->fw, VIEW_ROOT);
	uint32_t module = what < t->fw.nmodules ? (uint32_t)what : FIRMWARE_NONE;

	if (open_firmware_kind(node) != FIRMWARE_GROUP ||
	    page->place.view == &firmware_view_modules) {
		lens_add(l, what);
		return;
	}
	for (uint32_t i = 0; i < t->fw.nsymbols; i++)
		if (t->fw.symbols[i].module == module &&
		    t->fw.symbols[i].section != FIRMWARE_NONE && !t->fw.symbols[i].absolute)
			lens_add(l, i);
}

bool open_firmware_is_inside(const struct subject_page *page)
{
	return page->place.node != VIEW_ROOT &&
	       open_firmware_kind(page->place.node) >= FIRMWARE_IMAGE;
}

enum err open_firmware_page(struct subject *s, struct subject_page *page, struct diag *diag)
{
	struct open_firmware *t = open_firmware_of(s);
	uint64_t node = page->place.node;

	if (open_firmware_is_inside(page)) {
		struct subject_place outside = page->place;

		page->place.subject = t->image;
		page->place.node = open_firmware_inside(node);
		t->image->kind->open(t->image, page, diag);
		page->place = outside;
		return diag->code;
	}
	if (page->place.view == &firmware_view_disasm)
		return open_code(t, page, diag);
	if (node == VIEW_ROOT || open_firmware_kind(node) == FIRMWARE_TABLES)
		open_whole(page, &t->fw);
	else
		narrow(t, page);
	return ERR_NONE;
}
