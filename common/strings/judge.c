/* SPDX-License-Identifier: MIT */
#include "common/strings/filter.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "common/strings/rules.h"
#include "common/view/escape.h"

const char *const string_verdict_words[STRING_VERDICTS] = {
	[STRING_KEPT] = "kept",           [STRING_EMPTY] = "empty",
	[STRING_IN_IMAGE] = "in_image",   [STRING_LINE_INFO] = "line_info",
	[STRING_TOO_LONG] = "too_long",   [STRING_DOUBTFUL] = "doubtful",
	[STRING_FOOTPRINT] = "footprint", [STRING_PASSING] = "passing",
	[STRING_PRIVATE] = "private",     [STRING_VOLATILE] = "volatile",
	[STRING_DROPPED] = "dropped",     [STRING_OVER_BUDGET] = "over_budget",
};

/* One string while it is judged and ranked. */
struct candidate {
	struct string_item item;
	const uint8_t *text;
	bool wanted; /* by name: the budget does not count */
};

struct judge {
	const struct string_set *set;
	const struct string_filter *filter;
	struct candidate *list;
	struct string_set typed; /* what commands left behind */
	struct buf text;
	bool failed; /* no memory */
};

/* Printable ASCII, tabs and line ends, and whole characters of UTF-8. */
static bool is_text(const uint8_t *p, size_t n)
{
	uint32_t code;

	for (size_t i = 0; i < n; i++) {
		unsigned more = p[i] < 0x80 ? 1 : utf8_length(p + i, n - i, &code);

		if (!more || p[i] == 0x7f || (p[i] < ' ' && !memchr("\t\n\r", p[i], 3)))
			return false;
		i += more - 1;
	}
	return true;
}

/*
 * Packed line info of 5.1: steps (bit 7 set) and counts of instructions, ended by a count or by
 * fill bytes. A line seldom makes more than 31 instructions, so a run of what would be letters is
 * text with control characters in it.
 */
static bool is_line_info(const uint8_t *p, size_t n)
{
	size_t counts = 0, large = 0;

	while (n && (p[n - 1] == 0 || p[n - 1] == 0x7f))
		n--;
	if (n < 2 || p[n - 1] & 0x80 || is_text(p, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (p[i] == 0 || p[i] == 0x7f)
			return false;
		counts += !(p[i] & 0x80);
		large += p[i] >= 32 && p[i] < 0x7f;
	}
	return large * 3 <= counts;
}

static bool glob_match(struct judge *j, const char *const *globs, const struct candidate *c)
{
	if (!globs || !*globs)
		return false;
	j->text.len = 0;
	escape_text(&j->text, c->text, c->item.len);
	buf_byte(&j->text, 0);
	if (j->text.failed) {
		j->failed = true;
		return false;
	}
	for (; *globs; globs++) {
		const char *escaped = (const char *)j->text.data;
		size_t len = strlen(*globs);

		if (len == c->item.len && memcmp(*globs, c->text, len) == 0)
			return true;
		if (strcmp(*globs, escaped) == 0 || !fnmatch(*globs, escaped, FNM_NOESCAPE))
			return true;
	}
	return false;
}

/* The rule for values of keys is about where a string stood, not about its text. */
static uint16_t rule_of(const struct candidate *c)
{
	return c->item.beside ? RULE_BESIDE : string_rule_of(c->text, c->item.len);
}

/* Verdicts that --keep cannot turn. */
static enum string_verdict impossible(const struct judge *j, const struct candidate *c)
{
	if (c->item.len == 0)
		return STRING_EMPTY;
	if (c->item.verdict == STRING_IN_IMAGE)
		return STRING_IN_IMAGE;
	if (c->item.len > (j->filter->lua == LUA_53 ? LUA_SHORT_MAX : STRING_MODULE_MAX))
		return STRING_TOO_LONG;
	return STRING_KEPT;
}

static enum string_verdict unwanted(struct judge *j, struct candidate *c)
{
	if (c->item.doubtful)
		return STRING_DOUBTFUL;
	if (j->filter->lua != LUA_53 && is_line_info(c->text, c->item.len))
		return STRING_LINE_INFO;
	if (footprint_is(j->set, &j->typed, c->text, c->item.len))
		return STRING_FOOTPRINT;
	if (c->item.seen < j->filter->min_seen)
		return STRING_PASSING;
	c->item.rule = rule_of(c);
	if (c->item.rule)
		return string_rules[c->item.rule].verdict;
	return glob_match(j, j->filter->drop, c) ? STRING_DROPPED : STRING_KEPT;
}

static void judge_one(struct judge *j, struct candidate *c)
{
	enum string_verdict v = impossible(j, c);

	c->item.rule = 0;
	c->item.ram = string_ram(c->item.len);
	c->item.flash = string_flash(c->item.len);
	if (v == STRING_KEPT) {
		c->wanted = glob_match(j, j->filter->keep, c);
		if (!c->wanted)
			v = unwanted(j, c);
	}
	c->item.verdict = (uint8_t)v;
}

/* What is in the image's string table; 5.3 has only short strings there. */
static void mark_image(struct judge *j)
{
	const struct lua_book *book = j->filter->image;
	const struct lua_image *img = book ? book->img : NULL;

	for (uint32_t i = 0; img && i < img->nstrings; i++) {
		const struct lua_string *s = &img->strings[i];
		uint32_t at = string_set_find(j->set, s->text, s->len);

		if (at == STRING_UNKNOWN ||
		    (img->traits.version == LUA_53 && s->len > LUA_SHORT_MAX))
			continue;
		j->list[at].item.verdict = STRING_IN_IMAGE;
		if (book->string_module)
			j->list[at].item.origin = book->string_module[i];
	}
}

static int compare_bytes(const struct candidate *a, const struct candidate *b)
{
	size_t n = a->item.len < b->item.len ? a->item.len : b->item.len;
	int c = n ? memcmp(a->text, b->text, n) : 0;

	return c ? c : (a->item.len > b->item.len) - (a->item.len < b->item.len);
}

static int by_rank(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;

	if (a->item.verdict != b->item.verdict)
		return a->item.verdict < b->item.verdict ? -1 : 1;
	if (a->item.ram != b->item.ram)
		return a->item.ram > b->item.ram ? -1 : 1;
	return compare_bytes(a, b);
}

/* Those wanted by name first, then most RAM for each byte of flash. */
static int by_worth(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;
	uint64_t p = (uint64_t)a->item.ram * b->item.flash;
	uint64_t q = (uint64_t)b->item.ram * a->item.flash;

	if (a->wanted != b->wanted)
		return a->wanted ? -1 : 1;
	if (p != q)
		return p > q ? -1 : 1;
	return by_rank(a, b);
}

static void spend_budget(struct judge *j)
{
	const struct string_cost *cost = &j->set->cost;
	uint64_t strings = 0;
	uint32_t n = 0;

	qsort(j->list, j->set->count, sizeof(*j->list), by_worth);
	for (uint32_t i = 0; i < j->set->count; i++) {
		struct candidate *c = &j->list[i];

		if (c->item.verdict != STRING_KEPT)
			continue;
		if (!c->wanted &&
		    string_module_flash(cost, n + 1, strings + c->item.flash) > j->filter->budget) {
			c->item.verdict = STRING_OVER_BUDGET;
		} else {
			strings += c->item.flash;
			n++;
		}
	}
}

/* What a constant takes depends on the build; the largest of the usual is assumed. */
static struct string_cost cost_of(const struct string_set *set, const struct string_filter *filter)
{
	const struct lua_image *img = filter->image ? filter->image->img : NULL;
	struct string_cost cost = { .lua = filter->lua, .constant = filter->constant };
	bool integers = !strcmp(set->device.number, "integer");

	if (img) {
		cost.held = img->nstrings;
		cost.lua = cost.lua ? cost.lua : (int)img->traits.version;
		if (!cost.constant && cost.lua == (int)img->traits.version)
			cost.constant = img->traits.tvalue_bytes;
	}
	if (!cost.constant && set->device.number[0])
		cost.constant = integers || (cost.lua == LUA_53 && set->device.number[0] == 'f')
					? 8
					: 12;
	if (!cost.constant)
		cost.constant = cost.lua == LUA_53 ? 8 : 12;
	return cost;
}

static enum err no_memory(struct diag *diag)
{
	return diag_fail(diag, ERR_MEMORY, "out of memory for ranking the strings");
}

enum err string_judge(struct string_set *set, const struct string_filter *filter, struct diag *diag)
{
	struct judge j = { .set = set, .filter = filter };
	uint32_t i;

	set->cost = cost_of(set, filter);
	if (!set->count)
		return ERR_NONE;
	j.list = calloc(set->count, sizeof(*j.list));
	if (!j.list)
		return no_memory(diag);
	for (i = 0; i < set->count; i++) {
		j.list[i].item = set->items[i];
		j.list[i].item.verdict = STRING_KEPT;
		j.list[i].item.origin = STRING_UNKNOWN;
		j.list[i].text = string_text(set, &set->items[i]);
	}
	j.failed |= !footprint_read(set, &j.typed);
	mark_image(&j);
	for (i = 0; i < set->count; i++)
		judge_one(&j, &j.list[i]);
	if (filter->budget)
		spend_budget(&j);
	qsort(j.list, set->count, sizeof(*j.list), by_rank);
	for (i = 0; i < set->count; i++)
		set->items[i] = j.list[i].item;
	free(j.list);
	buf_free(&j.text);
	string_set_free(&j.typed);
	if (j.failed || !string_set_index(set))
		return no_memory(diag);
	return ERR_NONE;
}
