/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "tests/util_golden.h"
#include "tests/util_strings.h"

void strings_unescape(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '\\') {
			buf_byte(out, (uint8_t)text[i]);
			continue;
		}
		assert_true(i + 3 < len);
		buf_byte(out, (uint8_t)((text[i + 1] - '0') * 100 + (text[i + 2] - '0') * 10 +
					(text[i + 3] - '0')));
		i += 3;
	}
}

uint32_t strings_golden(struct string_set *set, const char *path)
{
	struct file f = golden_file(path);
	char *text = strndup((const char *)f.data, f.len), *save = NULL;
	uint32_t lines = 0;

	string_set_capture(set);
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *length = strchr(line, '\t') + 1, *word = strchr(length, '\t') + 1;
		struct buf bytes = { 0 };

		strings_unescape(&bytes, word, strlen(word));
		assert_int_equal(bytes.len, atoi(length));
		assert_int_not_equal(string_set_add(set, bytes.data, bytes.len), STRING_UNKNOWN);
		buf_free(&bytes);
		lines++;
	}
	free(text);
	file_close(&f);
	return lines;
}

void strings_received(struct buf *out, const char *path)
{
	FILE *f = fopen(path, "r");
	json_t *record;

	assert_non_null(f);
	while ((record = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL))) {
		const char *hex = json_string_value(json_object_get(record, "hex"));
		bool rx = !strcmp(json_string_value(json_object_get(record, "dir")), "rx");

		for (; rx && *hex; hex += 2) {
			char pair[3] = { hex[0], hex[1], 0 };

			buf_byte(out, (uint8_t)strtoul(pair, NULL, 16));
		}
		json_decref(record);
	}
	fclose(f);
}

void strings_hold(const char *what, const struct string_set *a, const struct string_set *b)
{
	for (uint32_t i = 0; i < b->count; i++) {
		const struct string_item *s = &b->items[i];

		if (string_set_find(a, string_text(b, s), s->len) == STRING_UNKNOWN)
			fail_msg("%s: without \"%.*s\"", what, (int)s->len,
				 (const char *)string_text(b, s));
	}
}

void strings_same(const char *what, const struct string_set *a, const struct string_set *b)
{
	strings_hold(what, a, b);
	strings_hold(what, b, a);
}
