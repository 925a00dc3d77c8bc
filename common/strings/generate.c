/* SPDX-License-Identifier: MIT */
/*
 * The module that holds the strings as constants of functions that nobody calls:
 *
 *	return "first"
 *	and "second"
 *
 * A constant operand of "and" is entered into the table of constants and, being true, needs no
 * instruction: both compilers leave one load, of the last. A table or a list of locals would cost 4
 * bytes of code and a byte of line info a string; and a 5.3 device, which takes a function's code
 * into RAM whole before it writes it to flash, could not load a large image. There is no limit but
 * the constants of a function (2^18), so that more strings are spread over several.
 */
#include "common/strings/filter.h"

enum { PER_FUNCTION = 4096 };

static void group_digits(struct buf *out, uint32_t n)
{
	if (n >= 1000) {
		group_digits(out, n / 1000);
		buf_printf(out, ",%03u", (unsigned)(n % 1000));
	} else {
		buf_printf(out, "%u", (unsigned)n);
	}
}

void string_totals_kept(const struct string_totals *t, struct buf *out)
{
	group_digits(out, t->kept);
	buf_str(out, t->kept == 1 ? " string: " : " strings: ");
	group_digits(out, t->ram);
	buf_str(out, " bytes of RAM saved, ");
	group_digits(out, t->flash);
	buf_str(out, " bytes of flash");
	if (t->kept) {
		buf_str(out, " (");
		group_digits(out, t->flash - t->strings);
		buf_str(out, " of them constants, hash vector and module)");
	}
}

bool string_totals_dropped(const struct string_totals *t, struct buf *out)
{
	const char *separator = "";

	for (unsigned v = STRING_KEPT + 1; v < STRING_VERDICTS; v++) {
		if (!t->dropped[v])
			continue;
		buf_str(out, separator);
		group_digits(out, t->dropped[v]);
		buf_byte(out, ' ');
		for (const char *p = string_verdict_words[v]; *p; p++)
			buf_byte(out, *p == '_' ? ' ' : (uint8_t)*p);
		separator = ", ";
	}
	return *separator != '\0';
}

static void header(const struct string_set *set, struct buf *out)
{
	struct string_totals t = string_totals(set);
	size_t start;

	buf_str(out,
		"-- Strings to be held in flash: a module for LFS images that need never run.\n");
	buf_str(out, "-- ");
	string_totals_kept(&t, out);
	buf_str(out, ".\n");
	start = out->len;
	buf_str(out, "-- Left out: ");
	if (string_totals_dropped(&t, out))
		buf_str(out, ".\n");
	else
		out->len = start;
}

/* Three digits in every escape, so that no digit behind one is taken for a part of it. */
static void literal(const uint8_t *p, size_t n, struct buf *out)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"' || p[i] == '\\')
			buf_byte(out, '\\');
		if (p[i] >= ' ' && p[i] < 0x7f)
			buf_byte(out, p[i]);
		else
			buf_printf(out, "\\%03u", (unsigned)p[i]);
	}
	buf_byte(out, '"');
}

static void expression(const struct string_set *set, uint32_t from, uint32_t to, struct buf *out)
{
	for (uint32_t i = from; i < to; i++) {
		buf_str(out, i == from ? "return " : "\nand ");
		literal(string_text(set, &set->items[i]), set->items[i].len, out);
	}
}

void string_generate(const struct string_set *set, struct buf *out)
{
	uint32_t n = 0;

	while (n < set->count && set->items[n].verdict == STRING_KEPT)
		n++;
	header(set, out);
	if (n <= PER_FUNCTION) {
		expression(set, 0, n, out);
		buf_str(out, n ? "\n" : "");
		return;
	}
	for (uint32_t from = 0; from < n; from += PER_FUNCTION) {
		buf_str(out, "do local _ = function() ");
		expression(set, from, n - from < PER_FUNCTION ? n : from + PER_FUNCTION, out);
		buf_str(out, " end end\n");
	}
}
