/* SPDX-License-Identifier: MIT */
/*
 * Strings that stand in flash and in read-only memory: printable bytes that end with NUL, where no
 * function is. What code and tables hold by chance is mostly shorter or begins or ends otherwise.
 */
#include "common/firmware/parts.h"

enum { TEXT_MIN = 4 };

/* ASCII, the control characters that messages have, and the bytes of UTF-8. */
static bool printable(uint8_t c)
{
	return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t' || c == '\r' || c == 0x1b ||
	       c >= 0xc2;
}

/* Bytes at p that can go on with what a byte above 0xc1 began: 0 when they do not. */
static uint32_t utf8_tail(const uint8_t *p, uint32_t n)
{
	uint32_t want = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;

	if (want >= n || p[0] > 0xf4)
		return 0;
	for (uint32_t i = 1; i <= want; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return want;
}

/* How many bytes of text p begins with. */
static uint32_t text_length(const uint8_t *p, uint32_t n)
{
	uint32_t i = 0;

	while (i < n && printable(p[i])) {
		uint32_t tail = p[i] >= 0xc2 ? utf8_tail(p + i, n - i) : 0;

		if (p[i] >= 0xc2 && !tail)
			break;
		i += 1 + tail;
	}
	return i;
}

/* Lists the strings of a span; *covered gets how many of its bytes they are, NULs too. */
static bool find_in_span(struct firmware *fw, const struct firmware_span *span, uint32_t *covered)
{
	size_t there;
	const uint8_t *p = firmware_bytes(fw, span->address, &there);
	uint32_t n = there < span->size ? (uint32_t)there : span->size;

	*covered = 0;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t len = text_length(p + i, n - i);
		struct firmware_text *t;

		if (len < TEXT_MIN || i + len >= n || p[i + len] != 0) {
			i += len;
			continue;
		}
		t = vec_grow(&fw->texts, &fw->ntexts, &fw->cap.texts, sizeof(*t), 1);
		if (!t)
			return false;
		*t = (struct firmware_text){ span->address + i, len, (const char *)p + i };
		*covered += len + 1;
		i += len;
	}
	return true;
}

bool firmware_find_texts(struct firmware *fw)
{
	for (uint32_t i = 0; i < fw->nspans; i++) {
		struct firmware_span *span = &fw->spans[i];
		const struct firmware_section *sec = &fw->sections[span->section];
		uint32_t covered;
		bool function = span->symbol != FIRMWARE_NONE &&
				fw->symbols[span->symbol].kind == SYMBOL_FUNCTION;

		if ((sec->written && sec->area != AREA_FLASH) || function)
			continue;
		if (!find_in_span(fw, span, &covered))
			return false;
		span->text = span->symbol == FIRMWARE_NONE && covered >= span->size / 2;
	}
	return true;
}
