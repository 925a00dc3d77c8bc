/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/file.h"
#include "common/strings/filter.h"
#include "tests/util_golden.h"

static const struct string_rule *rule_for(const uint8_t *p, size_t n)
{
	uint16_t i = string_rule_of(p, n);

	return i ? &string_rules[i] : NULL;
}

struct tally {
	unsigned lines, hits;
};

/* One string a line. Names those that are not as wanted. */
static struct tally tally_file(const char *path, bool wanted)
{
	struct file f = golden_file(path);
	struct tally t = { 0 };
	const uint8_t *p = f.data, *end = f.data + f.len;

	while (p < end) {
		const uint8_t *eol = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((eol ? eol : end) - p);
		const struct string_rule *r = rule_for(p, n);

		t.lines++;
		t.hits += r != NULL;
		if (!!r != wanted)
			print_message("# %s: %.*s: %s\n", path, (int)n, (const char *)p,
				      r ? r->name : "missed");
		p += n + 1;
	}
	file_close(&f);
	return t;
}

static void check_lists(const char *private_path, const char *harmless_path, unsigned lines)
{
	struct tally bad = tally_file(private_path, true), good = tally_file(harmless_path, false);
	double precision, recall;

	assert_int_equal(bad.lines, lines);
	assert_int_equal(good.lines, lines);
	precision = (double)bad.hits / (bad.hits + good.hits);
	recall = (double)bad.hits / bad.lines;
	print_message("# %s: precision %.3f, recall %.3f\n", private_path, precision, recall);
	assert_true(precision >= 0.95);
	assert_true(recall >= 0.95);
}

static void private_strings_are_told_from_look_alikes(void **state)
{
	(void)state;
	check_lists("tests/data/private.txt", "tests/data/harmless.txt", 62);
}

/* Never used to adjust the rules. */
static void strings_that_the_rules_were_not_made_for_are_told_apart(void **state)
{
	(void)state;
	check_lists("tests/data/private-held.txt", "tests/data/harmless-held.txt", 90);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_strings_are_told_from_look_alikes),
		cmocka_unit_test(strings_that_the_rules_were_not_made_for_are_told_apart),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
