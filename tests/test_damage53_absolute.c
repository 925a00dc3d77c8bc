/* SPDX-License-Identifier: MIT */
/*
 * Harmed absolute images of Lua 5.3: each address and count is named with its place, and nothing
 * does harm to the reader.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lua/identity.h"
#include "common/lua/flash53.h"
#include "tests/util_golden.h"
#include "tests/util_tour.h"

#define APP    "tests/golden/img/app-53-abs.img"
#define APP64  "tests/golden/img/app-53-e32i64f64-abs.img"
#define FLOATS "tests/golden/regions/floats-53.bin"
#define FIXED  "tests/golden/regions/fixed-53d.bin"

struct scene {
	const char *path;
	struct file f;
	struct lua_image *img;
};

static struct scene scene_open(const char *path)
{
	return (struct scene){ path, golden_file(path), golden_load(path) };
}

static void scene_close(struct scene *s)
{
	lua_image_free(s->img);
	file_close(&s->f);
}

static void put_word(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* Writes value over the word at off; the failure must be there, at that very word. */
static void harm(struct scene *s, uint32_t off, uint32_t value, const char *field)
{
	uint32_t before = le32(s->f.data + off);
	struct lua_image *img;
	struct diag diag;
	char what[200];

	put_word(s->f.data + off, value);
	img = golden_load_bytes(s->f.data, s->f.len, &diag);
	snprintf(what, sizeof(what), "%s: %s at 0x%x = 0x%x: %s", s->path, field, (unsigned)off,
		 (unsigned)value, diag.path);
	golden_same(what, "failed", diag.code != ERR_NONE, true);
	golden_same(what, diag.text, diag.off, off);
	golden_same(what, "names the field", strstr(diag.path, field) != NULL, true);
	lua_image_free(img);
	put_word(s->f.data + off, before);
}

static void harm_address(struct scene *s, uint32_t off, const char *field)
{
	uint32_t base = s->img->header.base;

	if (!le32(s->f.data + off))
		return;
	harm(s, off, base + (uint32_t)s->img->flash_size, field);
	harm(s, off, base - 4, field);
	harm(s, off, le32(s->f.data + off) + 1, field);
	harm(s, off, base, field);
	harm(s, off, UINT32_MAX, field);
}

static void harm_vectors(struct scene *s, const struct lua_proto *p)
{
	const struct lua_range *parts = p->parts;
	uint32_t each = s->img->traits.tvalue_bytes;

	for (uint32_t i = 0; i < p->children.count; i++)
		harm_address(s, parts[LUA_PART_CHILDREN].off + 4 * i, "p[");
	for (uint32_t i = 0; i < p->upvalues.count; i++)
		harm_address(s, parts[LUA_PART_UPVALUES].off + 8 * i, "].name");
	for (uint32_t i = 0; i < p->locals.count; i++)
		harm_address(s, parts[LUA_PART_LOCALS].off + 12 * i, "].varname");
	for (uint32_t i = 0; i < p->constants.count; i++) {
		uint32_t off = parts[LUA_PART_CONSTANTS].off + i * each;

		if (s->img->constants[p->constants.first + i].type == LUA_STRING)
			harm_address(s, off, "].value");
		harm(s, off + each - 4, 0x99, "].tag");
	}
}

static void harm_record(struct scene *s, const struct lua_proto *p)
{
	static const char *const counts[] = { "sizeupvalues", "sizek", "sizecode",
					      "sizelineinfo", "sizep", "sizelocvars" };
	static const char *const addresses[] = { "k",       "code",     "p",     "lineinfo",
						 "locvars", "upvalues", "source" };
	char name[32];

	for (uint32_t i = 0; i < 7; i++) {
		snprintf(name, sizeof(name), "].%s", addresses[i]);
		harm_address(s, p->off + 44 + 4 * i, name);
	}
	for (uint32_t i = 0; i < 6; i++) {
		harm(s, p->off + 12 + 4 * i, 0x7fffffff, counts[i]);
		harm(s, p->off + 12 + 4 * i, UINT32_MAX, counts[i]);
	}
}

static void check_harms(const char *path)
{
	struct scene s = scene_open(path);
	const struct lua_header *h = &s.img->header;
	uint32_t rotable = h->modules.off + h->modules.len - 16;
	uint32_t entry = flash53_entry(s.img->traits.tvalue_bytes);

	for (uint32_t i = 0; i < s.img->nprotos; i++) {
		harm_record(&s, &s.img->protos[i]);
		harm_vectors(&s, &s.img->protos[i]);
	}
	for (uint32_t i = 0; i < h->buckets; i++)
		harm_address(&s, h->hash_vector.off + 4 * i, "oROhash");
	for (uint32_t i = 0; i < s.img->nstrings; i++)
		if (s.img->strings[i].len <= LUA_SHORT_MAX)
			harm_address(&s, s.img->strings[i].off + 12, "hnext");
	for (uint32_t i = 0; i < s.img->nmodules; i++) {
		harm_address(&s, h->modules.off + i * entry, "].name");
		harm(&s, h->modules.off + i * entry, 0, "].name");
		harm_address(&s, h->modules.off + i * entry + 4, "].proto");
		harm(&s, h->modules.off + i * entry + 4, 0, "].proto");
		harm(&s, h->modules.off + (i + 1) * entry - 4, 4, "].tag");
	}
	harm(&s, rotable + 12, le32(s.f.data + rotable + 12) + entry, "protoROTable.entry");
	harm(&s, rotable + 12, 0, "protoROTable.entry");
	scene_close(&s);
}

static void every_harmed_address_and_count_is_named_with_its_place(void **state)
{
	(void)state;
	check_harms(FLOATS);
	check_harms(FIXED);
	check_harms(APP);
	check_harms(APP64);
}

static void check_header_harms(const char *path)
{
	struct scene s = scene_open(path);
	uint32_t size = (uint32_t)s.img->flash_size;

	harm(&s, 4, size + 4, "flash_size");
	harm(&s, 4, size - 1, "flash_size");
	harm(&s, 4, 0, "flash_size");
	harm(&s, 4, 1 << 28, "flash_size");
	harm(&s, 20, 0, "nROsize");
	harm(&s, 20, 3, "nROsize");
	harm(&s, 20, 1u << 31, "nROsize");
	harm(&s, 24, 0, "oROhash");
	harm(&s, 24, size / 4 + 1, "oROhash");
	harm(&s, 24, UINT32_MAX, "oROhash");
	harm(&s, 28, 0, "protoROTable");
	harm(&s, 28, size / 4, "protoROTable");
	harm(&s, 28, 1u << 30, "protoROTable");
	harm(&s, 48, s.img->header.base + 64, "strings[0].next");
	harm(&s, 48, 0, "strings[0].next");
	scene_close(&s);
}

static void every_harmed_field_of_the_header_is_named(void **state)
{
	(void)state;
	check_header_harms(FLOATS);
	check_header_harms(APP);
	check_header_harms(APP64);
}

/* Lists that only the loader itself has a use for. */
static void harmed_lists_are_noted(void **state)
{
	static const uint32_t heads[] = { 32, 36, 40 };
	struct scene s = scene_open(APP);
	uint32_t places[5];
	struct diag diag;

	(void)state;
	memcpy(places, heads, sizeof(heads));
	places[3] = s.img->strings[5].off;
	places[4] = s.img->protos[3].off;
	for (unsigned i = 0; i < 5; i++) {
		struct lua_image *img;
		uint32_t before = le32(s.f.data + places[i]);

		put_word(s.f.data + places[i], before + 4);
		img = golden_load_bytes(s.f.data, s.f.len, &diag);
		assert_int_equal(diag.code, ERR_NONE);
		assert_int_equal(img->note_count, 1);
		assert_int_equal(img->notes[0].off, places[i]);
		lua_image_free(img);
		put_word(s.f.data + places[i], before);
	}
	scene_close(&s);
}

/* With one of the places that tell the base gone the others do. */
static void one_wrong_place_does_not_move_the_base(void **state)
{
	struct scene s = scene_open(APP);
	uint32_t rotable = s.img->header.modules.off + s.img->header.modules.len - 16;
	const uint32_t places[] = { 48, rotable + 12 };
	uint8_t want[SHA256_BYTES], got[SHA256_BYTES];
	struct lua_image *img;
	struct diag diag;

	(void)state;
	lua_identity(s.img, want);
	for (unsigned i = 0; i < 2; i++) {
		uint32_t before = le32(s.f.data + places[i]);

		put_word(s.f.data + places[i], before ^ 0x00100000);
		img = golden_load_bytes(s.f.data, s.f.len, &diag);
		assert_int_equal(diag.off, places[i]);
		assert_int_equal(img->header.base, 0x40296000);
		lua_identity(img, got);
		assert_memory_equal(got, want, sizeof(got));
		lua_image_free(img);
		put_word(s.f.data + places[i], before);
	}
	scene_close(&s);
}

/* A prototype inside itself, a chain that comes back. */
static void cycles_are_failures(void **state)
{
	struct scene s = scene_open(APP);
	const struct lua_image *img = s.img;
	uint32_t base = img->header.base;

	(void)state;
	for (uint32_t i = 0; i < img->nprotos; i++) {
		const struct lua_proto *p = &img->protos[i];

		if (p->children.count == 0)
			continue;
		harm(&s, p->parts[LUA_PART_CHILDREN].off, base + p->off, "p[0]");
		if (p->parent != LUA_NONE)
			harm(&s, p->parts[LUA_PART_CHILDREN].off, base + img->protos[p->parent].off,
			     "p[0]");
	}
	for (uint32_t i = 0; i < img->nstrings; i++)
		if (img->strings[i].chain == 0 && !le32(s.f.data + img->strings[i].off + 12))
			harm(&s, img->strings[i].off + 12, base + img->strings[i].off, "hnext");
	scene_close(&s);
}

static void check_any_word(const char *path, uint32_t step)
{
	struct scene s = scene_open(path);
	uint32_t base = s.img->header.base;
	uint32_t size = (uint32_t)s.img->flash_size;
	struct diag diag;

	for (uint32_t off = 4; off < size; off += step) {
		uint32_t before = le32(s.f.data + off);
		const uint32_t values[] = { 0,          1,
					    0xff,       UINT32_MAX,
					    before + 4, before ^ 0x80000000,
					    base + off, base + size - 4,
					    base + 48,  off / 4 };

		for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			put_word(s.f.data + off, values[i]);
			if ((off / step + i) % 16 == 0)
				tour_bytes(s.f.data, s.f.len, TOUR_ROWS);
			else
				lua_image_free(golden_load_bytes(s.f.data, s.f.len, &diag));
		}
		put_word(s.f.data + off, before);
	}
	scene_close(&s);
}

static void no_changed_word_does_harm(void **state)
{
	(void)state;
	check_any_word(FLOATS, 4);
	check_any_word(FIXED, 4);
	check_any_word(APP, 44);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_harmed_address_and_count_is_named_with_its_place),
		cmocka_unit_test(every_harmed_field_of_the_header_is_named),
		cmocka_unit_test(harmed_lists_are_noted),
		cmocka_unit_test(one_wrong_place_does_not_move_the_base),
		cmocka_unit_test(cycles_are_failures),
		cmocka_unit_test(no_changed_word_does_harm),
	};

	return cmocka_run_group_tests_name("damage53_absolute", tests, NULL, NULL);
}
