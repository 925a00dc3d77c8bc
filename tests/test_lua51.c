/* SPDX-License-Identifier: MIT */
/*
 * Lua 5.1 images and chunks against luac.cross's files and an independent decoder's words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/gzip.h"
#include "common/lua/format.h"
#include "common/lua/layout.h"
#include "tests/util_golden.h"

#define IMG "tests/golden/img/"
#define LC  "tests/golden/lc/"

static void decoded_as(const char *path)
{
	struct lua_image *img;
	char json[200];

	assert_true(golden_sibling(path, "decoded", ".json", json, sizeof(json)));
	img = golden_load(path);
	golden_same(path, "notes", img->note_count, 0);
	golden_compare(img, json);
	lua_image_free(img);
}

static void images_of_all_forms_read_as_the_independent_decoder_says(void **state)
{
	(void)state;
	golden_each(IMG "*-51*.img", decoded_as);
}

static void forms_are_told_apart_by_content(void **state)
{
	static const struct {
		const char *name;
		const struct lua_format *format;
		bool packed, old_tags;
		uint8_t integer_bytes, float_bytes;
	} files[] = {
		{ IMG "app-51f.img", &lua_lfs51, true, false, 0, 8 },
		{ IMG "app-51i.img", &lua_lfs51, false, false, 4, 0 },
		{ IMG "app-51f-abs.img", &lua_lfs51_absolute, true, false, 0, 8 },
		{ IMG "app-51i-abs.img", &lua_lfs51_absolute, false, false, 4, 0 },
		{ IMG "app-51-2018b-float.img", &lua_lfs51, false, true, 0, 8 },
		{ IMG "app-51-2018b-packed.img", &lua_lfs51, true, true, 0, 8 },
		{ IMG "app-51-2018b-int.img", &lua_lfs51, false, true, 4, 0 },
		{ IMG "app-51-2018a-float.img", &lua_lfs51_2018, false, true, 0, 8 },
		{ IMG "app-51-2018a-packed.img", &lua_lfs51_2018, true, true, 0, 8 },
		{ IMG "app-51-2018a-int.img", &lua_lfs51_2018, false, true, 4, 0 },
		{ LC "main-51f.lc", &lua_lc51, false, false, 0, 8 },
		{ LC "main-51i.lc", &lua_lc51, false, false, 4, 0 },
		{ LC "main-51-2018b-float.lc", &lua_lc51, false, true, 0, 8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct lua_image *img = golden_load(files[i].name);

		assert_ptr_equal(img->format, files[i].format);
		golden_same(files[i].name, "packed", img->traits.packed, files[i].packed);
		golden_same(files[i].name, "old tags", img->traits.old_tags, files[i].old_tags);
		golden_same(files[i].name, "integer", img->traits.integer_bytes,
			    files[i].integer_bytes);
		golden_same(files[i].name, "float", img->traits.float_bytes, files[i].float_bytes);
		lua_image_free(img);
	}
}

/* The bytes as they stand in flash, whether or not the file is compressed. */
static struct buf flash_of(const char *path)
{
	struct file f = golden_file(path);
	struct diag diag = { 0 };
	struct buf out = { 0 };
	size_t trailing;

	if (gzip_probe(f.data, f.len))
		gzip_inflate(f.data, f.len, FILE_MAX, &diag, &out, &trailing);
	else
		buf_put(&out, f.data, f.len);
	assert_int_equal(diag.code, ERR_NONE);
	file_close(&f);
	return out;
}

static void owned_once(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct buf flash = flash_of(path);
	uint8_t *owners = calloc(flash.len, 1);
	struct lua_layout l;
	struct diag diag = { 0 };
	uint64_t sum = 0;

	golden_same(path, "flash_size", img->flash_size, le32(flash.data + 4));
	golden_same(path, "layout", lua_layout_make(img, &diag, &l), ERR_NONE);
	for (uint32_t i = 0; i < l.count; i++) {
		const struct lua_span *s = &l.spans[i];

		assert_true(s->pad <= 3);
		assert_true((uint64_t)s->off + s->len + s->pad <= img->flash_size);
		for (uint32_t k = s->off; k < s->off + s->len + s->pad; k++)
			owners[k]++;
		for (uint32_t k = s->off + s->len; k < s->off + s->len + s->pad; k++)
			if (img->traits.format == 1)
				golden_same(path, "padding byte", flash.data[k], 0);
	}
	for (size_t i = 0; i < img->flash_size; i++)
		golden_same(path, "owners of a byte", owners[i], 1);
	for (unsigned i = 0; i < LUA_BYTE_KINDS; i++)
		sum += l.sum[i];
	golden_same(path, "sum of bytes", sum, img->flash_size);
	lua_layout_free(&l);
	free(owners);
	buf_free(&flash);
	lua_image_free(img);
}

static void every_byte_of_an_image_has_exactly_one_owner(void **state)
{
	(void)state;
	golden_each(IMG "*-51*.img", owned_once);
}

static void hashed(const char *path)
{
	struct lua_image *img = golden_load(path);

	for (uint32_t i = 0; i < img->nstrings; i++) {
		const struct lua_string *s = &img->strings[i];

		golden_same(path, "hash", lua_hash51(s->text, s->len), s->hash);
		assert_int_not_equal(s->chain, LUA_NONE);
		assert_int_not_equal(s->refs, 0);
	}
	lua_image_free(img);
}

static void stored_hashes_are_those_of_the_texts_and_every_string_is_chained_and_used(void **state)
{
	(void)state;
	golden_each(IMG "*-51*.img", hashed);
}

static bool is_cut(const char *path)
{
	return strstr(path, "numbers-51i.lc") != NULL;
}

static void saved_same(const char *path)
{
	struct diag diag = { 0 };
	struct buf out = { 0 };
	struct lua_image *img;
	struct file f;

	if (is_cut(path))
		return;
	img = golden_load(path);
	f = golden_file(path);
	golden_same(path, "save", img->format->save(img, &diag, &out), ERR_NONE);
	golden_same_bytes(path, "saved", out.data, out.len, f.data, f.len);
	file_close(&f);
	buf_free(&out);
	lua_image_free(img);
}

static void chunks_are_saved_byte_for_byte_as_they_were(void **state)
{
	(void)state;
	golden_each(LC "*-51*.lc", saved_same);
}

static void bytes_add_up(const char *path)
{
	struct lua_image *img;
	struct lua_layout l;
	struct diag diag = { 0 };
	uint64_t sum = 0;

	if (is_cut(path))
		return;
	img = golden_load(path);
	golden_same(path, "layout", lua_layout_make(img, &diag, &l), ERR_NONE);
	for (unsigned i = 0; i < LUA_BYTE_KINDS; i++)
		sum += l.sum[i];
	golden_same(path, "sum of bytes", sum, img->file_size);
	golden_same(path, "padding", l.sum[LUA_BYTES_PADDING], 0);
	lua_layout_free(&l);
	lua_image_free(img);
}

static void bytes_of_chunks_add_up_to_the_file(void **state)
{
	(void)state;
	golden_each(LC "*.lc", bytes_add_up);
}

/* luac.cross gives up on 2147483647 in an integer chunk and leaves what it had written. */
static void a_chunk_that_its_compiler_cut_off_is_shown_as_far_as_it_goes(void **state)
{
	struct file f = golden_file(LC "numbers-51i.lc");
	struct diag diag = { 0 };
	struct lua_image *img;

	(void)state;
	assert_int_equal(lua_image_load(f.data, f.len, &diag, &img), ERR_TRUNCATED);
	assert_int_equal(diag.off, f.len);
	assert_string_equal(diag.path, "proto[0].k[11].value");
	assert_non_null(img);
	assert_int_equal(img->protos[0].ncode, 19);
	lua_image_free(img);
	file_close(&f);
}

/* The same modules in flash, once relocatable and once absolute: one content. */
static void forms_of_one_content_give_one_model(void **state)
{
	struct lua_image *a = golden_load(IMG "appds-51f.img");
	struct lua_image *b = golden_load(IMG "appds-51f-abs.img");

	(void)state;
	assert_int_equal(b->header.base, 0x40296000);
	assert_int_equal(a->nprotos, b->nprotos);
	assert_int_equal(a->nstrings, b->nstrings);
	for (uint32_t i = 0; i < a->nprotos; i++) {
		assert_int_equal(a->protos[i].off, b->protos[i].off);
		assert_int_equal(a->protos[i].own_size, b->protos[i].own_size);
		assert_int_equal(a->protos[i].total_size, b->protos[i].total_size);
	}
	lua_image_free(a);
	lua_image_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_of_all_forms_read_as_the_independent_decoder_says),
		cmocka_unit_test(forms_are_told_apart_by_content),
		cmocka_unit_test(every_byte_of_an_image_has_exactly_one_owner),
		cmocka_unit_test(
			stored_hashes_are_those_of_the_texts_and_every_string_is_chained_and_used),
		cmocka_unit_test(chunks_are_saved_byte_for_byte_as_they_were),
		cmocka_unit_test(bytes_of_chunks_add_up_to_the_file),
		cmocka_unit_test(a_chunk_that_its_compiler_cut_off_is_shown_as_far_as_it_goes),
		cmocka_unit_test(forms_of_one_content_give_one_model),
	};

	return cmocka_run_group_tests_name("lua51", tests, NULL, NULL);
}
