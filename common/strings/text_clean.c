/* SPDX-License-Identifier: MIT */
/*
 * Texts as other programs save them: UTF-16 of Windows' shells, line ends of old Macs, and the time
 * that terminal programs put before each line.
 */
#include <string.h>

#include "common/strings/text.h"

/* Characters of UTF-8 from a code; lone halves of pairs are U+FFFD. */
static void put_code(struct buf *out, uint32_t c)
{
	if (c >= 0xd800 && c < 0xe000)
		c = 0xfffd;
	if (c < 0x80) {
		buf_byte(out, (uint8_t)c);
		return;
	}
	if (c >= 0x10000) {
		buf_byte(out, (uint8_t)(0xf0 | c >> 18));
		buf_byte(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
	} else if (c >= 0x800) {
		buf_byte(out, (uint8_t)(0xe0 | c >> 12));
	}
	buf_byte(out, (uint8_t)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3f) : 0xc0 | c >> 6));
	buf_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
}

/* Nearly all of every other byte is NUL and of the rest none; some are enough when a mark tells the
 * rest. high: offset of the NULs. */
static bool is_half_empty(const uint8_t *p, size_t n, size_t high, bool mark)
{
	size_t zeros = 0, others = 0;

	n = n > 4096 ? 4096 : n;
	for (size_t i = 0; i + 1 < n; i += 2) {
		zeros += !p[i + high];
		others += !p[i + 1 - high];
	}
	if (mark)
		return n >= 2 && others <= n / 8 && zeros >= n / 8;
	return n >= 8 && !others && zeros >= n / 2 - n / 16;
}

bool text_from_utf16(const uint8_t *data, size_t len, struct buf *out)
{
	bool mark = len >= 2 &&
		    ((data[0] == 0xff && data[1] == 0xfe) || (data[0] == 0xfe && data[1] == 0xff));
	size_t high = mark ? data[0] == 0xff : !is_half_empty(data, len, 0, false);

	/* Two bytes alone are the strings of a device, too. */
	if (mark ? !is_half_empty(data + 2, len - 2, high, true)
		 : !is_half_empty(data, len, high, false))
		return false;
	for (size_t at = mark ? 2 : 0; at + 1 < len; at += 2) {
		uint32_t c = (uint32_t)data[at + high] << 8 | data[at + 1 - high];

		if (c >= 0xd800 && c < 0xdc00 && len - at >= 4) {
			uint32_t low = (uint32_t)data[at + 2 + high] << 8 | data[at + 3 - high];

			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
				at += 2;
			}
		}
		put_code(out, c);
	}
	return true;
}

/* 9 stands for a digit, ? for a digit that may lack, A for a letter. */
static size_t shape(const uint8_t *p, size_t n, const char *s)
{
	size_t at = 0;

	for (; *s; s++) {
		bool digit = at < n && p[at] >= '0' && p[at] <= '9';
		bool letter = at < n && (p[at] | 0x20) >= 'a' && (p[at] | 0x20) <= 'z';

		if (*s == '?' && !digit)
			continue;
		if (*s == '9' || *s == '?' ? !digit
		    : *s == 'A'            ? !letter
					   : at == n || p[at] != (uint8_t)*s)
			return 0;
		at++;
	}
	return at;
}

static size_t shapes(const uint8_t *p, size_t n, const char *const *list)
{
	for (; *list; list++) {
		size_t len = shape(p, n, *list);

		if (len)
			return len;
	}
	return 0;
}

/* Bytes of a time such as "[2024-05-01 10:00:01.123]" at the start of a line. */
static size_t stamp_length(const uint8_t *p, size_t n)
{
	static const char *const dates[] = { "9999-99-99T", "9999-99-99 ", "9999/99/99 ",
					     "99.99.9999 ", "AAA 99 ",     "AAA  9 ",
					     "AAA AAA 99 ", NULL };
	static const char *const times[] = { "99:99:99.999???", "99:99:99,999", "99:99:99",
					     "9:99:99", NULL };
	static const char *const zones[] = { "Z", "+99:99", "-99:99", "+9999", "-9999", NULL };
	bool bracket = n && (p[0] == '[' || p[0] == '(');
	size_t at = bracket, time;

	at += shapes(p + at, n - at, dates);
	time = shapes(p + at, n - at, times);
	at += time;
	if (time)
		at += shapes(p + at, n - at, zones);
	if (!time || (bracket && (at == n || (p[at] != ']' && p[at] != ')'))))
		return 0;
	return at + bracket;
}

static const char *const behind_stamp[] = { " -> ", " > ", " | ", " - ", ": ", ":", " ", "\t", "" };
enum { BEHINDS = sizeof(behind_stamp) / sizeof(behind_stamp[0]) };

/* Bytes of what follows the stamp; blanks at the end of a line may lack. */
static size_t behind_length(const uint8_t *p, size_t n, unsigned which)
{
	size_t len = strlen(behind_stamp[which]);

	while (len > n && len && behind_stamp[which][len - 1] == ' ')
		len--;
	return n >= len && !memcmp(p, behind_stamp[which], len) ? len : SIZE_MAX;
}

/* What stands between the time and the rest of most lines, or BEHINDS. */
static unsigned find_stamps(const uint8_t *data, size_t len)
{
	uint32_t lines = 0, stamped = 0, with[BEHINDS] = { 0 }, more = 0;

	for (size_t next = 0; next < len;) {
		struct lexer_line l = lexer_line(data, len, next);
		size_t n = stamp_length(l.p, l.n);

		next = l.next;
		lines += l.n > 0;
		stamped += n > 0;
		more += n && l.n > n + 2;
		for (unsigned i = 0; n && i < BEHINDS; i++)
			with[i] += behind_length(l.p + n, l.n - n, i) != SIZE_MAX;
	}
	if (stamped < 2 || more < stamped / 2 + 1 || stamped <= lines / 2)
		return BEHINDS;
	for (unsigned i = 0; i < BEHINDS; i++)
		if (with[i] >= stamped - stamped / 16)
			return i;
	return BEHINDS;
}

static void strip_stamps(const uint8_t *data, size_t len, unsigned which, struct buf *out)
{
	for (size_t next = 0; next < len;) {
		struct lexer_line l = lexer_line(data, len, next);
		size_t n = stamp_length(l.p, l.n), more = 0;

		if (n)
			more = behind_length(l.p + n, l.n - n, which);
		n = more == SIZE_MAX ? n : n + more;
		buf_put(out, l.p + n, l.next - next - n);
		next = l.next;
	}
}

bool text_clean(const uint8_t *data, size_t len, struct buf *out)
{
	const uint8_t *cr = len ? memchr(data, '\r', len) : NULL;
	unsigned which;

	if (cr && !memchr(data, '\n', len) && memchr(cr + 1, '\r', len - (size_t)(cr + 1 - data))) {
		buf_put(out, data, len);
		for (size_t i = 0; i < out->len; i++)
			if (out->data[i] == '\r')
				out->data[i] = '\n';
		return true;
	}
	which = find_stamps(data, len);
	if (which == BEHINDS)
		return false;
	strip_stamps(data, len, which, out);
	return true;
}
