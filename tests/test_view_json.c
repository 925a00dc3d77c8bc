/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>

#include "common/view/escape.h"
#include "tests/util_nodes.h"
#include "tests/util_view.h"

static void json_keeps_types_and_order(void **state)
{
	struct output_style style = { .form = OUTPUT_JSON, .filter = "name=app" };
	struct view v = node_tree;
	struct buf out = { 0 };

	(void)state;
	check_view(&node_tree, style,
		   "[{\"name\":\"app\",\"size\":11720,\"at\":448,\"ratio\":1.0,\"ok\":false,"
		   "\"built\":1795257575,\"share\":1.0,\"refs\":[0,-1],\"note\":null,\"pair\":0}]");
	style.columns = "twin,ratio,bar,pair";
	style.filter = "at=0x1c[1245]";
	style.sort = "-at";
	check_view(&node_tree, style,
		   "[{\"twin\":\"l\\\"q,u\\\\o\",\"ratio\":-0.5,\"pair\":2},"
		   "{\"twin\":\"alpha\",\"ratio\":\"nan\",\"pair\":1},"
		   "{\"twin\":\"=cmd|'/C calc'!A0\",\"ratio\":1e+300,\"pair\":2},"
		   "{\"twin\":\"zeta\\u001b[31m\\n\",\"ratio\":0.30000000000000004,\"pair\":0}]");
	v.ncolumns = 2;
	output_json_row(&out, &v, NULL, 5);
	buf_byte(&out, 0);
	assert_string_equal((const char *)out.data, "{\"name\":\"l\\\"q,u\\\\o\",\"size\":null}");
	buf_free(&out);
}

static void json_of_all_rows_is_read_by_jansson(void **state)
{
	char *text = print_view(&node_tree, (struct output_style){ .form = OUTPUT_JSON });
	json_t *rows, *row;
	size_t i;

	(void)state;
	rows = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_int_equal(json_array_size(rows), NNODES);
	json_array_foreach(rows, i, row)
	{
		assert_int_equal(json_object_size(row), 10);
		assert_int_equal(json_array_size(json_object_get(row, "refs")), nodes[i].nrefs);
		assert_true(json_real_value(json_object_get(row, "share")) == nodes[i].share);
	}
	row = json_array_get(rows, 3);
	assert_string_equal(json_string_value(json_object_get(row, "name")),
			    "x\xee\xbf\xbf" TEXT_MARK "\xe6\x97\xa5|<b>");
	assert_string_equal(json_string_value(json_object_get(row, "ratio")), "inf");
	json_decref(rows);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_keeps_types_and_order),
		cmocka_unit_test(json_of_all_rows_is_read_by_jansson),
	};

	return cmocka_run_group_tests_name("view_json", tests, NULL, NULL);
}
