/* SPDX-License-Identifier: MIT */
#include "tests/util_verdicts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/gzip.h"
#include "common/base/rd.h"
#include "tests/util_golden.h"
#include "tests/util_gzip.h"
#include "tests/util_sha256.h"

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

/* What base inflates to. */
static struct file inflate(const struct file *base)
{
	struct diag diag = { 0 };
	struct buf b = { 0 };
	size_t trailing;

	assert_int_equal(gzip_inflate(base->data, base->len, FILE_MAX, &diag, &b, &trailing),
			 ERR_NONE);
	return (struct file){ b.data, b.len };
}

/* Mutations of the inflated image and of its flags, or none; the result is compressed again. */
static bool mutate_inside(const char *op, const json_t *m, const struct file *base, struct buf *out)
{
	struct file d;
	struct buf b = { 0 };
	bool flag = strcmp(op, "flag-bit") == 0;
	bool window = strncmp(op, "window", 6) == 0;
	long long bit = integer_of(m, "bit");
	bool made = flag || window;
	size_t at;

	if (!made && strncmp(op, "inflated-", 9) != 0)
		return false;
	d = inflate(base);
	if (flag) {
		at = le32(d.data + 4) + (size_t)bit / 8;
		assert_true(at < d.len);
		d.data[at] ^= (uint8_t)(1 << bit % 8);
	}
	if (made)
		buf_put(&b, d.data, d.len);
	else
		made = mutate(op + 9, m, &d, &b);
	if (made)
		gzip_wrap_window(b.data, b.len, strcmp(op, "window15") == 0 ? 15 : 14, out);
	buf_free(&b);
	file_close(&d);
	return made;
}

/* What is written to flash, without a loader: a file, with a word of it replaced. */
static bool flash(const json_t *m, const struct file *base, struct buf *out)
{
	struct file f = *base;
	json_t *value = json_object_get(m, "value");

	return mutate(value ? "word" : "none", m, &f, out);
}

static void check_sum(const struct verdict *v)
{
	const char *want = json_string_value(json_object_get(v->json, "sha256"));
	const char *inside = json_string_value(json_object_get(v->json, "sha256_inflated"));
	struct file d;
	char sum[65];

	sha256_hex(v->input.data, v->input.len, sum);
	if (want && strcmp(sum, want) == 0)
		return;
	if (!inside)
		fail_msg("case %u: the input was not rebuilt", v->number);
	d = inflate(&(struct file){ v->input.data, v->input.len });
	sha256_hex(d.data, d.len, sum);
	file_close(&d);
	if (strcmp(sum, inside) != 0)
		fail_msg("case %u: the inflated input was not rebuilt", v->number);
}

static bool make(struct verdict *v, const json_t *m, const char *base_name)
{
	struct file base = { 0 };
	bool made;

	if (strcmp(v->operation, "fill") == 0) {
		fill(&v->input, integer_of(m, "length"), integer_of(m, "value"));
		return true;
	}
	base = base_of(base_name);
	if (strcmp(v->operation, "flashed") == 0)
		made = flash(m, &base, &v->input);
	else
		made = mutate(v->operation, m, &base, &v->input) ||
		       mutate_inside(v->operation, m, &base, &v->input);
	file_close(&base);
	return made;
}

static bool judge(const json_t *j, bool all, void (*f)(const struct verdict *v))
{
	const json_t *m = json_object_get(j, "mutation");
	struct verdict v = {
		.number = (unsigned)integer_of(j, "case"),
		.operation = json_string_value(json_object_get(m, "op")),
		.message = json_string_value(json_object_get(j, "message")),
		.boot = json_string_value(json_object_get(j, "boot")),
		.undefined = json_object_get(j, "undefined") != NULL,
		.loaded = json_is_true(json_object_get(j, "loaded")),
		.json = j,
	};
	bool made = false;

	if (!all && (strcmp(v.operation, "fill") == 0 || strcmp(v.operation, "flashed") == 0))
		return false;
	if (strcmp(v.operation, "missing") != 0) {
		v.given = made = make(&v, m, json_string_value(json_object_get(j, "base")));
		if (made)
			check_sum(&v);
	}
	if (made || all)
		f(&v);
	buf_free(&v.input);
	return made || all;
}

static unsigned each(const char *build, bool all, void (*f)(const struct verdict *v))
{
	char path[100];
	FILE *lines;
	unsigned n = 0;
	json_t *j;

	snprintf(path, sizeof(path), "tests/golden/verdicts/%s.jsonl", build);
	lines = fopen(path, "r");
	assert_non_null(lines);
	while ((j = json_loadf(lines, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, NULL))) {
		n += judge(j, all, f);
		json_decref(j);
	}
	fclose(lines);
	return n;
}

unsigned verdicts_each(const char *build, void (*f)(const struct verdict *v))
{
	return each(build, false, f);
}

unsigned verdicts_all(const char *build, void (*f)(const struct verdict *v))
{
	return each(build, true, f);
}
