/* SPDX-License-Identifier: MIT */
/*
 * All that the library tells, of golden files and of the inputs of its fuzz target.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/library_tour.h"
#include "tests/util_fuzz.h"
#include "tests/util_golden.h"

static void replay(const char *path)
{
	struct file f = golden_file(path);

	fuzz_read("check", f.data, f.len, library_tour);
	file_close(&f);
}

static void tour(const char *path)
{
	struct file f = golden_file(path);

	library_tour(f.data, f.len);
	file_close(&f);
}

static void inputs_of_the_fuzzer_keep_the_promises_of_the_header(void **state)
{
	(void)state;
	golden_each("tests/corpus/library/*", replay);
}

static void golden_files_keep_the_promises_of_the_header(void **state)
{
	(void)state;
	golden_each("tests/golden/img/app-5*.img", tour);
	golden_each("tests/golden/img/edge-53*.img", tour);
	golden_each("tests/golden/lc/*.lc", tour);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inputs_of_the_fuzzer_keep_the_promises_of_the_header),
		cmocka_unit_test(golden_files_keep_the_promises_of_the_header),
	};

	return cmocka_run_group_tests_name("library_tour", tests, NULL, NULL);
}
