/* SPDX-License-Identifier: MIT */
#include "tests/util_verdicts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/util_golden.h"

static long long integer_of(const json_t *m, const char *key)
{
	return json_integer_value(json_object_get(m, key));
}

static struct file base_of(const char *name)
{
	char path[200];

	snprintf(path, sizeof(path), "tests/golden/%s/%s", strstr(name, ".lc") ? "lc" : "img",
		 name);
	return golden_file(path);
}

static struct buf bytes_of(const char *hex)
{
	struct buf b = { 0 };
	unsigned byte;

	for (; hex && sscanf(hex, "%2x", &byte) == 1; hex += 2)
		buf_byte(&b, (uint8_t)byte);
	return b;
}

static void fill(struct buf *b, long long n, long long value)
{
	for (; n > 0; n--)
		buf_byte(b, (uint8_t)value);
}

/* Every mutation puts something in the place of length bytes at offset. */
static bool mutate(const char *op, const json_t *m, const struct file *base, struct buf *out)
{
	long long offset = integer_of(m, "offset");
	long long length = integer_of(m, "length");
	long long value = integer_of(m, "value");
	struct buf with = bytes_of(json_string_value(json_object_get(m, "hex")));

	if (!strcmp(op, "none") || !strcmp(op, "lc") || !strcmp(op, "wrongkind") ||
	    !strcmp(op, "othervariant")) {
		offset = length = 0;
	} else if (!strcmp(op, "truncate")) {
		offset = length;
		length = (long long)base->len - offset;
	} else if (!strcmp(op, "append")) {
		offset = (long long)base->len;
		fill(&with, length, value);
		length = 0;
	} else if (!strcmp(op, "insert")) {
		fill(&with, length, value);
		length = 0;
	} else if (!strcmp(op, "byte")) {
		length = 1;
		buf_byte(&with, (uint8_t)value);
	} else if (!strcmp(op, "word")) {
		length = 4;
		buf_u32(&with, (uint32_t)value);
	} else if (strcmp(op, "splice") != 0 && strcmp(op, "remove") != 0) {
		buf_free(&with);
		return false;
	}
	assert_true(offset >= 0 && length >= 0 && (size_t)(offset + length) <= base->len);
	buf_put(out, base->data, (size_t)offset);
	buf_put(out, with.data, with.len);
	buf_put(out, base->data + offset + length, base->len - (size_t)(offset + length));
	buf_free(&with);
	return true;
}

static bool judge(const json_t *j, void (*f)(const struct verdict *v))
{
	const json_t *m = json_object_get(j, "mutation");
	const char *base_name = json_string_value(json_object_get(j, "base"));
	struct verdict v = {
		.number = (unsigned)integer_of(j, "case"),
		.operation = json_string_value(json_object_get(m, "op")),
		.message = json_string_value(json_object_get(j, "message")),
		.undefined = json_object_get(j, "undefined") != NULL,
		.json = j,
	};
	struct file base;
	bool made;

	if (!base_name)
		return false;
	base = base_of(base_name);
	made = mutate(v.operation, m, &base, &v.input);
	if (made)
		f(&v);
	buf_free(&v.input);
	file_close(&base);
	return made;
}

unsigned verdicts_each(const char *build, void (*f)(const struct verdict *v))
{
	char path[100];
	FILE *lines;
	unsigned n = 0;
	json_t *j;

	snprintf(path, sizeof(path), "tests/golden/verdicts/%s.jsonl", build);
	lines = fopen(path, "r");
	assert_non_null(lines);
	while ((j = json_loadf(lines, JSON_DISABLE_EOF_CHECK, NULL))) {
		n += judge(j, f);
		json_decref(j);
	}
	fclose(lines);
	return n;
}
