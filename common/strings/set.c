/* SPDX-License-Identifier: MIT */
#include "common/strings/set.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTES_KEPT (sizeof(((struct string_set *)0)->notes) / sizeof(struct diag))

void string_set_free(struct string_set *set)
{
	free(set->items);
	free(set->index);
	buf_free(&set->bytes);
	buf_free(&set->commands);
	*set = (struct string_set){ 0 };
}

void string_set_capture(struct string_set *set)
{
	set->captures++;
}

/* FNV-1a. Strings come from files, but a set's size is bounded by a file's. */
static uint32_t hash_text(const uint8_t *text, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ text[i]) * 16777619u;
	return h ^ h >> 15;
}

/* The slot of a text, or the empty one where it belongs. */
static uint32_t find_slot(const struct string_set *set, const uint8_t *text, size_t len)
{
	uint32_t slot = hash_text(text, len) & (set->slots - 1);

	while (set->index[slot]) {
		const struct string_item *s = &set->items[set->index[slot] - 1];

		if (s->len == len && (!len || !memcmp(string_text(set, s), text, len)))
			break;
		slot = (slot + 1) & (set->slots - 1);
	}
	return slot;
}

bool string_set_index(struct string_set *set)
{
	uint32_t slots = 256;

	while (set->count >= slots / 2 && slots < 1u << 31)
		slots *= 2;
	free(set->index);
	set->index = calloc(slots, sizeof(*set->index));
	set->slots = set->index ? slots : 0;
	for (uint32_t i = 0; set->index && i < set->count; i++) {
		const struct string_item *s = &set->items[i];

		set->index[find_slot(set, string_text(set, s), s->len)] = i + 1;
	}
	return set->index != NULL;
}

static uint32_t append(struct string_set *set, const uint8_t *text, size_t len)
{
	struct string_item *s;
	size_t at = set->bytes.len;

	if (len > UINT32_MAX - 1 || at > UINT32_MAX - 1 - len)
		return STRING_UNKNOWN;
	buf_put(&set->bytes, text, len);
	if (set->bytes.failed)
		return STRING_UNKNOWN;
	s = vec_grow(&set->items, &set->count, &set->cap, sizeof(*s), 1);
	if (!s)
		return STRING_UNKNOWN;
	s->text = (uint32_t)at;
	s->len = (uint32_t)len;
	s->origin = STRING_UNKNOWN;
	return set->count - 1;
}

static uint32_t add(struct string_set *set, const uint8_t *text, size_t len, bool doubtful)
{
	uint32_t slot, i;

	if (!set->captures)
		string_set_capture(set);
	/* At most half full. */
	if ((!set->slots || set->count >= set->slots / 2) && !string_set_index(set))
		return STRING_UNKNOWN;
	slot = find_slot(set, text, len);
	if (!set->index[slot]) {
		i = append(set, text, len);
		if (i == STRING_UNKNOWN)
			return i;
		set->index[slot] = i + 1;
		set->items[i].doubtful = doubtful;
	}
	i = set->index[slot] - 1;
	set->items[i].doubtful &= doubtful;
	if (set->items[i].last != set->captures) {
		set->items[i].last = set->captures;
		set->items[i].seen++;
	}
	return i;
}

uint32_t string_set_add(struct string_set *set, const uint8_t *text, size_t len)
{
	return add(set, text, len, false);
}

uint32_t string_set_add_doubtful(struct string_set *set, const uint8_t *text, size_t len)
{
	return add(set, text, len, true);
}

void string_set_command(struct string_set *set, const uint8_t *line, size_t len)
{
	buf_put(&set->commands, line, len);
	buf_byte(&set->commands, '\n');
}

uint32_t string_set_find(const struct string_set *set, const uint8_t *text, size_t len)
{
	uint32_t slot;

	if (!set->slots)
		return STRING_UNKNOWN;
	slot = find_slot(set, text, len);
	return set->index[slot] ? set->index[slot] - 1 : STRING_UNKNOWN;
}

static void note(struct string_set *set, const struct diag *what, const char *path, const char *fmt,
		 va_list args) __attribute__((format(printf, 4, 0)));

static void note(struct string_set *set, const struct diag *what, const char *path, const char *fmt,
		 va_list args)
{
	struct diag *d;

	if (set->note_count++ >= NOTES_KEPT)
		return;
	d = &set->notes[set->note_count - 1];
	*d = *what;
	snprintf(d->path, sizeof(d->path), "%s", path);
	vsnprintf(d->text, sizeof(d->text), fmt, args);
}

void string_set_note(struct string_set *set, uint64_t off, const char *path, const char *fmt, ...)
{
	struct diag what = { .code = ERR_DAMAGED, .placed = true, .off = off };
	va_list args;

	va_start(args, fmt);
	note(set, &what, path, fmt, args);
	va_end(args);
}

void string_set_note_path(struct string_set *set, const char *path, const char *fmt, ...)
{
	struct diag what = { .code = ERR_DAMAGED };
	va_list args;

	va_start(args, fmt);
	note(set, &what, path, fmt, args);
	va_end(args);
}

void string_set_remark(struct string_set *set, const char *path, const char *fmt, ...)
{
	struct diag what = { .code = ERR_NONE };
	va_list args;

	set->remarks++;
	va_start(args, fmt);
	note(set, &what, path, fmt, args);
	va_end(args);
}

void string_set_unplace(struct string_set *set, uint32_t from)
{
	for (uint32_t i = from; i < set->note_count && i < NOTES_KEPT; i++)
		set->notes[i].placed = false;
}
