/* SPDX-License-Identifier: MIT */
#include "tests/util_strings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/strings/capture.h"

static void broken(const char *what)
{
	fprintf(stderr, "broken promise: %s\n", what);
	abort();
}

/* Each text once and found again, seen in as many captures as there are at most. */
static void check_set(const struct string_set *set)
{
	for (uint32_t i = 0; i < set->count; i++) {
		const struct string_item *s = &set->items[i];

		if ((size_t)s->text + s->len > set->bytes.len)
			broken("a text outside of the set");
		if (string_set_find(set, string_text(set, s), s->len) != i)
			broken("a text that is not found");
		if (!s->seen || s->seen > set->captures)
			broken("seen more often than there are captures");
	}
	for (uint32_t i = 0; i < set->note_count && i < 32; i++)
		if (!set->notes[i].text[0])
			broken("a note without words");
}

/* What is written as a capture is read as what it was. */
static void check_capture(const struct string_set *set)
{
	struct string_set again = { 0 };
	struct diag diag = { 0 };
	struct buf json = { 0 };

	capture_write(set, &json);
	if (string_input_load(&again, json.data, json.len, &diag))
		broken("a capture that is not read again");
	if (again.count != set->count || again.bytes.len != set->bytes.len ||
	    (set->bytes.len && memcmp(again.bytes.data, set->bytes.data, set->bytes.len) != 0))
		broken("a capture that reads otherwise");
	for (uint32_t i = 0; i < set->count; i++)
		if (again.items[i].seen != set->items[i].seen)
			broken("a capture that counts otherwise");
	string_set_free(&again);
	buf_free(&json);
}

void strings_tour_text(const uint8_t *data, size_t len)
{
	struct string_set set = { 0 };
	struct diag diag = { 0 };

	if (string_input_load(&set, data, len, &diag)) {
		if (!diag.text[0] || (diag.placed && diag.off > len))
			broken("an error without words or place");
	} else {
		check_set(&set);
		check_capture(&set);
	}
	string_set_free(&set);
}

void strings_tour_ram(const uint8_t *data, size_t len)
{
	struct ram_dump dump = { .data = data, .len = len, .base = STRINGS_BASE };
	struct string_set set = { 0 };
	struct diag diag = { 0 };
	struct ram_census census;
	uint64_t bytes = 0;

	if (ram_strings(&set, &dump, &diag)) {
		if (!diag.text[0])
			broken("an error without words");
	} else {
		check_set(&set);
		for (uint32_t i = 0; i < set.note_count && i < 32; i++)
			if (set.notes[i].off > len + 4 * 65536)
				broken("a note far behind the end");
		if (ram_census(&dump, &diag, &census))
			broken("strings, but no census");
		for (unsigned i = 0; i < RAM_KINDS; i++)
			bytes += census.kinds[i].bytes;
		if (bytes != len)
			broken("a census that does not add up");
	}
	string_set_free(&set);
}
