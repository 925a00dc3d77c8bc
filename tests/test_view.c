/* SPDX-License-Identifier: MIT */
/* What holds for all forms of output; how each looks is tested with it. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "common/view/escape.h"
#include "tests/util_nodes.h"
#include "tests/util_view.h"

static void no_output_holds_raw_bytes_of_files(void **state)
{
	struct view_column columns[NCOLUMNS];
	struct view views[3] = { node_tree, node_tree, node_groups(columns) };
	struct output_style style = { .columns = "+ratio,+note,+twin,+pair,+built" };
	unsigned i, form;

	(void)state;
	views[1].record = true;
	for (i = 0; i < 15; i++) {
		style.form = form = i / 3;
		style.width = form * 10;
		char *text = print_view(&views[i % 3], style), *p, *from = text;
		char *wide = malloc(strlen(text) * 4 + 4), *to = wide;
		size_t n = strlen(text), room = n * 4 + 4;
		iconv_t cd = iconv_open("UTF-32LE", "UTF-8");

		assert_int_equal(iconv(cd, &from, &n, &to, &room), 0);
		iconv_close(cd);
		for (p = text; *p; p++)
			assert_true((uint8_t)*p >= 0x20 || *p == '\n' || *p == '\t');
		assert_true(form == OUTPUT_JSON || !strstr(text, TEXT_MARK));
		free(text);
		free(wide);
	}
}

static void sorting_keeps_trees_and_puts_empty_cells_last(void **state)
{
	struct output_style style = { .form = OUTPUT_TSV, .columns = "pair", .sort = "name" };
	struct view v = node_tree;

	(void)state;
	check_view(&node_tree, style, "pair\n0\n1\n2\n1\n0\n2\n"); /* app alpha =cmd x zeta l */
	style.sort = "size";
	style.columns = "size";
	check_view(&node_tree, style, "size\n11720\n4720\n70\n700\n7000\n\n");
	style.sort = "-size";
	check_view(&node_tree, style, "size\n11720\n7000\n4720\n700\n70\n\n");
	style.sort = "value";
	style.columns = "value"; /* numbers before texts */
	check_view(&pair_tree, style, "value\n3\n4\n5\n1\n20\n2\n");
	style.columns = "size";
	v.sort = "-name";
	style.sort = NULL;
	check_view(&v, style, "size\n\n11720\n7000\n4720\n70\n700\n");
}

static void many_rows_are_sorted_and_stable(void **state)
{
	static const char *const keys[] = { "int", "real", "text", "-int", "-real", "-text" };
	struct output_style style = { .form = OUTPUT_TSV, .columns = "id", .no_header = true };
	size_t i, k;

	(void)state;
	for (k = 0; k < 6; k++) {
		style.sort = keys[k];
		char *text = print_view(&many_view, style), *at = text;
		uint64_t before = strtoull(at, &at, 10);

		for (i = 1; i < NMANY; i++) {
			uint64_t row = strtoull(at, &at, 10);
			int64_t step = many_key(row) - many_key(before);

			assert_true(k < 3 ? step >= 0 : step <= 0);
			assert_true(step || row > before);
			before = row;
		}
		assert_string_equal(at, "\n");
		free(text);
	}
}

static void filters_keep_ancestors_in_tables(void **state)
{
	struct output_style style = { .columns = "name", .filter = "=c*" };

	(void)state;
	check_view(&node_tree, style, "Nodes\nName\napp\n└─ alpha\n   └─ =cmd|'/C calc'!A0\n");
	style.filter = "zeta\\x1b*";
	check_view(&node_tree, style, "Nodes\nName\napp\n└─ zeta\\x1b[31m\\n\n");
	style.filter = "name=alph";
	check_view(&node_tree, style, "Nodes\nName\n(none)\n");
	style.filter = "size=4,720";
	check_view(&node_tree, style, "Nodes\nName\napp\n└─ alpha\n");
	style.filter = "size=4720";
	check_view(&node_tree, style, "Nodes\nName\napp\n└─ alpha\n");
	style.filter = "?x";
	check_view(&pair_tree, style, "Pairs\nName\na\n└─ ax\nb\n└─ bx\n");
	style.filter = "ok=yes";
	style.form = OUTPUT_TSV;
	style.columns = "at";
	check_view(&node_tree, style, "at\n0x1c1\n0x1c3\n0x1c5\n");
}

static void check_unknown(struct output_style style, const char *name)
{
	struct diag diag = { 0 };
	char expected[192];

	snprintf(expected, sizeof(expected),
		 "no column \"%s\"; there are name, size, at, ratio, ok, built, share, bar, refs, "
		 "note, twin, pair",
		 name);
	assert_int_equal(output_check(&node_tree, &style, &diag), ERR_KIND);
	assert_string_equal(diag.text, expected);
	assert_int_equal(output_view(NULL, &node_tree, NULL, &style, NULL), ERR_KIND);
}

static void unknown_columns_are_named(void **state)
{
	struct output_style fine = { .columns = "+pair,size", .sort = "-at" };

	(void)state;
	check_unknown((struct output_style){ .columns = "name,nam" }, "nam");
	check_unknown((struct output_style){ .columns = "" }, "");
	check_unknown((struct output_style){ .columns = "+size,,at" }, "");
	check_unknown((struct output_style){ .columns = "\x1b" }, "\\x1b");
	check_unknown((struct output_style){ .sort = "--at" }, "-at");
	assert_int_equal(output_check(&node_tree, &fine, NULL), ERR_NONE);
}

/* Every form of four long texts, whatever pieces they are written in. */
static void long_texts_are_whole(struct output_style style, const char *head, const char *before,
				 const char *after, const char *between, const char *tail,
				 void (*escape)(struct buf *, const uint8_t *, size_t))
{
	struct buf expected = { 0 }, cell = { 0 };
	struct view_cell c;

	buf_str(&expected, head);
	for (uint64_t row = 0; row < 4; row++) {
		cell.len = 0;
		long_view.cell(NULL, row, 0, &c, &cell);
		buf_str(&expected, row ? between : "");
		buf_str(&expected, before);
		escape(&expected, c.bytes.p, c.bytes.n);
		buf_str(&expected, after);
	}
	buf_put(&expected, tail, strlen(tail) + 1);
	check_view(&long_view, style, (const char *)expected.data);
	buf_free(&expected);
	buf_free(&cell);
}

static void long_strings_are_written_whole_in_every_form(void **state)
{
	struct output_style style = { .form = OUTPUT_JSON };

	(void)state;
	long_texts_are_whole(style, "[", "{\"name\":", "}", ",", "]", escape_json);
	style.form = OUTPUT_CSV;
	long_texts_are_whole(style, "name\n", "", "\n", "", "", escape_csv);
	style.form = OUTPUT_TSV;
	long_texts_are_whole(style, "name\n", "", "\n", "", "", escape_text);
	style.form = OUTPUT_MARKDOWN;
	long_texts_are_whole(style, "| Name |\n| --- |\n", "| ", " |\n", "", "", escape_markdown);
	style.form = OUTPUT_TABLE;
	long_texts_are_whole(style, "Name\n", "", "\n", "", "", escape_text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_output_holds_raw_bytes_of_files),
		cmocka_unit_test(sorting_keeps_trees_and_puts_empty_cells_last),
		cmocka_unit_test(many_rows_are_sorted_and_stable),
		cmocka_unit_test(filters_keep_ancestors_in_tables),
		cmocka_unit_test(unknown_columns_are_named),
		cmocka_unit_test(long_strings_are_written_whole_in_every_form),
	};

	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
