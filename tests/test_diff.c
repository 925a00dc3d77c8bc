/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/diff_parts.h"
#include "common/view/output.h"
#include "tests/util_golden.h"
#include "tests/util_tour.h"

static const struct view *const views[] = { &lua_diff_view_summary, &lua_diff_view_bytes,
					    &lua_diff_view_modules, &lua_diff_view_strings };

static void check_sums(const char *path, const struct lua_diff *d)
{
	int64_t change = 0;
	int64_t want = (int64_t)d->book[1]->layout.size - d->book[0]->layout.size;

	for (uint32_t i = 0; i < d->ntop; i++) {
		const struct lua_diff_row *r = &d->rows[d->top[i]];
		int64_t own = r->size[1] - r->size[0];
		int64_t below = 0;

		change += own;
		for (uint32_t k = 0; k < r->count; k++)
			below += d->rows[r->first + k].size[1] - d->rows[r->first + k].size[0];
		if (r->what == DIFF_MODULE)
			golden_same(path, "change of a module", (uint64_t)below, (uint64_t)own);
	}
	golden_same(path, "change", (uint64_t)change, (uint64_t)want);
}

static void print_all(const struct lua_diff *d)
{
	for (unsigned i = 0; i < 4; i++) {
		for (unsigned form = OUTPUT_TABLE; form <= OUTPUT_MARKDOWN; form++) {
			struct output_style style = { .form = form, .width = 80 };
			struct diag diag = { 0 };
			char *text = NULL;
			size_t n = 0;
			FILE *f = open_memstream(&text, &n);

			assert_int_equal(output_view(f, views[i], d, &style, &diag), ERR_NONE);
			fclose(f);
			assert_null(tour_text_fault((const uint8_t *)text, n, "\n\t"));
			free(text);
		}
	}
}

/* Compares both ways; the rows of one are those of the other, mirrored. */
static void compare(const char *path, const struct lua_book *a, const struct lua_book *b)
{
	struct diag diag = { 0 };
	struct lua_diff there;
	struct lua_diff back;

	assert_int_equal(lua_diff_make(a, b, &diag, &there), ERR_NONE);
	assert_int_equal(lua_diff_make(b, a, &diag, &back), ERR_NONE);
	check_sums(path, &there);
	check_sums(path, &back);
	golden_same(path, "strings", there.nstrings, back.nstrings);
	golden_same(path, "verdict", there.verdict, back.verdict);
	print_all(&there);
	lua_diff_free(&there);
	lua_diff_free(&back);
}

static void compare_damaged(const char *path)
{
	struct file f = golden_file(path);
	struct lua_book good;
	struct lua_book bad;

	assert_int_equal(lua_book_open(&good, path, f.data, f.len), ERR_NONE);
	for (size_t i = 0; i < f.len; i += 11) {
		f.data[i] ^= (uint8_t)(1 << i % 8);
		lua_book_open(&bad, path, f.data, f.len);
		if (bad.img)
			compare(path, &good, &bad);
		lua_book_close(&bad);
		f.data[i] ^= (uint8_t)(1 << i % 8);
	}
	lua_book_close(&good);
	file_close(&f);
}

static void damaged_images_are_compared_as_far_as_they_go(void **state)
{
	(void)state;
	golden_each("tests/golden/img/app-51f-abs.img", compare_damaged);
	golden_each("tests/golden/img/app-53.img", compare_damaged);
	golden_each("tests/golden/lc/main-5[13]*.lc", compare_damaged);
}

static void compare_with_itself(const char *path)
{
	struct file f = golden_file(path);
	struct lua_book a;
	struct lua_book b;
	struct diag diag = { 0 };
	struct lua_diff d;

	assert_int_equal(lua_book_open(&a, path, f.data, f.len), ERR_NONE);
	assert_int_equal(lua_book_open(&b, path, f.data, f.len), ERR_NONE);
	assert_int_equal(lua_diff_make(&a, &b, &diag, &d), ERR_NONE);
	golden_same(path, "verdict", d.verdict, DIFF_EQUAL);
	golden_same(path, "rows", d.ntop + d.nstrings, 0);
	lua_diff_free(&d);
	lua_book_close(&a);
	lua_book_close(&b);
	file_close(&f);
}

static void nothing_differs_from_itself(void **state)
{
	(void)state;
	golden_each("tests/golden/img/*.img", compare_with_itself);
}

/* Prints for a tree by hand: the functions of two modules' sources, one removed, one put in. */
static void functions_are_found_again_when_others_come_and_go(void **state)
{
	struct lua_proto old[6] = { 0 };
	struct lua_proto now[6] = { 0 };
	uint32_t kids_old[] = { 1, 2, 3, 4, 5 };
	uint32_t kids_new[] = { 1, 2, 3, 4 };
	struct lua_image a = { .protos = old, .nprotos = 6, .children = kids_old, .nchildren = 5 };
	struct lua_image b = { .protos = now, .nprotos = 5, .children = kids_new, .nchildren = 4 };
	const struct lua_image *const img[2] = { &a, &b };
	/* old: root A B C D E; new: root X B C E, with C but for its lines, E changed */
	uint64_t own_old[] = { 100, 1, 2, 3, 4, 5 };
	uint64_t own_new[] = { 101, 9, 2, 30, 50 };
	uint64_t code_old[] = { 100, 1, 2, 3, 4, 5 };
	uint64_t code_new[] = { 101, 9, 2, 3, 50 };
	const struct lua_prints prints[2] = { { own_old, own_old, code_old, code_old },
					      { own_new, own_new, code_new, code_new } };
	static const uint8_t moves[] = { 0, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t loads[] = { 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0 };
	static const uint8_t calls[] = { 28, 0, 0, 0, 28, 0, 0, 0 };
	uint32_t new_of[6];
	uint32_t old_of[6];
	const uint32_t root[2] = { 0, 0 };
	const uint32_t want[] = { 0, LUA_NONE, 2, 3, 5 };

	(void)state;
	memset(new_of, 0xff, sizeof(new_of));
	memset(old_of, 0xff, sizeof(old_of));
	old[0].children = (struct lua_slice){ 0, 5 };
	now[0].children = (struct lua_slice){ 0, 4 };
	for (unsigned i = 1; i < 6; i++) {
		old[i].code = now[i].code = moves;
		old[i].ncode = now[i].ncode = 2;
	}
	now[1].code = calls; /* X is like nothing that was there */
	old[5].code = loads;
	now[4].code = loads; /* E is like itself */
	now[4].ncode = 3;
	assert_true(lua_match(img, prints, root, new_of, old_of));
	assert_memory_equal(old_of, want, sizeof(want));
	assert_int_equal(new_of[1], LUA_NONE);
	assert_int_equal(new_of[4], LUA_NONE);
	assert_int_equal(new_of[5], 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_images_are_compared_as_far_as_they_go),
		cmocka_unit_test(nothing_differs_from_itself),
		cmocka_unit_test(functions_are_found_again_when_others_come_and_go),
	};

	return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
