/* SPDX-License-Identifier: MIT */
/*
 * Images linked of modules against those that luac.cross made of the same ones, and what the
 * options do to them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lua/convert.h"
#include "common/lua/fixed53.h"
#include "tests/util_golden.h"
#include "tests/util_link.h"

#define IMG "tests/golden/img/"

static unsigned compared, differing;

static struct lua_image *link_inputs(const char *path, const struct inputs *s,
				     const struct lua_link_options *o)
{
	struct diag diag = { 0 };
	struct lua_image *out;

	if (lua_link(s->in, s->count, o, &diag, &out))
		fail_msg("%s: %s", path, diag.text);
	return out;
}

static void compare(const char *path, const struct lua_image *img, const struct inputs *s)
{
	struct lua_link_options o = options_of(img, path);
	struct lua_image *linked = link_inputs(path, s, &o);

	if (!same_image(img, linked)) {
		print_message("# %s: differs\n", path);
		differing++;
	}
	compared++;
	lua_image_free(linked);
}

static void compare_own(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct inputs s;

	inputs_of_image(&s, img);
	compare(path, img, &s);
	inputs_close(&s);
	lua_image_free(img);
}

static void compare_chunks(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct inputs s;

	if (!strstr(path, "-debug") && !strstr(path, "-e32") && inputs_of_chunks(&s, img, path))
		compare(path, img, &s);
	inputs_close(&s);
	lua_image_free(img);
}

static void compare_sources(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct inputs s;

	inputs_of_sources(&s, img);
	compare(path, img, &s);
	inputs_close(&s);
	lua_image_free(img);
}

/* Floor: every image is what luac.cross made. */
static void compare_all(void (*f)(const char *path), unsigned files)
{
	compared = differing = 0;
	golden_each(IMG "*.img", f);
	print_message("# %u of %u images equal\n", compared - differing, compared);
	assert_int_equal(compared, files);
	assert_int_equal(differing, 0);
}

static void an_images_own_modules_make_it_again(void **state)
{
	(void)state;
	compare_all(compare_own, 91);
}

static void chunks_make_the_images_that_luac_made(void **state)
{
	(void)state;
	compare_all(compare_chunks, 37);
}

static void sources_make_the_images_that_luac_made(void **state)
{
	(void)state;
	compare_all(compare_sources, 91);
}

/* Modules of an image at an address make one for the loader, and the reverse. */
static void the_modules_form_does_not_matter(void **state)
{
	static const char *const pairs[][2] = {
		{ IMG "app-51f.img", IMG "app-51f-abs.img" },
		{ IMG "edge-53d.img", IMG "edge-53d-abs.img" },
	};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct lua_image *from = golden_load(pairs[i / 2][i % 2]);
		const char *to_path = pairs[i / 2][!(i % 2)];
		struct lua_image *to = golden_load(to_path);
		struct lua_link_options o = options_of(to, to_path);
		struct lua_image *linked;
		struct inputs s;

		inputs_of_image(&s, from);
		linked = link_inputs(to_path, &s, &o);
		assert_true(same_image(linked, to));
		lua_image_free(linked);
		lua_image_free(from);
		lua_image_free(to);
	}
}

static uint32_t unused_strings(const struct lua_image *img)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < (img->traits.version == LUA_51 ? img->nstrings : img->ntext); i++)
		n += img->strings[i].refs == 0;
	return n;
}

/* -debug2 has neither names nor lines. */
static void check_strip(const char *path)
{
	struct lua_image *least = golden_load(path);
	struct lua_link_options o = options_of(least, path);
	struct lua_image *stripped;
	struct inputs s;

	o.as_luac = false;
	inputs_of_sources(&s, least);
	stripped = link_inputs(path, &s, &o);
	if (stripped->flash_size > least->flash_size)
		fail_msg("%s: larger", path);
	assert_sound(path, stripped, least);
	for (uint32_t i = 0; i < stripped->nprotos; i++) {
		assert_int_equal(stripped->protos[i].nlineinfo, 0);
		assert_int_equal(stripped->protos[i].locals.count, 0);
	}
	assert_int_equal(unused_strings(stripped), 0);
	compared++;
	lua_image_free(stripped);
	inputs_close(&s);
	lua_image_free(least);
}

static void stripping_all_is_never_larger_than_what_luac_strips(void **state)
{
	(void)state;
	compared = 0;
	golden_each(IMG "*-debug2.img", check_strip);
	assert_int_equal(compared, 2);
}

/* Each degree is smaller than the one before, and what it keeps is what it kept. */
static void check_degrees(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct lua_link_options o = options_of(img, path);
	struct inputs s;
	uint64_t last = UINT64_MAX;

	o.as_luac = false;
	inputs_of_sources(&s, img);
	for (int strip = LUA_STRIP_NONE; strip <= LUA_STRIP_ALL; strip++) {
		struct lua_image *out;

		o.strip = strip;
		out = link_inputs(path, &s, &o);
		if (out->flash_size >= last)
			fail_msg("%s: degree %d is no smaller", path, strip);
		last = out->flash_size;
		assert_int_equal(unused_strings(out), 0);
		assert_sound(path, out, NULL);
		lua_image_free(out);
	}
	inputs_close(&s);
	lua_image_free(img);
}

static void each_degree_of_stripping_saves_bytes(void **state)
{
	(void)state;
	check_degrees(IMG "app-51f.img");
	check_degrees(IMG "app-51i-abs.img");
	check_degrees(IMG "app-53.img");
	check_degrees(IMG "app-53-e32i64f64-abs.img");
	check_degrees(IMG "edge-53d.img");
}

static void check_hash(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct lua_link_options o = options_of(img, path);
	struct inputs s;

	o.share = true;
	inputs_of_image(&s, img);
	for (int hash = LUA_HASH_STOCK; hash <= LUA_HASH_FAST; hash++) {
		uint32_t want = img->header.buckets;
		struct lua_image *out;

		o.hash = hash;
		out = link_inputs(path, &s, &o);
		want = hash == LUA_HASH_SMALL ? want / 4 : hash == LUA_HASH_FAST ? want * 2 : want;
		golden_same(path, "buckets", out->header.buckets, want);
		assert_sound(path, out, img);
		lua_image_free(out);
	}
	lua_image_free(img);
}

static void the_hash_vector_can_be_shorter_or_longer(void **state)
{
	(void)state;
	check_hash(IMG "app-51f.img");
	check_hash(IMG "edge-51i-abs.img");
	check_hash(IMG "app-53-abs.img");
	check_hash(IMG "edge-53-e32i32f64-abs.img");
}

/*
 * In flash the repaired "userdata" is the second copy, "thread" and "proto" are themselves.
 * fixed.lua has each word in several functions.
 */
static void check_repaired(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct lua_link_options o = options_of(img, path);
	struct lua_image *file, *flash;
	struct diag diag = { 0 };
	struct inputs s;
	uint32_t words = 0;

	o.fix_fixed = true;
	inputs_of_image(&s, img);
	assert_true(lua_link_wants_fix(s.in, s.count));
	file = link_inputs(path, &s, &o);
	assert_int_equal(file->header.fixed_count, FIXED53_COUNT);
	assert_sound("repaired", file, NULL);
	assert_int_equal(lua_image_convert(file, LUA_FORM_ABSOLUTE, 0x40296000, &diag, &flash),
			 ERR_NONE);
	assert_sound("repaired", flash, file);
	for (uint32_t i = 0; i < flash->nconstants; i++) {
		const struct lua_const *k = &flash->constants[i], *old = &img->constants[i];
		uint32_t fixed = k->type == LUA_STRING ? k->string - flash->ntext : LUA_NONE;

		golden_same(path, "type", k->type, old->type);
		if (fixed >= FIXED53_USERDATA && fixed < FIXED53_COUNT) {
			assert_int_not_equal(fixed, FIXED53_USERDATA);
			assert_string_equal(fixed53[fixed], fixed53[old->string - img->ntext]);
			words += fixed >= FIXED53_USERDATA2;
		}
	}
	assert_in_range(words, 6, 40);
	lua_image_free(flash);
	lua_image_free(file);
	lua_image_free(img);
}

static void the_numbering_of_fixed_strings_can_be_repaired(void **state)
{
	struct lua_image *app = golden_load(IMG "app-53.img");
	struct inputs s;

	(void)state;
	check_repaired(IMG "fixed-53.img");
	check_repaired(IMG "fixed-53d.img");
	inputs_of_image(&s, app);
	assert_false(lua_link_wants_fix(s.in, s.count));
	lua_image_free(app);
}

static void two_links_of_the_same_are_the_same(void **state)
{
	struct lua_image *img = golden_load(IMG "app-53.img");
	struct lua_link_options o = options_of(img, "");
	struct lua_image *a, *b;
	struct inputs s;

	(void)state;
	inputs_of_image(&s, img);
	o.time = 1700000000;
	o.seed = 0x12345678;
	a = link_inputs("a", &s, &o);
	b = link_inputs("b", &s, &o);
	assert_int_equal(a->build_time, 1700000000);
	assert_int_equal(a->header.seed, 0x12345678);
	assert_int_equal(a->nbytes, b->nbytes);
	assert_memory_equal(a->bytes, b->bytes, a->nbytes);
	assert_sound("a", a, img);
	lua_image_free(a);
	lua_image_free(b);
	lua_image_free(img);
}

static void expect(struct inputs *s, const struct lua_link_options *o, enum err code,
		   const char *words)
{
	struct diag diag = { 0 };
	struct lua_image *out;

	assert_int_equal(lua_link(s->in, s->count, o, &diag, &out), code);
	assert_null(out);
	if (!strstr(diag.text, words))
		fail_msg("\"%s\" is not about \"%s\"", diag.text, words);
}

static void name_all(struct inputs *s, uint32_t n, char names[][8])
{
	for (uint32_t i = 0; i < n; i++) {
		s->in[i] = s->in[i % s->count];
		snprintf(names[i], 8, "n%u", (unsigned)i);
		s->in[i].name = (const uint8_t *)names[i];
		s->in[i].name_len = (uint32_t)strlen(names[i]);
	}
	s->count = n;
}

static void what_cannot_be_linked_is_refused(void **state)
{
	static char names[LINK_INPUTS_MAX][8];
	struct lua_image *img = golden_load(IMG "app-53.img");
	struct lua_image *other = golden_load(IMG "app-53d.img");
	struct lua_link_options o = options_of(img, "");
	struct inputs s;

	(void)state;
	inputs_of_image(&s, img);
	s.count = 0;
	expect(&s, &o, ERR_KIND, "no modules");
	s.count = 2;
	s.in[1].name = s.in[0].name;
	s.in[1].name_len = s.in[0].name_len;
	expect(&s, &o, ERR_KIND, "module \"_init\" stands twice");
	s.in[1].name_len = 0;
	expect(&s, &o, ERR_KIND, "a module without a name");
	s.in[1] = lua_link_module(other, 1);
	expect(&s, &o, ERR_KIND, "module \"main\" is for a firmware");
	s.in[1] = lua_link_module(img, 1);
	s.in[1].proto = LUA_NONE;
	expect(&s, &o, ERR_DAMAGED, "module \"main\" is not whole");
	s.in[1] = lua_link_module(img, 1);
	s.in[1].name = (const uint8_t *)"a name of more than forty bytes, which is long";
	s.in[1].name_len = 46;
	expect(&s, &o, ERR_LIMIT, "more than 40 bytes");
	s.in[1].name = (const uint8_t *)"a\0b";
	s.in[1].name_len = 3;
	expect(&s, &o, ERR_KIND, "has a NUL in its name");
	s.in[1].name = (const uint8_t *)"__index";
	s.in[1].name_len = 7;
	expect(&s, &o, ERR_KIND, "module \"__index\" must stand before");
	s.in[1] = lua_link_module(img, 1);
	name_all(&s, 256, names);
	expect(&s, &o, ERR_LIMIT, "256 modules; an image can have 255");
	o.traits.form = LUA_FORM_CHUNK;
	expect(&s, &o, ERR_KIND, "no such form");
	lua_image_free(img);
	lua_image_free(other);
}

/* Runs the main prototype as the device does, for one name. */
struct machine {
	const struct lua_image *img;
	const struct lua_proto *p;
	uint32_t r[256];    /* constants' numbers, or prototypes */
	uint32_t list[300]; /* constants' numbers */
	uint32_t listed;
};

static uint32_t run(struct machine *m, uint32_t asked)
{
	m->r[0] = asked;
	m->listed = 0;
	for (uint32_t pc = 0;; pc++) {
		uint32_t w = lua_word(m->p, pc);
		uint32_t a = w >> 6 & 0xff, bx = w >> 14, b = w >> 23, c = w >> 14 & 0x1ff;

		switch (w & 0x3f) {
		case 1: m->r[a] = bx; break;
		case 10: break;
		case 22: pc += bx - 131071; break;
		case 23: pc += (m->r[b] == (c & 0xff)) != a; break;
		case 30: return m->r[a];
		case 34:
			assert_int_equal(m->listed, (c - 1) * 50);
			for (uint32_t i = 1; i <= b; i++)
				m->list[m->listed++] = m->r[a + i];
			break;
		case 36: m->r[a] = 1000 + bx; break;
		default: fail();
		}
		assert_true(a < m->p->stack);
	}
}

static void check_main(const struct lua_image *img, uint32_t n)
{
	struct machine m = { .img = img, .p = &img->protos[img->header.main] };

	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(run(&m, i), 1000 + i);
	assert_int_equal(run(&m, 999), n); /* the constant that is the time */
	assert_int_equal(m.listed, n);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(m.list[i], i);
}

static void more_modules_than_luac_takes_are_found_and_listed(void **state)
{
	static const uint32_t counts[] = { 1, 49, 50, 51, 99, 100, 101, 255, 256 };
	static char names[LINK_INPUTS_MAX][8];
	struct lua_image *img = golden_load(IMG "many-51i.img");
	struct lua_link_options o = options_of(img, "");
	struct inputs s;

	(void)state;
	inputs_of_image(&s, img);
	for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct lua_image *out;

		name_all(&s, counts[i], names);
		out = link_inputs("many", &s, &o);
		assert_int_equal(out->nmodules, counts[i]);
		check_main(out, counts[i]);
		assert_sound("many", out, NULL);
		lua_image_free(out);
	}
	name_all(&s, 257, names);
	expect(&s, &o, ERR_LIMIT, "257 modules; an image can have 256");
	lua_image_free(img);
}

/* A chunk without source gets Lua's "=?": the device marks no function in flash without one. */
static void every_function_has_a_source(void **state)
{
	struct lua_image *img = golden_load(IMG "app-51f.img");
	struct lua_image *chunk = golden_load("tests/golden/lc/main-51f-strip.lc");
	struct lua_link_options o = options_of(img, "");
	struct inputs s;
	struct lua_image *out;

	(void)state;
	inputs_of_image(&s, img);
	s.in[0].img = chunk;
	s.in[0].proto = 0;
	s.count = 1;
	out = link_inputs("strip", &s, &o);
	for (uint32_t i = 1; i < out->nprotos; i++) {
		const struct lua_string *source = &out->strings[out->protos[i].source];

		assert_int_equal(source->len, 2);
		assert_memory_equal(source->text, "=?", 2);
	}
	assert_sound("strip", out, NULL);
	lua_image_free(out);
	lua_image_free(chunk);
	lua_image_free(img);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_images_own_modules_make_it_again),
		cmocka_unit_test(chunks_make_the_images_that_luac_made),
		cmocka_unit_test(sources_make_the_images_that_luac_made),
		cmocka_unit_test(the_modules_form_does_not_matter),
		cmocka_unit_test(stripping_all_is_never_larger_than_what_luac_strips),
		cmocka_unit_test(each_degree_of_stripping_saves_bytes),
		cmocka_unit_test(the_hash_vector_can_be_shorter_or_longer),
		cmocka_unit_test(the_numbering_of_fixed_strings_can_be_repaired),
		cmocka_unit_test(two_links_of_the_same_are_the_same),
		cmocka_unit_test(what_cannot_be_linked_is_refused),
		cmocka_unit_test(more_modules_than_luac_takes_are_found_and_listed),
		cmocka_unit_test(every_function_has_a_source),
	};

	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
