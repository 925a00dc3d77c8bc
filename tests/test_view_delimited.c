/* SPDX-License-Identifier: MIT */
/* CSV, TSV and Markdown. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/util_nodes.h"
#include "tests/util_view.h"

static void tsv_has_raw_numbers_and_no_bars(void **state)
{
	(void)state;
	check_view(&node_tree, (struct output_style){ .form = OUTPUT_TSV, .sort = "-size" },
		   "name\tsize\tat\tratio\tok\tbuilt\tshare\trefs\tnote\ttwin\n"
		   "app\t11720\t0x1c0\t1\tno\t2026-11-21 10:39:35 UTC\t1.0000\t2\t\tapp\n"
		   "zeta\\x1b[31m\\n\t7000\t0x1c1\t0.30000000000000004\tyes\t2026-11-21 10:39:36 "
		   "UTC\t0.5972\t0\t\t"
		   "zeta\\x1b[31m\\n\n"
		   "alpha\t4720\t0x1c2\tnan\tno\t2026-11-21 10:39:37 UTC\t0.4028\t1\t\talpha\n"
		   "=cmd|'/C calc'!A0\t700\t0x1c4\t1e+300\tno\t2026-11-21 10:39:39 UTC\t0.0600\t0\t"
		   "\t=cmd|'/C calc'!A0\n"
		   "x\\xff\\xe2\\x80\\xae日|<b>\t70\t0x1c3\tinf\tyes\t2026-11-21 10:39:38 UTC\t"
		   "0.0060\t0\t\tx\\xff\\xe2\\x80\\xae日|<b>\n"
		   "l\"q,u\\\\o\t\t0x1c5\t-0.5\tyes\t2026-11-21 10:39:40 UTC\t0.0001\t3\t\t"
		   "l\"q,u\\\\o\n");
}

static void markdown_is_a_table(void **state)
{
	struct output_style style = { .form = OUTPUT_MARKDOWN,
				      .columns = "name,size,share",
				      .filter = "*[|,]*",
				      .file = "a_b" };

	(void)state;
	check_view(&node_tree, style,
		   "| file | Name | Size | Share |\n"
		   "| --- | --- | ---: | ---: |\n"
		   "| a\\_b | x\\\\xff\\\\xe2\\\\x80\\\\xae日\\|\\<b\\> | 70 | 0.6 % |\n"
		   "| a\\_b | =cmd\\|'/C calc'!A0 | 700 | 6.0 % |\n"
		   "| a\\_b | l\"q,u\\\\\\\\o |  | 0.0 % |\n");
}

/* Reads one field by RFC 4180. Returns what ended it. */
static char csv_field(const char **at, struct buf *field)
{
	const char *p = *at;

	field->len = 0;
	if (*p == '"') {
		for (p++; *p != '"' || p[1] == '"'; p++) {
			assert_true(*p != 0);
			p += *p == '"';
			buf_byte(field, (uint8_t)*p);
		}
		p++;
	} else {
		for (; *p && !strchr(",\n", *p); p++) {
			assert_true(*p != '"' && *p != '\r');
			buf_byte(field, (uint8_t)*p);
		}
	}
	assert_true(*p && strchr(",\n", *p));
	buf_byte(field, 0);
	*at = p + 1;
	return *p;
}

static void csv_is_read_back(void **state)
{
	static const char *const expected[] = {
		"f,\"1",
		"app",
		"11720",
		"f,\"1",
		"zeta\\x1b[31m\\n",
		"7000",
		"f,\"1",
		"alpha",
		"4720",
		"f,\"1",
		"x\\xff\\xe2\\x80\\xae日|<b>",
		"70",
		"f,\"1",
		"'=cmd|'/C calc'!A0",
		"700",
		"f,\"1",
		"l\"q,u\\\\o",
		"",
	};
	struct output_style style = { .form = OUTPUT_CSV,
				      .columns = "name,size",
				      .no_header = true };
	struct buf field = { 0 };
	const char *at;
	char *text;
	size_t i;

	(void)state;
	style.file = "f,\"1";
	text = print_view(&node_tree, style);
	at = text;
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_int_equal(csv_field(&at, &field), i % 3 == 2 ? '\n' : ',');
		assert_string_equal((const char *)field.data, expected[i]);
	}
	assert_int_equal(*at, 0);
	free(text);
	buf_free(&field);
	check_view(&node_tree,
		   (struct output_style){ .form = OUTPUT_CSV, .columns = "note", .filter = "a*" },
		   "note\n\"\"\n\"\"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tsv_has_raw_numbers_and_no_bars),
		cmocka_unit_test(markdown_is_a_table),
		cmocka_unit_test(csv_is_read_back),
	};

	return cmocka_run_group_tests_name("view_delimited", tests, NULL, NULL);
}
