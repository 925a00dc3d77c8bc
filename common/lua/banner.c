/* SPDX-License-Identifier: MIT */
/*
 * What the console prints at a start:
 *
 *	NodeMCU 3.0.0.0                              the user's prolog may follow, or stand instead
 *		branch: release
 *		commit: 36cbf9f0…
 *		release: 3.0.0-release_20240225      since July 2019
 *		release DTS: 202402250804            time of the commit
 *		SSL: false
 *		build type: float                    float, integer or (5.3) double
 *		LFS: 0x20000 bytes total capacity    2019: "Size: 0x20000", "0x20000", "disabled"
 *		modules: bit,encoder,file
 *	 build 2026-11-22 21:43 powered by Lua 5.1.4 on SDK 3.0.1-dev(fce080e)
 *
 * Builds of 2018 have branch, commit, SSL and modules, and "build created on"; the number type
 * cannot be told from them. The ESP32 prints one line:
 *
 *	NodeMCU ESP32 build 2024-01-01 12:00 powered by Lua 5.3.5 [5.3-int32-singlefp] on IDF v5.0
 *
 * Anything may stand before and behind: garbage of the boot ROM, what the application prints.
 */
#include "common/base/hex.h"
#include "common/lua/check.h"

#include <stdio.h>
#include <string.h>

/* Bytes of the console, not NUL-terminated. */
struct text {
	const uint8_t *p;
	size_t len;
};

enum { TAGS_CHANGED = 20200427, REGION_MAX = 16 << 20 };

static struct text rest(struct text t, size_t n)
{
	return (struct text){ t.p + n, t.len - n };
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool starts(struct text t, const char *word)
{
	size_t n = strlen(word);

	if (n > t.len)
		return false;
	for (size_t i = 0; i < n; i++)
		if (lower(t.p[i]) != lower((uint8_t)word[i]))
			return false;
	return true;
}

/* What follows the first mention of word; len 0 and p NULL when there is none. */
static struct text after(struct text t, const char *word)
{
	for (; t.len > 0; t = rest(t, 1))
		if (starts(t, word))
			return rest(t, strlen(word));
	return (struct text){ 0 };
}

static struct text first_line(struct text t)
{
	size_t n = 0;

	while (n < t.len && t.p[n] != '\r' && t.p[n] != '\n')
		n++;
	return (struct text){ t.p, n };
}

/* The last banner, from "NodeMCU" to the end of the line with "powered by"; NULL: none. */
static struct text last_banner(struct text all)
{
	struct text found = { 0 };
	struct text start = { 0 };

	for (struct text t = all; t.len > 0; t = rest(t, 1)) {
		if (starts(t, "nodemcu"))
			start = t;
		if (start.p && starts(t, "powered by lua 5.")) {
			found.p = start.p;
			found.len = (size_t)(t.p - start.p) + first_line(t).len;
			start = (struct text){ 0 };
		}
	}
	return found;
}

/* The value of a line "key: value", without blanks and quotes around it. */
static struct text value_of(struct text banner, const char *key)
{
	struct text v = first_line(after(banner, key));

	while (v.len && (*v.p == ' ' || *v.p == '\''))
		v = rest(v, 1);
	while (v.len && (v.p[v.len - 1] == ' ' || v.p[v.len - 1] == '\''))
		v.len--;
	return v;
}

static int digit_of(uint8_t c, unsigned base)
{
	int d = hex_digit(c);

	return d < (int)base ? d : -1;
}

/* A number as C has it, and products of them; 0 for anything else or what is too large. */
static uint32_t capacity(struct text t)
{
	uint64_t product = 1;
	bool any = false;

	while (t.len > 0) {
		unsigned base = starts(t, "0x") ? 16 : 10;
		uint64_t n = 0;

		if (digit_of(*t.p, 10) < 0) {
			if (any && *t.p != '*' && *t.p != ')' && *t.p != '(')
				break;
			t = rest(t, 1);
			continue;
		}
		if (base == 16)
			t = rest(t, 2);
		for (; t.len && digit_of(*t.p, base) >= 0; t = rest(t, 1))
			if (n <= REGION_MAX)
				n = n * base + (unsigned)digit_of(*t.p, base);
		any = true;
		product *= n <= REGION_MAX ? n : 0;
		if (product > REGION_MAX)
			return 0;
	}
	return any ? (uint32_t)product : 0;
}

/* The first eight digits of a date, whatever stands between them; 0: none. */
static uint32_t date_of(struct text t)
{
	uint32_t date = 0;
	unsigned n = 0;

	t = first_line(t);
	for (; t.len && n < 8; t = rest(t, 1)) {
		if (digit_of(*t.p, 10) >= 0) {
			date = 10 * date + (uint32_t)digit_of(*t.p, 10);
			n++;
		} else if (n && *t.p != '-') {
			break;
		}
	}
	return n == 8 ? date : 0;
}

static void read_tags(struct text banner, struct check_target *target)
{
	uint32_t date = date_of(value_of(banner, "release DTS:"));

	if (!date)
		date = date_of(after(banner, "build created on"));
	if (!date)
		date = date_of(after(banner, " build "));
	target->old_tags = target->version == LUA_51 && date && date < TAGS_CHANGED;
}

static void read_numbers(struct text banner, struct check_target *target)
{
	struct text type = value_of(banner, "build type:");
	struct text widths = after(banner, "[5.");
	bool wide;

	if (target->version == LUA_51) {
		bool integer = starts(type, "integer") || starts(widths, "1-integral");

		target->integer_bytes = integer ? 4 : 0;
		target->float_bytes = integer ? 0 : 8;
		target->packed = !integer;
		return;
	}
	wide = starts(type, "double");
	target->integer_bytes = wide || starts(widths, "3-int64") ? 8 : 4;
	target->float_bytes = wide || after(first_line(widths), "-doublefp").p ? 8 : 4;
}

/* ",adc,bit," of "adc, bit"; as many whole names as fit. */
static void read_modules(struct text list, struct check_target *target)
{
	size_t room = sizeof(target->modules) - 2;
	size_t n = 0;
	size_t whole = 0;

	if (list.len == 0 || starts(list, "-"))
		return;
	target->modules[n++] = ',';
	for (size_t i = 0; i < list.len && n < room; i++) {
		uint8_t c = lower(list.p[i]);

		if (c == ' ' || c == '\t')
			continue;
		if (c < 0x21 || c > 0x7e)
			break;
		target->modules[n++] = (char)c;
		if (c == ',')
			whole = n;
	}
	if (n == room)
		n = whole;
	else if (target->modules[n - 1] != ',')
		target->modules[n++] = ',';
	target->modules[n] = 0;
}

/* The kind that --for would name. */
static void read_name(struct check_target *target)
{
	for (const struct check_kind *k = check_kinds; k->name; k++)
		if (k->version == target->version && k->integer_bytes == target->integer_bytes &&
		    k->float_bytes == target->float_bytes && k->packed == target->packed &&
		    k->esp32 == target->esp32)
			snprintf(target->name, sizeof(target->name), "%s, by its banner", k->name);
}

static void read_region(struct text banner, struct check_target *target)
{
	struct text lfs = after(banner, "\tlfs:");

	target->region = capacity(first_line(lfs));
	target->no_region = lfs.p && !target->region;
}

enum err check_banner(const uint8_t *text, size_t len, struct check_target *target,
		      struct diag *diag)
{
	struct text banner = last_banner((struct text){ text, len });
	struct text lua = after(banner, "powered by lua 5.");
	bool is51 = starts(lua, "1");

	*target = (struct check_target){ 0 };
	if (!banner.p)
		return diag_fail(diag, ERR_KIND,
				 "no NodeMCU banner in it: give what the console prints from the "
				 "line NodeMCU to the line \"powered by Lua\"");
	if (!is51 && !starts(lua, "3"))
		return diag_fail(diag, ERR_KIND, "a firmware with another Lua than 5.1 or 5.3");
	target->known = true;
	target->version = is51 ? LUA_51 : LUA_53;
	target->esp32 = starts(banner, "nodemcu esp32");
	read_region(banner, target);
	read_numbers(banner, target);
	read_tags(banner, target);
	read_modules(value_of(banner, "modules:"), target);
	read_name(target);
	return ERR_NONE;
}
