/* SPDX-License-Identifier: MIT */
/*
 * The fuzz targets over tests/corpus: seeds, and inputs that once broke something.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/util_fuzz.h"
#include "tests/util_golden.h"
#include "tests/util_tour.h"

static const char *target;

static void replay(const char *path)
{
	struct file f = golden_file(path);

	fuzz_run(target, f.data, f.len, true);
	file_close(&f);
}

static void everything_in_the_corpus_is_survived(void **state)
{
	(void)state;
	for (const struct fuzz_target *t = fuzz_targets; t->name; t++) {
		char pattern[100];

		target = t->name;
		snprintf(pattern, sizeof(pattern), "tests/corpus/%s/*", t->name);
		golden_each(pattern, replay);
	}
}

static void tour(const char *path)
{
	struct file f = golden_file(path);

	tour_bytes(f.data, f.len, TOUR_ALL);
	file_close(&f);
}

static void all_that_golden_files_hold_can_be_shown_in_every_form(void **state)
{
	(void)state;
	golden_each("tests/golden/img/*.img", tour);
	golden_each("tests/golden/lc/*.lc", tour);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_in_the_corpus_is_survived),
		cmocka_unit_test(all_that_golden_files_hold_can_be_shown_in_every_form),
	};

	return cmocka_run_group_tests_name("corpus", tests, NULL, NULL);
}
