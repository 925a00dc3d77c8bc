/* SPDX-License-Identifier: MIT */
#include "tests/util_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/gzip.h"
#include "tests/util_golden.h"
#include "tests/util_gzip.h"

void checked_open(struct checked *c, const char *name, const uint8_t *data, size_t len,
		  const struct check_target *target)
{
	static const struct check_target own;

	memset(c, 0, sizeof(*c));
	lua_book_open(&c->book, name, data, len);
	check_content(&c->book, target ? target : &own, &c->r);
	check_code(&c->book, &c->r);
	for (uint32_t i = 0; i < c->r.count; i++) {
		c->errors += c->r.findings[i].level == CHECK_ERROR;
		c->notes += c->r.findings[i].level == CHECK_NOTE;
	}
	assert_int_equal(c->errors + c->notes, c->r.count);
	assert_int_equal(c->r.bad, c->errors > 0);
}

void checked_close(struct checked *c)
{
	check_free(&c->r);
	lua_book_close(&c->book);
}

const struct check_finding *checked_find(const struct checked *c, const char *text)
{
	for (uint32_t i = 0; i < c->r.count; i++)
		if (strstr(c->r.findings[i].cause, text))
			return &c->r.findings[i];
	return NULL;
}

static bool is_compressed(const struct file *f)
{
	return gzip_probe(f->data, f->len);
}

struct buf image_bytes(const char *path)
{
	struct file f = golden_file(path);
	struct diag diag = { 0 };
	struct buf b = { 0 };
	size_t trailing;

	if (is_compressed(&f))
		assert_int_equal(gzip_inflate(f.data, f.len, FILE_MAX, &diag, &b, &trailing),
				 ERR_NONE);
	else
		buf_put(&b, f.data, f.len);
	file_close(&f);
	return b;
}

struct buf image_file(const char *path, const struct buf *bytes)
{
	struct file f = golden_file(path);
	struct buf b = { 0 };

	if (is_compressed(&f))
		gzip_wrap(bytes->data, bytes->len, 1, &b);
	else
		buf_put(&b, bytes->data, bytes->len);
	file_close(&f);
	return b;
}
