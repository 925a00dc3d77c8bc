/* SPDX-License-Identifier: MIT */
#include "tests/util_pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/diff.h"
#include "common/view/output.h"
#include "tests/util_mutate.h"
#include "tests/util_tour.h"

enum { PAIR_MAX = 1 << 16 };

static void broken(const char *what)
{
	fprintf(stderr, "broken promise: diff: %s\n", what);
	abort();
}

/* The fuzz target whose inputs look like the file. */
static const char *kind_of(const uint8_t *p, size_t len)
{
	static const struct {
		unsigned at;
		uint8_t byte;
		const char *target;
	} kinds[] = { { 0, 0x1f, "gzip" },           { 4, 'Q', "lc51" },
		      { 5, 0x0a, "lc53" },           { 5, 0x0b, "lfs53" },
		      { 1, 0xa1, "lfs51_absolute" }, { 1, 0xaf, "lfs51_2018" },
		      { 1, 0xa2, "lfs53_absolute" } };

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].at < len && p[kinds[i].at] == kinds[i].byte)
			return kinds[i].target;
	return "";
}

static size_t as_it_is(uint8_t *data, size_t len, size_t max)
{
	(void)data;
	(void)max;
	return len;
}

static void print(const struct lua_diff *d, const struct view *v, enum output_form form)
{
	struct output_style style = { .form = form, .width = 80 };
	struct diag diag = { 0 };
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (!f || output_view(f, v, d, &style, &diag))
		abort();
	fclose(f);
	if (tour_text_fault((const uint8_t *)text, n, "\n\t"))
		broken(v->name);
	free(text);
}

static void check_sums(const struct lua_diff *d)
{
	int64_t change = 0;

	for (uint32_t i = 0; i < d->ntop; i++) {
		const struct lua_diff_row *r = &d->rows[d->top[i]];
		int64_t below = r->size[0] - r->size[1];

		change += r->size[1] - r->size[0];
		for (uint32_t k = 0; k < r->count; k++)
			below += d->rows[r->first + k].size[1] - d->rows[r->first + k].size[0];
		if (r->what == DIFF_MODULE && below != 0)
			broken("a module's parts do not add up");
	}
	if (change != (int64_t)d->book[1]->layout.size - (int64_t)d->book[0]->layout.size)
		broken("the changes do not add up");
}

static void compare(const struct lua_book *a, const struct lua_book *b)
{
	static const struct view *const views[] = { &lua_diff_view_summary, &lua_diff_view_bytes,
						    &lua_diff_view_modules,
						    &lua_diff_view_strings };
	unsigned form = OUTPUT_TABLE + (unsigned)(a->img->nbytes + b->img->nbytes) % 5;
	struct lua_diff there, back;
	struct diag diag = { 0 };

	if (lua_diff_make(a, b, &diag, &there) || lua_diff_make(b, a, &diag, &back))
		abort();
	check_sums(&there);
	check_sums(&back);
	if (there.verdict != back.verdict || there.nstrings != back.nstrings)
		broken("the way back is another");
	if (a == b && (there.verdict != DIFF_EQUAL || there.nstrings))
		broken("an image differs from itself");
	for (unsigned i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		print(&there, views[i], (enum output_form)form);
	lua_diff_free(&there);
	lua_diff_free(&back);
}

void pair_tour(const uint8_t *file, size_t len)
{
	uint8_t *mutant = malloc(PAIR_MAX);
	struct lua_book a, b;
	size_t n = len;

	if (!mutant)
		abort();
	if (len <= PAIR_MAX) {
		memcpy(mutant, file, len);
		n = mutate_input(kind_of(file, len), mutant, len, PAIR_MAX, (uint32_t)len,
				 as_it_is);
		lua_book_open(&a, "old", file, len);
		lua_book_open(&b, "new", mutant, n);
		if (a.img)
			compare(&a, &a);
		if (a.img && b.img)
			compare(&a, &b);
		lua_book_close(&a);
		lua_book_close(&b);
	}
	free(mutant);
}
