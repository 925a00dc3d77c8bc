/* SPDX-License-Identifier: MIT */
/* The browser on strings: those of a live device, and very many. */
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

static struct drive d;

enum { HEAP = 31934 };

static void add_capture(const char *const *texts)
{
	struct string_set set = { 0 };
	struct diag diag = { 0 };

	string_set_capture(&set);
	set.device.heap = HEAP;
	for (; *texts; texts++)
		string_set_add(&set, (const uint8_t *)*texts, strlen(*texts));
	assert_int_equal(subject_add_capture(d.subjects[0], &set, &diag), 0);
	app_refresh(&d.app);
	drive_size(&d, 24, 80);
}

static void new_strings_of_a_device_are_marked_and_its_order_is_kept(void **state)
{
	static const char *const first[] = { "one", "a longer one", NULL };
	static const char *const more[] = { "one", "a longer one", "three", NULL };
	struct diag diag = { 0 };

	(void)state;
	d = (struct drive){ .n = 1 };
	assert_int_equal(subject_open_live("port", &diag, &d.subjects[0]), 0);
	app_begin(&d.app, d.subjects, d.n, false);
	drive_size(&d, 24, 80);
	drive_sees(&d, "waiting for the device");
	add_capture(first);
	drive_misses(&d, "│+");
	drive_keys(&d, "\t3s");
	drive_sees(&d, "by length, down");
	add_capture(more);
	drive_sees(&d, "capture 2");
	drive_sees(&d, "│+");
	drive_sees(&d, "by length, down");
	add_capture(more);
	drive_misses(&d, "│+");
	drive_end(&d);
}

static void what_a_device_tells_is_seen_whole_or_is_seen_to_be_cut(void **state)
{
	static const char *const texts[] = { "a string of the device", "another of its strings",
					     NULL };
	struct diag diag = { 0 };

	(void)state;
	d = (struct drive){ .n = 1 };
	assert_int_equal(subject_open_live("port", &diag, &d.subjects[0]), 0);
	app_begin(&d.app, d.subjects, d.n, false);
	add_capture(texts);
	drive_sees(&d, "port: strings, capture 1, heap 31,934, to gain 104  ");
	drive_keys(&d, "\tm");
	drive_sees(&d, "\ncapture 1, heap 31,934, to gain 104           1 marked: RAM -52, flash ");
	drive_keys(&d, "km");
	drive_size(&d, 10, 40);
	drive_sees(&d, "\ncapture 1, heap 31,934, to gain 104  2/2\n");
	drive_size(&d, 10, 36);
	drive_sees(&d, "\ncapture 1, heap 31,934, to gain 104\n");
	drive_size(&d, 10, 34);
	drive_sees(&d, "\ncapture 1, heap 31,934, to g…  2/2\n");
	drive_end(&d);
}

static void a_sort_that_takes_a_while_leaves_keys_answered(void **state)
{
	char name[] = "/tmp/tui-strings-XXXXXX";
	const char *const paths[] = { name, NULL };
	const struct event sort = { .kind = EVENT_KEY, .key = 's' };
	const struct event down = { .kind = EVENT_KEY, .key = 'j' };
	unsigned steps = 0;
	FILE *f = fdopen(mkstemp(name), "w");

	(void)state;
	assert_non_null(f);
	for (unsigned i = 0; i < 20000; i++)
		fprintf(f, "a string of the device %u\n", i * 7919 % 20000);
	fclose(f);
	drive_begin(&d, paths, 24, 80, false);
	unlink(name);
	drive_keys(&d, "\t");
	app_event(&d.app, &sort);
	assert_non_null(d.app.pane.coming);
	app_event(&d.app, &down);
	assert_int_equal(d.app.pane.cursor, 1);
	for (; d.app.pane.coming; steps++)
		app_work(&d.app);
	assert_true(steps > 3);
	drive_keys(&d, "g");
	drive_sees(&d, "by ram, down  1/20000");
	drive_end(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_strings_of_a_device_are_marked_and_its_order_is_kept),
		cmocka_unit_test(what_a_device_tells_is_seen_whole_or_is_seen_to_be_cut),
		cmocka_unit_test(a_sort_that_takes_a_while_leaves_keys_answered),
	};

	return cmocka_run_group_tests_name("test_tui_strings", tests, NULL, NULL);
}
