/* SPDX-License-Identifier: MIT */
/*
 * The tree of a firmware: modules with their functions, ROTables, and the LFS image that a dump
 * holds.
 */
#include "common/open/firmware.h"

#include <stdlib.h>
#include <string.h>

#include "common/firmware/flash_map.h"
#include "common/firmware/forecast.h"
#include "common/firmware/view_firmware.h"

struct open_firmware *open_firmware_of(const struct subject *s)
{
	return (struct open_firmware *)(void *)(uintptr_t)s;
}

uint64_t open_firmware_inside(uint64_t node)
{
	return open_firmware_kind(node) == FIRMWARE_IMAGE ? VIEW_ROOT : open_firmware_what(node);
}

static bool has_sizes(const struct firmware *fw)
{
	return fw->form == FIRMWARE_ELF;
}

/* The value of a cell that is a number; -1: it is none. */
static int64_t number_of(const struct view *v, const struct firmware *fw, uint64_t row,
			 const char *column)
{
	struct buf scratch = { 0 };
	struct view_cell c = { 0 };

	v->cell(fw, row, view_column_find(v, column, strlen(column)), &c, &scratch);
	buf_free(&scratch);
	return c.kind == VIEW_INT ? c.i : -1;
}

/* The group with that number among those that have bytes. */
static uint64_t nth_group(const struct firmware *fw, uint64_t n, uint64_t *count)
{
	uint64_t rows = firmware_view_modules.count(fw, VIEW_ROOT);
	uint64_t row = 0;

	*count = 0;
	for (; has_sizes(fw) && row < rows; row++)
		if (number_of(&firmware_view_modules, fw, row, "size") > 0 && (*count)++ == n)
			break;
	return row;
}

uint32_t open_firmware_functions(const struct open_firmware *t, uint64_t row, uint32_t *first)
{
	*first = 0;
	if (row > t->fw.nmodules)
		return 0;
	*first = t->first[row];
	return t->first[row + 1] - *first;
}

static uint64_t count(const struct subject *s, uint64_t node)
{
	const struct open_firmware *t = open_firmware_of(s);
	uint64_t groups;
	uint32_t first;

	if (node == VIEW_ROOT) {
		nth_group(&t->fw, UINT64_MAX, &groups);
		return groups + (t->fw.nroots != 0) + (t->image != NULL);
	}
	switch (open_firmware_kind(node)) {
	case FIRMWARE_GROUP: return open_firmware_functions(t, open_firmware_what(node), &first);
	case FIRMWARE_TABLES: return t->fw.nroots;
	case FIRMWARE_ROW: return firmware_view_rotables.count(&t->fw, open_firmware_what(node));
	case FIRMWARE_IMAGE:
	case FIRMWARE_INSIDE: return t->image->kind->count(t->image, open_firmware_inside(node));
	default: return 0;
	}
}

static uint64_t child_of_root(const struct open_firmware *t, uint64_t i)
{
	uint64_t groups;
	uint64_t row = nth_group(&t->fw, i, &groups);

	if (groups > i)
		return open_firmware_node(FIRMWARE_GROUP, row);
	if (i == groups && t->fw.nroots)
		return open_firmware_node(FIRMWARE_TABLES, 0);
	return open_firmware_node(FIRMWARE_IMAGE, 0);
}

static uint64_t child(const struct subject *s, uint64_t node, uint64_t i)
{
	const struct open_firmware *t = open_firmware_of(s);
	const struct view *tables = &firmware_view_rotables;
	uint32_t first;

	if (node == VIEW_ROOT)
		return child_of_root(t, i);
	switch (open_firmware_kind(node)) {
	case FIRMWARE_GROUP:
		open_firmware_functions(t, open_firmware_what(node), &first);
		return open_firmware_node(FIRMWARE_FUNCTION, t->functions[first + i]);
	case FIRMWARE_TABLES:
		return open_firmware_node(FIRMWARE_ROW, tables->child(&t->fw, VIEW_ROOT, i));
	case FIRMWARE_ROW:
		return open_firmware_node(FIRMWARE_ROW,
					  tables->child(&t->fw, open_firmware_what(node), i));
	default:
		return open_firmware_node(
			FIRMWARE_INSIDE,
			t->image->kind->child(t->image, open_firmware_inside(node), i));
	}
}

static void put_name(const struct view *v, const struct firmware *fw, uint64_t row, struct buf *out)
{
	struct buf scratch = { 0 };
	struct view_cell c = { 0 };

	v->cell(fw, row, 0, &c, &scratch);
	if (c.kind == VIEW_BYTES)
		buf_put(out, c.bytes.p, c.bytes.n);
	buf_free(&scratch);
}

static void label(const struct subject *s, uint64_t node, struct buf *out)
{
	const struct open_firmware *t = open_firmware_of(s);
	uint64_t what = open_firmware_what(node);

	if (node == VIEW_ROOT) {
		buf_str(out, s->name);
		return;
	}
	switch (open_firmware_kind(node)) {
	case FIRMWARE_GROUP: put_name(&firmware_view_modules, &t->fw, what, out); break;
	case FIRMWARE_FUNCTION: buf_str(out, t->fw.symbols[what].name); break;
	case FIRMWARE_TABLES: buf_str(out, "ROTables"); break;
	case FIRMWARE_ROW: put_name(&firmware_view_rotables, &t->fw, what, out); break;
	case FIRMWARE_IMAGE: buf_str(out, "LFS image"); break;
	case FIRMWARE_INSIDE: t->image->kind->label(t->image, what, out); break;
	}
}

static int64_t size(const struct subject *s, uint64_t node)
{
	const struct open_firmware *t = open_firmware_of(s);
	uint64_t what = open_firmware_what(node);

	if (node == VIEW_ROOT)
		return (int64_t)(has_sizes(&t->fw) ? t->fw.mapped : t->fw.len);
	switch (open_firmware_kind(node)) {
	case FIRMWARE_GROUP: return number_of(&firmware_view_modules, &t->fw, what, "size");
	case FIRMWARE_FUNCTION: return t->fw.symbols[what].size;
	case FIRMWARE_ROW: return number_of(&firmware_view_rotables, &t->fw, what, "size");
	case FIRMWARE_IMAGE:
	case FIRMWARE_INSIDE: return t->image->kind->size(t->image, open_firmware_inside(node));
	default: return -1;
	}
}

static void topic(const struct subject *s, uint64_t which, struct buf *out)
{
	const struct open_firmware *t = open_firmware_of(s);

	if (t->image)
		t->image->kind->topic(t->image, which, out);
}

static void close_firmware(struct subject *s)
{
	struct open_firmware *t = open_firmware_of(s);

	subject_close(t->image);
	free(t->functions);
	free(t->first);
	firmware_close(&t->fw);
	file_close(&t->file);
}

static const struct subject_kind kind = {
	.words = "firmware",
	.count = count,
	.child = child,
	.label = label,
	.size = size,
	.view = open_firmware_view,
	.open = open_firmware_page,
	.follow = open_firmware_follow,
	.text = open_firmware_text,
	.find = open_firmware_find,
	.topic = topic,
	.close = close_firmware,
};

bool open_firmware_is_elf(const struct subject *s)
{
	return s->kind == &kind && open_firmware_of(s)->fw.form == FIRMWARE_ELF;
}

static uint32_t module_of(const struct firmware *fw, uint32_t symbol)
{
	uint32_t m = fw->symbols[symbol].module;

	return m < fw->nmodules ? m : fw->nmodules;
}

static bool is_function(const struct firmware *fw, uint32_t i)
{
	const struct firmware_symbol *s = &fw->symbols[i];

	return s->kind == SYMBOL_FUNCTION && s->section != FIRMWARE_NONE && s->size;
}

/* Counts, then places: t->first has a word more than modules and none. */
static bool sort_functions(struct open_firmware *t)
{
	const struct firmware *fw = &t->fw;
	uint32_t *end;

	t->first = calloc((size_t)fw->nmodules + 3, sizeof(*t->first));
	t->functions = malloc(((size_t)fw->nsymbols + 1) * sizeof(*t->functions));
	if (!t->first || !t->functions)
		return false;
	/* While they are placed, first[m + 1] is where m's next goes. */
	end = t->first + 1;
	for (uint32_t i = 0; i < fw->nsymbols; i++)
		if (is_function(fw, i))
			end[module_of(fw, i) + 1]++;
	for (uint32_t m = 0; m <= fw->nmodules; m++)
		end[m + 1] += end[m];
	for (uint32_t i = 0; i < fw->nsymbols; i++)
		if (is_function(fw, i))
			t->functions[end[module_of(fw, i)]++] = i;
	return true;
}

/* Notes of what was damaged stay notes; without memory there is no use in going on. */
static enum err check_memory(const struct firmware *fw, struct diag *diag)
{
	for (uint32_t i = 0; i < fw->note_count && i < sizeof(fw->notes) / sizeof(fw->notes[0]);
	     i++)
		if (fw->notes[i].code == ERR_MEMORY)
			*diag = fw->notes[i];
	return diag->code;
}

/* The image of a dump: what is wrong with it is told where it is looked at. */
static void open_inside(struct open_firmware *t)
{
	struct flash_lfs where;
	struct diag none = { 0 };

	if (t->fw.form == FIRMWARE_ELF || flash_find_lfs(&t->fw, 0, 0, &none, &where))
		return;
	const struct file part = { t->file.data + where.off, where.present };
	open_image(t->subject.name, &part, &none, &t->image);
	t->subject.inside = t->image;
}

enum err open_firmware(const char *name, const struct file *file, struct diag *diag,
		       struct subject **out)
{
	struct open_firmware *t = open_new(sizeof(*t), &kind, name, diag);

	if (!t)
		return diag->code;
	t->file.data = malloc(file->len + 1);
	if (!t->file.data) {
		subject_close(&t->subject);
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	memcpy(t->file.data, file->data, file->len);
	t->file.len = file->len;
	if (firmware_open(&t->fw, t->subject.name, t->file.data, t->file.len))
		t->subject.diag = t->fw.diag;
	if (t->fw.diag.code == ERR_MEMORY || (!t->fw.nsections && t->fw.form == FIRMWARE_ELF)) {
		*diag = t->fw.diag;
	} else if (!firmware_study(&t->fw, diag) && !forecast_name_tables(&t->fw, diag) &&
		   !check_memory(&t->fw, diag) && !sort_functions(t)) {
		diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	if (diag->code) {
		subject_close(&t->subject);
		return diag->code;
	}
	open_inside(t);
	*out = &t->subject;
	return ERR_NONE;
}
