/* SPDX-License-Identifier: MIT */
#include "tests/util_ways.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/view/escape.h"

struct check_report report_of(const uint8_t *data, size_t len, const struct check_target *target)
{
	struct check_report r;
	struct diag diag = { 0 };
	struct lua_book book;

	lua_book_open(&book, "input", data, len);
	if (check_file(data, len, &book, target, &r, &diag))
		abort();
	lua_book_close(&book);
	return r;
}

static void broken(const struct check_finding *f, const char *what)
{
	fprintf(stderr, "broken promise: check: %s: %s: %s (%s)\n", what, f->path, f->cause,
		f->message);
	abort();
}

static void is_line(const struct check_finding *f, const char *text)
{
	uint32_t code;

	for (size_t n = strlen(text); n > 0;) {
		unsigned k = utf8_length((const uint8_t *)text, n, &code);

		if (k == 0 || !utf8_printable(code))
			broken(f, "not a line of text");
		text += k;
		n -= k;
	}
}

static void look_at(const struct check_report *r, size_t len)
{
	bool refused = false;
	bool bad = false;

	for (uint32_t i = 0; i < r->count; i++) {
		const struct check_finding *f = &r->findings[i];

		is_line(f, f->message);
		is_line(f, f->cause);
		is_line(f, f->remedy);
		is_line(f, f->path);
		if (!f->cause[0])
			broken(f, "no cause");
		/* Flash goes on behind a file that ends in its header. */
		if (f->placed && !f->inflated && f->off > len && f->off >= 48)
			broken(f, "a place behind the file");
		refused |= f->level == CHECK_REFUSED;
		bad |= f->level != CHECK_NOTE;
	}
	if (!r->dropped && (refused != r->refused || bad != r->bad))
		abort();
}

static void check_for(const uint8_t *data, size_t len, const struct check_target *target)
{
	struct check_report r = report_of(data, len, target);

	look_at(&r, len);
	check_free(&r);
}

void check_all_ways(const uint8_t *data, size_t len)
{
	struct check_target target = { 0 };

	check_for(data, len, &target);
	for (const struct check_kind *k = check_kinds; k->name; k++) {
		if (!check_kind_find(k->name, &target))
			abort();
		check_for(data, len, &target);
		target.flashed = true;
		target.region = 0x10000;
		target.base = 0x40296000;
		check_for(data, len, &target);
	}
}
