/* SPDX-License-Identifier: MIT */
/*
 * Absolute images of Lua 5.3, and regions as the device's own loader wrote them, against the
 * portable images that they were made from.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lua/format.h"
#include "common/lua/layout.h"
#include "tests/util_golden.h"

#define APP    "tests/golden/img/app-53-abs.img"
#define APP64  "tests/golden/img/app-53-e32i64f64-abs.img"
#define FLOATS "tests/golden/regions/floats-53.bin"
#define FIXED  "tests/golden/regions/fixed-53d.bin"

static void twin_of(const char *path, char *out, size_t size)
{
	if (!strstr(path, "-abs.img"))
		golden_sibling(path, "img", ".img", out, size);
	else
		snprintf(out, size, "%.*s.img", (int)(strlen(path) - strlen("-abs.img")), path);
}

static void same_strings(const char *path, const struct lua_image *a, const struct lua_image *b)
{
	golden_same(path, "strings", a->nstrings, b->nstrings);
	golden_same(path, "own strings", a->ntext, b->ntext);
	for (uint32_t i = 0; i < a->nstrings; i++) {
		const struct lua_string *s = &a->strings[i];
		const struct lua_string *t = &b->strings[i];

		golden_same_bytes(path, "text", s->text, s->len, t->text, t->len);
		golden_same(path, "hash", s->hash, t->hash);
		golden_same(path, "refs", s->refs, t->refs);
		golden_same(path, "uses", s->uses, t->uses);
		golden_same(path, "chain", s->chain, t->chain);
	}
}

static void same_protos(const char *path, const struct lua_image *a, const struct lua_image *b)
{
	golden_same(path, "prototypes", a->nprotos, b->nprotos);
	for (uint32_t i = 0; i < a->nprotos; i++) {
		const struct lua_proto *p = &a->protos[i];
		const struct lua_proto *q = &b->protos[i];

		golden_same(path, "parent", p->parent, q->parent);
		golden_same(path, "module", p->module, q->module);
		golden_same(path, "depth", p->depth, q->depth);
		golden_same(path, "nups", p->nups, q->nups);
		golden_same(path, "own size", p->own_size, q->own_size);
		golden_same(path, "total size", p->total_size, q->total_size);
	}
}

static void same_header(const char *path, const struct lua_image *a, const struct lua_image *b)
{
	const struct lua_header *h = &a->header;
	const struct lua_header *g = &b->header;

	golden_same(path, "seed", h->seed, g->seed);
	golden_same(path, "buckets", h->buckets, g->buckets);
	golden_same(path, "nshort", h->nshort, g->nshort);
	golden_same(path, "nlong", h->nlong, g->nlong);
	golden_same(path, "max_len", h->max_len, g->max_len);
	golden_same(path, "fixed strings", h->fixed_count, g->fixed_count);
	golden_same(path, "integer", a->traits.integer_bytes, b->traits.integer_bytes);
	golden_same(path, "float", a->traits.float_bytes, b->traits.float_bytes);
	golden_same(path, "TValue", a->traits.tvalue_bytes, b->traits.tvalue_bytes);
	golden_same(path, "flash_size", a->flash_size, b->flash_size);
	golden_same(path, "has_time", a->has_time, true);
	golden_same(path, "time", (uint64_t)a->build_time, (uint64_t)b->build_time);
}

/* All else goes into the portable form, which must come out as luac.cross wrote it. */
static void same_file(const char *path, struct lua_image *img, const char *twin)
{
	struct file f = golden_file(twin);
	struct diag diag = { 0 };
	struct buf out = { 0 };

	/* Only the stream says whether it has no names or empty ones. */
	for (uint32_t i = 0; i < img->nupvalues && strstr(path, "-strip"); i++)
		img->upvalues[i].named = false;
	assert_int_equal(lua_lfs53.save(img, &diag, &out), ERR_NONE);
	golden_same_bytes(path, "portable form", out.data, out.len, f.data, f.len);
	buf_free(&out);
	file_close(&f);
}

static void check_twin(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct lua_image *twin;
	char twin_path[200];

	twin_of(path, twin_path, sizeof(twin_path));
	twin = golden_load(twin_path);
	golden_same(path, "notes", img->note_count, 0);
	golden_same(path, "form", img->traits.form, LUA_FORM_ABSOLUTE);
	golden_same(path, "base", img->header.base, strstr(path, "-e32") ? 0x3f430000 : 0x40296000);
	same_header(path, img, twin);
	same_strings(path, img, twin);
	same_protos(path, img, twin);
	same_file(path, img, twin_path);
	lua_image_free(twin);
	lua_image_free(img);
}

static void images_in_flash_hold_what_their_portable_twins_hold(void **state)
{
	(void)state;
	golden_each("tests/golden/img/*-53*-abs.img", check_twin);
	golden_each("tests/golden/regions/*-53*.bin", check_twin);
}

/* Spans of the list of modules are finer in the computed layout: skipped here. */
static const struct lua_span *next_span(const struct lua_layout *l, uint32_t *at)
{
	while (*at < l->count && l->spans[*at].kind == LUA_BYTES_MODULES)
		++*at;
	return *at < l->count ? &l->spans[(*at)++] : NULL;
}

static void check_layout(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct lua_image *twin;
	struct lua_layout l, want;
	struct diag diag = { 0 };
	const struct lua_span *a, *b;
	char twin_path[200];
	uint32_t i = 0, k = 0;

	twin_of(path, twin_path, sizeof(twin_path));
	twin = golden_load(twin_path);
	assert_int_equal(lua_layout_make(img, &diag, &l), ERR_NONE);
	assert_int_equal(lua_layout_make(twin, &diag, &want), ERR_NONE);
	golden_same(path, "exact", l.exact, true);
	golden_same(path, "size", l.size, want.size);
	for (unsigned kind = 0; kind < LUA_BYTE_KINDS; kind++)
		golden_same(path, lua_byte_kinds[kind].name, l.sum[kind], want.sum[kind]);
	do {
		a = next_span(&l, &i);
		b = next_span(&want, &k);
		golden_same(path, "spans", a != NULL, b != NULL);
		if (a)
			golden_same_bytes(path, "span", a, sizeof(*a), b, sizeof(*b));
	} while (a);
	lua_layout_free(&l);
	lua_layout_free(&want);
	lua_image_free(twin);
	lua_image_free(img);
}

static void every_byte_has_the_owner_that_the_computed_layout_gives_it(void **state)
{
	(void)state;
	golden_each("tests/golden/img/*-53*-abs.img", check_layout);
	golden_each("tests/golden/regions/*-53*.bin", check_layout);
}

static void check_region51(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct lua_image *twin;
	struct diag diag = { 0 };
	struct lua_layout l;
	char twin_path[200];

	assert_true(golden_sibling(path, "img", ".img", twin_path, sizeof(twin_path)));
	twin = golden_load(twin_path);
	golden_same(path, "notes", img->note_count, 0);
	golden_same(path, "form", img->traits.form, LUA_FORM_ABSOLUTE);
	golden_same(path, "base", img->header.base, 0x40296000);
	golden_same(path, "flash_size", img->flash_size, twin->flash_size);
	golden_same(path, "prototypes", img->nprotos, twin->nprotos);
	golden_same(path, "time", (uint64_t)img->build_time, (uint64_t)twin->build_time);
	same_strings(path, img, twin);
	assert_int_equal(lua_layout_make(img, &diag, &l), ERR_NONE);
	golden_same(path, "exact", l.exact, true);
	lua_layout_free(&l);
	lua_image_free(twin);
	lua_image_free(img);
}

static void regions_of_lua_51_are_whole_images(void **state)
{
	(void)state;
	golden_each("tests/golden/regions/*-51*.bin", check_region51);
}

static void what_stands_behind_is_erased_flash_or_noted(void **state)
{
	struct file f = golden_file(APP);
	struct buf b = { 0 };
	struct diag diag;
	struct lua_image *img;

	(void)state;
	buf_put(&b, f.data, f.len);
	while (b.len < 65536)
		buf_byte(&b, 0xff);
	img = golden_load_bytes(b.data, b.len, &diag);
	assert_int_equal(diag.code, ERR_NONE);
	assert_int_equal(img->note_count, 0);
	assert_int_equal(img->flash_size, f.len);
	assert_int_equal(img->file_size, 65536);
	lua_image_free(img);
	b.data[f.len + 100] = 0;
	img = golden_load_bytes(b.data, b.len, &diag);
	assert_int_equal(diag.code, ERR_NONE);
	assert_int_equal(img->note_count, 1);
	assert_int_equal(img->notes[0].off, f.len + 100);
	lua_image_free(img);
	buf_free(&b);
	file_close(&f);
}

static void check_prefixes(const char *path, size_t step)
{
	struct file f = golden_file(path);
	struct lua_image *img;
	struct diag diag;

	for (size_t n = 0; n < f.len; n += n < 64 || n + 64 > f.len ? 1 : step) {
		img = golden_load_bytes(f.data, n, &diag);
		golden_same(path, "a prefix loads", diag.code == ERR_NONE, false);
		if (n >= 8) {
			golden_same(path, "error", diag.code, ERR_TRUNCATED);
			golden_same(path, "offset", diag.off, 4);
		}
		lua_image_free(img);
	}
	file_close(&f);
}

static void no_prefix_passes_for_a_whole_image(void **state)
{
	(void)state;
	check_prefixes(FLOATS, 1);
	check_prefixes(FIXED, 1);
	check_prefixes(APP, 37);
}

/* The signature has the widths on an ESP32, the entries have them everywhere. */
static void widths_come_from_the_signature_or_from_the_entries(void **state)
{
	struct file f = golden_file(APP64);
	struct lua_image *img;
	struct diag diag;

	(void)state;
	f.data[0] = 0x50; /* as an ESP8266 has it */
	img = golden_load_bytes(f.data, f.len, &diag);
	assert_int_equal(diag.code, ERR_NONE);
	assert_int_equal(img->traits.integer_bytes, 8);
	assert_int_equal(img->traits.float_bytes, 8);
	lua_image_free(img);
	f.data[0] = 0x51;
	img = golden_load_bytes(f.data, f.len, &diag);
	assert_int_equal(img->traits.integer_bytes, 8);
	assert_int_equal(img->traits.float_bytes, 4);
	lua_image_free(img);
	file_close(&f);
	f = golden_file(APP);
	f.data[0] = 0x53;
	img = golden_load_bytes(f.data, f.len, &diag);
	assert_int_equal(img->note_count, 1);
	assert_int_equal(img->notes[0].off, 0);
	lua_image_free(img);
	file_close(&f);
}

/* What the file says "thread" for stands in flash as the second "userdata". */
static void fixed_strings_are_what_the_author_wrote(void **state)
{
	static const char *const words[] = { "thread", "proto", "userdata" };
	struct lua_image *img = golden_load(FIXED);
	unsigned found = 0;

	(void)state;
	for (uint32_t i = 0; i < img->nconstants; i++) {
		const struct lua_string *s = &img->strings[img->constants[i].string];

		if (img->constants[i].type != LUA_STRING)
			continue;
		for (unsigned k = 0; k < 3; k++)
			if (s->len == strlen(words[k]) && memcmp(s->text, words[k], s->len) == 0)
				found |= 1u << k;
	}
	assert_int_equal(found, 7);
	lua_image_free(img);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_in_flash_hold_what_their_portable_twins_hold),
		cmocka_unit_test(every_byte_has_the_owner_that_the_computed_layout_gives_it),
		cmocka_unit_test(regions_of_lua_51_are_whole_images),
		cmocka_unit_test(what_stands_behind_is_erased_flash_or_noted),
		cmocka_unit_test(no_prefix_passes_for_a_whole_image),
		cmocka_unit_test(widths_come_from_the_signature_or_from_the_entries),
		cmocka_unit_test(fixed_strings_are_what_the_author_wrote),
	};

	return cmocka_run_group_tests_name("absolute53", tests, NULL, NULL);
}
