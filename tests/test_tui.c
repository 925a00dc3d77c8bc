/* SPDX-License-Identifier: MIT */
/* Screens of the browser, drawn without a terminal. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tui_drive.h"

#define GOLDEN  "tests/golden/"
#define SAMPLE  "samples/lfs-51-double.img"
#define CAPTURE "samples/capture-51.json"

static struct drive d;

static void an_image_is_a_tree_of_modules_by_size(void **state)
{
	static const char *const rows[] = { "img  11,720 █████", "▸ httpd             3,132 █████",
					    "▸ main              2,124 ███▍",
					    "▸ publish           2,044 ███▎" };

	(void)state;
	drive_files(&d, SAMPLE, NULL);
	for (unsigned i = 0; i < 4; i++) {
		char *row = drive_row(&d, 1 + (int)i);

		assert_non_null(strstr(row, rows[i]));
		free(row);
	}
	drive_sees(&d, "size in flash  11,720");
	drive_sees(&d, " summary  bytes  modules ");
	drive_end(&d);
}

static void every_view_of_lfsdump_is_a_view_of_the_file(void **state)
{
	(void)state;
	drive_files(&d, GOLDEN "img/app-53.img", NULL);
	for (unsigned i = 0; i < lua_view_count; i++) {
		assert_ptr_equal(d.app.pane.page.place.view, lua_views[i].view);
		drive_keys(&d, "t");
	}
	drive_keys(&d, "t");
	assert_ptr_equal(d.app.pane.page.place.view, lua_views[0].view);
	drive_keys(&d, "T");
	drive_sees(&d, " findings ");
	drive_keys(&d, "2t");
	assert_ptr_equal(d.app.pane.page.place.view, lua_views[1].view);
	drive_end(&d);
}

static void ends_open_and_close_nodes(void **state)
{
	(void)state;
	drive_files(&d, SAMPLE, NULL);
	drive_keys(&d, "jl");
	drive_sees(&d, "▾ httpd");
	drive_sees(&d, "  ▸ function 20-32");
	drive_keys(&d, "jj");
	drive_sees(&d, "function 20-32: code");
	drive_keys(&d, "h");
	drive_sees(&d, "httpd: modules");
	drive_keys(&d, "h");
	drive_misses(&d, "function 20-32");
	drive_keys(&d, "hh");
	drive_sees(&d, "▸ …s-51-double.img");
	drive_end(&d);
}

static void trees_sort_by_size_and_name_and_not_at_all(void **state)
{
	static const char *const second[] = { "httpd", "(header", "_init", "httpd" };

	(void)state;
	drive_files(&d, SAMPLE, NULL);
	for (unsigned i = 0; i < 4; i++) {
		char *row = drive_row(&d, 2);

		assert_non_null(strstr(row, second[i]));
		free(row);
		drive_keys(&d, "s");
	}
	drive_end(&d);
}

/* To the code of httpd's function 20-32, whose views are narrowed to it. */
static void go_to_code(void)
{
	drive_keys(&d, "jljj\t");
	drive_sees(&d, "function 20-32: code");
}

static void enter_follows_and_backspace_comes_back(void **state)
{
	(void)state;
	drive_files(&d, SAMPLE, NULL);
	go_to_code();
	drive_keys(&d, "/closure\n");
	assert_int_equal(d.app.search.running, SEARCH_IDLE);
	uint64_t line = d.app.pane.cursor;

	drive_keys(&d, "\n"); /* into the closure */
	drive_misses(&d, "function 20-32: code");
	drive_sees(&d, ": code");
	drive_keys(&d, "\b");
	drive_sees(&d, "function 20-32: code");
	assert_int_equal(d.app.pane.cursor, line);
	drive_keys(&d, "g/jmp\n\n"); /* along a jump */
	assert_true(d.app.pane.cursor > 0);
	drive_keys(&d, "\b");
	drive_keys(&d, "g/\"match\"\n\n"); /* to a string, and to who uses it */
	drive_sees(&d, "img: strings");
	drive_keys(&d, "\n");
	drive_sees(&d, "xref, users of match");
	drive_keys(&d, "\n");
	drive_sees(&d, ": code");
	drive_keys(&d, "\b\b\b");
	drive_sees(&d, "function 20-32: code");
	drive_end(&d);
}

static void x_lists_the_users_of_a_string(void **state)
{
	struct buf out = { 0 };
	uint64_t n;

	(void)state;
	drive_files(&d, SAMPLE, NULL);
	go_to_code();
	drive_keys(&d, "/\"match\"\nx");
	drive_sees(&d, "xref, users of match");
	n = lines_count(d.app.pane.lines);
	assert_true(n > 0);
	for (uint64_t i = 0; i < n; i++) {
		struct lines_line line;

		out.len = 0;
		assert_true(lines_at(d.app.pane.lines, i, &line));
		lines_text(d.app.pane.lines, &line, &out);
		buf_byte(&out, 0);
		assert_non_null(strstr((char *)out.data, "match"));
	}
	buf_free(&out);
	drive_keys(&d, "q");
	drive_sees(&d, "function 20-32: code");
	drive_end(&d);
}

static void strings_of_a_capture_lead_to_the_image_that_uses_them(void **state)
{
	(void)state;
	drive_files(&d, SAMPLE, CAPTURE);
	drive_keys(&d, "/nothing that is there\n");
	drive_sees(&d, "not found: nothing that is there");
	drive_keys(&d, "\033G");
	drive_keys(&d, "kkkk\t");
	drive_sees(&d, "capture-51.json: strings");
	drive_keys(&d, "/in_image\nx");
	drive_sees(&d, "lfs-51-double.img: xref, users of ");
	drive_end(&d);
}

static void n_goes_on_and_around(void **state)
{
	uint64_t first, second;

	(void)state;
	drive_files(&d, SAMPLE, NULL);
	go_to_code();
	drive_keys(&d, "/self\n");
	first = d.app.pane.cursor;
	drive_keys(&d, "n");
	second = d.app.pane.cursor;
	assert_true(second > first);
	drive_keys(&d, "N");
	assert_int_equal(d.app.pane.cursor, first);
	drive_keys(&d, "2N");
	assert_true(d.app.pane.cursor > second);
	drive_sees(&d, "search went on at the other end");
	drive_keys(&d, "G/?self\n");
	assert_true(d.app.pane.cursor > second);
	drive_keys(&d, "2n");
	assert_int_equal(d.app.pane.cursor, first);
	drive_keys(&d, "gg/SELF\n");
	assert_int_equal(d.app.pane.cursor, first);
	drive_keys(&d, "/Self\n");
	drive_sees(&d, "not found: Self");
	drive_end(&d);
}

static void f_finds_in_all_views_of_all_files(void **state)
{
	(void)state;
	drive_files(&d, SAMPLE, CAPTURE);
	drive_keys(&d, "fgmatch\n");
	drive_sees(&d, "│ found");
	drive_sees(&d, "lfs-51-double.i…  strings");
	drive_sees(&d, "lfs-51-double.i…  code");
	drive_sees(&d, "lfs-51-double.i…  hex");
	drive_keys(&d, "/  code\n\n");
	drive_sees(&d, ": code");
	drive_sees(&d, "\"gmatch\"");
	drive_keys(&d, "\b");
	drive_sees(&d, "│ found");
	drive_end(&d);
}

static void counts_repeat_and_name_lines(void **state)
{
	(void)state;
	drive_files(&d, SAMPLE, NULL);
	go_to_code();
	drive_keys(&d, "12j");
	assert_int_equal(d.app.pane.cursor, 12);
	drive_keys(&d, "5k10G");
	assert_int_equal(d.app.pane.cursor, 9);
	drive_keys(&d, "3g");
	assert_int_equal(d.app.pane.cursor, 2);
	drive_keys(&d, "99999999999999999999j");
	assert_int_equal(d.app.pane.cursor + 1, lines_count(d.app.pane.lines));
	drive_end(&d);
}

static void panes_sort_by_columns(void **state)
{
	(void)state;
	drive_files(&d, SAMPLE, CAPTURE);
	drive_keys(&d, "4t\t");
	drive_sees(&d, "img: strings");
	drive_keys(&d, "sg");
	drive_sees(&d, "by length, down  1/");
	drive_sees(&d, "HTTP/1.1");
	drive_keys(&d, "Sg");
	drive_sees(&d, "by length  1/");
	drive_misses(&d, "HTTP/1.1");
	drive_mouse(&d, MOUSE_PRESS, 1, 34);
	drive_sees(&d, "by length, down");
	drive_end(&d);
}

static void marks_add_up_as_strscan_does(void **state)
{
	(void)state;
	drive_files(&d, CAPTURE, NULL);
	drive_keys(&d, "\tm");
	drive_sees(&d, "1 marked: RAM -");
	assert_int_equal(d.app.marks.totals.kept, 1);
	assert_int_equal(d.app.marks.totals.ram, string_ram(d.app.marks.set.items[0].len));
	drive_keys(&d, "mm");
	drive_sees(&d, "3 marked");
	drive_keys(&d, "km");
	drive_sees(&d, "2 marked");
	drive_end(&d);
}

static void w_writes_the_marked_strings(void **state)
{
	char name[] = "/tmp/tui-strings-XXXXXX";
	char text[2000] = "";
	FILE *f;

	(void)state;
	assert_true(close(mkstemp(name)) == 0);
	drive_files(&d, CAPTURE, NULL);
	drive_keys(&d, "w");
	drive_sees(&d, "no string is marked");
	drive_keys(&d, "\tmmw\025");
	drive_keys(&d, name);
	drive_keys(&d, "\n");
	drive_sees(&d, "Replace it?");
	drive_keys(&d, "n");
	drive_sees(&d, "not written");
	drive_keys(&d, "w\025");
	drive_keys(&d, name);
	drive_keys(&d, "\ny");
	drive_sees(&d, "written: /tmp/tui-strings-");
	f = fopen(name, "r");
	assert_non_null(f);
	assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
	fclose(f);
	assert_non_null(strstr(text, "\n-- 2 strings: "));
	unlink(name);
	drive_end(&d);
}

static void i_tells_all_of_a_row(void **state)
{
	(void)state;
	drive_files(&d, SAMPLE, NULL);
	go_to_code();
	drive_keys(&d, "i");
	drive_sees(&d, " Info ");
	drive_sees(&d, "meaning");
	drive_sees(&d, "word");
	drive_keys(&d, "q");
	drive_misses(&d, " Info ");
	drive_sees(&d, "function 20-32: code");
	drive_end(&d);
}

static void help_tells_every_key(void **state)
{
	(void)state;
	drive_files(&d, SAMPLE, NULL);
	drive_size(&d, 70, 120);
	drive_keys(&d, "?");
	for (const struct key_row *r = key_rows; r->help; r++)
		drive_sees(&d, r->help);
	drive_size(&d, 10, 40);
	drive_sees(&d, "more below");
	drive_keys(&d, "G");
	drive_sees(&d, "Mouse");
	drive_key(&d, K_F1);
	drive_misses(&d, "Mouse");
	drive_end(&d);
}

static void q_closes_one_level_and_then_the_browser(void **state)
{
	(void)state;
	drive_files(&d, SAMPLE, NULL);
	go_to_code();
	drive_keys(&d, "?q");
	assert_false(d.app.quit);
	assert_true(d.app.in_pane);
	drive_keys(&d, "q");
	assert_false(d.app.in_pane);
	drive_keys(&d, "\033");
	assert_false(d.app.quit);
	drive_keys(&d, "q");
	assert_true(d.app.quit);
	d.app.quit = false;
	drive_keys(&d, "\tQ");
	assert_true(d.app.quit);
	drive_end(&d);
}

static void the_mouse_clicks_scrolls_and_drags(void **state)
{
	(void)state;
	drive_files(&d, SAMPLE, NULL);
	drive_mouse(&d, MOUSE_PRESS, 3, 5);
	drive_sees(&d, "main: modules");
	drive_mouse(&d, MOUSE_PRESS, 3, 5);
	drive_sees(&d, "▾ main");
	drive_mouse(&d, MOUSE_PRESS, 0, 44); /* a view's name */
	drive_sees(&d, "main: code");
	drive_mouse(&d, MOUSE_PRESS, 5, 50);
	assert_int_equal(d.app.pane.cursor, 3);
	assert_true(d.app.in_pane);
	drive_mouse(&d, MOUSE_WHEEL_DOWN, 5, 50);
	assert_int_equal(d.app.pane.top, 3);
	drive_mouse(&d, MOUSE_WHEEL_UP, 5, 50);
	assert_int_equal(d.app.pane.top, 0);
	drive_mouse(&d, MOUSE_PRESS, 10, 32);
	drive_mouse(&d, MOUSE_DRAG, 10, 25);
	drive_mouse(&d, MOUSE_RELEASE, 10, 25);
	assert_int_equal(app_layout(&d.app).tree_width, 25);
	drive_mouse(&d, MOUSE_DRAG, 10, 40);
	assert_int_equal(app_layout(&d.app).tree_width, 25);
	drive_end(&d);
}

static void small_screens_show_one_pane(void **state)
{
	(void)state;
	drive_files(&d, SAMPLE, NULL);
	drive_size(&d, 10, 40);
	drive_sees(&d, "httpd");
	drive_misses(&d, "size in flash");
	drive_keys(&d, "\t");
	drive_sees(&d, "size in flash");
	drive_misses(&d, "httpd");
	for (int rows = 1; rows < 12; rows++)
		for (int cols = 1; cols < 60; cols += 7)
			drive_size(&d, rows, cols);
	drive_size(&d, 24, 80);
	drive_sees(&d, "httpd");
	drive_keys(&d, "z");
	drive_misses(&d, "httpd");
	drive_end(&d);
}

static void ascii_screens_are_ascii(void **state)
{
	static const char *const paths[] = { GOLDEN "img/edge-53.img", NULL };

	(void)state;
	drive_begin(&d, paths, 50, 200, true);
	for (unsigned i = 0; i <= lua_view_count; i++) {
		for (const char *p = d.text; *p; p++)
			assert_true((unsigned char)*p < 0x80);
		drive_keys(&d, "t\tG\t");
	}
	drive_end(&d);
}

static void two_images_are_compared_down_to_the_code(void **state)
{
	(void)state;
	drive_files(&d, GOLDEN "img/app-53.img", GOLDEN "img/app-51f.img");
	drive_size(&d, 40, 160);
	drive_sees(&d, " summary  modules  strings  bytes\n");
	drive_sees(&d, "content     differs");
	drive_keys(&d, "jljj"); /* the first prototype of the first module */
	drive_sees(&d, " code  modules\n");
	drive_sees(&d, "TEST 2 1                                          <");
	drive_sees(&d, "SELF 2 1 -1  ; \"match\"");
	drive_keys(&d, "\t\n");
	drive_sees(&d, ": code");
	drive_misses(&d, "pc  old");
	drive_end(&d);
}

static void matches_are_seen(void **state)
{
	int y, x;
	bool found = false;

	(void)state;
	drive_files(&d, SAMPLE, NULL);
	go_to_code();
	drive_keys(&d, "/self\nj");
	for (y = 2; y < 22; y++)
		for (x = 33; x < 80; x++)
			found |= drive_look(&d, y, x) == LOOK_MATCH;
	assert_true(found);
	drive_end(&d);
}

static void wide_and_combining_characters_keep_their_cells(void **state)
{
	static const char text[] = "a日e\xcc\x81|\x1b[31m\xff\xe2\x80\xae";
	struct screen s = { 0 };
	struct buf out = { 0 };

	(void)state;
	assert_true(screen_resize(&s, 2, 8));
	assert_int_equal(screen_put(&s, 0, 0, 5, 0, LOOK_TEXT, text, sizeof(text) - 1), 5);
	screen_put(&s, 1, 0, 8, 2, LOOK_TEXT, text, sizeof(text) - 1);
	drive_text(&s, &out);
	buf_byte(&out, 0);
	assert_string_equal((char *)out.data, "a日e\xcc\x81|\n e\xcc\x81|?[31m\n");
	out.len = 0;
	screen_puts(&s, 0, 2, 1, LOOK_TEXT, "x"); /* half of the wide one */
	drive_text(&s, &out);
	buf_byte(&out, 0);
	assert_memory_equal(out.data, "a xe", 4);
	buf_free(&out);
	screen_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_is_a_tree_of_modules_by_size),
		cmocka_unit_test(every_view_of_lfsdump_is_a_view_of_the_file),
		cmocka_unit_test(ends_open_and_close_nodes),
		cmocka_unit_test(trees_sort_by_size_and_name_and_not_at_all),
		cmocka_unit_test(enter_follows_and_backspace_comes_back),
		cmocka_unit_test(x_lists_the_users_of_a_string),
		cmocka_unit_test(strings_of_a_capture_lead_to_the_image_that_uses_them),
		cmocka_unit_test(n_goes_on_and_around),
		cmocka_unit_test(f_finds_in_all_views_of_all_files),
		cmocka_unit_test(counts_repeat_and_name_lines),
		cmocka_unit_test(panes_sort_by_columns),
		cmocka_unit_test(marks_add_up_as_strscan_does),
		cmocka_unit_test(w_writes_the_marked_strings),
		cmocka_unit_test(i_tells_all_of_a_row),
		cmocka_unit_test(help_tells_every_key),
		cmocka_unit_test(q_closes_one_level_and_then_the_browser),
		cmocka_unit_test(the_mouse_clicks_scrolls_and_drags),
		cmocka_unit_test(small_screens_show_one_pane),
		cmocka_unit_test(ascii_screens_are_ascii),
		cmocka_unit_test(two_images_are_compared_down_to_the_code),
		cmocka_unit_test(matches_are_seen),
		cmocka_unit_test(wide_and_combining_characters_keep_their_cells),
	};

	return cmocka_run_group_tests_name("test_tui", tests, NULL, NULL);
}
