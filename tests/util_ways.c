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

static void check_for(const uint8_t *data, size_t len, const struct lua_book *book,
		      const struct check_target *target)
{
	struct check_report r;
	struct diag diag = { 0 };

	if (check_file(data, len, book, target, &r, &diag))
		abort();
	look_at(&r, len);
	check_free(&r);
}

/* For the firmware of one kind, loaded and flashed. */
static void check_kind(const uint8_t *data, size_t len, const struct lua_book *book,
		       const struct check_kind *kind)
{
	struct check_target target = { 0 };

	if (!check_kind_find(kind->name, &target))
		abort();
	check_for(data, len, book, &target);
	target.flashed = true;
	target.region = 0x10000;
	target.base = 0x40296000;
	check_for(data, len, book, &target);
}

void check_all_ways(const uint8_t *data, size_t len)
{
	const struct check_target none = { 0 };
	struct lua_book book;

	lua_book_open(&book, "input", data, len);
	check_for(data, len, &book, &none);
	for (const struct check_kind *k = check_kinds; k->name; k++)
		check_kind(data, len, &book, k);
	lua_book_close(&book);
}

void check_one_way(const uint8_t *data, size_t len, unsigned number)
{
	const struct check_target none = { 0 };
	struct lua_book book;
	unsigned n = 0;

	while (check_kinds[n].name)
		n++;
	lua_book_open(&book, "input", data, len);
	if (number % (n + 1) == n)
		check_for(data, len, &book, &none);
	else
		check_kind(data, len, &book, &check_kinds[number % (n + 1)]);
	lua_book_close(&book);
}
