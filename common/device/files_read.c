/* SPDX-License-Identifier: MIT */
/*
 * A file off the device. What is printed is text: in base64, where the firmware has an encoder,
 * else in hex.
 */
#include <string.h>

#include "common/base/hex.h"
#include "common/device/files.h"

enum { PIECE = 384, TELNET_PIECE = 192, TRIES = 6 };

static int base64_digit(uint8_t c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* Appends n bytes, bits of them in each digit; false when they are not there. */
static bool decode(const struct buf *text, bool base64, size_t n, struct buf *out)
{
	unsigned width = base64 ? 6 : 4, bits = 0;
	uint32_t value = 0;
	size_t done = 0;

	for (size_t i = 0; i < text->len && done < n; i++) {
		int digit = base64 ? base64_digit(text->data[i]) : hex_digit(text->data[i]);

		if (digit < 0)
			return false;
		value = value << width | (uint32_t)digit;
		bits += width;
		if (bits < 8)
			continue;
		bits -= 8;
		buf_byte(out, (uint8_t)(value >> bits));
		done++;
	}
	return done == n;
}

static enum err read_piece(struct tool *t, size_t at, size_t n, bool base64, struct buf *out,
			   struct diag *diag)
{
	struct buf text = { 0 };
	char expression[48];
	bool right = false;

	snprintf(expression, sizeof(expression), "_Q(%zu,%zu)", at, n);
	for (unsigned i = 0; i < TRIES && !right && !diag->code; i++) {
		long long got[2];

		if (tool_ask(t, expression, got, 2, &text, diag))
			break;
		right = got[0] == (long long)n && decode(&text, base64, n, out) &&
			got[1] == console_sum(0, n, out->data + at, n);
		if (!right)
			out->len = at;
	}
	buf_free(&text);
	if (out->failed)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	return right ? diag->code
		     : diag_fail(diag, ERR_IO, "bytes %zu to %zu of the file do not come whole", at,
				 at + n);
}

static enum err open_tool(struct tool *t, struct console *c, const char *name, bool *base64,
			  struct diag *diag)
{
	long long found;

	if (tool_number(c, "encoder and encoder.toBase64 and 1", 0, &found, diag))
		return diag->code;
	*base64 = found == 1;
	*t = (struct tool){ .console = c };
	snprintf(t->lines[0], sizeof(t->lines[0]), TOOL_FILE, name, "r");
	snprintf(t->lines[1], sizeof(t->lines[1]),
		 "_Q=function(i,n)local f=_P local s=f:seek('set',i)==i and f:read(n)or''"
		 "local v=#s for c=1,#s do v=(v*251+s:byte(c))%%8388593 end return #s,v,%s end",
		 *base64 ? "encoder.toBase64(s)"
			 : "(s:gsub('.',function(c)return('%02x'):format(c:byte())end))");
	return ERR_NONE;
}

enum err files_read(struct console *c, const char *name, const struct files_watcher *w,
		    struct buf *out, struct diag *diag)
{
	size_t piece = port_is_telnet(c->port) ? TELNET_PIECE : PIECE;
	int64_t size, start = port_now(c->port);
	struct tool t;
	bool base64 = false;

	if (files_size(c, name, &size, diag))
		return diag->code;
	if (size < 0)
		return diag_fail(diag, ERR_IO, "the device has no file %s", name);
	if (size > (16 << 20))
		return diag_fail(diag, ERR_LIMIT, "no file of a device is so large");
	if (open_tool(&t, c, name, &base64, diag))
		return diag->code;
	while (out->len < (size_t)size && !diag->code) {
		size_t left = (size_t)size - out->len;

		read_piece(&t, out->len, left < piece ? left : piece, base64, out, diag);
		if (w && w->tell && !diag->code)
			w->tell(w->ctx, out->len, (uint64_t)size, port_now(c->port) - start);
	}
	tool_end(&t);
	return diag->code;
}
