/* SPDX-License-Identifier: MIT */
/* RAM dumps: those of the firmware's own code, and damage done to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "common/base/rd.h"
#include "tests/util_golden.h"
#include "tests/util_strings.h"

/* A golden dump and what heap-V.json says of it. */
struct heap {
	const char *name;
	int lua;
	struct file f;
	uint32_t strt, hash, size, nuse, state, thread;
	struct string_set strings; /* all that the table holds */
};

/* What debug.getstrings could not know: the commands that made the dump came after it. */
static const char *const later[] = { "dumpram", "node", "node.dumpram('ram.bin')",
				     "node.dumpram('ram.bin')\n", "ram.bin",
				     /* and in 5.3 */
				     "\n+", "111", "_PROMPT", "read", "sort", "stdout", "table",
				     "tostring" };

static uint32_t json_hex(const json_t *root, const char *key)
{
	return (uint32_t)strtoul(json_string_value(json_object_get(root, key)), NULL, 16);
}

static void heap_open(const char *name, struct heap *h)
{
	char path[100];
	json_t *root;

	*h = (struct heap){ .name = name, .lua = strstr(name, "53") ? 53 : 51 };
	snprintf(path, sizeof(path), "tests/golden/ram/%s.json", name);
	root = json_load_file(path, 0, NULL);
	assert_non_null(root);
	h->strt = json_hex(root, "strt");
	h->hash = json_hex(root, "strt_hash");
	h->state = json_hex(root, "global_State");
	h->thread = json_hex(root, "lua_State");
	h->size = (uint32_t)json_integer_value(json_object_get(root, "strt_size"));
	h->nuse = (uint32_t)json_integer_value(json_object_get(root, "strt_nuse"));
	json_decref(root);
	snprintf(path, sizeof(path), "tests/golden/ram/%s.bin", name);
	h->f = golden_file(path);
	snprintf(path, sizeof(path), "tests/golden/ram/%s.strings.txt", name);
	strings_golden(&h->strings, path);
	for (unsigned i = 0; i < (h->lua == 51 ? 5 : sizeof(later) / sizeof(later[0])); i++)
		string_set_add(&h->strings, (const uint8_t *)later[i], strlen(later[i]));
}

static void heap_close(struct heap *h)
{
	file_close(&h->f);
	string_set_free(&h->strings);
}

static void each_heap(void (*f)(struct heap *h))
{
	static const char *const names[] = { "heap-51", "heap-51i", "heap-53" };
	struct heap h;

	for (unsigned i = 0; i < 3; i++) {
		heap_open(names[i], &h);
		f(&h);
		heap_close(&h);
	}
}

/* Reads a dump of len bytes, in memory that ends with it. */
static enum err read_dump(const uint8_t *data, size_t len, struct string_set *set)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct ram_dump dump = { .data = copy, .len = len, .base = STRINGS_BASE };
	struct diag diag = { 0 };
	enum err e;

	assert_non_null(copy);
	memcpy(copy, data, len);
	e = ram_strings(set, &dump, &diag);
	free(copy);
	return e;
}

static void exact(struct heap *h)
{
	for (unsigned given = 0; given < 4; given++) {
		struct ram_dump dump = { .data = h->f.data,
					 .len = h->f.len,
					 .base = STRINGS_BASE,
					 .strt = given & 1 ? h->strt : 0,
					 .lua = given & 2 ? h->lua : 0 };
		struct string_set set = { 0 };
		struct diag diag = { 0 };

		assert_int_equal(ram_strings(&set, &dump, &diag), ERR_NONE);
		strings_same(h->name, &set, &h->strings);
		golden_same(h->name, "strings", set.count, h->nuse);
		golden_same(h->name, "strt", dump.strt, h->strt);
		golden_same(h->name, "version", (uint64_t)dump.lua, (uint64_t)h->lua);
		golden_same(h->name, "notes", set.note_count, 0);
		golden_same(h->name, "captures", set.captures, 1);
		string_set_free(&set);
	}
}

static void a_dump_gives_the_strings_that_the_device_listed_and_none_more(void **state)
{
	(void)state;
	each_heap(exact);
}

/* What lua_gc counts, less the buffer of 5.1's concatenations (58 bytes, no object). */
static uint32_t bytes_counted_by_lua(const struct heap *h)
{
	const uint8_t *g = h->f.data + (h->state - STRINGS_BASE);

	return h->lua == 51 ? le32(g + 68) - le32(g + 60) : le32(g + 8) + le32(g + 12);
}

static void census(struct heap *h)
{
	struct ram_dump dump = { .data = h->f.data, .len = h->f.len, .base = STRINGS_BASE };
	struct diag diag = { 0 };
	struct ram_census c;
	uint32_t bytes = 0;

	assert_int_equal(ram_census(&dump, &diag, &c), ERR_NONE);
	for (unsigned i = 0; i < RAM_OTHER; i++)
		bytes += c.kinds[i].bytes;
	golden_same(h->name, "bytes", bytes, bytes_counted_by_lua(h));
	golden_same(h->name, "all", bytes + c.kinds[RAM_OTHER].bytes, h->f.len);
	/* 5.3 has one long string: the line that is being run. */
	golden_same(h->name, "strings", c.kinds[RAM_STRINGS].count, h->nuse + (h->lua == 53));
	golden_same(h->name, "vector", c.kinds[RAM_STRING_TABLE].bytes, 4 * h->size);
	golden_same(h->name, "threads", c.kinds[RAM_THREADS].count, 1);
	if (h->lua == 51)
		golden_same(h->name, "longest", c.largest_string, 120);
}

static void a_census_finds_every_byte_that_lua_counts(void **state)
{
	(void)state;
	each_heap(census);
}

static void cut(struct heap *h)
{
	uint32_t whole = 0;

	for (size_t len = 0; len < h->f.len; len += len < 16000 ? 61 : 997) {
		struct string_set set = { 0 };
		enum err e = read_dump(h->f.data, len, &set);

		/* With nothing of the table, or just a few of its buckets, there is none. */
		if (len < h->strt + 12 - STRINGS_BASE || len <= h->hash - STRINGS_BASE)
			assert_int_equal(e, ERR_DAMAGED);
		strings_hold(h->name, &h->strings, &set);
		if (!e && set.count < h->nuse)
			assert_true(set.note_count > 0);
		assert_true(set.count >= whole || e || len < 16000);
		whole = set.count;
		string_set_free(&set);
		strings_tour_ram(h->f.data, len);
	}
	assert_true(whole > h->nuse * 9 / 10);
}

static void a_dump_cut_anywhere_gives_some_of_its_strings_and_says_so(void **state)
{
	(void)state;
	each_heap(cut);
}

static uint32_t next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

/* A text of more than 31 bytes is not hashed whole: a change may go unnoticed. */
static void check_mangled(const struct heap *h, const struct string_set *set)
{
	for (uint32_t i = 0; i < set->count; i++) {
		const struct string_item *s = &set->items[i];

		if (s->len < 32 &&
		    string_set_find(&h->strings, string_text(set, s), s->len) == STRING_UNKNOWN)
			fail_msg("%s: \"%.*s\" is made up", h->name, (int)s->len,
				 (const char *)string_text(set, s));
	}
}

static void mangle(struct heap *h)
{
	uint8_t *copy = malloc(h->f.len);
	uint32_t x = 20240225, used = 0;
	unsigned rounds = 1500;

	assert_non_null(copy);
	for (unsigned i = 0; i < rounds; i++) {
		struct string_set set = { 0 };

		memcpy(copy, h->f.data, h->f.len);
		for (unsigned n = 1 + i % 40; n; n--) {
			uint32_t at = next_random(&x) % 15000;

			copy[at] = (uint8_t)(next_random(&x) % 3 ? next_random(&x) : copy[at] + 4u);
		}
		if (!read_dump(copy, h->f.len, &set)) {
			check_mangled(h, &set);
			used += set.count;
		}
		string_set_free(&set);
		if (i % 4 == 0)
			strings_tour_ram(copy, h->f.len);
	}
	/* Twenty bytes of damage on average leave nearly all strings alone. */
	assert_true(used > rounds * h->nuse * 8 / 10);
	free(copy);
}

static void damage_costs_the_strings_it_hits_and_makes_up_none(void **state)
{
	(void)state;
	each_heap(mangle);
}

static void put_word(uint8_t *data, uint32_t at, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		data[at - STRINGS_BASE + i] = (uint8_t)(v >> 8 * i);
}

static uint32_t word(const struct heap *h, uint32_t at)
{
	return le32(h->f.data + (at - STRINGS_BASE));
}

/* The first chain of two strings: their addresses. */
static uint32_t find_pair(const struct heap *h, uint32_t *second)
{
	uint32_t link = h->lua == 51 ? 0 : 12;

	for (uint32_t i = 0; i < h->size; i++) {
		uint32_t at = word(h, h->hash + 4 * i);

		*second = at ? word(h, at + link) : 0;
		if (*second && !word(h, *second + link))
			return at;
	}
	fail_msg("%s: no chain of two", h->name);
	return 0;
}

static void expect(const struct heap *h, const uint8_t *data, uint32_t strings, const char *note)
{
	struct string_set set = { 0 };

	assert_int_equal(read_dump(data, h->f.len, &set), ERR_NONE);
	golden_same(h->name, note, set.count, strings);
	strings_hold(h->name, &h->strings, &set);
	assert_true(set.note_count >= 1);
	if (!strstr(set.notes[0].text, note))
		fail_msg("%s: \"%s\", not \"%s\"", h->name, set.notes[0].text, note);
	assert_int_equal(strncmp(set.notes[0].path, "bucket[", 7), 0);
	string_set_free(&set);
}

static void named_damage(struct heap *h)
{
	uint32_t second = 0, first = find_pair(h, &second);
	uint32_t link = h->lua == 51 ? 0 : 12;
	uint8_t *copy = malloc(h->f.len);

	assert_non_null(copy);
	memcpy(copy, h->f.data, h->f.len);
	put_word(copy, second + link, first);
	expect(h, copy, h->nuse, "circle");
	put_word(copy, second + link, second);
	expect(h, copy, h->nuse, "circle");
	put_word(copy, second + link, 0x40210000);
	expect(h, copy, h->nuse, "out of the dump");
	put_word(copy, second + link, 0);
	put_word(copy, first + link, second + 2);
	expect(h, copy, h->nuse - 1, "out of the dump");
	put_word(copy, first + link, second);
	copy[first + 16 - STRINGS_BASE] ^= 1;
	expect(h, copy, h->nuse - 1, "hash");
	copy[first + 16 - STRINGS_BASE] ^= 1;
	copy[first + 4 - STRINGS_BASE] = 5;
	expect(h, copy, h->nuse - 1, "no string");
	free(copy);
}

static void each_kind_of_damage_has_its_note_and_the_rest_is_used(void **state)
{
	(void)state;
	each_heap(named_damage);
}

static void wrong(struct heap *h)
{
	struct ram_dump dump = { .data = h->f.data,
				 .len = h->f.len,
				 .base = STRINGS_BASE + 0x1000 };
	struct string_set set = { 0 };
	struct diag diag = { 0 };

	assert_int_equal(ram_strings(&set, &dump, &diag), ERR_DAMAGED);
	assert_non_null(strstr(diag.text, "0x3fff2000"));
	diag = (struct diag){ 0 };
	dump.base = STRINGS_BASE;
	dump.strt = h->strt + 4;
	assert_int_equal(ram_strings(&set, &dump, &diag), ERR_DAMAGED);
	diag = (struct diag){ 0 };
	dump.strt = 0;
	dump.lua = h->lua == 51 ? 53 : 51;
	assert_int_equal(ram_strings(&set, &dump, &diag), ERR_DAMAGED);
	golden_same(h->name, "strings", set.count, 0);
	string_set_free(&set);
}

static void a_wrong_base_table_or_version_is_an_error(void **state)
{
	(void)state;
	each_heap(wrong);
}

/* 5.3 only. Damage to the seed in global_State does not stop texts from being checked. */
static void a_lost_seed_is_computed_from_the_hashes(void **state)
{
	struct heap h;
	uint8_t *copy;
	uint32_t second = 0, first;

	(void)state;
	heap_open("heap-53", &h);
	first = find_pair(&h, &second);
	copy = malloc(h.f.len);
	assert_non_null(copy);
	memcpy(copy, h.f.data, h.f.len);
	put_word(copy, h.strt + 20, 0x12345678);
	copy[first + 16 - STRINGS_BASE] ^= 1;
	expect(&h, copy, h.nuse - 1, "hash");
	free(copy);
	heap_close(&h);
}

/* A larger dump: the heap in the middle of all of DRAM. */
static void the_table_is_found_in_a_larger_dump(void **state)
{
	struct string_set set = { 0 };
	struct diag diag = { 0 };
	struct heap h;
	uint8_t *data = malloc(98304);
	struct ram_dump dump = { .data = data, .len = 98304, .base = 0x3ffe8000 };
	uint32_t x = 7;

	(void)state;
	assert_non_null(data);
	for (unsigned i = 0; i < 98304; i++)
		data[i] = (uint8_t)next_random(&x);
	heap_open("heap-53", &h);
	memcpy(data + (STRINGS_BASE - dump.base), h.f.data, h.f.len);
	assert_int_equal(ram_strings(&set, &dump, &diag), ERR_NONE);
	strings_same(h.name, &set, &h.strings);
	string_set_free(&set);
	heap_close(&h);
	free(data);
}

/* Reads a damaged copy of a heap, told where its table is or not. */
static enum err read_copy(const struct heap *h, const uint8_t *copy, bool told,
			  struct string_set *set)
{
	struct ram_dump dump = {
		.data = copy, .len = h->f.len, .base = STRINGS_BASE, .strt = told ? h->strt : 0
	};
	struct diag diag = { 0 };

	return ram_strings(set, &dump, &diag);
}

/* A wrong count, or many lost chains: what is left is read, and said to be so. */
static void damaged(struct heap *h)
{
	struct string_set set = { 0 };
	uint8_t *copy = malloc(h->f.len);
	uint32_t lost = 0;

	assert_non_null(copy);
	memcpy(copy, h->f.data, h->f.len);
	put_word(copy, h->strt + 4, 0x7fffffff);
	for (unsigned told = 0; told < 2; told++) {
		assert_int_equal(read_copy(h, copy, told, &set), ERR_NONE);
		strings_same(h->name, &set, &h->strings);
		assert_int_equal(set.note_count, 1);
		assert_string_equal(set.notes[0].path, "strt.nuse");
		string_set_free(&set);
	}
	/* Three of four buckets: too little to be found, enough when somebody says where. */
	for (uint32_t i = 0; i < h->size; i++)
		if (i % 4 && word(h, h->hash + 4 * i)) {
			put_word(copy, h->hash + 4 * i, 0x40210001);
			lost++;
		}
	assert_int_equal(read_copy(h, copy, true, &set), ERR_NONE);
	strings_hold(h->name, &h->strings, &set);
	assert_true(set.count >= 8 && set.count + lost <= h->nuse);
	assert_int_equal(set.note_count, lost + 1);
	assert_int_equal(read_copy(h, copy, false, &set), ERR_DAMAGED);
	string_set_free(&set);
	free(copy);
}

static void a_damaged_table_is_read_as_far_as_it_can_be(void **state)
{
	(void)state;
	each_heap(damaged);
}

static void sizes(struct heap *h)
{
	struct ram_dump dump = { .data = h->f.data, .len = h->f.len, .base = STRINGS_BASE };
	struct diag diag = { 0 };
	struct ram_census c;
	uint32_t count = 0, bytes = 0, eight = 0;

	assert_int_equal(ram_census(&dump, &diag, &c), ERR_NONE);
	for (unsigned i = 0; i < RAM_SIZES; i++) {
		count += c.sizes[i].count;
		bytes += c.sizes[i].bytes;
	}
	golden_same(h->name, "count", count, c.kinds[RAM_STRINGS].count);
	golden_same(h->name, "bytes", bytes, c.kinds[RAM_STRINGS].bytes);
	for (uint32_t i = 0; i < h->strings.count; i++)
		eight += h->strings.items[i].len <= 8;
	golden_same(h->name, "short ones", c.sizes[0].count, eight);
}

static void a_census_tells_strings_by_size(void **state)
{
	(void)state;
	each_heap(sizes);
}

/* Every golden heap holds {ssid_hint = "greenhouse"}, which nothing in its texts tells. */
static void values(struct heap *h)
{
	struct ram_dump dump = { .data = h->f.data, .len = h->f.len, .base = STRINGS_BASE };
	struct string_set set = { 0 };
	struct diag diag = { 0 };

	assert_int_equal(ram_strings(&set, &dump, &diag), ERR_NONE);
	for (uint32_t i = 0; i < set.count; i++)
		golden_same(h->name, (const char *)string_text(&set, &set.items[i]),
			    set.items[i].beside,
			    set.items[i].len == 10 &&
				    !memcmp(string_text(&set, &set.items[i]), "greenhouse", 10));
	string_set_free(&set);
}

static void what_a_table_holds_under_a_secret_s_name_is_marked(void **state)
{
	(void)state;
	each_heap(values);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dump_gives_the_strings_that_the_device_listed_and_none_more),
		cmocka_unit_test(a_census_finds_every_byte_that_lua_counts),
		cmocka_unit_test(a_dump_cut_anywhere_gives_some_of_its_strings_and_says_so),
		cmocka_unit_test(damage_costs_the_strings_it_hits_and_makes_up_none),
		cmocka_unit_test(each_kind_of_damage_has_its_note_and_the_rest_is_used),
		cmocka_unit_test(a_wrong_base_table_or_version_is_an_error),
		cmocka_unit_test(a_lost_seed_is_computed_from_the_hashes),
		cmocka_unit_test(the_table_is_found_in_a_larger_dump),
		cmocka_unit_test(a_damaged_table_is_read_as_far_as_it_can_be),
		cmocka_unit_test(a_census_tells_strings_by_size),
		cmocka_unit_test(what_a_table_holds_under_a_secret_s_name_is_marked),
	};

	return cmocka_run_group_tests_name("ram", tests, NULL, NULL);
}
