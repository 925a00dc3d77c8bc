/* SPDX-License-Identifier: MIT */
/* The numbered lines of views, against the rows that lfsdump prints. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/open/subject.h"
#include "common/view/lines.h"

#define IMAGE "tests/golden/img/app-51f.img"

enum { WIDTH = 200, TEXT_MAX = 1 << 22 };

struct sheet {
	struct subject *subject;
	struct subject_page page;
	struct lines *lines;
	struct buf text;
};

static const struct view *view_named(const struct subject *s, const char *name)
{
	const struct view *v;

	for (unsigned i = 0; (v = s->kind->view(s, VIEW_ROOT, i)) != NULL; i++)
		if (strcmp(v->name, name) == 0)
			return v;
	fail_msg("no view %s", name);
	return NULL;
}

static void sheet_begin(struct sheet *t, const char *view, const char *sort)
{
	const struct output_style style = { .width = WIDTH, .sort = sort };
	struct subject_place place = { .node = VIEW_ROOT, .topic = SUBJECT_ANY, .row = VIEW_ROOT };
	struct diag diag = { 0 };

	*t = (struct sheet){ 0 };
	assert_int_equal(subject_open(IMAGE, &diag, &t->subject), 0);
	place.subject = t->subject;
	place.view = view_named(t->subject, view);
	assert_int_equal(subject_page_open(&place, &t->page, &diag), 0);
	t->lines = lines_open(t->page.view, t->page.ctx, &style);
	assert_non_null(t->lines);
}

static void sheet_end(struct sheet *t)
{
	assert_false(lines_failed(t->lines));
	lines_close(t->lines);
	subject_page_close(&t->page);
	subject_close(t->subject);
	buf_free(&t->text);
}

/* All lines with something on them; runs of blanks are one, as widths of columns differ. */
static void squeeze(struct buf *out, const char *text)
{
	size_t start = out->len;

	for (; *text; text++) {
		bool blank = *text == ' ' || *text == '\n';

		if (*text == '\n' && out->len > start && out->data[out->len - 1] == ' ')
			out->len--;
		if (*text == '\n' && out->len > start && out->data[out->len - 1] != '\n')
			buf_byte(out, '\n');
		else if (!blank ||
			 (*text == ' ' && out->len > start && out->data[out->len - 1] != ' ' &&
			  out->data[out->len - 1] != '\n'))
			buf_byte(out, (uint8_t)*text);
	}
}

static char *lines_of(struct sheet *t, struct lines *l)
{
	struct buf all = { 0 };
	struct lines_line line;

	for (uint64_t i = 0; lines_at(l, i, &line); i++)
		lines_measure(l, &line);
	lines_head(l, &all);
	buf_byte(&all, '\n');
	for (uint64_t i = 0; lines_at(l, i, &line); i++) {
		lines_text(l, &line, &all);
		buf_byte(&all, '\n');
	}
	buf_byte(&all, 0);
	t->text.len = 0;
	squeeze(&t->text, (const char *)all.data);
	buf_byte(&t->text, 0);
	buf_free(&all);
	assert_false(t->text.failed);
	return (char *)t->text.data;
}

/* What lfsdump prints, without the title on top. */
static char *printed(const char *options)
{
	const char *program = getenv("LFSDUMP");
	char *raw = malloc(TEXT_MAX);
	struct buf out = { 0 };
	char command[400];
	size_t n;
	FILE *f;

	assert_non_null(raw);
	snprintf(command, sizeof(command), "COLUMNS=%d %s %s %s", WIDTH,
		 program ? program : "build/bin/lfsdump", options, IMAGE);
	f = popen(command, "r");
	assert_non_null(f);
	n = fread(raw, 1, TEXT_MAX - 1, f);
	raw[n] = '\0';
	assert_int_equal(pclose(f), 0);
	assert_non_null(strchr(raw, '\n'));
	squeeze(&out, strchr(raw, '\n') + 1);
	buf_byte(&out, 0);
	free(raw);
	assert_false(out.failed);
	return (char *)out.data;
}

static void compare(const char *view, const char *sort, const char *options)
{
	struct sheet t;
	char *wanted = printed(options);

	sheet_begin(&t, view, sort);
	assert_string_equal(lines_of(&t, t.lines), wanted);
	sheet_end(&t);
	free(wanted);
}

static void lines_are_the_rows_that_lfsdump_prints(void **state)
{
	static const char *const views[] = { "strings", "prototypes", "constants", "locals",
					     "code",    "globals",    "requires" };

	(void)state;
	for (unsigned i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		char options[100];

		snprintf(options, sizeof(options), "--%s", views[i]);
		compare(views[i], NULL, options);
	}
}

static void sorted_lines_are_the_rows_that_lfsdump_sorts(void **state)
{
	(void)state;
	compare("strings", "-length", "--strings --sort=-length");
	compare("strings", "string", "--strings --sort=string");
	compare("prototypes", "-constants", "--prototypes --sort=-constants");
	compare("constants", "value", "--constants --sort=value");
}

static void sorting_bit_by_bit_comes_to_the_same(void **state)
{
	struct sheet t;
	struct lines_line line;
	unsigned steps = 0;
	char *wanted = printed("--strings --sort=-refs");

	(void)state;
	sheet_begin(&t, "strings", "-refs");
	while (lines_more(t.lines, 1))
		steps++;
	assert_true(steps > 10);
	assert_string_equal(lines_of(&t, t.lines), wanted);
	for (uint64_t i = 0; lines_at(t.lines, i, &line); i++)
		assert_int_equal(lines_find(t.lines, line.row), i);
	assert_int_equal(lines_find(t.lines, 1000000), UINT64_MAX);
	sheet_end(&t);
	free(wanted);
}

static void a_lens_shows_its_rows_and_no_others(void **state)
{
	static const uint64_t rows[] = { 5, 2, 9, 2 };
	const struct output_style style = { .width = WIDTH };
	const struct output_style down = { .width = WIDTH, .sort = "-length" };
	struct sheet t;
	struct lens lens;
	struct lines *l;
	struct lines_line line;
	char *all, *one;

	(void)state;
	sheet_begin(&t, "strings", NULL);
	lens = lens_make(t.page.view, t.page.ctx, VIEW_ROOT);
	l = lines_open(&lens.narrow, &lens, &style);
	assert_int_equal(lines_count(l), 0);
	assert_false(lines_at(l, 0, &line));
	lines_close(l);
	for (unsigned i = 0; i < 4; i++)
		lens_add(&lens, rows[i]);
	assert_true(lens_is_flat(&lens.narrow, &lens));
	l = lines_open(&lens.narrow, &lens, &style);
	assert_int_equal(lines_count(l), 4);
	all = printed("--strings");
	one = strtok(lines_of(&t, l), "\n");
	for (unsigned i = 0; i <= 4; i++, one = strtok(NULL, "\n")) {
		assert_non_null(one);
		assert_non_null(strstr(all, one));
		assert_true(!i || (lines_at(l, i - 1, &line) && line.row == rows[i - 1]));
	}
	lines_close(l);
	l = lines_open(&lens.narrow, &lens, &down);
	assert_int_equal(lines_count(l), 4);
	assert_true(lines_at(l, 0, &line));
	assert_int_equal(line.row, 2); /* the longest of them */
	lines_close(l);
	lens_free(&lens);
	sheet_end(&t);
	free(all);
}

static void a_lens_on_a_row_shows_what_is_below_it(void **state)
{
	const struct output_style style = { .width = WIDTH };
	struct sheet t;
	struct lens lens;
	struct lines *l;
	uint64_t root;

	(void)state;
	sheet_begin(&t, "prototypes", NULL);
	root = t.page.view->child(t.page.ctx, VIEW_ROOT, 0);
	lens = lens_make(t.page.view, t.page.ctx, root);
	assert_false(lens_is_flat(&lens.narrow, &lens));
	l = lines_open(&lens.narrow, &lens, &style);
	assert_int_equal(lines_find(l, root), UINT64_MAX);
	assert_true(lines_find(l, t.page.view->child(t.page.ctx, root, 0)) != UINT64_MAX);
	assert_true(lines_count(l) >= t.page.view->count(t.page.ctx, root));
	assert_true(lines_count(l) < lines_count(t.lines));
	lines_close(l);
	lens_free(&lens);
	sheet_end(&t);
}

static void lines_are_cut_to_any_width_and_records_are_broken(void **state)
{
	struct sheet t;
	struct lines_line line;
	struct buf out = { 0 };
	uint64_t at = 0;

	(void)state;
	sheet_begin(&t, "summary", NULL);
	for (unsigned width = 40; width <= 200; width += 40) {
		lines_fit(t.lines, width, &at);
		for (uint64_t i = 0; lines_at(t.lines, i, &line); i++) {
			out.len = 0;
			lines_text(t.lines, &line, &out);
			assert_true(out.len <= width);
			assert_int_equal(line.kind, LINES_FIELD);
		}
	}
	assert_false(lines_head(t.lines, &out));
	buf_free(&out);
	sheet_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_the_rows_that_lfsdump_prints),
		cmocka_unit_test(sorted_lines_are_the_rows_that_lfsdump_sorts),
		cmocka_unit_test(sorting_bit_by_bit_comes_to_the_same),
		cmocka_unit_test(a_lens_shows_its_rows_and_no_others),
		cmocka_unit_test(a_lens_on_a_row_shows_what_is_below_it),
		cmocka_unit_test(lines_are_cut_to_any_width_and_records_are_broken),
	};

	return cmocka_run_group_tests_name("test_tui_lines", tests, NULL, NULL);
}
