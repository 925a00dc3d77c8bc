/* SPDX-License-Identifier: MIT */
/*
 * The computed layout of portable Lua 5.3 images against the bytes that the device's own loader
 * put into flash: tests/golden/regions, and the absolute images where there is no region.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lua/fixed53.h"
#include "common/lua/flash53.h"
#include "common/lua/layout.h"
#include "tests/util_golden.h"

struct flash {
	const char *path; /* of the region */
	uint32_t base;    /* address that its first byte is mapped to */
	struct file bytes;
	struct lua_image *img;
	struct lua_layout layout;
	uint32_t *string_at;             /* offset of each string */
	uint32_t (*part_at)[LUA_NPARTS]; /* offset of each part; 0: empty */
	uint32_t hash, rotable;          /* offsets */
};

static uint32_t word(const struct flash *f, uint32_t off)
{
	assert_true((size_t)off + 4 <= f->bytes.len);
	return le32(f->bytes.data + off);
}

/* An address word must lead to off. */
static void leads(const struct flash *f, const char *what, uint32_t at, uint32_t off)
{
	golden_same(f->path, what, word(f, at), off ? f->base + off : 0);
}

static void place_spans(struct flash *f)
{
	f->string_at = calloc(f->img->nstrings, sizeof(*f->string_at));
	f->part_at = calloc(f->img->nprotos, sizeof(*f->part_at));
	assert_true(f->string_at && f->part_at);
	for (uint32_t i = 0; i < f->layout.count; i++) {
		const struct lua_span *s = &f->layout.spans[i];

		if (s->who == LUA_OWNER_STRING)
			f->string_at[s->owner] = s->off;
		else if (s->who == LUA_OWNER_PROTO)
			f->part_at[s->owner][s->part] = s->off;
		else if (s->kind == LUA_BYTES_HASH)
			f->hash = s->off;
		else if (s->kind == LUA_BYTES_MODULES)
			f->rotable = s->off;
	}
}

static void check_header(const struct flash *f)
{
	const struct lua_header *h = &f->img->header;

	golden_same(f->path, "flash_size", word(f, 4), f->layout.size);
	golden_same(f->path, "seed", word(f, 8), h->seed);
	golden_same(f->path, "timestamp", word(f, 12), (uint32_t)f->img->build_time);
	golden_same(f->path, "nROuse", word(f, 16), h->nshort);
	golden_same(f->path, "nROsize", word(f, 20), h->buckets);
	golden_same(f->path, "oROhash", 4 * word(f, 24), f->hash);
	golden_same(f->path, "protoROTable", 4 * word(f, 28), f->rotable);
}

static void check_strings(const struct flash *f)
{
	const struct lua_image *img = f->img;

	for (uint32_t i = 0; i < img->nstrings; i++) {
		const struct lua_string *s = &img->strings[i];
		const uint8_t *t = f->bytes.data + f->string_at[i];
		bool is_long = s->len > LUA_SHORT_MAX;

		golden_same(f->path, "tt", t[4], is_long ? 20 : 4);
		golden_same(f->path, "extra", t[6],
			    is_long          ? 1
			    : i < img->ntext ? 0
					     : fixed53_extra(i - img->ntext));
		golden_same(f->path, "shrlen", t[7], is_long ? 0 : s->len);
		golden_same(f->path, "hash", le32(t + 8), s->hash);
		if (is_long)
			golden_same(f->path, "lnglen", le32(t + 12), s->len);
		golden_same_bytes(f->path, "text", s->text, s->len, t + 16, s->len);
		golden_same(f->path, "NUL", t[16 + s->len], 0);
	}
}

static uint32_t string_of(const struct flash *f, uint32_t address)
{
	for (uint32_t i = 0; i < f->img->nstrings; i++)
		if (f->base + f->string_at[i] == address)
			return i;
	fail_msg("%s: no string at %x", f->path, address);
	return LUA_NONE;
}

static void check_chains(const struct flash *f)
{
	uint32_t chained = 0, shorts = 0;

	for (uint32_t b = 0; b < f->img->header.buckets; b++) {
		uint32_t address = word(f, f->hash + 4 * b);

		for (uint32_t place = 0; address; place++, chained++) {
			const struct lua_string *s = &f->img->strings[string_of(f, address)];

			golden_same(f->path, "chain", s->chain, place);
			golden_same(f->path, "bucket", s->hash & (f->img->header.buckets - 1), b);
			address = word(f, address - f->base + 12);
		}
	}
	for (uint32_t i = 0; i < f->img->nstrings; i++) {
		const struct lua_string *s = &f->img->strings[i];

		shorts += s->len <= LUA_SHORT_MAX;
		if (s->len > LUA_SHORT_MAX)
			golden_same(f->path, "chain of a long string", s->chain, LUA_NONE);
	}
	golden_same(f->path, "chained strings", chained, shorts);
}

/* Where the device finds a string that a file of luac.cross mentions: see fixed53.h. */
static uint32_t as_device_reads(const struct flash *f, uint32_t string)
{
	uint32_t ntext = f->img->ntext;

	if (string == LUA_NONE)
		return 0;
	if (string >= ntext)
		string = ntext + fixed53_to_file(FIXED53_STOCK, string - ntext);
	return f->string_at[string];
}

static void check_constant(const struct flash *f, const struct lua_const *k, uint32_t at)
{
	const struct lua_traits *t = &f->img->traits;
	uint32_t tag = word(f, at + t->tvalue_bytes - 4);
	uint64_t low = word(f, at);
	float single;

	switch (k->type) {
	case LUA_NIL: golden_same(f->path, "nil", tag, 0); break;
	case LUA_BOOLEAN:
		golden_same(f->path, "boolean", tag, 1);
		golden_same(f->path, "boolean's value", low, k->b);
		break;
	case LUA_INTEGER:
		golden_same(f->path, "integer", tag, 0x13);
		if (t->integer_bytes == 8)
			low |= (uint64_t)word(f, at + 4) << 32;
		golden_same(f->path, "integer's value", low,
			    t->integer_bytes == 8 ? (uint64_t)k->i : (uint32_t)k->i);
		break;
	case LUA_FLOAT:
		golden_same(f->path, "float", tag, 3);
		single = (float)k->f;
		golden_same_bytes(f->path, "float's value",
				  t->float_bytes == 4 ? (const void *)&single : &k->f,
				  t->float_bytes, f->bytes.data + at, t->float_bytes);
		break;
	case LUA_STRING:
		golden_same(f->path, "string", tag,
			    f->img->strings[k->string].len > LUA_SHORT_MAX ? 0x54 : 0x44);
		leads(f, "string's value", at, as_device_reads(f, k->string));
		break;
	}
}

static void check_vectors(const struct flash *f, uint32_t index)
{
	const struct lua_proto *p = &f->img->protos[index];
	const uint32_t *at = f->part_at[index];

	golden_same_bytes(f->path, "code", p->code, 4 * (size_t)p->ncode,
			  f->bytes.data + at[LUA_PART_CODE], 4 * (size_t)p->ncode);
	golden_same_bytes(f->path, "lineinfo", p->lineinfo, p->nlineinfo,
			  f->bytes.data + at[LUA_PART_LINES], p->nlineinfo);
	for (uint32_t i = 0; i < p->constants.count; i++)
		check_constant(f, &f->img->constants[p->constants.first + i],
			       at[LUA_PART_CONSTANTS] + i * f->img->traits.tvalue_bytes);
	for (uint32_t i = 0; i < p->children.count; i++)
		leads(f, "p", at[LUA_PART_CHILDREN] + 4 * i,
		      f->part_at[f->img->children[p->children.first + i]][LUA_PART_RECORD]);
	for (uint32_t i = 0; i < p->upvalues.count; i++) {
		const struct lua_upvalue *u = &f->img->upvalues[p->upvalues.first + i];
		uint32_t off = at[LUA_PART_UPVALUES] + FLASH53_UPVALUE * i;

		leads(f, "upvalue's name", off, as_device_reads(f, u->name));
		golden_same(f->path, "instack, idx", word(f, off + 4) & 0xffff,
			    u->instack | (uint32_t)u->index << 8);
	}
	for (uint32_t i = 0; i < p->locals.count; i++) {
		const struct lua_local *l = &f->img->locals[p->locals.first + i];
		uint32_t off = at[LUA_PART_LOCALS] + FLASH53_LOCAL * i;

		leads(f, "local's name", off, as_device_reads(f, l->name));
		golden_same(f->path, "startpc", word(f, off + 4), l->start_pc);
		golden_same(f->path, "endpc", word(f, off + 8), l->end_pc);
	}
}

static void check_record(const struct flash *f, uint32_t index)
{
	const struct lua_proto *p = &f->img->protos[index];
	const uint32_t *at = f->part_at[index];
	uint32_t off = at[LUA_PART_RECORD];
	const uint32_t counts[] = { p->upvalues.count, p->constants.count, p->ncode,
				    p->nlineinfo,      p->children.count,  p->locals.count,
				    p->line_first,     p->line_last };

	golden_same(f->path, "tt", f->bytes.data[off + 4], 9);
	golden_same(f->path, "numparams", f->bytes.data[off + 6], p->params);
	golden_same(f->path, "is_vararg", f->bytes.data[off + 7], p->vararg);
	golden_same(f->path, "maxstacksize", f->bytes.data[off + 8], p->stack);
	for (uint32_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		golden_same(f->path, "sizes and lines", word(f, off + 12 + 4 * i), counts[i]);
	leads(f, "code", off + 48, at[LUA_PART_CODE]);
	leads(f, "upvalues", off + 64, at[LUA_PART_UPVALUES]);
	leads(f, "lineinfo", off + 56, at[LUA_PART_LINES]);
	if (p->constants.count)
		leads(f, "k", off + 44, at[LUA_PART_CONSTANTS]);
	if (p->children.count)
		leads(f, "p", off + 52, at[LUA_PART_CHILDREN]);
	if (p->locals.count)
		leads(f, "locvars", off + 60, at[LUA_PART_LOCALS]);
	leads(f, "source", off + 68, as_device_reads(f, lua_proto_source(f->img, index)));
}

static void check_modules(const struct flash *f)
{
	uint32_t entry = flash53_entry(f->img->traits.tvalue_bytes);
	uint32_t at = f->rotable - (f->img->nmodules + 1) * entry;

	leads(f, "entries", f->rotable + 12, at);
	golden_same(f->path, "lsizenode", f->bytes.data[f->rotable + 7], f->img->nmodules);
	for (uint32_t i = 0; i < f->img->nmodules; i++, at += entry) {
		const struct lua_module *m = &f->img->modules[i];

		leads(f, "module's name", at, f->string_at[m->name] + 16);
		leads(f, "module", at + 4, f->part_at[m->proto][LUA_PART_RECORD]);
	}
}

static void check_flash(struct flash *f, const char *image_path)
{
	struct diag diag = { 0 };

	f->bytes = golden_file(f->path);
	f->img = golden_load(image_path);
	assert_int_equal(lua_layout_make(f->img, &diag, &f->layout), ERR_NONE);
	assert_true(f->layout.exact);
	golden_same(f->path, "size of the layout", f->layout.size, f->bytes.len);
	golden_same(f->path, "flash_size", f->img->flash_size, f->bytes.len);
	place_spans(f);
	check_header(f);
	check_strings(f);
	check_chains(f);
	for (uint32_t i = 0; i < f->img->nprotos; i++) {
		check_record(f, i);
		check_vectors(f, i);
	}
	check_modules(f);
	free(f->string_at);
	free(f->part_at);
	lua_layout_free(&f->layout);
	lua_image_free(f->img);
	file_close(&f->bytes);
}

static void check_region(const char *path)
{
	struct flash f = { .path = path, .base = 0x40296000 };
	char image_path[200];

	assert_true(golden_sibling(path, "img", ".img", image_path, sizeof(image_path)));
	check_flash(&f, image_path);
}

static void check_absolute(const char *path)
{
	struct flash f = { .path = path, .base = 0x40296000 };
	char image_path[200];

	if (strstr(path, "-e32"))
		f.base = 0x3f430000;
	snprintf(image_path, sizeof(image_path), "%.*s.img",
		 (int)(strlen(path) - strlen("-abs.img")), path);
	check_flash(&f, image_path);
}

static void layout_is_what_the_loader_writes_to_flash(void **state)
{
	(void)state;
	golden_each("tests/golden/regions/*-53*.bin", check_region);
}

static void layout_is_what_absolute_images_hold(void **state)
{
	(void)state;
	golden_each("tests/golden/img/*-53*-abs.img", check_absolute);
}

/* Read back from the device: "thread" reads "userdata", "proto" reads "thread". */
static void fixed_strings_are_numbered_as_the_device_reads_them(void **state)
{
	uint32_t thread = FIXED53_USERDATA2 + 1;

	(void)state;
	assert_string_equal(fixed53[thread], "thread");
	assert_string_equal(fixed53[thread + 1], "proto");
	assert_string_equal(fixed53[FIXED53_USERDATA], "userdata");
	assert_string_equal(fixed53[fixed53_to_file(FIXED53_STOCK, thread)], "userdata");
	assert_string_equal(fixed53[fixed53_to_file(FIXED53_STOCK, thread + 1)], "thread");
	for (uint32_t i = 0; i < FIXED53_COUNT; i++) {
		uint32_t stock = fixed53_to_file(FIXED53_STOCK, i);
		uint32_t repaired = fixed53_to_file(FIXED53_COUNT, i);

		assert_string_equal(fixed53[fixed53_from_file(FIXED53_STOCK, stock)], fixed53[i]);
		assert_string_equal(fixed53[repaired], fixed53[i]);
	}
	assert_int_equal(fixed53_from_file(FIXED53_STOCK, FIXED53_STOCK), LUA_NONE);
	assert_int_equal(fixed53_from_file(FIXED53_COUNT, FIXED53_COUNT), LUA_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout_is_what_the_loader_writes_to_flash),
		cmocka_unit_test(layout_is_what_absolute_images_hold),
		cmocka_unit_test(fixed_strings_are_numbered_as_the_device_reads_them),
	};

	return cmocka_run_group_tests_name("layout53", tests, NULL, NULL);
}
