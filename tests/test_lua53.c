/* SPDX-License-Identifier: MIT */
/*
 * Streams of Lua 5.3 against luac.cross's files, an independent decoder's words and what must
 * happen to damaged files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lua/fixed53.h"
#include "common/lua/format.h"
#include "tests/util_golden.h"

#define IMG "tests/golden/img/"
#define LC  "tests/golden/lc/"

static void decoded_as(const char *path)
{
	struct lua_image *img;
	char json[200];

	if (strstr(path, "-abs"))
		return;
	assert_true(golden_sibling(path, "decoded", ".json", json, sizeof(json)));
	img = golden_load(path);
	assert_ptr_equal(img->format, &lua_lfs53);
	golden_compare(img, json);
	lua_image_free(img);
}

static void images_read_as_the_independent_decoder_says(void **state)
{
	(void)state;
	golden_each(IMG "*-53*.img", decoded_as);
}

static void saved_same(const char *path)
{
	struct diag diag = { 0 };
	struct buf out = { 0 };
	struct lua_image *img;
	struct file f;

	if (strstr(path, "-abs"))
		return;
	img = golden_load(path);
	f = golden_file(path);
	golden_same(path, "notes", img->note_count, 0);
	golden_same(path, "save", img->format->save(img, &diag, &out), ERR_NONE);
	golden_same_bytes(path, "saved", out.data, out.len, f.data, f.len);
	file_close(&f);
	buf_free(&out);
	lua_image_free(img);
}

static void images_and_chunks_are_saved_byte_for_byte_as_they_were(void **state)
{
	(void)state;
	golden_each(IMG "*-53*.img", saved_same);
	golden_each(LC "*-53*.lc", saved_same);
}

/* A chunk of a module holds what the image that was made of the same source holds. */
static void chunk_in(const struct lua_image *img, const char *name)
{
	char path[100];
	struct lua_image *lc;
	uint32_t base = LUA_NONE;

	snprintf(path, sizeof(path), LC "%s-53.lc", name);
	lc = golden_load(path);
	for (uint32_t i = 0; i < img->nmodules; i++) {
		const struct lua_string *s = &img->strings[img->modules[i].name];

		if (s->len == strlen(name) && !memcmp(s->text, name, s->len))
			base = img->modules[i].proto;
	}
	assert_int_not_equal(base, LUA_NONE);
	golden_same(path, "modules", lc->nmodules, 1);
	golden_same(path, "module name", lc->modules[0].name, LUA_NONE);
	for (uint32_t i = 0; i < lc->nprotos; i++) {
		const struct lua_proto *a = &lc->protos[i];
		const struct lua_proto *b = &img->protos[base + i];

		golden_same_bytes(path, "code", a->code, 4 * a->ncode, b->code, 4 * b->ncode);
		golden_same_bytes(path, "lines", a->lineinfo, a->nlineinfo, b->lineinfo,
				  b->nlineinfo);
		golden_same(path, "constants", a->constants.count, b->constants.count);
		for (uint32_t k = 0; k < a->constants.count; k++) {
			const struct lua_const *x = &lc->constants[a->constants.first + k];
			const struct lua_const *y = &img->constants[b->constants.first + k];

			golden_same(path, "constant's type", x->type, y->type);
			if (x->type == LUA_STRING)
				golden_same_bytes(path, "constant", lc->strings[x->string].text,
						  lc->strings[x->string].len,
						  img->strings[y->string].text,
						  img->strings[y->string].len);
		}
	}
	lua_image_free(lc);
}

static void chunks_hold_what_images_of_the_same_sources_hold(void **state)
{
	static const char *const app[] = {
		"_init", "main", "config", "sensor", "publish", "httpd"
	};
	static const char *const edge[] = { "biglist", "control", "empty",
					    "lines",   "numbers", "strings" };
	struct lua_image *img;

	(void)state;
	img = golden_load(IMG "app-53.img");
	for (size_t i = 0; i < 6; i++)
		chunk_in(img, app[i]);
	lua_image_free(img);
	img = golden_load(IMG "edge-53.img");
	for (size_t i = 0; i < 6; i++)
		chunk_in(img, edge[i]);
	lua_image_free(img);
	img = golden_load(IMG "fixed-53.img");
	chunk_in(img, "fixed");
	lua_image_free(img);
}

/* Header and parts of all functions: every byte of a chunk once. */
static void covered_once(const char *path)
{
	struct lua_image *img = golden_load(path);
	uint8_t *owners = calloc(img->nbytes, 1);

	assert_non_null(owners);
	memset(owners, 1, img->protos[0].off);
	for (uint32_t i = 0; i < img->nprotos; i++)
		for (int part = 0; part < LUA_NPARTS; part++)
			for (uint32_t b = 0; b < img->protos[i].parts[part].len; b++)
				owners[img->protos[i].parts[part].off + b]++;
	for (size_t i = 0; i < img->nbytes; i++)
		golden_same(path, "owners of a byte", owners[i], 1);
	free(owners);
	lua_image_free(img);
}

static void parts_cover_a_chunk_exactly_once(void **state)
{
	(void)state;
	golden_each(LC "*-53*.lc", covered_once);
}

/* Numbers of strings in a repaired file lead to the right text as the loader numbers them. */
static void repaired_files_mean_the_same(void **state)
{
	struct lua_image *img = golden_load(IMG "fixed-53.img");
	struct lua_image *again;
	struct diag diag = { 0 };
	struct buf out = { 0 };
	struct file f = golden_file(IMG "fixed-53.img");
	uint32_t changed = 0;

	(void)state;
	assert_int_equal(img->header.fixed_count, FIXED53_STOCK);
	img->header.fixed_count = FIXED53_COUNT;
	assert_int_equal(lua_lfs53.save(img, &diag, &out), ERR_NONE);
	assert_int_equal(lua_image_load(out.data, out.len, &diag, &again), ERR_NONE);
	assert_int_equal(again->note_count, 0);
	assert_int_equal(again->header.fixed_count, FIXED53_COUNT);
	assert_int_equal(again->header.nshort, img->header.nshort + 1);
	assert_int_equal(again->nconstants, img->nconstants);
	for (uint32_t i = 0; i < again->nconstants; i++) {
		const struct lua_const *k = &again->constants[i];
		const struct lua_const *old = &img->constants[i];

		if (k->type != LUA_STRING)
			continue;
		golden_same_bytes("repaired", "text", again->strings[k->string].text,
				  again->strings[k->string].len, img->strings[old->string].text,
				  img->strings[old->string].len);
		assert_int_not_equal(k->string, again->ntext + FIXED53_USERDATA);
	}
	/* nshort, and "userdata", "thread", "proto" in fixed.lua: 6 in main, 5 inside. */
	assert_int_equal(out.len, f.len);
	for (size_t i = 0; i < f.len; i++)
		changed += out.data[i] != f.data[i];
	assert_int_equal(changed, 1 + 11);
	file_close(&f);
	buf_free(&out);
	lua_image_free(img);
	lua_image_free(again);
}

static void prefixes_fail(const char *path)
{
	struct file f = golden_file(path);

	if (f.len > 1000 || strstr(path, "-abs")) {
		file_close(&f);
		return;
	}
	for (size_t n = 0; n < f.len; n++) {
		struct diag diag = { 0 };
		struct lua_image *img;
		uint8_t *cut = malloc(n + 1); /* so that a read beyond it is seen */

		assert_non_null(cut);
		memcpy(cut, f.data, n);
		assert_int_not_equal(lua_image_load(cut, n, &diag, &img), ERR_NONE);
		if (n >= 6) {
			golden_same(path, "code", diag.code, ERR_TRUNCATED);
			assert_true(diag.placed);
			assert_true(diag.off <= n);
			assert_true(diag.path[0] != 0);
		}
		lua_image_free(img);
		free(cut);
	}
	file_close(&f);
}

static void every_strict_prefix_fails_and_says_where(void **state)
{
	(void)state;
	golden_each(IMG "*-53*.img", prefixes_fail);
	golden_each(LC "*-53*.lc", prefixes_fail);
}

/* What is read without a failure and without a note is exactly what would be written. */
static void survives(const uint8_t *data, size_t len)
{
	struct diag diag = { 0 };
	struct diag wrong = { 0 };
	struct buf out = { 0 };
	struct lua_image *img;

	lua_image_load(data, len, &diag, &img);
	if (diag.code && img)
		img->format->save(img, &wrong, &out);
	if (!diag.code && !img->note_count) {
		assert_int_equal(img->format->save(img, &wrong, &out), ERR_NONE);
		golden_same_bytes("harmed file", "saved", out.data, out.len, data, len);
	}
	buf_free(&out);
	lua_image_free(img);
}

static void harm_every_byte(const char *path)
{
	struct file f = golden_file(path);

	for (size_t i = 0; i < f.len; i++) {
		uint8_t whole = f.data[i];
		const uint8_t values[] = { 0x00,         0xff,         (uint8_t)~whole,
					   whole ^ 0x80, whole ^ 0x10, (uint8_t)(whole + 1) };

		for (size_t v = 0; v < sizeof(values); v++) {
			f.data[i] = values[v];
			survives(f.data, f.len);
		}
		f.data[i] = whole;
	}
	file_close(&f);
}

static void every_harmed_byte_is_survived_and_what_is_not_noted_is_kept(void **state)
{
	(void)state;
	harm_every_byte(IMG "floats-53.img");
	harm_every_byte(IMG "ops53-53d.img");
	harm_every_byte(IMG "fixed-53.img");
	harm_every_byte(LC "empty-53.lc");
	harm_every_byte(LC "main-53-strip.lc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_read_as_the_independent_decoder_says),
		cmocka_unit_test(images_and_chunks_are_saved_byte_for_byte_as_they_were),
		cmocka_unit_test(chunks_hold_what_images_of_the_same_sources_hold),
		cmocka_unit_test(parts_cover_a_chunk_exactly_once),
		cmocka_unit_test(repaired_files_mean_the_same),
		cmocka_unit_test(every_strict_prefix_fails_and_says_where),
		cmocka_unit_test(every_harmed_byte_is_survived_and_what_is_not_noted_is_kept),
	};

	return cmocka_run_group_tests_name("lua53", tests, NULL, NULL);
}
