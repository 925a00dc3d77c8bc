/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/util_nodes.h"
#include "tests/util_view.h"

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

static bool change_detail(const void *ctx, uint64_t row, uint64_t line, unsigned bytes,
			  struct buf *out)
{
	(void)ctx;
	(void)bytes;
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
		cmocka_unit_test(changes_have_signs_where_people_read_them),
		cmocka_unit_test(lines_below_rows_are_in_tables_alone),
		cmocka_unit_test(columns_without_a_cell_can_stay_away),
	};

	return cmocka_run_group_tests_name("view_table", tests, NULL, NULL);
}
