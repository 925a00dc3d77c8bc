/* SPDX-License-Identifier: MIT */
#include "tests/util_link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/lua/check.h"
#include "common/lua/fit.h"
#include "common/lua/format.h"
#include "common/lua/identity.h"
#include "common/lua/layout.h"
#include "tests/util_golden.h"

void inputs_of_image(struct inputs *s, const struct lua_image *img)
{
	memset(s, 0, sizeof(*s));
	assert_true(img->nmodules <= LINK_INPUTS_MAX);
	for (; s->count < img->nmodules; s->count++)
		s->in[s->count] = lua_link_module(img, s->count);
}

/* app-53d-abs.img: 53d. */
static void build_of(const char *path, char *out, size_t size)
{
	const char *dash = strchr(strrchr(path, '/'), '-') + 1;

	snprintf(out, size, "%.*s", (int)strcspn(dash, "-."), dash);
}

bool inputs_of_chunks(struct inputs *s, const struct lua_image *img, const char *path)
{
	char build[40], lc[200];

	inputs_of_image(s, img);
	build_of(path, build, sizeof(build));
	for (uint32_t i = 0; i < s->count; i++) {
		struct lua_link_input *in = &s->in[i];

		snprintf(lc, sizeof(lc), "tests/golden/lc/%.*s-%s.lc", (int)in->name_len,
			 (const char *)in->name, build);
		/* luac.cross of integer builds stops inside this one. */
		if (access(lc, R_OK) != 0 || strstr(lc, "numbers-51i"))
			return false;
		s->owned[i] = golden_load(lc);
		in->img = s->owned[i];
		in->proto = s->owned[i]->modules[0].proto;
	}
	return true;
}

static struct file source_of(const struct lua_link_input *in)
{
	static const char *const all[] = { "app", "edge", "many", "edgef", "edge53" };
	char path[200];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		snprintf(path, sizeof(path), "tests/golden/%s/%.*s.lua", all[i], (int)in->name_len,
			 (const char *)in->name);
		if (access(path, R_OK) == 0)
			return golden_file(path);
	}
	fail_msg("no source of %.*s", (int)in->name_len, (const char *)in->name);
	return (struct file){ 0 };
}

void inputs_of_sources(struct inputs *s, const struct lua_image *img)
{
	struct lua_compiler compiler;
	struct diag diag = { 0 };

	inputs_of_image(s, img);
	if (!lua_compiler_open(img->traits.version, &compiler))
		skip();
	for (uint32_t i = 0; i < s->count; i++) {
		struct lua_link_input *in = &s->in[i];
		struct file f = source_of(in);

		if (lua_compile_for(&compiler, &img->traits, f.data, f.len, &diag, &s->owned[i]))
			fail_msg("%.*s: %s", (int)in->name_len, (const char *)in->name, diag.text);
		file_close(&f);
		snprintf(s->sources[i], sizeof(s->sources[i]), "@%.*s.lua", (int)in->name_len,
			 (const char *)in->name);
		in->source = s->sources[i];
		in->img = s->owned[i];
		in->proto = 0;
	}
	lua_compiler_close(&compiler);
}

void inputs_close(struct inputs *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		lua_image_free(s->owned[i]);
	s->count = 0;
}

/* The ESP32's builds keep all names. */
struct lua_link_options options_of(const struct lua_image *img, const char *path)
{
	struct lua_link_options o = { .traits = img->traits,
				      .base = img->header.base,
				      .time = img->build_time,
				      .seed = img->header.seed,
				      .strip = LUA_STRIP_LOCALS,
				      .as_luac = true };

	if (strstr(path, "-debug0") || strstr(path, "-e32"))
		o.strip = LUA_STRIP_NONE;
	if (strstr(path, "-debug2"))
		o.strip = LUA_STRIP_ALL;
	o.unnamed = strstr(path, "-strip") != NULL;
	return o;
}

/* Of a value in 8 bytes only as many count as its type has. */
static void blank_constant(const struct lua_image *img, const struct lua_const *k, uint8_t *p)
{
	const struct lua_traits *t = &img->traits;
	bool narrow = k->type == LUA_STRING || k->type == LUA_BOOLEAN ||
		      (k->type == LUA_INTEGER && t->integer_bytes == 4) ||
		      (k->type == LUA_FLOAT && t->float_bytes == 4);

	if (k->type == LUA_NIL)
		memset(p, 0, t->tvalue_bytes - 4);
	else if (t->tvalue_bytes > 8 && narrow)
		memset(p + 4, 0, 4);
}

static void blank_constants(const struct lua_image *img, const struct lua_proto *p, uint8_t *bytes)
{
	uint8_t *at = bytes + p->parts[LUA_PART_CONSTANTS].off;

	for (uint32_t i = 0; i < p->constants.count; i++, at += img->traits.tvalue_bytes)
		blank_constant(img, &img->constants[p->constants.first + i], at);
}

static void blank53(const struct lua_image *img, uint8_t *bytes)
{
	for (uint32_t i = 0; i < img->nprotos; i++) {
		const struct lua_proto *p = &img->protos[i];

		memset(bytes + p->off + 9, 0, 3);
		for (uint32_t k = 0; k < p->upvalues.count; k++)
			memset(bytes + p->parts[LUA_PART_UPVALUES].off + 8 * k + 6, 0, 2);
		blank_constants(img, p, bytes);
	}
}

static void blank_2018(const struct lua_image *img, uint8_t *bytes)
{
	for (uint32_t i = 0; i < img->nprotos; i++) {
		memset(bytes + img->protos[i].off + 5, 0, 3);
		blank_constants(img, &img->protos[i], bytes);
	}
	for (uint32_t i = 0; i < img->nstrings; i++) {
		const struct lua_string *s = &img->strings[i];
		uint32_t end = s->off + 16 + s->len + 1;

		memset(bytes + end, 0, -end & 3);
	}
}

/*
 * Puts 0 over what the programs that wrote the reference data left undefined in an image's bytes:
 * 5.3, see tests/golden/verdicts/README.md; format 0 of 5.1, its padding, marks and the like.
 */
static void blank_undefined(const struct lua_image *img, uint8_t *bytes)
{
	if (img->traits.version == LUA_53 && img->traits.form == LUA_FORM_ABSOLUTE)
		blank53(img, bytes);
	if (img->format == &lua_lfs51_2018)
		blank_2018(img, bytes);
}

bool same_image(const struct lua_image *a, const struct lua_image *b)
{
	uint8_t *x = malloc(a->nbytes + 1);
	uint8_t *y = malloc(b->nbytes + 1);
	bool same = a->nbytes == b->nbytes;

	assert_true(x && y);
	memcpy(x, a->bytes, a->nbytes);
	memcpy(y, b->bytes, b->nbytes);
	blank_undefined(a, x);
	blank_undefined(b, y);
	same = same && memcmp(x, y, a->nbytes) == 0;
	free(x);
	free(y);
	return same;
}

static void assert_checked(const char *what, const struct lua_image *img)
{
	struct check_target target = { 0 };
	struct check_report report;
	struct diag diag = { 0 };
	struct buf bytes = { 0 };
	struct lua_book book;

	golden_same(what, "written", img->format->save(img, &diag, &bytes), ERR_NONE);
	golden_same(what, "read", lua_book_open(&book, what, bytes.data, bytes.len), ERR_NONE);
	golden_same(what, "notes", book.img->note_count, 0);
	golden_same(what, "checked",
		    check_file(bytes.data, bytes.len, &book, &target, &report, &diag), ERR_NONE);
	if (report.bad)
		for (uint32_t i = 0; i < report.count; i++)
			if (report.findings[i].level != CHECK_NOTE)
				fail_msg("%s: %s: %s %s", what, report.findings[i].path,
					 report.findings[i].cause, report.findings[i].message);
	check_free(&report);
	lua_book_close(&book);
	buf_free(&bytes);
}

void assert_sound(const char *what, const struct lua_image *img, const struct lua_image *wanted)
{
	uint8_t a[SHA256_BYTES], b[SHA256_BYTES];
	struct lua_layout layout;
	struct diag diag = { 0 };

	if (wanted) {
		lua_identity(img, a);
		lua_identity(wanted, b);
		golden_same_bytes(what, "identity", a, sizeof(a), b, sizeof(b));
	}
	golden_same(what, "layout", lua_layout_make(img, &diag, &layout), ERR_NONE);
	golden_same(what, "exact", layout.exact, true);
	golden_same(what, "size", layout.size, img->flash_size);
	lua_layout_free(&layout);
	/* The words that stock numbering spoils are what it is about. */
	if (!strstr(what, "/fixed-53"))
		assert_checked(what, img);
}
