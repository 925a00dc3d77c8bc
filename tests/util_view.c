/* SPDX-License-Identifier: MIT */
#include "tests/util_view.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

char *print_view(const struct view *v, struct output_style style)
{
	struct diag diag = { 0 };
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	assert_int_equal(output_view(f, v, NULL, &style, &diag), ERR_NONE);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(strlen(text), n);
	return text;
}

void check_view(const struct view *v, struct output_style style, const char *expected)
{
	char *text = print_view(v, style);

	assert_string_equal(text, expected);
	free(text);
}
