/* SPDX-License-Identifier: MIT */
/*
 * Lines that the device answers with. Anything may stand before what they are about.
 */
#include "common/device/slice_parts.h"

#include <string.h>

enum {
	TEXT_MAX = 250,
	LENGTH_MAX = 1 << 20,
	NUMBER_MAX = 1 << 27,
};

/* A number up to max; the cursor is behind it. */
static bool number(const uint8_t **p, const uint8_t *end, uint32_t max, uint32_t *out)
{
	const uint8_t *at = *p;
	uint32_t n = 0;

	for (; at < end && *at >= '0' && *at <= '9'; at++) {
		n = n * 10 + (uint32_t)(*at - '0');
		if (n > max)
			return false;
	}
	if (at == *p)
		return false;
	*p = at;
	*out = n;
	return true;
}

static bool tab(const uint8_t **p, const uint8_t *end)
{
	return *p < end && *(*p)++ == '\t';
}

static bool is_printable(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] < ' ' || p[i] > '~')
			return false;
	return true;
}

static bool is(const uint8_t *p, const uint8_t *end, const char *word)
{
	return (size_t)(end - p) == strlen(word) && memcmp(p, word, strlen(word)) == 0;
}

static bool parse_at(const uint8_t *p, const uint8_t *end, uint32_t size, struct slice_line *out)
{
	if (!number(&p, end, size - 1, &out->index) || !tab(&p, end) ||
	    !number(&p, end, TEXT_MAX, &out->len) || !tab(&p, end))
		return false;
	out->text = p;
	return (size_t)(end - p) == out->len && is_printable(p, out->len);
}

bool slice_parse(const uint8_t *line, size_t n, uint32_t size, struct slice_line *out)
{
	for (size_t at = 0; at < n; at++)
		if (line[at] >= '0' && line[at] <= '9' && parse_at(line + at, line + n, size, out))
			return true;
	return false;
}

bool slice_size(const struct buf *line, uint32_t *len, bool *binary)
{
	const uint8_t *p = line->data, *end = line->len ? p + line->len : p;
	uint32_t at;

	if (!line->len || !number(&p, end, LENGTH_MAX, len) || !tab(&p, end))
		return false;
	*binary = number(&p, end, *len, &at);
	return *binary || is(p, end, "nil");
}

bool slice_piece(const struct buf *line, bool binary, uint8_t *out, uint32_t n)
{
	const uint8_t *p = line->data, *end = line->len ? p + line->len : p;
	uint32_t value;

	if (!line->len)
		return false;
	if (!binary) {
		if (line->len != n || !is_printable(p, n))
			return false;
		memcpy(out, p, n);
		return true;
	}
	for (uint32_t i = 0; i < n; i++) {
		if ((i && !tab(&p, end)) || !number(&p, end, 255, &value))
			return false;
		out[i] = (uint8_t)value;
	}
	return p == end;
}

bool slice_numbers(const struct buf *line, uint32_t out[2])
{
	const uint8_t *p = line->data, *end = line->len ? p + line->len : p;

	return line->len && number(&p, end, NUMBER_MAX, &out[0]) && tab(&p, end) &&
	       number(&p, end, NUMBER_MAX, &out[1]) && p == end;
}
