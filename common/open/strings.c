/* SPDX-License-Identifier: MIT */
/* Strings of a device as a subject: captures, logs, lists, RAM dumps. Nodes are verdicts. */
#include <stdlib.h>
#include <string.h>

#include "common/open/open.h"
#include "common/strings/view_strings.h"
#include "common/view/output.h"

struct strings {
	struct subject subject;
	struct string_set set;
	struct string_list list;
	struct damage notes;
	struct ram_census census;
	bool has_census;
	int lua; /* of the dump; 0: not known */
	const struct lua_book *image;
	bool live;
	struct {
		uint32_t count, first, ram;
	} verdicts[STRING_VERDICTS];
};

static struct strings *strings_of(const struct subject *s)
{
	return (struct strings *)(void *)(uintptr_t)s;
}

static uint64_t count(const struct subject *s, uint64_t node)
{
	uint64_t n = 0;

	for (unsigned v = 0; node == VIEW_ROOT && v < STRING_VERDICTS; v++)
		n += strings_of(s)->verdicts[v].count != 0;
	return n;
}

static uint64_t child(const struct subject *s, uint64_t node, uint64_t i)
{
	uint64_t v = 0;

	(void)node;
	while (!strings_of(s)->verdicts[v].count || i--)
		v++;
	return v;
}

static void label(const struct subject *s, uint64_t node, struct buf *out)
{
	if (node == VIEW_ROOT)
		buf_str(out, s->name);
	else
		buf_str(out, string_verdict_words[node]);
}

static int64_t size(const struct subject *s, uint64_t node)
{
	int64_t sum = 0;

	for (unsigned v = 0; v < STRING_VERDICTS; v++)
		if (node == VIEW_ROOT || node == v)
			sum += strings_of(s)->verdicts[v].ram;
	return sum;
}

static const struct view *view(const struct subject *s, uint64_t node, unsigned i)
{
	const struct strings *t = strings_of(s);

	if (i == 0)
		return &string_view;
	if (node == VIEW_ROOT && t->has_census && --i == 0)
		return &ram_view;
	if (node == VIEW_ROOT && t->notes.count && --i == 0)
		return &open_notes_view;
	return NULL;
}

static enum err open_page(struct subject *s, struct subject_page *page, struct diag *diag)
{
	struct strings *t = strings_of(s);
	uint64_t verdict = page->place.node;
	struct lens *l;

	(void)diag;
	if (page->place.view == &ram_view)
		open_whole(page, &t->census);
	else if (page->place.view == &open_notes_view)
		open_whole(page, &t->notes);
	else if (verdict == VIEW_ROOT)
		open_whole(page, &t->list);
	if (page->view)
		return ERR_NONE;
	l = open_narrow(page, &t->list, VIEW_ROOT);
	for (uint32_t i = 0; i < t->set.count; i++)
		if (t->set.items[i].verdict == verdict)
			lens_add(l, i);
	return ERR_NONE;
}

static bool text(const struct subject *s, const struct subject_page *page, uint64_t row,
		 const uint8_t **text, size_t *len)
{
	const struct string_set *set = &strings_of(s)->set;

	if (page->place.view != &string_view || row >= set->count)
		return false;
	*text = string_text(set, &set->items[row]);
	*len = set->items[row].len;
	return true;
}

/* Items know in their private part when they were seen last. */
static bool is_new(const struct subject *s, const struct subject_page *page, uint64_t row)
{
	const struct strings *t = strings_of(s);

	return t->live && page->place.view == &string_view && t->set.captures > 1 &&
	       t->set.items[row].seen == 1 && t->set.items[row].last == t->set.captures;
}

static void put_size(struct buf *out, int64_t n)
{
	const struct view_column column = { .type = VIEW_SIZE };
	struct view_cell cell;

	view_int(&cell, n);
	output_cell_text(out, &column, &cell, true);
}

static void state(const struct subject *s, struct buf *out)
{
	const struct strings *t = strings_of(s);

	if (!t->live)
		return;
	if (!t->set.captures) {
		buf_str(out, "waiting for the device");
		return;
	}
	buf_printf(out, "capture %u", (unsigned)t->set.captures);
	if (t->set.device.heap >= 0) {
		buf_str(out, ", heap ");
		put_size(out, t->set.device.heap);
	}
	buf_str(out, ", to gain ");
	put_size(out, t->verdicts[STRING_KEPT].ram);
}

static void close_strings(struct subject *s)
{
	string_set_free(&strings_of(s)->set);
}

static const struct subject_kind kind = {
	.words = "strings",
	.count = count,
	.child = child,
	.label = label,
	.size = size,
	.view = view,
	.open = open_page,
	.text = text,
	.is_new = is_new,
	.state = state,
	.close = close_strings,
};

enum err open_judge(struct subject *s, const struct lua_book *image, struct diag *diag)
{
	struct strings *t = strings_of(s);
	struct string_filter filter = { .image = image };

	if (s->kind != &kind)
		return ERR_NONE;
	filter.lua = t->set.device.lua ? t->set.device.lua : t->lua;
	if (!filter.lua && image)
		filter.lua = (int)image->img->traits.version;
	if (string_judge(&t->set, &filter, diag))
		return diag->code;
	t->list = (struct string_list){ .set = &t->set, .image = image, .all = true };
	memset(t->verdicts, 0, sizeof(t->verdicts));
	for (uint32_t i = 0; i < t->set.count; i++) {
		t->verdicts[t->set.items[i].verdict].count++;
		t->verdicts[t->set.items[i].verdict].ram += t->set.items[i].ram;
	}
	return ERR_NONE;
}

static enum err finish(struct strings *t, struct diag *failure, struct diag *diag,
		       struct subject **out)
{
	uint32_t kept = sizeof(t->set.notes) / sizeof(t->set.notes[0]);

	t->subject.diag = *failure;
	t->notes.first = &t->subject.diag;
	t->notes.notes = t->set.notes;
	t->notes.count = t->set.note_count < kept ? t->set.note_count : kept;
	if (failure->code && !t->set.count)
		*diag = *failure;
	if (!diag->code && open_judge(&t->subject, NULL, diag) == ERR_NONE)
		*out = &t->subject;
	else
		subject_close(&t->subject);
	return diag->code;
}

enum err open_strings(const char *name, const struct file *file, struct diag *diag,
		      struct subject **out)
{
	struct strings *t = open_new(sizeof(*t), &kind, name, diag);
	struct diag failure = { 0 };

	if (!t)
		return diag->code;
	string_input_load(&t->set, file->data, file->len, &failure);
	return finish(t, &failure, diag, out);
}

enum err subject_open_live(const char *name, struct diag *diag, struct subject **out)
{
	struct strings *t = open_new(sizeof(*t), &kind, name, diag);
	struct diag none = { 0 };

	*out = NULL;
	if (!t)
		return diag->code;
	t->live = true;
	t->set.device.heap = -1;
	return finish(t, &none, diag, out);
}

enum err subject_add_capture(struct subject *s, struct string_set *capture, struct diag *diag)
{
	struct strings *t = strings_of(s);
	size_t at = 0;

	string_set_capture(&t->set);
	for (uint32_t i = 0; i < capture->count; i++)
		if (string_set_add(&t->set, string_text(capture, &capture->items[i]),
				   capture->items[i].len) == STRING_UNKNOWN)
			diag_fail(diag, ERR_MEMORY, "out of memory");
	while (at < capture->commands.len) {
		const uint8_t *line = capture->commands.data + at;
		const uint8_t *end = memchr(line, '\n', capture->commands.len - at);
		size_t n = end ? (size_t)(end - line) : capture->commands.len - at;

		string_set_command(&t->set, line, n);
		at += n + 1;
	}
	t->set.device = capture->device;
	string_set_free(capture);
	*capture = (struct string_set){ 0 };
	return diag->code ? diag->code : open_judge(s, t->image, diag);
}

enum err open_dump(const char *name, struct ram_dump *dump, struct diag *diag, struct subject **out)
{
	struct strings *t = open_new(sizeof(*t), &kind, name, diag);
	struct diag failure = { 0 };

	if (!t)
		return diag->code;
	ram_strings(&t->set, dump, &failure);
	t->lua = dump->lua;
	t->has_census = !failure.code && ram_census(dump, &failure, &t->census) == ERR_NONE;
	return finish(t, &failure, diag, out);
}
