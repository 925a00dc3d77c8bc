/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <iconv.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/view/escape.h"
#include "common/view/output.h"
#include "tests/util_nodes.h"

/* The output as a string, to be freed. */
static char *print_view(const struct view *v, struct output_style style)
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

static void check_view(const struct view *v, struct output_style style, const char *expected)
{
	char *text = print_view(v, style);

	assert_string_equal(text, expected);
	free(text);
}

static void tables_align_and_draw_trees(void **state)
{
	(void)state;
	check_view(&node_tree, (struct output_style){ .columns = "name,size,at,ok,share,refs" },
		   "Nodes\n"
		   "Name                             Size     At  ok     Share  Refs\n"
		   "app                            11,720  0x1c0  no   100.0 %     2\n"
		   "├─ zeta\\x1b[31m\\n               7,000  0x1c1  yes   59.7 %     0\n"
		   "└─ alpha                        4,720  0x1c2  no    40.3 %     1\n"
		   "   ├─ x\\xff\\xe2\\x80\\xae日|<b>      70  0x1c3  yes    0.6 %     0\n"
		   "   └─ =cmd|'/C calc'!A0           700  0x1c4  no     6.0 %     0\n"
		   "l\"q,u\\\\o                               0x1c5  yes    0.0 %     3\n");
	check_view(&node_tree,
		   (struct output_style){ .columns = "name,built", .ascii = true, .colour = true },
		   "\033[1mNodes\033[0m\n"
		   "Name                           Built\n"
		   "app                            2026-11-21 10:39:35 UTC\n"
		   "|- zeta\\x1b[31m\\n              2026-11-21 10:39:36 UTC\n"
		   "`- alpha                       2026-11-21 10:39:37 UTC\n"
		   "   |- x\\xff\\xe2\\x80\\xae日|<b>  2026-11-21 10:39:38 UTC\n"
		   "   `- =cmd|'/C calc'!A0        2026-11-21 10:39:39 UTC\n"
		   "l\"q,u\\\\o                       2026-11-21 10:39:40 UTC\n");
}

static void limits_hold_for_the_top_level(void **state)
{
	struct output_style style = { .columns = "size,name", .limit = 1, .no_title = true };

	(void)state;
	style.filter = "share=0.????";
	check_view(&node_tree, style,
		   "  Size  Name\n"
		   "11,720  app\n"
		   " 7,000  ├─ zeta\\x1b[31m\\n\n"
		   " 4,720  └─ alpha\n"
		   "    70     ├─ x\\xff\\xe2\\x80\\xae日|<b>\n"
		   "   700     └─ =cmd|'/C calc'!A0\n"
		   "... and 1 more\n");
	style.filter = "size=*";
	style.sort = "-name";
	check_view(&node_tree, style, "Size  Name\n      l\"q,u\\\\o\n... and 1 more\n");
	style.limit = 2;
	style.filter = "l*";
	check_view(&node_tree, style, "Size  Name\n      l\"q,u\\\\o\n");
}

static void tables_draw_bars(void **state)
{
	(void)state;
	check_view(&node_tree, (struct output_style){ .columns = "bar,pair", .no_title = true },
		   "                          Pair\n"
		   "████████████████████████     0\n"
		   "██████████████▍              0\n"
		   "█████████▋                   1\n"
		   "▏                            1\n"
		   "█▌                           2\n"
		   "▏                            2\n");
	check_view(
		&node_tree,
		(struct output_style){ .columns = "bar", .ascii = true, .filter = "share=*0.? %" },
		"Nodes\n\n########################\n##########\n#\n#\n");
}

static void elastic_columns_end_at_the_edge(void **state)
{
	(void)state;
	check_view(&node_tree, (struct output_style){ .columns = "name,pair", .width = 20 },
		   "Nodes\n"
		   "Name            Pair\n"
		   "app                0\n"
		   "├─ zeta\\x1b[3…     0\n"
		   "└─ alpha           1\n"
		   "   ├─ x\\xff…       1\n"
		   "   └─ =cmd|'/…     2\n"
		   "l\"q,u\\\\o           2\n");
	check_view(&node_tree,
		   (struct output_style){ .columns = "pair,name", .width = 22, .ascii = true },
		   "Nodes\n"
		   "Pair  Name\n"
		   "   0  app\n"
		   "   0  |- zeta\\x1b[3...\n"
		   "   1  `- alpha\n"
		   "   1     |- x\\xff...\n"
		   "   2     `- =cmd|'/...\n"
		   "   2  l\"q,u\\\\o\n");
}

static void groups_have_headings_and_omit_context(void **state)
{
	struct view_column columns[NCOLUMNS];
	struct view v = node_groups(columns);
	char *text = print_view(&v, (struct output_style){ 0 });

	(void)state;
	assert_null(strstr(text, "0x1c1"));
	free(text);
	check_view(&v,
		   (struct output_style){ .columns = "name,at", .sort = "name", .colour = true },
		   "\033[1mNodes\033[0m\n"
		   "Name                           At\n"
		   "\033[1mapp\033[0m\n"
		   "alpha                       0x1c2\n"
		   "├─ =cmd|'/C calc'!A0        0x1c4\n"
		   "└─ x\\xff\\xe2\\x80\\xae日|<b>  0x1c3\n"
		   "zeta\\x1b[31m\\n              0x1c1\n"
		   "\n"
		   "\033[1ml\"q,u\\\\o\033[0m\n");
	check_view(&v, (struct output_style){ .columns = "size", .filter = "alpha" },
		   "Nodes\n Size\napp\n4,720\n");
	check_view(&v, (struct output_style){ .columns = "size", .sort = "-name" },
		   "Nodes\n Size\napp\n7,000\n4,720\n   70\n  700\n\nl\"q,u\\\\o\n");
	check_view(&v, (struct output_style){ .form = OUTPUT_TSV, .columns = "size" },
		   "size\n7000\n4720\n70\n700\n");
}

static void records_are_lines_of_title_and_value(void **state)
{
	struct view v = node_tree;

	(void)state;
	v.record = true;
	check_view(&v, (struct output_style){ .columns = "name,size,ok", .filter = "size=700*" },
		   "Nodes\n"
		   "Name  app\nSize  11,720\nok    no\n\n"
		   "Name  zeta\\x1b[31m\\n\nSize  7,000\nok    yes\n\n"
		   "Name  alpha\nSize  4,720\nok    no\n\n"
		   "Name  =cmd|'/C calc'!A0\nSize  700\nok    no\n");
	check_view(&v, (struct output_style){ .columns = "name,size", .filter = "l*", .width = 14 },
		   "Nodes\nName  l\"q,u\\\\o\n");
}

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
	struct buf out = { 0 };
	char *text = print_view(&node_tree, (struct output_style){ .form = OUTPUT_JSON });
	json_t *rows, *row;
	size_t i;

	(void)state;
	output_json_rows(&out, &node_tree, NULL);
	assert_int_equal(out.len, strlen(text));
	assert_memory_equal(out.data, text, out.len);
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
	buf_free(&out);
	free(text);
}

static void long_strings_are_streamed_whole(void **state)
{
	struct buf expected = { 0 }, cell = { 0 };
	struct view_cell c;
	char *text = NULL;
	uint64_t row;
	size_t n = 0;
	FILE *f;

	(void)state;
	for (row = 0; row < 4; row++) {
		expected.len = cell.len = 0;
		long_view.cell(NULL, row, 0, &c, &cell);
		escape_json(&expected, c.bytes.p, c.bytes.n);
		f = open_memstream(&text, &n);
		assert_int_equal(output_json_row_to(f, &long_view, NULL, row), ERR_NONE);
		fclose(f);
		assert_int_equal(n, expected.len + strlen("{\"name\":}"));
		assert_memory_equal(text + strlen("{\"name\":"), expected.data, expected.len);
		free(text);
	}
	buf_free(&expected);
	buf_free(&cell);
}

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
	check_view(&node_tree, style, "Nodes\nName\n");
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

/* Sizes with a sign; a column that is there only when it says something; lines below rows. */
static const int64_t changes[] = { 1234567, -56, 0, INT64_MIN };

static uint64_t change_count(const void *ctx, uint64_t row)
{
	(void)ctx;
	return row == VIEW_ROOT ? 4 : 0;
}

static uint64_t change_child(const void *ctx, uint64_t row, uint64_t i)
{
	(void)ctx;
	(void)row;
	return i;
}

static void change_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			struct buf *scratch)
{
	(void)scratch;
	if (column == 0)
		view_int(c, changes[row]);
	else if (ctx)
		view_int(c, (int64_t)row);
}

static bool change_detail(const void *ctx, uint64_t row, uint64_t line, struct buf *out)
{
	(void)ctx;
	buf_printf(out, "%u\x1b\\", (unsigned)line);
	return line < row % 3;
}

static const struct view_column change_columns[] = {
	{ .name = "change", .type = VIEW_CHANGE },
	{ .name = "note", .type = VIEW_COUNT, .flags = VIEW_IF_ANY },
};

static const struct view change_view = {
	.name = "changes",
	.columns = change_columns,
	.ncolumns = 2,
	.count = change_count,
	.child = change_child,
	.cell = change_cell,
	.detail = change_detail,
};

static void changes_have_signs_where_people_read_them(void **state)
{
	struct output_style style = { .sort = "-change" };
	struct view plain = change_view;

	(void)state;
	plain.detail = NULL;
	check_view(&plain, style,
		   "                    change\n"
		   "                +1,234,567\n"
		   "                         0\n"
		   "                       -56\n"
		   "-9,223,372,036,854,775,808\n");
	style.form = OUTPUT_CSV;
	style.columns = "change";
	check_view(&plain, style, "change\n1234567\n0\n-56\n-9223372036854775808\n");
	style.form = OUTPUT_JSON;
	check_view(&plain, style,
		   "[{\"change\":1234567},{\"change\":0},{\"change\":-56},"
		   "{\"change\":-9223372036854775808}]");
	style = (struct output_style){ .form = OUTPUT_MARKDOWN, .columns = "change" };
	style.filter = "change=+*";
	check_view(&plain, style, "| change |\n| ---: |\n| +1,234,567 |\n");
}

static void lines_below_rows_are_in_tables_alone(void **state)
{
	struct output_style style = { .columns = "change", .filter = "change=[-0]*" };

	(void)state;
	style.filter = "change=-56";
	check_view(&change_view, style, "change\n   -56\n  0\\x1b\\\n");
	style.filter = "change=0";
	check_view(&change_view, style, "change\n     0\n  0\\x1b\\\n  1\\x1b\\\n");
	style.form = OUTPUT_TSV;
	check_view(&change_view, style, "change\n0\n");
}

static void columns_without_a_cell_can_stay_away(void **state)
{
	struct output_style style = { .filter = "change=0" };
	struct diag diag = { 0 };
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	(void)state;
	assert_int_equal(output_view(f, &change_view, "", &style, &diag), ERR_NONE);
	fclose(f);
	assert_non_null(strstr(text, "change  note\n     0     2\n"));
	free(text);
	style.form = OUTPUT_TSV;
	check_view(&change_view, style, "change\tnote\n0\t\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_align_and_draw_trees),
		cmocka_unit_test(limits_hold_for_the_top_level),
		cmocka_unit_test(tables_draw_bars),
		cmocka_unit_test(elastic_columns_end_at_the_edge),
		cmocka_unit_test(groups_have_headings_and_omit_context),
		cmocka_unit_test(records_are_lines_of_title_and_value),
		cmocka_unit_test(tsv_has_raw_numbers_and_no_bars),
		cmocka_unit_test(markdown_is_a_table),
		cmocka_unit_test(csv_is_read_back),
		cmocka_unit_test(json_keeps_types_and_order),
		cmocka_unit_test(json_of_all_rows_is_read_by_jansson),
		cmocka_unit_test(long_strings_are_streamed_whole),
		cmocka_unit_test(no_output_holds_raw_bytes_of_files),
		cmocka_unit_test(sorting_keeps_trees_and_puts_empty_cells_last),
		cmocka_unit_test(many_rows_are_sorted_and_stable),
		cmocka_unit_test(filters_keep_ancestors_in_tables),
		cmocka_unit_test(unknown_columns_are_named),
		cmocka_unit_test(changes_have_signs_where_people_read_them),
		cmocka_unit_test(lines_below_rows_are_in_tables_alone),
		cmocka_unit_test(columns_without_a_cell_can_stay_away),
	};

	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
