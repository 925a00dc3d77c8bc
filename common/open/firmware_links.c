/* SPDX-License-Identifier: MIT */
/* Where the rows of a firmware's views lead. */
#include <string.h>

#include "common/firmware/view_disasm.h"
#include "common/firmware/view_firmware.h"
#include "common/open/firmware.h"

/* What a row of the image leads to is in the image as a whole. */
static bool follow_inside(struct open_firmware *t, const struct subject_page *page, uint64_t row,
			  struct subject_place *to)
{
	struct subject_page inside = *page;

	inside.place.subject = t->image;
	inside.place.node = open_firmware_inside(page->place.node);
	if (!t->image->kind->follow(t->image, &inside, row, to))
		return false;
	to->subject = &t->subject;
	to->node = to->node == VIEW_ROOT ? open_firmware_node(FIRMWARE_IMAGE, 0)
					 : open_firmware_node(FIRMWARE_INSIDE, to->node);
	return true;
}

static bool to_root(struct subject *s, const struct view *view, uint64_t row,
		    struct subject_place *to)
{
	*to = (struct subject_place){ s, VIEW_ROOT, view, SUBJECT_ANY, row };
	return subject_view_index(s, VIEW_ROOT, view) >= 0;
}

/* A function's code; what is no function, or cannot be read, in the list of symbols. */
bool open_firmware_to_symbol(struct subject *s, uint32_t symbol, struct subject_place *to)
{
	const struct firmware_symbol *sym = &open_firmware_of(s)->fw.symbols[symbol];

	if (sym->kind != SYMBOL_FUNCTION || sym->section == FIRMWARE_NONE || !insn_text_available())
		return to_root(s, &firmware_view_symbols, symbol, to);
	*to = (struct subject_place){ s, open_firmware_node(FIRMWARE_FUNCTION, symbol),
				      &firmware_view_disasm, SUBJECT_ANY, VIEW_ROOT };
	return true;
}

/* The string that an address is in: the last that begins there or before. */
static uint32_t text_at(const struct firmware *fw, uint32_t address)
{
	uint32_t from = 0;
	uint32_t end = fw->ntexts;

	while (from < end) {
		uint32_t middle = from + (end - from) / 2;

		if (fw->texts[middle].address > address)
			end = middle;
		else
			from = middle + 1;
	}
	if (!from || address - fw->texts[from - 1].address > fw->texts[from - 1].len)
		return FIRMWARE_NONE;
	return from - 1;
}

static bool to_address(struct subject *s, uint32_t address, struct subject_place *to)
{
	const struct firmware *fw = &open_firmware_of(s)->fw;
	bool mapped = firmware_section_at(fw, address) != FIRMWARE_NONE;
	uint32_t found = mapped ? firmware_table_at(fw, address) : FIRMWARE_NONE;

	if (found != FIRMWARE_NONE)
		return to_root(s, &firmware_view_rotables, firmware_table_row(fw, found), to);
	if (mapped || firmware_area_of(fw->chip, address) == AREA_ROM)
		found = firmware_symbol_at(fw, address);
	if (found != FIRMWARE_NONE)
		return open_firmware_to_symbol(s, found, to);
	found = mapped ? text_at(fw, address) : FIRMWARE_NONE;
	return found != FIRMWARE_NONE && to_root(s, &firmware_view_strings, found, to);
}

/* Within the code that is shown, where it leads there; else to what stands at the address. */
static bool follow_code(struct subject *s, const struct subject_page *page, uint64_t row,
			struct subject_place *to)
{
	const struct disasm *d = page->ctx;
	uint32_t at;
	uint32_t function = disasm_row_function(row, &at);
	uint32_t leads;

	if (at == FIRMWARE_NONE)
		return d->functions[function].symbol != FIRMWARE_NONE &&
		       open_firmware_to_symbol(s, d->functions[function].symbol, to);
	leads = d->lines[at].leads;
	if (!leads)
		return false;
	at = disasm_line_at(d, function, leads);
	if (at == FIRMWARE_NONE)
		return to_address(s, leads, to);
	*to = page->place;
	to->row = disasm_row(function, at);
	return true;
}

bool open_firmware_follow(struct subject *s, const struct subject_page *page, uint64_t row,
			  struct subject_place *to)
{
	struct open_firmware *t = open_firmware_of(s);
	const struct view *v = page->place.view;
	uint32_t function;

	if (open_firmware_is_inside(page))
		return follow_inside(t, page, row, to);
	if (v == &firmware_view_disasm)
		return follow_code(s, page, row, to);
	if (v == &firmware_view_modules && page->place.node == VIEW_ROOT) {
		uint64_t node = open_firmware_node(FIRMWARE_GROUP, row);

		*to = (struct subject_place){ s, node, open_firmware_view(s, node, 0), SUBJECT_ANY,
					      VIEW_ROOT };
		return true;
	}
	if (v == &firmware_view_symbols)
		return open_firmware_to_symbol(s, (uint32_t)row, to) &&
		       (to->view != v || page->place.node != VIEW_ROOT);
	if (v != &firmware_view_rotables && v != &firmware_view_functions)
		return false;
	function = open_firmware_function(&t->fw, row);
	return function != FIRMWARE_NONE && open_firmware_to_symbol(s, function, to);
}

bool open_firmware_text(const struct subject *s, const struct subject_page *page, uint64_t row,
			const uint8_t **text, size_t *len)
{
	const struct open_firmware *t = open_firmware_of(s);
	const char *key = NULL;

	if (open_firmware_is_inside(page)) {
		struct subject_page inside = *page;

		inside.place.subject = t->image;
		inside.place.node = open_firmware_inside(page->place.node);
		return t->image->kind->text(t->image, &inside, row, text, len);
	}
	if (page->place.view == &firmware_view_strings) {
		*text = (const uint8_t *)t->fw.texts[row].p;
		*len = t->fw.texts[row].len;
		return true;
	}
	if ((page->place.view == &firmware_view_rotables ||
	     page->place.view == &firmware_view_functions) &&
	    row < t->fw.nentries)
		key = t->fw.entries[row].key;
	*text = (const uint8_t *)key;
	*len = key ? strlen(key) : 0;
	return key;
}

bool open_firmware_find(struct subject *s, const uint8_t *text, size_t len,
			struct subject_place *to)
{
	struct open_firmware *t = open_firmware_of(s);

	*to = (struct subject_place){ s, VIEW_ROOT, &firmware_view_strings, SUBJECT_ANY,
				      VIEW_ROOT };
	if (subject_view_index(s, VIEW_ROOT, to->view) < 0)
		return false;
	for (uint32_t i = 0; i < t->fw.ntexts; i++) {
		to->row = i;
		if (t->fw.texts[i].len == len && !memcmp(t->fw.texts[i].p, text, len))
			return true;
	}
	return false;
}
