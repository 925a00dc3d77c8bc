/* SPDX-License-Identifier: MIT */
/*
 * The check against what the device's own loaders said to some 1,900 good and damaged files. The
 * table of agreement is printed as comments of TAP, on stderr, so that prove shows it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/gzip.h"
#include "common/base/rd.h"
#include "common/lua/check.h"
#include "tests/util_golden.h"
#include "tests/util_sha256.h"
#include "tests/util_verdicts.h"

enum { ROWS_MAX = 64, BUILDS = 4, BASE = 0x40296000 };

/* How often the device ended in a way, and how often the check foretold just that. */
struct row {
	char ending[80];
	unsigned cases[BUILDS], agreed[BUILDS];
};

static const char *const builds[BUILDS] = { "51f", "51i", "53", "53d" };

static struct check_target target;
static struct row rows[ROWS_MAX];
static unsigned nrows;
static unsigned build; /* the one that is compared */
static unsigned failures;

static struct row *row_of(const char *ending)
{
	size_t n = strcspn(ending, ":");

	if (strncmp(ending, "Flash ", 6) != 0)
		n = strlen(ending);
	for (unsigned i = 0; i < nrows; i++)
		if (strlen(rows[i].ending) == n && strncmp(rows[i].ending, ending, n) == 0)
			return &rows[i];
	assert_true(nrows < ROWS_MAX && n < sizeof(rows[0].ending));
	memcpy(rows[nrows].ending, ending, n);
	return &rows[nrows++];
}

static void blame(const struct verdict *v, const char *what, const struct check_report *r)
{
	const struct check_finding *f = r->findings;

	failures++;
	print_error("case %u (%s): %s\n", v->number, v->operation, what);
	print_error("  device: %s | %s\n", v->message ? v->message : "-", v->boot ? v->boot : "-");
	if (r->count)
		print_error("  check: %s (%s)\n", f->message, f->cause);
}

/* Its name can be told to nobody but the device: no file, no partition. */
static bool is_about_the_device(const struct verdict *v)
{
	return !v->given || json_integer_value(json_object_get(v->json, "region")) == 0;
}

static bool is_said(const char *message)
{
	return message && message[0] && strcmp(message, "crash") != 0 &&
	       strcmp(message, "hang") != 0;
}

static bool breaks_later(const struct verdict *v)
{
	return (v->boot && (strstr(v->boot, "crash") || strstr(v->boot, "hang"))) ||
	       json_object_get(v->json, "list_error") || json_object_get(v->json, "overwrote");
}

/* The message with which the device leaves the file lying, if it has a defined one. */
static const char *refusal_of(const struct verdict *v)
{
	if (v->undefined)
		return NULL;
	if (is_said(v->message) && !v->loaded)
		return v->message;
	if (v->boot &&
	    (strncmp(v->boot, "Flash s", 7) == 0 || strcmp(v->boot, "LFS image corrupted.") == 0 ||
	     (strcmp(v->operation, "flashed") == 0 && strcmp(v->boot, "No LFS image loaded") == 0)))
		return v->boot;
	return NULL;
}

static bool same_inside(const struct verdict *v)
{
	const char *base = json_string_value(json_object_get(v->json, "base"));
	struct buf in[2] = { { 0 }, { 0 } };
	struct diag diag = { 0 };
	size_t trailing;
	struct file f;
	char path[100];
	bool same;

	snprintf(path, sizeof(path), "tests/golden/img/%s", base);
	f = golden_file(path);
	gzip_inflate(f.data, f.len, FILE_MAX, &diag, &in[0], &trailing);
	gzip_inflate(v->input.data, v->input.len, FILE_MAX, &diag, &in[1], &trailing);
	same = !diag.code && in[0].len == in[1].len && in[0].len &&
	       memcmp(in[0].data, in[1].data, in[0].len) == 0;
	buf_free(&in[0]);
	buf_free(&in[1]);
	file_close(&f);
	return same;
}

/* Nothing that the device ever looks at was changed. */
static bool is_unharmed(const struct verdict *v)
{
	static const char *const operations[] = { "none", "window14", "window15", "append" };
	json_t *m = json_object_get(v->json, "mutation");
	json_int_t offset = json_integer_value(json_object_get(m, "offset"));

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (strcmp(v->operation, operations[i]) == 0)
			return true;
	if (strcmp(v->operation, "othervariant") == 0)
		return !strstr(json_string_value(json_object_get(v->json, "base")), "2018");
	if (strcmp(v->operation, "flashed") == 0)
		return !json_object_get(m, "offset");
	if (target.version == LUA_51)
		return gzip_probe(v->input.data, v->input.len) && same_inside(v);
	return strcmp(v->operation, "byte") == 0 && offset == 16; /* number type, skipped */
}

/* The first finding that is no advice is this refusal. */
static bool is_first(const struct check_report *r, const char *message)
{
	uint32_t i = 0;

	while (i < r->count && r->findings[i].level == CHECK_NOTE)
		i++;
	return i < r->count && r->findings[i].level == CHECK_REFUSED &&
	       strcmp(r->findings[i].message, message) == 0;
}

static void compare(const struct verdict *v, const struct check_report *r)
{
	const char *refusal = refusal_of(v);
	bool taken = v->loaded ||
		     (v->boot && !refusal && json_is_integer(json_object_get(v->json, "modules")));
	bool bad = refusal || v->undefined || breaks_later(v) || !taken;
	struct row *row;

	if (refusal)
		row = row_of(refusal);
	else if (v->undefined)
		row = row_of("(leaves its buffers)");
	else if (json_object_get(v->json, "overwrote"))
		row = row_of("(loaded, wrote behind the region)");
	else if (bad)
		row = row_of("(loaded or flashed, then crashes or fails)");
	else
		row = row_of(is_unharmed(v) ? "(loaded, unharmed)"
					    : "(loaded, changed inside, modules can be listed)");
	row->cases[build]++;
	if (refusal && !is_first(r, refusal))
		blame(v, "another message", r);
	else if (bad && !r->bad)
		blame(v, "the device does not take this", r);
	else if (!bad && is_unharmed(v) && r->bad)
		blame(v, "the device takes this", r);
	else
		row->agreed[build] += bad || is_unharmed(v) || r->bad;
}

/* An absolute image given to the loader: the check takes it for what it is, so ask the loader. */
static void ask_loader(const struct verdict *v, struct check_report *r)
{
	if (target.version == LUA_51)
		check_loader51(v->input.data, v->input.len, &target, r);
	else
		check_loader53(v->input.data, v->input.len, &target, r);
}

static void judge(const struct verdict *v)
{
	struct check_report r = { 0 };
	struct diag diag = { 0 };
	struct lua_book book;

	if (is_about_the_device(v)) {
		struct row *row = row_of("(no file or no partition: not the check's)");

		row->cases[build]++;
		row->agreed[build]++;
		return;
	}
	target.region = (uint32_t)json_integer_value(json_object_get(v->json, "region"));
	target.flashed = strcmp(v->operation, "flashed") == 0;
	lua_book_open(&book, "input", v->input.data, v->input.len);
	assert_int_equal(check_file(v->input.data, v->input.len, &book, &target, &r, &diag),
			 ERR_NONE);
	if (!target.flashed && book.img && book.img->traits.form == LUA_FORM_ABSOLUTE) {
		check_free(&r);
		ask_loader(v, &r);
	}
	compare(v, &r);
	check_free(&r);
	lua_book_close(&book);
}

static void agree(unsigned which, const char *kind, unsigned cases)
{
	build = which;
	failures = 0;
	assert_true(check_kind_find(kind, &target));
	target.base = BASE;
	assert_int_equal(verdicts_all(builds[build], judge), cases);
	assert_int_equal(failures, 0);
}

static int print_table(void **state)
{
	(void)state;
	fprintf(stderr, "# foretold of cases:\n#");
	for (unsigned i = 0; i < BUILDS; i++)
		fprintf(stderr, " %10s", builds[i]);
	fprintf(stderr, "  what the device said or did\n");
	for (unsigned r = 0; r < nrows; r++) {
		fprintf(stderr, "#");
		for (unsigned i = 0; i < BUILDS; i++)
			if (rows[r].cases[i])
				fprintf(stderr, " %3u of %3u", rows[r].agreed[i], rows[r].cases[i]);
			else
				fprintf(stderr, " %10s", "-");
		fprintf(stderr, "  %s\n", rows[r].ending);
	}
	return 0;
}

static void the_float_build_of_5_1_is_foretold(void **state)
{
	(void)state;
	agree(0, "lua51-float", 416);
}

static void the_integer_build_of_5_1_is_foretold(void **state)
{
	(void)state;
	agree(1, "lua51-int", 415);
}

static void the_32_bit_build_of_5_3_is_foretold(void **state)
{
	(void)state;
	agree(2, "lua53", 534);
}

static void the_64_bit_build_of_5_3_is_foretold(void **state)
{
	(void)state;
	agree(3, "lua53-64", 543);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_float_build_of_5_1_is_foretold),
		cmocka_unit_test(the_integer_build_of_5_1_is_foretold),
		cmocka_unit_test(the_32_bit_build_of_5_3_is_foretold),
		cmocka_unit_test(the_64_bit_build_of_5_3_is_foretold),
	};

	return cmocka_run_group_tests_name("verdicts", tests, NULL, print_table);
}
