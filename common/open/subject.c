/* SPDX-License-Identifier: MIT */
#include "common/open/subject.h"

#include <stdlib.h>
#include <string.h>

#include "common/firmware/firmware.h"
#include "common/lua/format.h"
#include "common/open/open.h"

void *open_new(size_t size, const struct subject_kind *kind, const char *name, struct diag *diag)
{
	struct subject *s = calloc(1, size);
	char *copy = malloc(strlen(name) + 1);

	if (!s || !copy) {
		free(s);
		free(copy);
		diag_fail(diag, ERR_MEMORY, "out of memory");
		return NULL;
	}
	strcpy(copy, name);
	s->kind = kind;
	s->name = copy;
	return s;
}

static bool is_image(const struct file *f)
{
	for (unsigned i = 0; i < lua_format_count; i++)
		if (lua_formats[i]->probe(f->data, f->len))
			return true;
	return false;
}

static bool is_strings(const struct file *f)
{
	for (unsigned i = 0; i < string_input_count; i++)
		if (string_inputs[i]->probe(f->data, f->len))
			return true;
	return false;
}

enum err subject_open_file(const char *name, const struct file *file, struct diag *diag,
			   struct subject **out)
{
	bool image = is_image(file);

	*out = NULL;
	if (!image && firmware_probe(file->data, file->len))
		open_firmware(name, file, diag, out);
	else if (!image && is_strings(file))
		open_strings(name, file, diag, out);
	else if (file->len <= FILE_MAX)
		open_image(name, file, diag, out);
	else
		diag_fail(diag, ERR_LIMIT, "larger than any flash chip");
	return diag->code;
}

enum err subject_open(const char *path, struct diag *diag, struct subject **out)
{
	struct file file;

	*out = NULL;
	if (file_load_max(path, STRING_INPUT_MAX, diag, &file) == ERR_NONE)
		subject_open_file(file_shown_name(path), &file, diag, out);
	file_close(&file);
	return diag->code;
}

enum err subject_open_dump(const char *path, uint32_t base, uint32_t strt, struct diag *diag,
			   struct subject **out)
{
	struct ram_dump dump = { .base = base, .strt = strt };
	struct file file;

	*out = NULL;
	if (file_load(path, diag, &file) == ERR_NONE) {
		dump.data = file.data;
		dump.len = file.len;
		open_dump(path, &dump, diag, out);
	}
	file_close(&file);
	return diag->code;
}

enum err subject_set_image(struct subject *s, const struct lua_book *image, struct diag *diag)
{
	return open_judge(s, image, diag);
}

void subject_close(struct subject *s)
{
	if (!s)
		return;
	s->kind->close(s);
	free(s->name);
	free(s);
}

int subject_view_index(const struct subject *s, uint64_t node, const struct view *view)
{
	const struct view *v;

	for (unsigned i = 0; (v = s->kind->view(s, node, i)) != NULL; i++)
		if (v == view)
			return (int)i;
	return -1;
}

void open_whole(struct subject_page *page, const void *ctx)
{
	page->view = page->place.view;
	page->ctx = ctx;
}

struct lens *open_narrow(struct subject_page *page, const void *ctx, uint64_t parent)
{
	page->lens = lens_make(page->place.view, ctx, parent);
	page->view = &page->lens.narrow;
	page->ctx = &page->lens;
	return &page->lens;
}

enum err subject_page_open(const struct subject_place *place, struct subject_page *page,
			   struct diag *diag)
{
	*page = (struct subject_page){ .place = *place };
	if (place->subject->kind->open(place->subject, page, diag) == ERR_NONE && page->lens.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	return diag->code;
}

void subject_page_close(struct subject_page *page)
{
	lens_free(&page->lens);
	if (page->release)
		page->release(page->held);
	*page = (struct subject_page){ 0 };
}

bool subject_follow(const struct subject_page *page, uint64_t row, struct subject_place *to)
{
	struct subject *s = page->place.subject;

	return s->kind->follow && s->kind->follow(s, page, row, to);
}

bool subject_text(const struct subject_page *page, uint64_t row, const uint8_t **text, size_t *len)
{
	const struct subject *s = page->place.subject;

	return s->kind->text && s->kind->text(s, page, row, text, len);
}

/* Notes */

/* As damage_columns, in other words. */
static const struct view_column notes_columns[DAMAGE_COLUMNS] = {
	{ "offset", "offset", VIEW_HEX, 0, "byte offset" },
	{ "field", "field", VIEW_TEXT, 0, "what it is about" },
	{ "text", "note", VIEW_TEXT, 0, "what is wrong with it" },
};

static uint64_t notes_count(const void *ctx, uint64_t row)
{
	return damage_count(ctx, row);
}

static void notes_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		       struct buf *scratch)
{
	(void)scratch;
	damage_cell(ctx, row, column, c);
}

const struct view open_notes_view = {
	.name = "notes",
	.title = "Notes",
	.help = "what was found odd when the file was read",
	.columns = notes_columns,
	.ncolumns = DAMAGE_COLUMNS,
	.count = notes_count,
	.child = view_nth,
	.cell = notes_cell,
};
