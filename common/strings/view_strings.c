/* SPDX-License-Identifier: MIT */
#include "common/strings/view_strings.h"

#include <string.h>

enum { C_LENGTH, C_SEEN, C_RAM, C_FLASH, C_VERDICT, C_REASON, C_ORIGIN, C_TEXT, C_COLUMNS };

static const struct view_column columns[] = {
	[C_LENGTH] = { "length", "length", VIEW_COUNT, 0, "bytes" },
	[C_SEEN] = { "seen", "seen", VIEW_COUNT, 0, "captures that hold it" },
	[C_RAM] = { "ram", "RAM", VIEW_SIZE, 0, "bytes of RAM that it takes now" },
	[C_FLASH] = { "flash", "flash", VIEW_SIZE, 0, "bytes of flash that it would take" },
	[C_VERDICT] = { "verdict", "verdict", VIEW_TEXT, 0,
			"kept, or what it is left out for: empty, in_image, line_info, too_long, "
			"footprint, passing, private, volatile, dropped, over_budget" },
	[C_REASON] = { "reason", "reason", VIEW_TEXT, VIEW_IF_ANY, "the same in words" },
	[C_ORIGIN] = { "origin", "origin", VIEW_TEXT, VIEW_IF_ANY,
		       "module of the image that uses it" },
	[C_TEXT] = { "text", "string", VIEW_TEXT, VIEW_ELASTIC, "the bytes" },
};

static const char *const reasons[STRING_VERDICTS] = {
	[STRING_KEPT] = "",
	[STRING_EMPTY] = "the empty string is always there",
	[STRING_IN_IMAGE] = "flash holds it already",
	[STRING_LINE_INFO] = "packed line info, no text",
	[STRING_TOO_LONG] = "Lua 5.3 shares only strings of up to 40 bytes",
	[STRING_FOOTPRINT] = "made by the commands that listed the strings",
	[STRING_PASSING] = "seen in too few captures",
	[STRING_PRIVATE] = "private",
	[STRING_VOLATILE] = "data of a running program",
	[STRING_DROPPED] = "named as not wanted",
	[STRING_OVER_BUDGET] = "the budget was spent on better ones",
};

static uint64_t count(const void *ctx, uint64_t row)
{
	const struct string_list *list = ctx;
	uint32_t n = 0;

	if (row != VIEW_ROOT)
		return 0;
	if (list->all)
		return list->set->count;
	while (n < list->set->count && list->set->items[n].verdict == STRING_KEPT)
		n++;
	return n;
}

static void words(struct view_cell *c, const char *text)
{
	if (*text)
		view_bytes(c, text, strlen(text));
}

static void origin(const struct string_list *list, uint32_t module, struct view_cell *c)
{
	if (!list->image || !list->image->img || module == STRING_UNKNOWN)
		return;
	if (module == LUA_SHARED)
		words(c, "(several)");
	else
		lua_module_cell(list->image->img, module, c);
}

static void cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		 struct buf *scratch)
{
	const struct string_list *list = ctx;
	const struct string_item *s = &list->set->items[row];

	(void)scratch;
	switch (column) {
	case C_LENGTH: view_int(c, s->len); break;
	case C_SEEN: view_int(c, s->seen); break;
	case C_RAM: view_int(c, s->ram); break;
	case C_FLASH: view_int(c, s->flash); break;
	case C_VERDICT: words(c, string_verdict_words[s->verdict]); break;
	case C_REASON: words(c, s->rule ? string_rules[s->rule].why : reasons[s->verdict]); break;
	case C_ORIGIN: origin(list, s->origin, c); break;
	case C_TEXT: view_bytes(c, string_text(list->set, s), s->len); break;
	}
}

const struct view string_view = {
	.name = "strings",
	.title = "Strings",
	.help = "strings of a device: what moving them to flash saves and costs",
	.columns = columns,
	.ncolumns = C_COLUMNS,
	.count = count,
	.child = view_nth,
	.cell = cell,
};

/* The heap */

enum { R_KIND, R_COUNT, R_BYTES, R_SHARE, R_BAR, R_COLUMNS };

static const struct view_column ram_columns[] = {
	[R_KIND] = { "kind", "kind", VIEW_TEXT, 0, "what lives there" },
	[R_COUNT] = { "count", "number", VIEW_COUNT, 0, "how many" },
	[R_BYTES] = { "bytes", "bytes", VIEW_SIZE, 0, "bytes" },
	[R_SHARE] = { "share", "share", VIEW_SHARE, 0, "of all that was found" },
	[R_BAR] = { "bar", "", VIEW_BAR, 0, "the same, drawn" },
};

static uint64_t ram_count(const void *ctx, uint64_t row)
{
	(void)ctx;
	return row == VIEW_ROOT ? RAM_KINDS : 0;
}

static void ram_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		     struct buf *scratch)
{
	const struct ram_census *census = ctx;
	uint64_t sum = 0;

	(void)scratch;
	for (unsigned i = 0; i < RAM_KINDS; i++)
		sum += census->kinds[i].bytes;
	switch (column) {
	case R_KIND: words(c, ram_kind_words[row]); break;
	case R_COUNT: view_int(c, census->kinds[row].count); break;
	case R_BYTES: view_int(c, census->kinds[row].bytes); break;
	case R_SHARE:
	case R_BAR:
		if (sum)
			view_real(c, (double)census->kinds[row].bytes / (double)sum);
		break;
	}
}

const struct view ram_view = {
	.name = "census",
	.title = "Heap",
	.help = "what lives in the heap of a RAM dump, as far as it can be told",
	.columns = ram_columns,
	.ncolumns = R_COLUMNS,
	.count = ram_count,
	.child = view_nth,
	.cell = ram_cell,
};
