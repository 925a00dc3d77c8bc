/* SPDX-License-Identifier: MIT */
/*
 * The fuzzers' mutator (tests/util_mutate.h): its own idea of the formats against golden files, and
 * whether its mutants get deeper into the readers than those of chance alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/gzip.h"
#include "tests/util_golden.h"
#include "tests/util_gzip.h"
#include "tests/util_mutate.h"
#include "tests/util_mutate_parts.h"
#include "tests/util_mutate_tokens.h"

enum { MAX = 1 << 16, MUTANTS = 400 };

static struct rng chance;

/* As libFuzzer's: some bytes changed, inserted, removed, whatever they are. */
static size_t plain(uint8_t *data, size_t len, size_t max)
{
	size_t at = rng_below(&chance, (uint32_t)len), n = 1 + rng_below(&chance, 8);

	if (len == 0 || len + n > max)
		return len;
	switch (rng_below(&chance, 4)) {
	case 0: memmove(data + at + n, data + at, len - at); return len + n;
	case 1:
		n = n < len - at ? n : len - at;
		memmove(data + at, data + at + n, len - at - n);
		return len - n;
	default: vary_bytes(&chance, data + at, n < len - at ? n : len - at); return len;
	}
}

static size_t never(uint8_t *data, size_t len, size_t max)
{
	(void)data;
	(void)len;
	(void)max;
	return 0;
}

static const char *target;

/* The golden file as the target's inputs are: images of 5.1 without their gzip. */
static struct buf input_of(const char *path)
{
	struct file f = golden_file(path);
	struct buf b = { 0 };
	struct diag diag = { 0 };
	size_t trailing;

	if (gzip_probe(f.data, f.len) && strcmp(target, "gzip") != 0)
		assert_int_equal(gzip_inflate(f.data, f.len, MAX, &diag, &b, &trailing), 0);
	else
		buf_put(&b, f.data, f.len);
	file_close(&f);
	return b;
}

static void is_copied(const char *path)
{
	struct buf b = input_of(path);
	uint8_t *out = malloc(MAX);
	size_t n;

	assert_non_null(out);
	if (b.len < MAX) {
		if (!mutate_copy(target, b.data, b.len, out, MAX, &n))
			fail_msg("%s: not understood", path);
		golden_same_bytes(path, "copy", out, n, b.data, b.len);
	}
	free(out);
	buf_free(&b);
}

static void taken_apart_and_written_anew_is_the_same(void **state)
{
	static const char *const files[][2] = {
		{ "lfs51", "tests/golden/img/*-51[fi].img" },
		{ "lfs51_absolute", "tests/golden/img/*-51*-abs.img" },
		{ "lfs51_2018", "tests/golden/img/*-51-2018a-*.img" },
		{ "lfs53_absolute", "tests/golden/img/*-53*-abs.img" },
		{ "lfs53", "tests/golden/img/*-53.img" },
		{ "lfs53", "tests/golden/img/*-53d.img" },
		{ "lc51", "tests/golden/lc/*-51[fi].lc" },
		{ "lc53", "tests/golden/lc/*-53.lc" },
		{ "lc53", "tests/golden/lc/*-53d.lc" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		target = files[i][0];
		golden_each(files[i][1], is_copied);
	}
}

static enum mutate_form form;

/* Nothing is left over, and every token, encoded anew, is what it was. */
static void is_understood(const char *path)
{
	struct file f = golden_file(path);
	struct tokens t;
	struct buf out = { 0 };

	assert_true(tokens_read(&t, form, (struct bytes){ f.data, f.len }));
	if (t.t[t.n - 1].kind == '?')
		fail_msg("%s: %zu bytes not understood", path, t.t[t.n - 1].len);
	for (uint32_t i = 0; i < t.n; i++)
		t.t[i].dirty = true;
	tokens_write(&t, &out);
	golden_same_bytes(path, "encoded", out.data, out.len, f.data, f.len);
	buf_free(&out);
	tokens_free(&t);
	file_close(&f);
}

static void every_token_of_a_stream_is_understood(void **state)
{
	(void)state;
	form = MUTATE_PORTABLE;
	golden_each("tests/golden/img/*-53.img", is_understood);
	golden_each("tests/golden/img/*-53d.img", is_understood);
	form = MUTATE_CHUNK53;
	golden_each("tests/golden/lc/*-53.lc", is_understood);
	golden_each("tests/golden/lc/*-53d.lc", is_understood);
	form = MUTATE_CHUNK51;
	golden_each("tests/golden/lc/*-51[fi].lc", is_understood);
}

/* What became of mutants: how many gzip let through, and in how many ways reading them ended. */
struct tally {
	unsigned made, through, ways;
	uint32_t seen[MUTANTS];
};

/* Words without their numbers. */
static uint32_t way_of(const struct diag *d, const struct lua_image *img)
{
	uint32_t h = 2166136261u;
	const char *texts[] = { d->text, img && img->note_count ? img->notes[0].text : "" };

	for (unsigned i = 0; i < 2; i++)
		for (const char *p = texts[i]; *p; p++)
			if (*p < '0' || *p > '9')
				h = (h ^ (uint8_t)*p) * 16777619u;
	return h;
}

static bool is_inflated(const uint8_t *data, size_t len)
{
	struct diag diag = { 0 };
	struct buf b = { 0 };
	size_t trailing;
	bool done = gzip_inflate(data, len, MAX, &diag, &b, &trailing) == ERR_NONE;

	buf_free(&b);
	return done;
}

static void count(struct tally *t, const uint8_t *data, size_t len)
{
	struct lua_image *img = NULL;
	struct diag diag = { 0 };
	uint32_t way;
	unsigned i = 0;

	lua_image_load(data, len, &diag, &img);
	t->made++;
	t->through += is_inflated(data, len);
	way = way_of(&diag, img);
	while (i < t->ways && t->seen[i] != way)
		i++;
	if (i == t->ways)
		t->seen[t->ways++] = way;
	lua_image_free(img);
}

typedef size_t mutator(uint8_t *data, size_t len, uint32_t seed);

static size_t by_layout(uint8_t *data, size_t len, uint32_t seed)
{
	return mutate_input(target, data, len, MAX, seed, never);
}

static size_t by_chance(uint8_t *data, size_t len, uint32_t seed)
{
	(void)seed;
	return plain(data, len, MAX);
}

static struct tally try_all(const char *path, mutator *mutate)
{
	struct buf b = input_of(path);
	uint8_t *data = malloc(MAX);
	struct tally t = { 0 };

	assert_non_null(data);
	for (uint32_t seed = 0; t.made < MUTANTS; seed++) {
		size_t n;

		memcpy(data, b.data, b.len);
		n = mutate(data, b.len, seed);
		if (n && (n != b.len || memcmp(data, b.data, n) != 0))
			count(&t, data, n);
	}
	free(data);
	buf_free(&b);
	return t;
}

static void try_both(const char *name, const char *path, struct tally *own, struct tally *other)
{
	target = name;
	chance.state = 1;
	*own = try_all(path, by_layout);
	*other = try_all(path, by_chance);
	print_message("# %s: reading %u mutants ends in %u ways, by chance in %u\n", name,
		      own->made, own->ways, other->ways);
}

static void mutants_of_a_gzipped_image_get_past_gzip(void **state)
{
	struct tally own, other;

	(void)state;
	try_both("gzip", "tests/golden/img/app-51f.img", &own, &other);
	print_message("# gzip lets %u through, by chance %u\n", own.through, other.through);
	assert_true(own.through * 100 >= 90 * own.made);
	assert_true(own.through > 5 * other.through);
	assert_true(own.ways >= 3 * other.ways);
}

static void mutants_are_more_diverse_than_those_of_chance(void **state)
{
	static const char *const files[][2] = {
		{ "lfs51_absolute", "tests/golden/img/app-51f-abs.img" },
		{ "lfs51_2018", "tests/golden/img/app-51-2018a-packed.img" },
		{ "lfs53_absolute", "tests/golden/img/app-53-abs.img" },
		{ "lfs53", "tests/golden/img/app-53.img" },
		{ "lc51", "tests/golden/lc/main-51f.lc" },
		{ "lc53", "tests/golden/lc/main-53.lc" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct tally own, other;

		try_both(files[i][0], files[i][1], &own, &other);
		assert_true(own.ways > other.ways);
	}
}

static void the_same_seed_makes_the_same_mutant(void **state)
{
	struct buf b;
	uint8_t *one = malloc(MAX), *two = malloc(MAX);
	unsigned different = 0;

	(void)state;
	assert_non_null(one);
	assert_non_null(two);
	target = "lfs53";
	b = input_of("tests/golden/img/app-53.img");
	for (uint32_t seed = 0; seed < 50; seed++) {
		size_t n, m;

		memcpy(one, b.data, b.len);
		memcpy(two, b.data, b.len);
		n = mutate_input(target, one, b.len, MAX, seed, never);
		m = mutate_input(target, two, b.len, MAX, seed, never);
		assert_int_equal(n, m);
		assert_memory_equal(one, two, n);
		different += n && (n != b.len || memcmp(one, b.data, n) != 0);
	}
	assert_true(different > 20);
	free(one);
	free(two);
	buf_free(&b);
}

/* A stray write would show under the sanitizers: the room is as large as promised. */
static void mutants_of_mutants_stay_within_their_bounds(void **state)
{
	static const char *const files[][2] = {
		{ "lfs51", "tests/golden/img/app-51i.img" },
		{ "lfs51_2018", "tests/golden/img/app-51-2018a-packed.img" },
		{ "lfs53_absolute", "tests/golden/img/app-53-abs.img" },
		{ "lc51", "tests/golden/lc/control-51f.lc" },
		{ "lc53", "tests/golden/lc/control-53.lc" },
		{ "lfs53", "tests/golden/img/app-53.img" },
	};

	(void)state;
	chance.state = 7;
	for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct buf b;
		size_t max, n;
		uint8_t *data, *other;

		target = files[i][0];
		b = input_of(files[i][1]);
		n = b.len;
		max = n + n / 2;
		data = malloc(max);
		other = malloc(max);
		assert_non_null(data);
		assert_non_null(other);
		memcpy(data, b.data, n);
		for (uint32_t seed = 0; seed < 300 && n; seed++) {
			n = mutate_input(target, data, n, max, seed, plain);
			assert_true(n <= max);
			assert_true(mutate_cross(target, b.data, b.len, data, n, other, max,
						 seed) <= max);
		}
		free(data);
		free(other);
		buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken_apart_and_written_anew_is_the_same),
		cmocka_unit_test(every_token_of_a_stream_is_understood),
		cmocka_unit_test(mutants_of_a_gzipped_image_get_past_gzip),
		cmocka_unit_test(mutants_are_more_diverse_than_those_of_chance),
		cmocka_unit_test(the_same_seed_makes_the_same_mutant),
		cmocka_unit_test(mutants_of_mutants_stay_within_their_bounds),
	};

	return cmocka_run_group_tests_name("mutate", tests, NULL, NULL);
}
