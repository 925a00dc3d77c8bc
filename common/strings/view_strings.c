/* SPDX-License-Identifier: MIT */
#include "common/strings/view_strings.h"

#include <string.h>

/* Short columns first, so that a terminal of 80 columns has room for the string. */
enum { C_RAM, C_FLASH, C_LENGTH, C_SEEN, C_VERDICT, C_TEXT, C_REASON, C_ORIGIN, C_COLUMNS };

static const struct view_column columns[] = {
	[C_LENGTH] = { "length", "length", VIEW_COUNT, VIEW_MINOR, "bytes" },
	[C_SEEN] = { "seen", "seen", VIEW_COUNT, VIEW_MINOR, "captures that hold it" },
	[C_RAM] = { "ram", "RAM", VIEW_SIZE, 0, "bytes of RAM that it takes now" },
	[C_FLASH] = { "flash", "flash", VIEW_SIZE, 0,
		      "bytes of flash that it would take, without its constant in the module" },
	[C_VERDICT] = { "verdict", "verdict", VIEW_TEXT, VIEW_MINOR,
			"kept, or what it is left out for: empty, in_image, line_info, too_long, "
			"doubtful, footprint, passing, private, volatile, dropped, over_budget" },
	[C_REASON] = { "reason", "reason", VIEW_TEXT, VIEW_IF_ANY | VIEW_ELASTIC,
		       "the same in words" },
	[C_ORIGIN] = { "origin", "origin", VIEW_TEXT, VIEW_IF_ANY,
		       "module of the image that uses it; with --elf, else the C module" },
	[C_TEXT] = { "text", "string", VIEW_TEXT, VIEW_ELASTIC, "the bytes" },
};

static const char *const reasons[STRING_VERDICTS] = {
	[STRING_KEPT] = "",
	[STRING_EMPTY] = "the empty string is always there",
	[STRING_IN_IMAGE] = "flash holds it already",
	[STRING_LINE_INFO] = "packed line info, no text",
	[STRING_DOUBTFUL] = "joined from lines that may not belong together",
	[STRING_TOO_LONG] = "Lua 5.3 shares up to 40 bytes, an image holds up to 256 KiB",
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

static void origin(const struct string_list *list, const struct string_item *s, struct view_cell *c,
		   struct buf *scratch)
{
	uint32_t module = s->origin;

	if (!list->image || !list->image->img || module == STRING_UNKNOWN) {
		if (list->other_origin)
			list->other_origin(list->other, string_text(list->set, s), s->len, scratch);
		if (scratch->len)
			view_bytes(c, scratch->data, scratch->len);
		return;
	}
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

	switch (column) {
	case C_LENGTH: view_int(c, s->len); break;
	case C_SEEN: view_int(c, s->seen); break;
	case C_RAM: view_int(c, s->ram); break;
	case C_FLASH: view_int(c, s->flash); break;
	case C_VERDICT: words(c, string_verdict_words[s->verdict]); break;
	case C_REASON: words(c, s->rule ? string_rules[s->rule].why : reasons[s->verdict]); break;
	case C_ORIGIN: origin(list, s, c, scratch); break;
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

/* The heap: its kinds, below the strings their sizes, and the sum. */

enum { R_KIND, R_COUNT, R_BYTES, R_SHARE, R_BAR, R_DUMP, R_COLUMNS };
enum { ROW_SIZES = RAM_KINDS, ROW_ALL = ROW_SIZES + RAM_SIZES };

static const struct view_column ram_columns[] = {
	[R_KIND] = { "kind", "kind", VIEW_TEXT, VIEW_TREE, "what lives there" },
	[R_COUNT] = { "count", "number", VIEW_COUNT, 0, "how many" },
	[R_BYTES] = { "bytes", "bytes", VIEW_SIZE, 0,
		      "bytes as Lua counts them: without the block headers and the rounding of the "
		      "heap, which lists of strings have in them" },
	[R_SHARE] = { "share", "share", VIEW_SHARE, 0, "of the dump" },
	[R_BAR] = { "bar", "", VIEW_BAR, 0, "the same, drawn" },
	[R_DUMP] = { "dump", "dump", VIEW_TEXT, VIEW_HIDDEN, "file of the dump" },
};

static uint64_t ram_count(const void *ctx, uint64_t row)
{
	const struct ram_census *census = ctx;
	uint64_t n = 0;

	if (row == VIEW_ROOT)
		return RAM_KINDS + 1;
	if (row != RAM_STRINGS)
		return 0;
	for (unsigned i = 0; i < RAM_SIZES; i++)
		n += census->sizes[i].count > 0;
	return n;
}

static uint64_t ram_child(const void *ctx, uint64_t row, uint64_t i)
{
	const struct ram_census *census = ctx;
	unsigned size = 0;

	if (row == VIEW_ROOT)
		return i < RAM_KINDS ? i : ROW_ALL;
	while (!census->sizes[size].count || i--)
		size++;
	return ROW_SIZES + size;
}

static void ram_name(uint64_t row, struct view_cell *c, struct buf *scratch)
{
	uint64_t i = row - ROW_SIZES;

	if (row == ROW_ALL) {
		words(c, "all");
	} else if (row < RAM_KINDS) {
		words(c, ram_kind_words[row]);
	} else {
		scratch->len = 0;
		if (i + 1 < RAM_SIZES)
			buf_printf(scratch, "of %u to %u bytes", i ? ram_size_limits[i - 1] + 1 : 0,
				   ram_size_limits[i]);
		else
			buf_printf(scratch, "of more than %u bytes", ram_size_limits[i - 1]);
		if (!scratch->failed)
			view_bytes(c, scratch->data, scratch->len);
	}
}

static void ram_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		     struct buf *scratch)
{
	const struct ram_census *census = ctx;
	uint64_t sum = 0, number = 0, n, bytes;

	for (unsigned i = 0; i < RAM_KINDS; i++) {
		sum += census->kinds[i].bytes;
		number += census->kinds[i].count;
	}
	n = row < RAM_KINDS ? census->kinds[row].count : number;
	bytes = row < RAM_KINDS ? census->kinds[row].bytes : sum;
	if (row >= ROW_SIZES && row < ROW_ALL) {
		n = census->sizes[row - ROW_SIZES].count;
		bytes = census->sizes[row - ROW_SIZES].bytes;
	}
	switch (column) {
	case R_KIND: ram_name(row, c, scratch); break;
	case R_COUNT: view_int(c, (int64_t)n); break;
	case R_BYTES: view_int(c, (int64_t)bytes); break;
	case R_SHARE:
	case R_BAR:
		if (sum)
			view_real(c, (double)bytes / (double)sum);
		break;
	case R_DUMP:
		if (census->name)
			words(c, census->name);
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
	.child = ram_child,
	.cell = ram_cell,
};
