/* SPDX-License-Identifier: MIT */
#include "common/strings/filter.h"

enum { HEADER = 16, BUCKET = 4, BLOCK = 8 };

static uint64_t round_up(uint64_t n, uint32_t unit)
{
	return (n + unit - 1) / unit * unit;
}

static uint32_t at_most(uint64_t n)
{
	return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

uint32_t string_ram(size_t len)
{
	return at_most(BLOCK + round_up(HEADER + (uint64_t)len + 1, BLOCK) + BUCKET);
}

uint32_t string_flash(size_t len)
{
	return at_most(HEADER + round_up((uint64_t)len + 1, 4) + BUCKET);
}

struct string_totals string_totals(const struct string_set *set)
{
	struct string_totals t = { 0 };
	uint64_t ram = 0, flash = 0;

	for (uint32_t i = 0; i < set->count; i++) {
		const struct string_item *s = &set->items[i];

		if (s->verdict != STRING_KEPT) {
			t.dropped[s->verdict]++;
			continue;
		}
		t.kept++;
		ram += s->ram;
		flash += s->flash;
	}
	t.ram = at_most(ram);
	t.flash = at_most(flash);
	return t;
}
