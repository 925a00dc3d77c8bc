/* SPDX-License-Identifier: MIT */
#include "tests/util_golden.h"

#include <glob.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

void golden_each(const char *pattern, void (*f)(const char *path))
{
	glob_t found;

	if (glob(pattern, 0, NULL, &found) != 0)
		fail_msg("%s: no such files", pattern);
	for (size_t i = 0; i < found.gl_pathc; i++)
		f(found.gl_pathv[i]);
	globfree(&found);
}

struct file golden_file(const char *path)
{
	struct diag diag = { 0 };
	struct file f;

	if (file_load(path, &diag, &f))
		fail_msg("%s: %s", path, diag.text);
	return f;
}

struct lua_image *golden_load(const char *path)
{
	struct diag diag = { 0 };
	struct file f = golden_file(path);
	struct lua_image *img;
	char text[300];

	if (lua_image_load(f.data, f.len, &diag, &img)) {
		diag_format(&diag, text, sizeof(text));
		fail_msg("%s: %s", path, text);
	}
	file_close(&f);
	return img;
}

struct lua_image *golden_load_bytes(const uint8_t *data, size_t len, struct diag *diag)
{
	struct lua_image *img;
	uint8_t *exact = malloc(len ? len : 1);

	assert_non_null(exact);
	memcpy(exact, data, len);
	*diag = (struct diag){ 0 };
	lua_image_load(exact, len, diag, &img);
	free(exact);
	return img;
}

bool golden_sibling(const char *path, const char *folder, const char *ext, char *out, size_t size)
{
	const char *name = strrchr(path, '/') + 1;
	const char *dot = strrchr(name, '.');

	snprintf(out, size, "tests/golden/%s/%.*s%s", folder, (int)(dot - name), name, ext);
	return access(out, R_OK) == 0;
}

void golden_same(const char *path, const char *what, uint64_t got, uint64_t wanted)
{
	if (got != wanted)
		fail_msg("%s: %s: %" PRIu64 " (0x%" PRIx64 "), not %" PRIu64 " (0x%" PRIx64 ")",
			 path, what, got, got, wanted, wanted);
}

void golden_same_bytes(const char *path, const char *what, const void *got, size_t got_len,
		       const void *wanted, size_t wanted_len)
{
	const uint8_t *a = got;
	const uint8_t *b = wanted;

	golden_same(path, what, got_len, wanted_len);
	for (size_t i = 0; i < got_len; i++)
		if (a[i] != b[i])
			fail_msg("%s: %s: byte %zu is %02x, not %02x", path, what, i, a[i], b[i]);
}
