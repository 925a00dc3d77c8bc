/* SPDX-License-Identifier: MIT */
/*
 * Damaged images and chunks of Lua 5.1: which field is named for what was done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/gzip.h"
#include "common/lua/format.h"
#include "tests/util_golden.h"
#include "tests/util_gzip.h"
#include "tests/util_tour.h"

#define IMG    "tests/golden/img/"
#define LC     "tests/golden/lc/"
#define FLOATS IMG "floats-51f.img" /* two prototypes, four strings, 580 bytes */

/* What a relocatable file inflates to: image and flags. */
static struct buf inflated(const char *path)
{
	struct file f = golden_file(path);
	struct diag diag = { 0 };
	struct buf b = { 0 };
	size_t trailing;

	assert_int_equal(gzip_inflate(f.data, f.len, FILE_MAX, &diag, &b, &trailing), ERR_NONE);
	file_close(&f);
	return b;
}

static struct buf plain(const char *path)
{
	struct file f = golden_file(path);
	struct buf b = { 0 };

	buf_put(&b, f.data, f.len);
	file_close(&f);
	return b;
}

static void put_u32(struct buf *b, size_t off, uint32_t value)
{
	assert_true(off + 4 <= b->len);
	for (unsigned i = 0; i < 4; i++)
		b->data[off + i] = (uint8_t)(value >> 8 * i);
}

/* Loads bytes, wrapped in gzip when they are an inflated image. */
static struct lua_image *load(const uint8_t *data, size_t len, bool wrap, struct diag *diag)
{
	struct lua_image *img;
	struct buf b = { 0 };

	*diag = (struct diag){ 0 };
	if (wrap) {
		gzip_wrap(data, len, 0, &b);
		data = b.data;
		len = b.len;
	}
	lua_image_load(data, len, diag, &img);
	buf_free(&b);
	return img;
}

/* Prefixes */

static void prefix_fails(const char *path, const struct buf *b, size_t n, bool wrap)
{
	struct diag diag;
	struct lua_image *img;
	uint8_t *exact = malloc(n ? n : 1); /* so that a sanitizer sees the first byte behind */
	char what[40];

	memcpy(exact, b->data, n);
	img = load(exact, n, wrap, &diag);
	snprintf(what, sizeof(what), "prefix of %zu", n);
	golden_same(path, what, diag.code != ERR_NONE && diag.text[0], true);
	if (diag.code != ERR_KIND) {
		golden_same(path, what, diag.placed && diag.path[0], true);
		golden_same(path, what, diag.off <= (diag.inflated ? img->nbytes : n), true);
	}
	lua_image_free(img);
	free(exact);
}

/* Below so many bytes it cannot be told what a file is. */
static size_t shortest(const struct buf *b)
{
	if (b->data[0] == 0x1b)
		return 6;
	return gzip_probe(b->data, b->len) ? 2 : 4;
}

static void prefixes_fail(const char *path)
{
	struct buf b = plain(path);
	size_t step = b.len < 3000 ? 1 : b.len < 13000 ? 7 : 97;
	struct diag diag;

	for (size_t n = 0; n < shortest(&b); n++) {
		assert_null(load(b.data, n, false, &diag));
		assert_int_equal(diag.code, ERR_KIND);
	}
	for (size_t n = b.len; n > shortest(&b); n -= n > step ? step : n)
		prefix_fails(path, &b, n - 1, false);
	for (size_t n = shortest(&b); n < 300 && n < b.len; n++)
		prefix_fails(path, &b, n, false);
	buf_free(&b);
}

static void every_strict_prefix_fails_and_says_where(void **state)
{
	(void)state;
	golden_each(IMG "*-51*.img", prefixes_fail);
	golden_each(LC "*-51*.lc", prefixes_fail);
}

static void every_strict_prefix_inside_of_gzip_fails_and_says_where(void **state)
{
	struct buf b = inflated(FLOATS);

	(void)state;
	for (size_t n = 0; n < b.len; n++)
		prefix_fails(FLOATS, &b, n, true);
	buf_free(&b);
	b = inflated(IMG "app-51i.img");
	for (size_t n = 4; n < b.len; n += 5)
		prefix_fails("app-51i", &b, n, true);
	buf_free(&b);
}

/* Bytes */

static void replace_bytes(const struct buf *b, bool wrap)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < 3 * b->len; i++) {
		uint8_t *p = b->data + i / 3;
		uint8_t was = *p;

		*p = i % 3 == 0 ? 0 : i % 3 == 1 ? 0xff : (uint8_t)~was;
		out.len = 0;
		if (wrap)
			gzip_wrap(b->data, b->len, 0, &out);
		else
			buf_put(&out, b->data, b->len);
		tour_bytes(out.data, out.len, 1u << i % 6);
		*p = was;
	}
	buf_free(&out);
}

static void harm_chunk(const char *path)
{
	struct buf b = plain(path);

	if (b.len < 800)
		replace_bytes(&b, false);
	buf_free(&b);
}

static void any_byte_may_be_replaced_without_harm(void **state)
{
	struct buf b = plain(FLOATS);

	(void)state;
	replace_bytes(&b, false);
	buf_free(&b);
	b = inflated(FLOATS);
	replace_bytes(&b, true);
	buf_free(&b);
	golden_each(LC "*-51*.lc", harm_chunk);
}

/* Fields of the small image */

struct harm {
	uint32_t off, value; /* word that is put there */
	enum err code;       /* ERR_NONE: a note, not a failure */
	uint32_t at;         /* offset and path that are reported */
	const char *field;
};

enum { MAIN = 0x1fc, FLOATS_PROTO = 0x170 };

static const struct harm harms[] = {
	{ 0x004, 0x00800004, ERR_LIMIT, 0x004, "flash_size" },
	{ 0x004, 0x7ffffffc, ERR_LIMIT, 0x004, "flash_size" },
	{ 0x004, 0x00000245, ERR_DAMAGED, 0x004, "flash_size" },
	{ 0x004, 0x00000010, ERR_DAMAGED, 0x004, "flash_size" },
	{ 0x004, 0x00000000, ERR_DAMAGED, 0x004, "flash_size" },
	{ 0x004, 0x00001000, ERR_TRUNCATED, 0x004, "flash_size" },
	{ 0x004, 0x00000248, ERR_TRUNCATED, 0x258, "flags" },
	{ 0x004, 0x00000240, ERR_DAMAGED, 0x254, "flags" },
	{ 0x008, 0x00000000, ERR_DAMAGED, 0x008, "mainProto" },
	{ 0x008, 0x00000091, ERR_DAMAGED, 0x008, "mainProto" },
	{ 0x008, 0x4000007f, ERR_DAMAGED, 0x008, "mainProto" },
	{ 0x008, 0x00000080, ERR_DAMAGED, 0x204, "proto[0].tt" },
	{ 0x008, 0x0000005c, ERR_DAMAGED, 0x1b8,
	  "image" }, /* the module as main: a hole behind it */
	{ 0x00c, 0x00000009, ERR_DAMAGED, 0x00c, "pROhash" },
	{ 0x00c, 0x00000000, ERR_DAMAGED, 0x00c, "pROhash" },
	{ 0x010, 0x00000003, ERR_DAMAGED, 0x028, "pROhash[2].next" },
	{ 0x010, 0x00000005, ERR_DAMAGED, 0x0a0, "strings" },
	{ 0x010, 0xffffffff, ERR_TRUNCATED, 0x0d8, "strings[6].text" },
	{ 0x014, 0x00000000, ERR_DAMAGED, 0x014, "nROsize" },
	{ 0x014, 0x00000007, ERR_DAMAGED, 0x014, "nROsize" },
	{ 0x014, 0x00010000, ERR_TRUNCATED, 0x014, "nROsize" },
	{ 0x014, 0x80000000, ERR_TRUNCATED, 0x014, "nROsize" },
	{ 0x028, 0x00000022, ERR_DAMAGED, 0x028, "pROhash[2].next" },
	{ 0x028, 0x00000010, ERR_DAMAGED, 0x030, "pROhash[4].next" }, /* in two chains */
	{ 0x06c, 0x0000001b, ERR_DAMAGED, 0x06c, "pROhash[6].next" },
	{ 0x048, 0xdf87c4ff, ERR_NONE, 0x048, "strings[0].hash" },
	{ 0x04c, 0x00001000, ERR_TRUNCATED, 0x050, "strings[0].text" },
	{ 0x04c, 0xffffffff, ERR_DAMAGED, 0x04c, "strings[0].len" },
	{ 0x04c, 0xfffffffb, ERR_DAMAGED, 0x04c, "strings[0].len" },
	{ 0x0a8, 0x00000007, ERR_DAMAGED, 0x0a8, "proto[1].k[0].tag" },
	{ 0x0a8, 0x00000004, ERR_DAMAGED, 0x0a0, "proto[1].k[0].value" },
	{ 0x174, 0x00000005, ERR_DAMAGED, 0x174, "proto[1].tt" },
	{ 0x178, 0x00000092, ERR_DAMAGED, 0x178, "proto[1].k" },
	{ 0x17c, 0x00000000, ERR_DAMAGED, 0x17c, "proto[1].code" },
	{ 0x180, 0x00000010, ERR_DAMAGED, 0x180, "proto[1].p" }, /* not flagged */
	{ 0x184, 0x00000019, ERR_DAMAGED, 0x184, "proto[1].packedlineinfo" },
	{ 0x190, 0x00000022, ERR_DAMAGED, 0x190, "proto[1].source" },
	{ 0x194, 0x00000001, ERR_DAMAGED, 0x194, "proto[1].sizeupvalues" },
	{ 0x198, 0x0000000d, ERR_DAMAGED, 0x138, "proto[1].k[12].tag" },
	{ 0x198, 0x00000024, ERR_DAMAGED, 0x198, "proto[1].sizek" },
	{ 0x198, 0x80000000, ERR_DAMAGED, 0x198, "proto[1].sizek" },
	{ 0x19c, 0x00000046, ERR_DAMAGED, 0x19c, "proto[1].sizecode" },
	{ 0x1a0, 0x00000001, ERR_DAMAGED, 0x1a0, "proto[1].sizep" },
	{ 0x1a4, 0x00000001, ERR_DAMAGED, 0x1a4, "proto[1].sizelocvars" },
	{ 0x1b8, 0x0000007f, ERR_DAMAGED, 0x1b8, "proto[0].p[0]" }, /* the main one again */
	{ 0x1b8, 0x00000000, ERR_DAMAGED, 0x1b8, "proto[0].p[0]" },
	{ 0x1bc, 0x00000011, ERR_DAMAGED, 0x1bc, "proto[0].k[0].value" },
	{ 0x224, 0x00000001, ERR_DAMAGED, 0x1c8, "image" },
	{ 0x22c, 0x00000002, ERR_DAMAGED, 0x044, "proto[2].tt" },
	{ 0x22c, 0x3fffffff, ERR_DAMAGED, 0x22c, "proto[0].sizep" },
	{ 0x244, 0x08005408, ERR_DAMAGED, 0x008, "mainProto" },
	{ 0x244, 0x0800540e, ERR_NONE, 0x004, "flags" },
	{ 0x244, 0x0802540c, ERR_NONE, 0x044, "flags" },
	{ 0x244, 0x4800540c, ERR_NONE, 0x078, "flags" },
};

/* Tells all that differ, not only the first. */
static bool harm_is_told(const struct buf *b, const struct harm *h)
{
	struct diag diag;
	struct lua_image *img = load(b->data, b->len, true, &diag);
	bool right;

	if (!h->code && !diag.code && img->note_count) {
		diag = img->notes[0];
		diag.code = ERR_NONE;
	}
	right = diag.code == h->code && diag.off == h->at && strcmp(diag.path, h->field) == 0 &&
		diag.placed && diag.inflated && diag.text[0];
	if (!right)
		print_error("0x%03x = 0x%08x: error %u at 0x%03x, %s: %s\n", h->off, h->value,
			    diag.code, (unsigned)diag.off, diag.path, diag.text);
	lua_image_free(img);
	return right;
}

static void damage_is_reported_at_the_field_that_has_it(void **state)
{
	struct buf b = inflated(FLOATS);
	bool right = true;

	(void)state;
	for (size_t i = 0; i < sizeof(harms) / sizeof(harms[0]); i++) {
		uint32_t was = le32(b.data + harms[i].off);

		put_u32(&b, harms[i].off, harms[i].value);
		right &= harm_is_told(&b, &harms[i]);
		put_u32(&b, harms[i].off, was);
	}
	buf_free(&b);
	assert_true(right);
}

/* All prototypes and all addresses of larger images */

static const struct {
	uint32_t off;
	const char *name;
} counts[] = { { 36, "sizeupvalues" },
	       { 40, "sizek" },
	       { 44, "sizecode" },
	       { 48, "sizep" },
	       { 52, "sizelocvars" } },
  addresses[] = { { 8, "k" },        { 12, "code" },     { 16, "p" },     { 20, "packedlineinfo" },
		  { 24, "locvars" }, { 28, "upvalues" }, { 32, "source" } };

/* value in the field off of prototype i, which must be called name when it is complained of. */
static void field_is_told(const char *path, struct buf *b, const struct lua_image *img, uint32_t i,
			  uint32_t off, const char *name, uint32_t value)
{
	uint32_t at = img->protos[i].off + off;
	uint32_t was = le32(b->data + at);
	struct diag diag;
	char field[40];

	snprintf(field, sizeof(field), "proto[%u].%s", (unsigned)i, name);
	put_u32(b, at, value);
	lua_image_free(load(b->data, b->len, false, &diag));
	put_u32(b, at, was);
	golden_same(path, field, diag.code, ERR_DAMAGED);
	golden_same(path, field, diag.off, at);
	assert_string_equal(diag.path, field);
}

static void fields_are_told(const char *path)
{
	struct buf b = plain(path);
	struct lua_image *img = golden_load(path);
	uint32_t end = img->header.base + (uint32_t)img->flash_size;

	for (uint32_t i = 0; i < img->nprotos; i++) {
		for (unsigned c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
			field_is_told(path, &b, img, i, counts[c].off, counts[c].name, UINT32_MAX);
			field_is_told(path, &b, img, i, counts[c].off, counts[c].name, 1u << 29);
			field_is_told(path, &b, img, i, counts[c].off, counts[c].name,
				      (uint32_t)img->flash_size / 4);
		}
		for (unsigned a = 0; a < sizeof(addresses) / sizeof(addresses[0]); a++) {
			uint32_t off = addresses[a].off;

			field_is_told(path, &b, img, i, off, addresses[a].name, end);
			field_is_told(path, &b, img, i, off, addresses[a].name, 4);
			field_is_told(path, &b, img, i, off, addresses[a].name,
				      img->header.base + 0x31);
		}
	}
	lua_image_free(img);
	buf_free(&b);
}

static void every_count_and_address_of_every_prototype_is_checked(void **state)
{
	(void)state;
	fields_are_told(IMG "app-51i-abs.img");
	fields_are_told(IMG "app-51f-abs.img");
}

/* Words that are flagged as addresses are moved on by one, and each flag is turned over. */
static void moves_are_seen(const char *path)
{
	struct buf b = inflated(path);
	uint32_t size = le32(b.data + 4);
	char what[60];
	unsigned n = 0;

	for (uint32_t word = 0; word < size / 4; word++) {
		uint8_t *flags = b.data + size + word / 8;
		uint32_t was = le32(b.data + 4 * (size_t)word);
		struct lua_image *img;
		struct diag diag;

		snprintf(what, sizeof(what), "word %u", (unsigned)word);
		if (*flags >> word % 8 & 1) {
			put_u32(&b, 4 * (size_t)word, was + 1);
			img = load(b.data, b.len, true, &diag);
			golden_same(path, what, diag.code || img->note_count, true);
			lua_image_free(img);
			put_u32(&b, 4 * (size_t)word, was);
			n++;
		}
		*flags ^= (uint8_t)(1 << word % 8);
		img = load(b.data, b.len, true, &diag);
		golden_same(path, what, diag.code || img->note_count, true);
		lua_image_free(img);
		*flags ^= (uint8_t)(1 << word % 8);
	}
	assert_true(n > 10);
	buf_free(&b);
}

static void no_address_is_moved_and_no_flag_turned_unseen(void **state)
{
	(void)state;
	moves_are_seen(FLOATS);
	moves_are_seen(IMG "app-51i.img");
	moves_are_seen(IMG "app-51f-debug0.img");
	moves_are_seen(IMG "app-51-2018b-float.img");
}

/* The chain of 2018: a link that turns back, leaves the image, or leaves an address out. */
static void chains_of_addresses_are_followed_with_care(void **state)
{
	static const struct harm links[] = {
		{ 8, 2, ERR_DAMAGED, 8, "next" },
		{ 8, 1, ERR_DAMAGED, 8, "next" },
		{ 8, 0xffff, ERR_DAMAGED, 8, "next" },
		{ 8, 0, ERR_DAMAGED, 12, "pROhash" },
		{ 12, 10, ERR_DAMAGED, 36, "pROhash[1].next" },
	};
	struct buf b = plain(IMG "app-51-2018a-int.img");

	(void)state;
	assert_int_equal(le32(b.data + 8) >> 16, 3);
	assert_int_equal(le32(b.data + 12) >> 16, 9);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		uint32_t was = le32(b.data + links[i].off);
		struct diag diag;

		put_u32(&b, links[i].off, (was & 0xffff) | links[i].value << 16);
		lua_image_free(load(b.data, b.len, false, &diag));
		golden_same("chain", diag.text, diag.code, links[i].code);
		golden_same("chain", diag.text, diag.off, links[i].at);
		assert_string_equal(diag.path, links[i].field);
		put_u32(&b, links[i].off, was);
	}
	buf_free(&b);
}

/* Two children of one prototype, which become the same. */
static void a_prototype_has_one_parent(void **state)
{
	struct buf b = plain(IMG "app-51i-abs.img");
	struct lua_image *img = golden_load(IMG "app-51i-abs.img");
	uint32_t i = 1;
	uint32_t at;
	struct diag diag;
	char field[40];

	(void)state;
	while (img->protos[i].children.count < 2)
		assert_true(++i < img->nprotos);
	at = img->protos[i].parts[LUA_PART_CHILDREN].off + 4;
	put_u32(&b, at, le32(b.data + at - 4));
	lua_image_free(img);
	img = load(b.data, b.len, false, &diag);
	snprintf(field, sizeof(field), "proto[%u].p[1]", (unsigned)i);
	assert_int_equal(diag.code, ERR_DAMAGED);
	assert_int_equal(diag.off, at);
	assert_string_equal(diag.path, field);
	assert_non_null(strstr(diag.text, "two parents"));
	assert_int_equal(img->children[img->protos[i].children.first + 1], LUA_NONE);
	lua_image_free(img);
	buf_free(&b);
}

/* A damaged vector costs what is in it, no more. */
static void the_rest_is_shown_all_the_same(void **state)
{
	struct buf b = plain(IMG "app-51i-abs.img");
	struct lua_image *good = golden_load(IMG "app-51i-abs.img");
	struct lua_image *img;
	struct diag diag;

	(void)state;
	put_u32(&b, good->protos[1].off + 44, UINT32_MAX); /* sizecode */
	put_u32(&b, good->protos[0].off + 40, UINT32_MAX); /* sizek of the main prototype */
	img = load(b.data, b.len, false, &diag);
	assert_string_equal(diag.path, "proto[0].sizek");
	assert_string_equal(img->notes[0].path, "proto[1].sizecode");
	assert_int_equal(img->nprotos, good->nprotos);
	assert_int_equal(img->nmodules, good->nmodules);
	assert_int_equal(img->protos[1].ncode, 0);
	assert_int_equal(img->protos[1].constants.count, good->protos[1].constants.count);
	lua_image_free(img);
	lua_image_free(good);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_strict_prefix_fails_and_says_where),
		cmocka_unit_test(every_strict_prefix_inside_of_gzip_fails_and_says_where),
		cmocka_unit_test(any_byte_may_be_replaced_without_harm),
		cmocka_unit_test(damage_is_reported_at_the_field_that_has_it),
		cmocka_unit_test(every_count_and_address_of_every_prototype_is_checked),
		cmocka_unit_test(no_address_is_moved_and_no_flag_turned_unseen),
		cmocka_unit_test(chains_of_addresses_are_followed_with_care),
		cmocka_unit_test(a_prototype_has_one_parent),
		cmocka_unit_test(the_rest_is_shown_all_the_same),
	};

	return cmocka_run_group_tests_name("damage51", tests, NULL, NULL);
}
