/* SPDX-License-Identifier: MIT */
/* What is seen of wide lines on narrow screens. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "common/view/escape.h"
#include "tests/tui_drive.h"

#define GOLDEN  "tests/golden/"
#define SAMPLE  "samples/lfs-51-double.img"
#define CAPTURE "samples/capture-51.json"

static struct drive d;

/* The column of the screen where a title of the pane stands. */
static int title_at(const char *title)
{
	char *row = drive_row(&d, 1);
	char *at = strstr(row, title);
	int x;

	assert_non_null(at);
	x = (int)text_width((const uint8_t *)row, (size_t)(at - row));
	free(row);
	return x;
}

static void strings_have_half_of_a_narrow_pane(void **state)
{
	static const char *const files[] = { CAPTURE, SAMPLE, SAMPLE };
	static const char *const keys[] = { "\t", "4t\t", "9t\t" };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		drive_files(&d, files[i], NULL);
		drive_keys(&d, keys[i]);
		assert_string_equal(d.app.pane.page.view->name, i < 2 ? "strings" : "xref");
		assert_true((80 - title_at("string")) * 2 >= d.app.pane.width);
		drive_size(&d, 10, 40);
		assert_true((40 - title_at("string")) * 2 >= d.app.pane.width);
		drive_end(&d);
	}
}

static void columns_that_say_nothing_make_room(void **state)
{
	(void)state;
	drive_files(&d, CAPTURE, NULL);
	drive_size(&d, 24, 160);
	drive_keys(&d, "\tz");
	drive_misses(&d, "reason");
	drive_keys(&d, "G");
	drive_sees(&d, "reason");
	drive_end(&d);
}

static void bars_and_minor_columns_give_before_sizes(void **state)
{
	(void)state;
	drive_files(&d, SAMPLE, NULL);
	drive_keys(&d, "2t");
	drive_sees(&d, "source");
	drive_sees(&d, "@httpd.lua");
	drive_end(&d);
	drive_files(&d, GOLDEN "img/app-53.img", GOLDEN "img/app-51f.img");
	drive_keys(&d, "t");
	drive_sees(&d, "-1,684");
	drive_size(&d, 10, 40);
	drive_keys(&d, "\t");
	drive_sees(&d, "old    new  change");
	drive_sees(&d, "-1,684");
	drive_end(&d);
}

/* The line that the cursor is on has this text. */
static void cursor_is_on(const char *text)
{
	for (int y = 0; y < d.screen.rows; y++) {
		char *row = drive_row(&d, y);
		bool there = strstr(row, text) != NULL;

		free(row);
		if (there) {
			assert_int_equal(drive_look(&d, y, d.screen.cols - 1), LOOK_CURSOR);
			return;
		}
	}
	fail_msg("%s is not there:\n%s", text, d.text);
}

static void a_dump_has_as_many_bytes_on_a_line_as_fit_and_the_cursor_stays_there(void **state)
{
	(void)state;
	drive_files(&d, GOLDEN "img/app-51f.img", NULL);
	drive_keys(&d, "14t\tz45g");
	cursor_is_on(
		" 000002a0  00 00 00 00 00 00 00 00  77 03 00 00 81 03 00 00  ........w.......");
	drive_keys(&d, "z");
	cursor_is_on("│   000002a0  00 00 00 00 00 00 00 00  ........");
	drive_keys(&d, "j");
	cursor_is_on("│   000002a8  77 03 00 00 81 03 00 00  w.......");
	drive_size(&d, 10, 40);
	cursor_is_on("   000002a8  77 03 00 00  w...");
	drive_keys(&d, "j");
	cursor_is_on("   000002ac  81 03 00 00  ....");
	drive_size(&d, 24, 200);
	cursor_is_on(
		" 000002a0  00 00 00 00 00 00 00 00  77 03 00 00 81 03 00 00  ........w.......");
	drive_keys(&d, "3g");
	drive_size(&d, 24, 60);
	cursor_is_on("  00000010  89 00 00 00  ");
	drive_keys(&d, "9>");
	drive_size(&d, 24, 44);
	cursor_is_on("89 00 00 00  ");
	drive_end(&d);
}

static size_t row_width(int y)
{
	char *row = drive_row(&d, y);
	size_t width = text_width((const uint8_t *)row, strlen(row));

	free(row);
	return width;
}

static void a_bar_that_is_shorter_shows_the_same_share(void **state)
{
	(void)state;
	drive_files(&d, SAMPLE, NULL);
	drive_keys(&d, "t\t");
	drive_size(&d, 24, 44);
	drive_sees(&d, "strings ");
	assert_true(row_width(4) <= 44);          /* strings: the most */
	assert_true(row_width(6) < row_width(4)); /* constants */
	assert_true(row_width(5) < row_width(6)); /* line info */
	assert_true(row_width(2) < row_width(3)); /* header, hash vector */
	drive_sees(&d, "prototype records");
	drive_end(&d);
}

static void panning_shows_what_is_cut_and_ends_with_the_widest_line(void **state)
{
	char *before, *last;

	(void)state;
	drive_files(&d, CAPTURE, NULL);
	drive_size(&d, 10, 40);
	drive_keys(&d, "\t");
	drive_sees(&d, "…");
	before = strdup(d.text);
	drive_keys(&d, "9>");
	drive_misses(&d, "…");
	drive_keys(&d, "999>");
	last = strdup(d.text);
	drive_sees(&d, "0123456789\n");
	drive_misses(&d, "›");
	drive_keys(&d, ">");
	assert_string_equal(d.text, last);
	drive_keys(&d, "j");
	assert_true(d.app.pane.pan > 0);
	drive_keys(&d, "k999<");
	assert_string_equal(d.text, before);
	drive_size(&d, 24, 200);
	drive_keys(&d, "z>");
	assert_int_equal(d.app.pane.pan, 0);
	free(before);
	free(last);
	drive_end(&d);
}

static void a_comparison_bears_both_names(void **state)
{
	(void)state;
	drive_files(&d, GOLDEN "img/app-53.img", GOLDEN "img/app-51f.img");
	drive_sees(&d, "▾ app-53.img -> app-51f.img ");
	drive_sees(&d, "app-53.img -> app-51f.img: summary");
	drive_end(&d);
}

/* Without blanks and line ends. */
static char *bare(const char *text, size_t len)
{
	char *out = calloc(len + 1, 1);
	size_t n = 0;

	assert_non_null(out);
	for (size_t i = 0; i < len; i++)
		if (text[i] != ' ' && text[i] != '\n')
			out[n++] = text[i];
	return out;
}

static void the_help_is_whole_at_every_width(void **state)
{
	(void)state;
	drive_files(&d, SAMPLE, NULL);
	drive_keys(&d, "?");
	for (int cols = 40; cols <= 200; cols += 40) {
		char *help, *part;

		drive_size(&d, 10, cols);
		drive_sees(&d, " Keys ");
		for (size_t i = 0, n = 0; i < d.app.popup.text.len; i++) {
			n = d.app.popup.text.data[i] == '\n' ? 0 : n + 1;
			assert_true(n <= (size_t)cols - 4);
		}
		help = bare((const char *)d.app.popup.text.data, d.app.popup.text.len);
		for (const struct key_row *r = key_rows; r->help; r++) {
			part = bare(r->help, strlen(r->help));
			assert_non_null(strstr(help, part));
			free(part);
		}
		free(help);
	}
	drive_end(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_have_half_of_a_narrow_pane),
		cmocka_unit_test(columns_that_say_nothing_make_room),
		cmocka_unit_test(bars_and_minor_columns_give_before_sizes),
		cmocka_unit_test(
			a_dump_has_as_many_bytes_on_a_line_as_fit_and_the_cursor_stays_there),
		cmocka_unit_test(a_bar_that_is_shorter_shows_the_same_share),
		cmocka_unit_test(panning_shows_what_is_cut_and_ends_with_the_widest_line),
		cmocka_unit_test(a_comparison_bears_both_names),
		cmocka_unit_test(the_help_is_whole_at_every_width),
	};

	return cmocka_run_group_tests_name("test_tui_narrow", tests, NULL, NULL);
}
