/* SPDX-License-Identifier: MIT */
/* What keys and the mouse do in the browser where it is easily got wrong. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tui_drive.h"
#include "tui/clipboard.h"
#include "tui/mouse.h"

#define GOLDEN  "tests/golden/img/"
#define SAMPLE  "samples/lfs-51-double.img"
#define CAPTURE "samples/capture-51.json"

static struct drive d;
static char folder[] = "/tmp/tui-keys-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static void path_in(char *out, size_t size, const char *name)
{
	snprintf(out, size, "%s/%s", folder, name);
}

/* A list of so many strings: words, a number, more words. */
static void begin_with_strings(unsigned n, const char *before, size_t repeat)
{
	char path[64];
	FILE *f;

	path_in(path, sizeof(path), "strings.lua");
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("return {\n", f);
	for (unsigned i = 0; i < n; i++) {
		fputs("\"", f);
		for (size_t k = 0; k < repeat; k++)
			fputs(before, f);
		fprintf(f, "end %u\",\n", i);
	}
	fputs("}\n", f);
	assert_int_equal(fclose(f), 0);
	drive_files(&d, path, NULL);
	unlink(path);
}

static void a_search_sees_what_the_pane_cuts_off(void **state)
{
	(void)state;
	begin_with_strings(50, "a text that is wide ", 3);
	drive_misses(&d, "end 7");
	drive_keys(&d, "\t/END 37\n"); /* capitals: must not be found */
	drive_sees(&d, "not found: END 37");
	drive_keys(&d, "/end 37\n");
	drive_misses(&d, "not found");
	assert_int_not_equal(d.app.pane.cursor, 0);
	drive_end(&d);
}

static void a_search_sees_the_end_of_the_longest_text(void **state)
{
	(void)state;
	begin_with_strings(3, "0123456789", 2000);
	drive_keys(&d, "\t/end 1\n");
	drive_misses(&d, "not found");
	drive_keys(&d, "fend 2\n");
	assert_true(d.app.search.nhits > 0);
	drive_end(&d);
}

static void f_tells_that_there_are_more(void **state)
{
	(void)state;
	begin_with_strings(SEARCH_HITS_MAX + 1, "found ", 1);
	drive_keys(&d, "ffound\n");
	drive_sees(&d, "the first 10000 are here; there may be more");
	drive_keys(&d, "fend 10\n");
	drive_misses(&d, "there may be more");
	drive_end(&d);
}

static void counts_above_a_million_are_what_they_say(void **state)
{
	const struct view *v;
	uint64_t last;

	(void)state;
	drive_files(&d, SAMPLE, NULL);
	drive_keys(&d, "1000t");
	v = d.app.pane.page.place.view;
	drive_keys(&d, "1000T");
	assert_ptr_not_equal(v, d.app.pane.page.place.view);
	drive_keys(&d, "4t\t");
	drive_sees(&d, "img: strings");
	last = lines_count(d.app.pane.lines) - 1;
	drive_keys(&d, "1000000j");
	assert_int_equal(d.app.pane.cursor, last);
	drive_keys(&d, "g1000001g");
	assert_int_equal(d.app.pane.cursor, last);
	drive_keys(&d, "99999999>99999999<");
	assert_int_equal(d.app.pane.pan, 0);
	drive_keys(&d, "\t1000000j");
	assert_int_equal(d.app.tree.cursor + 1, d.app.tree.count);
	drive_end(&d);
}

static void sorting_by_a_far_column_goes_around(void **state)
{
	char near[sizeof(d.app.pane.sort)];
	char far[sizeof(d.app.pane.sort)];
	unsigned around = 0;

	(void)state;
	drive_files(&d, SAMPLE, NULL);
	drive_keys(&d, "4t\ts");
	memcpy(near, d.app.pane.sort, sizeof(near));
	do {
		drive_keys(&d, "s");
		around++;
	} while (around < 50 && strcmp(near, d.app.pane.sort) != 0);
	assert_in_range(around, 3, 49);
	drive_keys(&d, "1000001s");
	memcpy(far, d.app.pane.sort, sizeof(far));
	for (unsigned i = 1000001; i % around; i++)
		drive_keys(&d, "s");
	assert_string_equal(near, d.app.pane.sort);
	for (unsigned i = 0; i < 1000001 % around; i++)
		drive_keys(&d, "s");
	assert_string_equal(far, d.app.pane.sort);
	drive_end(&d);
}

static void empty_cells_are_told_of(void **state)
{
	(void)state;
	drive_files(&d, GOLDEN "app-51f.img", GOLDEN "edge-51f.img");
	drive_keys(&d, "\ttt");
	for (unsigned i = 0; i < 200; i++) {
		drive_keys(&d, "i");
		drive_keys(&d, "\033j");
	}
	drive_keys(&d, "Gi");
	drive_sees(&d, " Info ");
	drive_end(&d);
}

static void an_empty_view_has_no_line_1(void **state)
{
	(void)state;
	drive_files(&d, GOLDEN "app-51f.img", NULL);
	for (unsigned i = 0; i < lua_view_count && lines_count(d.app.pane.lines); i++)
		drive_keys(&d, "t");
	assert_int_equal(lines_count(d.app.pane.lines), 0);
	drive_sees(&d, "(none)");
	drive_misses(&d, "1/0");
	drive_end(&d);
}

static void leaving_with_marks_that_are_not_written_asks(void **state)
{
	char path[64];

	(void)state;
	path_in(path, sizeof(path), "dummy.lua");
	drive_files(&d, CAPTURE, NULL);
	drive_keys(&d, "\tmQ");
	drive_sees(&d, "The marks are not written. Leave? (y/n)");
	drive_size(&d, 10, 40);
	drive_sees(&d, "The marks are not written. Leave? (y/n)");
	drive_keys(&d, "n");
	assert_false(d.app.quit);
	drive_keys(&d, "qq");
	drive_sees(&d, "Leave?");
	drive_key(&d, K_CONTROL('C'));
	drive_misses(&d, "Leave?");
	assert_false(d.app.quit);
	drive_key(&d, K_CONTROL('C'));
	drive_keys(&d, "y");
	assert_true(d.app.quit);
	d.app.quit = false;
	drive_keys(&d, "w");
	drive_key(&d, K_CONTROL('U'));
	drive_keys(&d, path);
	drive_keys(&d, "\nQ");
	assert_true(d.app.quit);
	d.app.quit = false;
	drive_keys(&d, "\tmQ");
	drive_sees(&d, "Leave?");
	drive_end(&d);
	assert_int_equal(unlink(path), 0);
}

static void marks_taken_back_are_no_loss(void **state)
{
	(void)state;
	drive_files(&d, CAPTURE, NULL);
	drive_keys(&d, "\tmkmQ");
	assert_true(d.app.quit);
	drive_end(&d);
}

static void type_path(const char *key, const char *path)
{
	drive_keys(&d, key);
	drive_key(&d, K_CONTROL('U'));
	drive_keys(&d, path);
	drive_keys(&d, "\n");
}

static void a_pipe_does_not_hold_the_browser(void **state)
{
	char path[64];

	(void)state;
	path_in(path, sizeof(path), "pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	drive_files(&d, CAPTURE, NULL);
	alarm(20); /* ends the test where nobody reads the pipe */
	type_path("e", path);
	drive_sees(&d, "not written: no file but a folder, device or pipe");
	type_path("e", folder);
	drive_sees(&d, "not written: no file");
	alarm(0);
	drive_end(&d);
	assert_int_equal(unlink(path), 0);
}

static void failures_tell_why_before_where(void **state)
{
	char name[301];

	(void)state;
	memset(name, 'n', 300);
	name[300] = '\0';
	drive_files(&d, CAPTURE, NULL);
	type_path("e", name);
	drive_sees(&d, "not written: File name too long: nnn");
	drive_keys(&d, "t"); /* closes the message, and does what it always does */
	drive_misses(&d, "too long");
	assert_null(d.app.popup.title);
	drive_end(&d);
}

static void a_message_is_seen_whole_on_the_narrowest_screen(void **state)
{
	(void)state;
	drive_files(&d, CAPTURE, NULL);
	drive_size(&d, 10, 40);
	type_path("e", "/nonexistent/folder/file");
	drive_sees(&d, " Failed ");
	drive_sees(&d, "not written: No such file or");
	drive_sees(&d, "/nonexistent/folder/file");
	drive_keys(&d, "\n");
	assert_null(d.app.popup.title);
	drive_end(&d);
}

static void exports_know_the_home_folder_and_capital_endings(void **state)
{
	char path[64], line[80];
	FILE *f;

	(void)state;
	path_in(path, sizeof(path), "x.CSV");
	assert_int_equal(setenv("HOME", folder, 1), 0);
	drive_files(&d, CAPTURE, NULL);
	type_path("e", "~/x.CSV");
	drive_sees(&d, "written: ");
	drive_end(&d);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	assert_non_null(strchr(line, ','));
	fclose(f);
	assert_int_equal(unlink(path), 0);
}

static void a_copy_that_is_cut_says_so(void **state)
{
	struct buf request = { 0 };
	uint8_t *text = calloc(1, 200000);

	(void)state;
	begin_with_strings(2, "0123456789", 20000);
	drive_keys(&d, "\ty");
	drive_sees(&d, "74994 bytes to the clipboard, of 200005");
	drive_end(&d);
	assert_non_null(text);
	clipboard_request(&request, text, 200000);
	assert_int_equal(request.len, strlen("\033]52;c;\a") + CLIPBOARD_MAX / 3 * 4);
	buf_free(&request);
	free(text);
}

static void c_asks_for_the_device_if_there_is_one(void **state)
{
	(void)state;
	drive_files(&d, CAPTURE, NULL);
	drive_keys(&d, "c");
	drive_sees(&d, "no device");
	assert_false(d.app.connect);
	d.app.live = true;
	drive_keys(&d, "c");
	assert_true(d.app.connect);
	drive_end(&d);
}

/* Reports behind their first three characters, and what they tell, one letter each. */
static void reports(bool sgr, const char *text, const char *wanted, int y, int x)
{
	static const char letters[] = { [MOUSE_PRESS] = 'p',
					[MOUSE_DRAG] = 'd',
					[MOUSE_RELEASE] = 'r',
					[MOUSE_WHEEL_UP] = 'u',
					[MOUSE_WHEEL_DOWN] = 'w' };
	struct mouse_report r = { 0 };
	struct event e = { 0 };
	enum mouse_step step = MOUSE_MORE;

	mouse_begin(&r, sgr);
	for (; *text && r.under_way; text++)
		step = mouse_take(&r, (uint8_t)*text, &e);
	assert_int_equal(*text, '\0');
	assert_int_equal(e.kind, step == MOUSE_TOLD ? EVENT_MOUSE : EVENT_NONE);
	switch (step) {
	case MOUSE_MORE: assert_string_equal(wanted, "more"); break;
	case MOUSE_IGNORED: assert_string_equal(wanted, "ignored"); break;
	case MOUSE_BROKEN: assert_string_equal(wanted, "broken"); break;
	case MOUSE_TOLD:
		assert_int_equal(wanted[0], letters[e.mouse]);
		assert_int_equal(e.y, y);
		assert_int_equal(e.x, x);
		break;
	}
}

static void reports_of_the_mouse_are_understood(void **state)
{
	(void)state;
	reports(true, "0;75;8M", "p", 7, 74);
	reports(true, "0;75;8m", "r", 7, 74);
	reports(true, "32;300;100M", "d", 99, 299);
	reports(true, "4;1;1M", "p", 0, 0); /* with Shift */
	reports(true, "64;5;6M", "u", 5, 4);
	reports(true, "65;5;6M", "w", 5, 4);
	reports(true, "2;5;6M", "ignored", 0, 0);
	reports(true, "35;5;6M", "ignored", 0, 0);
	reports(true, "0;0;1M", "ignored", 0, 0);
	reports(true, "0;75;8", "more", 0, 0);
	reports(true, "0;75M", "broken", 0, 0);
	reports(true, "0;75;8;", "broken", 0, 0);
	reports(true, "j", "broken", 0, 0);
	reports(true, "99999999999999999999;1;1M", "ignored", 0, 0);
	reports(false, " !\"", "p", 1, 0);
	reports(false, "#!\"", "r", 1, 0);
	reports(false, "@!\"", "d", 1, 0);
	reports(false, "`!\"", "u", 1, 0);
	reports(false, " !", "more", 0, 0);
	reports(false, "\n", "broken", 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_search_sees_what_the_pane_cuts_off),
		cmocka_unit_test(a_search_sees_the_end_of_the_longest_text),
		cmocka_unit_test(f_tells_that_there_are_more),
		cmocka_unit_test(counts_above_a_million_are_what_they_say),
		cmocka_unit_test(sorting_by_a_far_column_goes_around),
		cmocka_unit_test(empty_cells_are_told_of),
		cmocka_unit_test(an_empty_view_has_no_line_1),
		cmocka_unit_test(leaving_with_marks_that_are_not_written_asks),
		cmocka_unit_test(marks_taken_back_are_no_loss),
		cmocka_unit_test(a_pipe_does_not_hold_the_browser),
		cmocka_unit_test(failures_tell_why_before_where),
		cmocka_unit_test(a_message_is_seen_whole_on_the_narrowest_screen),
		cmocka_unit_test(exports_know_the_home_folder_and_capital_endings),
		cmocka_unit_test(a_copy_that_is_cut_says_so),
		cmocka_unit_test(c_asks_for_the_device_if_there_is_one),
		cmocka_unit_test(reports_of_the_mouse_are_understood),
	};

	return cmocka_run_group_tests_name("tui_keys", tests, make_folder, remove_folder);
}
