/* SPDX-License-Identifier: MIT */
/* Firmwares as the browser has them: every node, every view, every row of whole and cut files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/open/subject.h"
#include "common/view/output.h"

static const char elf[] = "samples/firmware-51-double.elf";

struct tour {
	struct subject *s;
	FILE *out;
	unsigned nodes, pages, led;
};

static void look(struct tour *t, const struct subject_place *place)
{
	struct subject_page page;
	struct diag diag = { 0 };
	struct output_style style = { .form = OUTPUT_TSV };
	struct subject_place to;
	const uint8_t *text;
	size_t len;

	if (subject_page_open(place, &page, &diag) == ERR_NONE) {
		uint64_t rows = page.view->count(page.ctx, VIEW_ROOT);

		assert_int_equal(output_view(t->out, page.view, page.ctx, &style, &diag), ERR_NONE);
		for (uint64_t i = 0; i < rows; i++) {
			uint64_t row = page.view->child(page.ctx, VIEW_ROOT, i);

			t->led += t->s->kind->follow(t->s, &page, row, &to);
			t->s->kind->text(t->s, &page, row, &text, &len);
		}
		t->pages++;
	}
	subject_page_close(&page);
}

static void walk(struct tour *t, uint64_t node)
{
	const struct view *view;
	struct buf label = { 0 };

	t->nodes++;
	t->s->kind->label(t->s, node, &label);
	assert_true(label.len > 0 || node != VIEW_ROOT);
	buf_free(&label);
	t->s->kind->size(t->s, node);
	for (unsigned i = 0; (view = t->s->kind->view(t->s, node, i)) != NULL; i++)
		look(t, &(struct subject_place){ t->s, node, view, SUBJECT_ANY, VIEW_ROOT });
	for (uint64_t i = 0; i < t->s->kind->count(t->s, node); i++)
		walk(t, t->s->kind->child(t->s, node, i));
}

static struct tour tour_of(const char *path)
{
	struct tour t = { .out = fopen("/dev/null", "w") };
	struct diag diag = { 0 };

	assert_non_null(t.out);
	subject_open(path, &diag, &t.s);
	if (t.s)
		walk(&t, VIEW_ROOT);
	subject_close(t.s);
	fclose(t.out);
	return t;
}

static void all_of_an_elf_file_can_be_looked_at(void **state)
{
	struct tour t = tour_of(elf);

	(void)state;
	assert_true(t.nodes > 50);
	assert_true(t.pages > t.nodes);
	assert_true(t.led > 20);
}

static void a_file_that_is_cut_is_shown_as_far_as_it_goes(void **state)
{
	char path[] = "/tmp/open-firmware-XXXXXX";
	int fd = mkstemp(path);
	struct diag diag = { 0 };
	struct file file;
	unsigned shown = 0;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(file_load(elf, &diag, &file), ERR_NONE);
	assert_true(write(fd, file.data, file.len) == (ssize_t)file.len);
	for (size_t n = file.len; n > 97; n -= 97) {
		assert_int_equal(ftruncate(fd, (off_t)n), 0);
		shown += tour_of(path).nodes > 0;
	}
	assert_true(shown > 0);
	file_close(&file);
	close(fd);
	unlink(path);
}

static void a_string_is_found_where_the_firmware_has_it(void **state)
{
	struct diag diag = { 0 };
	struct subject_place to;
	struct subject *s;

	(void)state;
	assert_int_equal(subject_open(elf, &diag, &s), ERR_NONE);
	assert_true(s->kind->find(s, (const uint8_t *)"net.socket", 10, &to));
	assert_string_equal(to.view->name, "strings");
	assert_false(s->kind->find(s, (const uint8_t *)"net.sock", 8, &to));
	subject_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_an_elf_file_can_be_looked_at),
		cmocka_unit_test(a_file_that_is_cut_is_shown_as_far_as_it_goes),
		cmocka_unit_test(a_string_is_found_where_the_firmware_has_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
