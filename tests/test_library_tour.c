/* SPDX-License-Identifier: MIT */
/*
 * All that the library tells, of golden files and of the inputs of its fuzz target.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/nodemcu-lfs.h"
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

static unsigned refused;

static void is_not_written(const uint8_t *file, size_t len)
{
	struct nlfs *l;
	struct nlfs_error error = { 0 };
	uint8_t *data;
	size_t n;

	assert_int_equal(nlfs_load(file, len, &l, &error), NLFS_OK);
	assert_int_equal(nlfs_write_chunk(l, 0, &data, &n, &error), NLFS_DAMAGED);
	assert_string_equal(error.text, "linedefined: 2728294180 is more than 2147483647");
	nlfs_free(data);
	nlfs_close(l);
	refused++;
}

/* An image in flash has words for lines; a chunk's loader wants ints. */
static void a_line_that_is_no_int_is_not_written(void **state)
{
	struct file f = golden_file("tests/corpus/library/line-of-more-than-an-int");

	(void)state;
	fuzz_read("check", f.data, f.len, is_not_written);
	assert_int_equal(refused, 1);
	file_close(&f);
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
		cmocka_unit_test(a_line_that_is_no_int_is_not_written),
		cmocka_unit_test(golden_files_keep_the_promises_of_the_header),
	};

	return cmocka_run_group_tests_name("library_tour", tests, NULL, NULL);
}
