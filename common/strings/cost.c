/* SPDX-License-Identifier: MIT */
#include "common/strings/filter.h"

enum { HEADER = 16, BUCKET = 4, BLOCK = 8 };

/*
 * What a module of ours adds to an image besides its strings: its Proto, code, packed lines, names
 * and entry, as luac.cross lays them out. And the strings that an image of nothing else holds.
 */
enum { MODULE_51 = 208, MODULE_53 = 180, HELD_51 = 8, HELD_53 = 76 };

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

/* Buckets for n strings: see the image formats. */
static uint64_t buckets(int lua, uint64_t n)
{
	uint64_t size = 1;

	while (size < n)
		size *= 2;
	return lua != 53 && size == n ? size * 2 : size;
}

uint64_t string_module_flash(const struct string_cost *cost, uint32_t n, uint64_t strings)
{
	uint32_t held = cost->held ? cost->held : cost->lua == 53 ? HELD_53 : HELD_51;
	uint64_t grown = buckets(cost->lua, (uint64_t)held + n) - buckets(cost->lua, held);
	uint64_t beyond = grown > n ? (grown - n) * BUCKET : 0;

	if (!n)
		return 0;
	return strings + (uint64_t)n * cost->constant + beyond +
	       (cost->lua == 53 ? MODULE_53 : MODULE_51);
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
	t.strings = at_most(flash);
	t.flash = at_most(string_module_flash(&set->cost, t.kept, flash));
	return t;
}
