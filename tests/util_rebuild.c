/* SPDX-License-Identifier: MIT */
#include "tests/util_rebuild.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/convert.h"
#include "common/lua/fit.h"
#include "common/lua/identity.h"
#include "common/lua/link.h"
#include "common/strings/filter.h"
#include "common/strings/input.h"
#include "tests/util_ways.h"

enum { MODULES_MAX = 300, BASE_ESP8266 = 0x40210000, BASE_ESP32 = 0x3f430000 };

static void broken(const char *what, const char *words)
{
	fprintf(stderr, "broken promise: rebuild: %s: %s\n", what, words);
	abort();
}

static struct lua_traits traits_of(const struct check_kind *k)
{
	struct lua_traits t = { .version = k->version,
				.format = 1,
				.integer_bytes = k->integer_bytes,
				.float_bytes = k->float_bytes,
				.packed = k->packed };

	if (k->version == LUA_51)
		t.tvalue_bytes = !k->float_bytes ? 8 : k->packed ? 12 : 16;
	else
		t.tvalue_bytes = k->integer_bytes == 4 && k->float_bytes == 4 ? 8 : 12;
	t.form = k->version == LUA_51 ? LUA_FORM_RELOCATABLE : LUA_FORM_PORTABLE;
	return t;
}

/* No byte without an owner, and nothing that a reader stumbles over. */
static void is_whole(const struct lua_image *img)
{
	struct lua_layout layout;
	struct diag diag = { 0 };

	if (img->note_count)
		broken("an image with damage", img->notes[0].text);
	if (lua_layout_make(img, &diag, &layout) || !layout.exact)
		broken("bytes without an owner", diag.text);
	if (layout.size != img->flash_size)
		broken("of another size than it says", "");
	lua_layout_free(&layout);
}

/* What is written is what was linked, and a loader takes it, wherever the check sends it. */
static void is_taken(const struct lua_image *made, const struct check_target *target)
{
	uint8_t a[SHA256_BYTES], b[SHA256_BYTES];
	struct lua_image *read = NULL;
	struct diag diag = { 0 };
	struct buf bytes = { 0 };
	struct check_report r;

	if (made->format->save(made, &diag, &bytes))
		broken("an image that cannot be written", diag.text);
	if (lua_image_load(bytes.data, bytes.len, &diag, &read))
		broken("an image that cannot be read", diag.text);
	is_whole(read);
	lua_identity(made, a);
	lua_identity(read, b);
	if (memcmp(a, b, sizeof(a)) != 0)
		broken("an image that reads otherwise than it was made", "");
	r = report_of(bytes.data, bytes.len, target);
	if (r.refused)
		broken("an image that is refused", r.findings[0].message);
	check_free(&r);
	lua_image_free(read);
	buf_free(&bytes);
}

/* As a file and as it stands in flash: the loader's work must give what was linked, too. */
static void check_forms(const struct lua_image *img, const struct check_target *target)
{
	enum lua_form other = LUA_FORM_ABSOLUTE;
	struct check_target flashed = *target;
	struct lua_image *moved = NULL;
	struct diag diag = { 0 };
	uint32_t base = target->esp32 ? BASE_ESP32 : BASE_ESP8266;

	is_taken(img, target);
	flashed.flashed = true;
	flashed.base = base;
	if (lua_image_convert(img, other, base, &diag, &moved))
		broken("an image that cannot be moved", diag.text);
	is_taken(moved, &flashed);
	lua_image_free(moved);
}

static unsigned link_one(const struct lua_image *img, const struct check_kind *k, unsigned round)
{
	struct lua_link_options o = { .traits = traits_of(k) };
	struct lua_link_input in[MODULES_MAX];
	struct lua_image *out = NULL;
	struct check_target target;
	struct diag diag = { 0 };
	uint32_t n = 0;

	for (; n < img->nmodules && n < MODULES_MAX; n++) {
		in[n] = lua_link_module(img, n);
		in[n].strip = (round + n) / 5 % 3;
		if (img->traits.form == LUA_FORM_CHUNK) {
			in[n].name = (const uint8_t *)"main";
			in[n].name_len = 4;
		}
	}
	o.strip = round % 3;
	o.hash = round / 3 % 3;
	o.share = round & 1;
	o.fix_fixed = lua_link_wants_fix(in, n);
	o.time = o.seed = round * 0x01234567;
	if (!check_kind_find(k->name, &target))
		abort();
	if (lua_link(in, n, &o, &diag, &out) == ERR_NONE) {
		check_forms(out, &target);
	} else if (!diag.text[0] || out) {
		broken("a refusal without words", "");
	}
	lua_image_free(out);
	return diag.code == ERR_NONE;
}

static unsigned link_all(const struct lua_image *img)
{
	unsigned round = img->nstrings + img->nprotos, made = 0;

	for (const struct check_kind *k = check_kinds; k->name; k++)
		made += link_one(img, k, round++);
	return made;
}

/* A source for one firmware, with that firmware's numbers. */
static unsigned link_source(const uint8_t *text, size_t len, const struct check_kind *k)
{
	struct lua_traits t = traits_of(k);
	struct lua_compiler compiler;
	struct lua_image *img = NULL;
	struct diag diag = { 0 };
	unsigned made = 0;

	if (!lua_compiler_open(t.version, &compiler))
		return 0;
	if (lua_compile_for(&compiler, &t, text, len, &diag, &img) == ERR_NONE)
		made = link_one(img, k, (unsigned)len);
	else if (!diag.text[0] || img)
		broken("a source refused without words", "");
	lua_image_free(img);
	lua_compiler_close(&compiler);
	return made;
}

static unsigned link_strings(const uint8_t *data, size_t len)
{
	struct string_set set = { 0 };
	struct diag diag = { 0 };
	unsigned made = 0;

	string_input_load(&set, data, len, &diag);
	for (const struct check_kind *k = check_kinds; set.count && k->name; k++) {
		struct string_filter filter = { .lua = (int)k->version };
		struct buf text = { 0 };

		if (string_judge(&set, &filter, &diag))
			abort();
		string_generate(&set, &text);
		made += link_source(text.data, text.len, k);
		buf_free(&text);
	}
	string_set_free(&set);
	return made;
}

unsigned rebuild_all_ways(const uint8_t *data, size_t len)
{
	struct lua_image *img = NULL;
	struct diag diag = { 0 };
	unsigned made = 0;

	if (len && data[0] == '-') {
		for (const struct check_kind *k = check_kinds; k->name; k++)
			made += link_source(data + 1, len - 1, k);
		return made;
	}
	lua_image_load(data, len, &diag, &img);
	/* Damaged or not: modules that are not whole are refused one by one. */
	if (img)
		made = link_all(img);
	else if (diag.code == ERR_KIND)
		made = link_strings(data, len);
	lua_image_free(img);
	return made;
}

void rebuild_tour(const uint8_t *data, size_t len)
{
	rebuild_all_ways(data, len);
}
