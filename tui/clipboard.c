/* SPDX-License-Identifier: MIT */
#include "tui/clipboard.h"

void clipboard_request(struct buf *out, const uint8_t *data, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";

	n = n < CLIPBOARD_MAX ? n : CLIPBOARD_MAX;
	buf_str(out, "\033]52;c;");
	for (size_t i = 0; i < n; i += 3) {
		uint32_t word = (uint32_t)data[i] << 16;

		word |= i + 1 < n ? (uint32_t)data[i + 1] << 8 : 0;
		word |= i + 2 < n ? data[i + 2] : 0;
		buf_byte(out, (uint8_t)digits[word >> 18]);
		buf_byte(out, (uint8_t)digits[word >> 12 & 63]);
		buf_byte(out, i + 1 < n ? (uint8_t)digits[word >> 6 & 63] : '=');
		buf_byte(out, i + 2 < n ? (uint8_t)digits[word & 63] : '=');
	}
	buf_str(out, "\a");
}
