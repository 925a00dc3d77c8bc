/* SPDX-License-Identifier: MIT */
/*
 * Modules taken out of LFS images against the chunks that luac.cross made of the same sources.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/lua/extract.h"
#include "common/lua/format.h"
#include "tests/util_golden.h"

static unsigned compared;

/* luac.cross of integer builds stops inside this one. */
static bool is_cut_short(const char *path)
{
	return strstr(path, "numbers-51i.lc") != NULL;
}

static void same_chunk(const char *path, const struct buf *got)
{
	struct file f = golden_file(path);
	size_t n = is_cut_short(path) && got->len > f.len ? f.len : got->len;

	golden_same_bytes(path, "chunk", got->data, n, f.data, f.len);
	file_close(&f);
	compared++;
}

/*
 * app-53d-abs.img: 53d. What -s changes in a chunk it leaves in images of 5.1, and flash does not
 * tell that an image of 5.3 was stripped.
 */
static void build_of(const char *path, char *out, size_t size)
{
	const char *dash = strchr(strrchr(path, '/'), '-') + 1;
	size_t n = strcspn(dash, ".");

	if (n > 4 && strncmp(dash + n - 4, "-abs", 4) == 0)
		n -= 4;
	snprintf(out, size, "%.*s", (int)n, dash);
	if (strstr(path, "-strip.bin") || (strstr(path, "-51") && strstr(path, "-strip")))
		*strchr(out, '-') = '\0';
}

/* Loads what came out; it must hold the same functions. */
static void check_loads(const char *path, const struct lua_image *img, uint32_t module,
			const struct buf *lc)
{
	struct lua_image *chunk;
	struct diag diag = { 0 };
	uint32_t first = img->modules[module].proto;

	golden_same(path, "chunk loads", lua_image_load(lc->data, lc->len, &diag, &chunk), 0);
	golden_same(path, "notes", chunk->note_count, 0);
	golden_same(path, "form", chunk->traits.form, LUA_FORM_CHUNK);
	for (uint32_t i = 0; i < chunk->nprotos; i++) {
		const struct lua_proto *p = &chunk->protos[i];
		const struct lua_proto *q = &img->protos[first + i];

		golden_same(path, "module", q->module, module);
		golden_same_bytes(path, "code", p->code, 4 * (size_t)p->ncode, q->code,
				  4 * (size_t)q->ncode);
		golden_same(path, "constants", p->constants.count, q->constants.count);
	}
	golden_same(path, "more functions",
		    first + chunk->nprotos < img->nprotos &&
			    img->protos[first + chunk->nprotos].module == module,
		    false);
	lua_image_free(chunk);
}

static void check_image(const char *path)
{
	struct lua_image *img = golden_load(path);
	char build[40], lc_path[200];

	build_of(path, build, sizeof(build));
	for (uint32_t i = 0; i < img->nmodules; i++) {
		const struct lua_string *name = &img->strings[img->modules[i].name];
		struct diag diag = { 0 };
		struct buf out = { 0 };

		golden_same(path, "extract", lua_extract(img, i, &diag, &out), ERR_NONE);
		check_loads(path, img, i, &out);
		snprintf(lc_path, sizeof(lc_path), "tests/golden/lc/%.*s-%s.lc", (int)name->len,
			 (const char *)name->text, build);
		if (access(lc_path, R_OK) == 0)
			same_chunk(lc_path, &out);
		buf_free(&out);
	}
	lua_image_free(img);
}

static void modules_come_out_as_luac_compiles_them(void **state)
{
	(void)state;
	compared = 0;
	golden_each("tests/golden/img/*.img", check_image);
	assert_in_range(compared, 90, 200);
}

static void regions_give_the_same_chunks(void **state)
{
	(void)state;
	compared = 0;
	golden_each("tests/golden/regions/*.bin", check_image);
	assert_in_range(compared, 30, 100);
}

static void what_is_not_whole_does_not_come_out(void **state)
{
	struct lua_image *img = golden_load("tests/golden/img/app-51f.img");
	struct lua_image *chunk = golden_load("tests/golden/lc/main-51f.lc");
	struct diag diag = { 0 };
	struct buf out = { 0 };

	(void)state;
	assert_int_equal(lua_extract(chunk, 0, &diag, &out), ERR_KIND);
	diag = (struct diag){ 0 };
	assert_int_equal(lua_extract(img, img->nmodules, &diag, &out), ERR_DAMAGED);
	diag = (struct diag){ 0 };
	img->children[img->protos[img->modules[1].proto].children.first] = LUA_NONE;
	assert_int_equal(lua_extract(img, 1, &diag, &out), ERR_DAMAGED);
	assert_int_equal(out.len, 0);
	diag = (struct diag){ 0 };
	img->modules[0].proto = LUA_NONE;
	assert_int_equal(lua_extract(img, 0, &diag, &out), ERR_DAMAGED);
	diag = (struct diag){ 0 };
	assert_int_equal(lua_extract(img, 2, &diag, &out), ERR_NONE);
	buf_free(&out);
	lua_image_free(chunk);
	lua_image_free(img);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_come_out_as_luac_compiles_them),
		cmocka_unit_test(regions_give_the_same_chunks),
		cmocka_unit_test(what_is_not_whole_does_not_come_out),
	};

	return cmocka_run_group_tests_name("extract", tests, NULL, NULL);
}
