/* SPDX-License-Identifier: MIT */
/*
 * Images of random modules: what is linked and written is read back as it was, in every form and
 * with every option, every byte has an owner, and no check has anything against it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lua/check.h"
#include "common/lua/convert.h"
#include "common/lua/link.h"
#include "tests/util_check.h"
#include "tests/util_golden.h"
#include "tests/util_link.h"
#include "tests/util_model.h"
#include "tests/util_rebuild.h"

static unsigned linked;

enum { ROUNDS = 36 };

static void same_text(const struct lua_image *a, uint32_t x, const struct lua_image *b, uint32_t y)
{
	assert_int_equal(x < a->nstrings, y < b->nstrings);
	if (x >= a->nstrings)
		return;
	assert_int_equal(a->strings[x].len, b->strings[y].len);
	assert_memory_equal(a->strings[x].text, b->strings[y].text, a->strings[x].len);
}

static void same_constants(const struct lua_image *a, const struct lua_proto *p,
			   const struct lua_image *b, const struct lua_proto *q)
{
	assert_int_equal(p->constants.count, q->constants.count);
	for (uint32_t i = 0; i < p->constants.count; i++) {
		const struct lua_const *k = &a->constants[p->constants.first + i];
		const struct lua_const *c = &b->constants[q->constants.first + i];

		assert_int_equal(k->type, c->type);
		if (k->type == LUA_STRING)
			same_text(a, k->string, b, c->string);
		else if (k->type == LUA_BOOLEAN)
			assert_int_equal(k->b, c->b);
		else if (k->type != LUA_NIL)
			assert_memory_equal(&k->i, &c->i, 8);
	}
}

static void same_names(const struct lua_image *a, const struct lua_proto *p,
		       const struct lua_image *b, const struct lua_proto *q, enum lua_strip strip)
{
	bool v51 = a->traits.version == LUA_51;

	assert_int_equal(p->nups, q->nups);
	assert_int_equal(strip ? 0 : p->locals.count, q->locals.count);
	for (uint32_t i = 0; i < q->locals.count; i++) {
		const struct lua_local *l = &a->locals[p->locals.first + i];
		const struct lua_local *o = &b->locals[q->locals.first + i];

		same_text(a, l->name, b, o->name);
		assert_int_equal(l->start_pc, o->start_pc);
		assert_int_equal(l->end_pc, o->end_pc);
	}
	assert_int_equal(v51 && strip ? 0 : p->upvalues.count, q->upvalues.count);
	for (uint32_t i = 0; i < q->upvalues.count; i++) {
		const struct lua_upvalue *u = &a->upvalues[p->upvalues.first + i];
		const struct lua_upvalue *o = &b->upvalues[q->upvalues.first + i];

		same_text(a, strip ? LUA_NONE : u->name, b, o->name);
		assert_int_equal(v51 ? 0 : q->parent == LUA_NONE ? 0 : u->instack, o->instack);
		assert_int_equal(u->index, o->index);
	}
}

/* a: the model, b: what was read. In images of 5.1 the mark that ends lines is not counted. */
static void same_function(const struct lua_image *a, uint32_t x, const struct lua_image *b,
			  uint32_t y, enum lua_strip strip)
{
	const struct lua_proto *p = &a->protos[x], *q = &b->protos[y];
	uint32_t mark = a->traits.version == LUA_51;

	same_text(a, lua_proto_source(a, x), b, lua_proto_source(b, y));
	assert_int_equal(p->line_first, q->line_first);
	assert_int_equal(p->line_last, q->line_last);
	assert_int_equal(p->params, q->params);
	assert_int_equal(p->vararg, q->vararg);
	assert_int_equal(p->stack, q->stack);
	assert_int_equal(p->ncode, q->ncode);
	assert_memory_equal(p->code, q->code, 4 * (size_t)p->ncode);
	if (strip == LUA_STRIP_ALL || !p->nlineinfo) {
		assert_int_equal(q->nlineinfo, 0);
	} else {
		assert_int_equal(p->nlineinfo, q->nlineinfo + mark);
		assert_memory_equal(p->lineinfo, q->lineinfo, q->nlineinfo);
	}
	same_constants(a, p, b, q);
	same_names(a, p, b, q, strip);
	assert_int_equal(p->children.count, q->children.count);
	for (uint32_t i = 0; i < p->children.count; i++)
		same_function(a, a->children[p->children.first + i], b,
			      b->children[q->children.first + i], strip);
}

static void check_linked(const struct model *m, const struct lua_image *img, enum lua_strip strip)
{
	char what[60];

	snprintf(what, sizeof(what), "random model %u", (unsigned)m->random);
	assert_int_equal(img->nmodules, m->img.nmodules);
	for (uint32_t i = 0; i < img->nmodules; i++) {
		same_text(&m->img, m->modules[i].name, img, img->modules[i].name);
		same_function(&m->img, m->modules[i].proto, img, img->modules[i].proto, strip);
	}
	assert_sound(what, img, NULL);
}

/* In the file's form and in flash, and there and back. */
static void check_forms(struct model *m, const struct lua_image *img, enum lua_strip strip)
{
	enum lua_form other = LUA_FORM_ABSOLUTE;
	struct lua_image *moved, *back;
	struct diag diag = { 0 };

	check_linked(m, img, strip);
	if (img->traits.version == LUA_51 && !img->traits.format)
		return;
	if (img->traits.form == LUA_FORM_ABSOLUTE)
		other = img->traits.version == LUA_51 ? LUA_FORM_RELOCATABLE : LUA_FORM_PORTABLE;
	assert_int_equal(lua_image_convert(img, other, 0x40300000, &diag, &moved), ERR_NONE);
	check_linked(m, moved, strip);
	assert_int_equal(lua_image_convert(moved, img->traits.form, img->header.base, &diag, &back),
			 ERR_NONE);
	check_linked(m, back, strip);
	lua_image_free(back);
	lua_image_free(moved);
}

static void try_traits(const struct lua_traits *traits)
{
	struct model *m = malloc(sizeof(*m));
	struct lua_link_input in[MODEL_MODULES];

	assert_non_null(m);
	for (uint32_t i = 0; i < ROUNDS; i++) {
		struct lua_link_options o = { .traits = *traits, .base = 0x40210000 };
		struct lua_image *img;
		struct diag diag = { 0 };

		model_make(m, traits, i);
		for (uint32_t k = 0; k < m->img.nmodules; k++)
			in[k] = lua_link_module(&m->img, k);
		o.time = m->random;
		o.seed = m->random * 3;
		o.strip = i % 3;
		o.hash = i / 3 % 3;
		o.share = i & 1;
		/* The check has words for "userdata" in stock numbering. */
		o.fix_fixed = lua_link_wants_fix(in, m->img.nmodules);
		if (lua_link(in, m->img.nmodules, &o, &diag, &img))
			fail_msg("round %u: %s", (unsigned)i, diag.text);
		check_forms(m, img, o.strip);
		lua_image_free(img);
	}
	free(m);
}

static const struct lua_traits all51[] = {
	{ .version = LUA_51, .format = 1, .integer_bytes = 4, .tvalue_bytes = 8 },
	{ .version = LUA_51, .format = 1, .float_bytes = 8, .packed = true, .tvalue_bytes = 12 },
	{ .version = LUA_51, .format = 1, .float_bytes = 8, .tvalue_bytes = 16 },
};
static const struct lua_traits all53[] = {
	{ .version = LUA_53, .integer_bytes = 4, .float_bytes = 4, .tvalue_bytes = 8 },
	{ .version = LUA_53, .integer_bytes = 8, .float_bytes = 8, .tvalue_bytes = 12 },
	{ .version = LUA_53, .integer_bytes = 4, .float_bytes = 8, .tvalue_bytes = 12 },
	{ .version = LUA_53, .integer_bytes = 8, .float_bytes = 4, .tvalue_bytes = 12 },
};

static void try_form(const struct lua_traits *all, size_t n, enum lua_form form)
{
	for (size_t i = 0; i < n; i++) {
		struct lua_traits t = all[i];

		t.form = form;
		try_traits(&t);
	}
}

static void random_images_of_5_1_are_read_as_they_were_made(void **state)
{
	(void)state;
	try_form(all51, 3, LUA_FORM_RELOCATABLE);
	try_form(all51, 3, LUA_FORM_ABSOLUTE);
}

static void random_images_of_5_3_are_read_as_they_were_made(void **state)
{
	(void)state;
	try_form(all53, 4, LUA_FORM_PORTABLE);
	try_form(all53, 4, LUA_FORM_ABSOLUTE);
}

/* What comes out of harmed modules, if anything, is an image that a loader takes. */
static void link_harmed(const struct lua_image *img)
{
	struct check_target target = { 0 };
	struct lua_link_options o = { .traits = img->traits, .base = 0x40210000 };
	struct diag diag = { 0 };
	struct buf bytes = { 0 };
	struct lua_image *out;
	struct check_report r;
	struct lua_book book;
	struct inputs s;

	inputs_of_image(&s, img);
	o.share = img->nstrings & 1;
	o.strip = img->nstrings % 3;
	if (lua_link(s.in, s.count, &o, &diag, &out))
		return;
	assert_int_equal(out->format->save(out, &diag, &bytes), ERR_NONE);
	assert_int_equal(lua_book_open(&book, "harmed", bytes.data, bytes.len), ERR_NONE);
	assert_int_equal(check_file(bytes.data, bytes.len, &book, &target, &r, &diag), ERR_NONE);
	if (r.refused)
		fail_msg("refused: %s", r.findings[0].message);
	linked++;
	check_free(&r);
	lua_book_close(&book);
	buf_free(&bytes);
	lua_image_free(out);
}

static void harm(const char *path, uint32_t mutants)
{
	struct buf bytes = image_bytes(path);
	uint32_t x = 7;

	for (uint32_t i = 0; i < mutants; i++) {
		struct lua_image *img = NULL;
		struct diag diag = { 0 };
		struct buf file;
		uint32_t at;
		uint8_t before;

		x = x * 1664525 + 1013904223;
		at = (x >> 4) % (uint32_t)bytes.len;
		before = bytes.data[at];
		bytes.data[at] ^= (uint8_t)(1u << (x >> 28 & 7));
		file = image_file(path, &bytes);
		if (lua_image_load(file.data, file.len, &diag, &img) == ERR_NONE)
			link_harmed(img);
		lua_image_free(img);
		buf_free(&file);
		bytes.data[at] = before;
	}
	buf_free(&bytes);
}

static void modules_of_harmed_images_never_make_one_that_is_refused(void **state)
{
	(void)state;
	linked = 0;
	harm("tests/golden/img/app-51f-debug0.img", 250);
	harm("tests/golden/img/app-51i-abs.img", 250);
	harm("tests/golden/img/app-51-2018a-float.img", 250);
	harm("tests/golden/img/app-53-debug0.img", 250);
	harm("tests/golden/img/app-53-e32i64f64-abs.img", 250);
	assert_in_range(linked, 300, 1250);
}

static void count_made(const char *path)
{
	struct file f = golden_file(path);

	linked += rebuild_all_ways(f.data, f.len);
	file_close(&f);
}

/* Each kind of number fits one firmware at least, and packed ones two. */
static void all_that_is_sound_can_be_rebuilt_in_all_ways(void **state)
{
	static const char source[] = "-local t = {1, 2}; return function(x) return t[x] end\n";
	static const char text[] = "\"createServer\", \"home/attic/lamp\"\n";

	(void)state;
	linked = 0;
	count_made("tests/golden/img/app-51f.img");
	assert_int_equal(linked, 2);
	count_made("tests/golden/img/app-53-e32i32f32-abs.img");
	assert_int_equal(linked, 4);
	count_made("tests/golden/lc/main-53d.lc");
	assert_int_equal(linked, 6);
	if (rebuild_all_ways((const uint8_t *)source, sizeof(source) - 1) == 0)
		skip();
	assert_int_equal(rebuild_all_ways((const uint8_t *)source, sizeof(source) - 1), 9);
	assert_int_equal(rebuild_all_ways((const uint8_t *)text, sizeof(text) - 1), 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_images_of_5_1_are_read_as_they_were_made),
		cmocka_unit_test(random_images_of_5_3_are_read_as_they_were_made),
		cmocka_unit_test(all_that_is_sound_can_be_rebuilt_in_all_ways),
		cmocka_unit_test(modules_of_harmed_images_never_make_one_that_is_refused),
	};

	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
