/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/device/upload_parts.h"

/* BEHIND: quote, sum, parenthesis. */
enum { BEHIND = 10, ESCAPE = 4, PROBES = 2, PROBE_TRIES = 3 };

/* What ends or edits a line, stops the other end's driver, or ends the string. */
static bool is_special(uint8_t c)
{
	return c == 0 || memchr("\003\004\b\n\r\021\023\033\177\"\\", c, 12);
}

static size_t encode_plain(const uint8_t *data, size_t n, size_t room, char *out)
{
	size_t used = 0, i;

	for (i = 0; i < n && used + ESCAPE <= room; i++) {
		if (!is_special(data[i])) {
			out[used++] = (char)data[i];
			continue;
		}
		out[used++] = '\\';
		if (data[i] == '"' || data[i] == '\\') {
			out[used++] = (char)data[i];
		} else {
			bool digit = i + 1 < n && data[i + 1] >= '0' && data[i + 1] <= '9';

			used += (size_t)sprintf(out + used, digit ? "%03u" : "%u", data[i]);
		}
	}
	out[used] = '\0';
	return i;
}

static size_t encode_base64(const uint8_t *data, size_t n, size_t room, char *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t used = 0, i;

	for (i = 0; i < n && used + 4 <= room; i += 3) {
		uint32_t v = (uint32_t)data[i] << 16;

		v |= i + 1 < n ? (uint32_t)data[i + 1] << 8 : 0;
		v |= i + 2 < n ? data[i + 2] : 0;
		for (int shift = 18; shift >= 0; shift -= 6)
			out[used++] = digits[v >> shift & 63];
		if (i + 1 >= n)
			out[used - 2] = '=';
		if (i + 2 >= n)
			out[used - 1] = '=';
	}
	out[used] = '\0';
	return i < n ? i : n;
}

static size_t encode_hex(const uint8_t *data, size_t n, size_t room, char *out)
{
	size_t i;

	for (i = 0; i < n && 2 * i + 2 <= room; i++)
		sprintf(out + 2 * i, "%02x", data[i]);
	out[2 * i] = '\0';
	return i;
}

static const struct upload_way ways[] = {
	{ "plain", NULL, "", encode_plain },
	{ "base64", "encoder and encoder.fromBase64 and 1", "s=encoder.fromBase64(s)",
	  encode_base64 },
	{ "hex", "1", "s=s:gsub('..',function(h)return string.char(tonumber(h,16))end)",
	  encode_hex },
};

/* All bytes there are, half at a time: does the device hear them as they are sent? */
static bool carries_all(struct console *c, struct diag *diag)
{
	struct tool t = {
		.console = c,
		.lines[0] = "_Q=function(s)local v=#s for c=1,#s do v=(v*251+s:byte(c))%8388593 "
			    "end return v end",
	};
	bool right = true;

	for (unsigned half = 0; half < PROBES && right && !diag->code; half++) {
		char text[CONSOLE_LINE_MAX + 1], line[CONSOLE_LINE_MAX + 1];
		uint8_t bytes[128];
		long long sum;

		for (unsigned i = 0; i < 128; i++)
			bytes[i] = (uint8_t)(half * 128 + i);
		encode_plain(bytes, 128, sizeof(text) - 1, text);
		snprintf(line, sizeof(line), "_Q\"%.*s\"", CONSOLE_GET_MAX - 4, text);
		right = false;
		for (unsigned i = 0; i < PROBE_TRIES && !right; i++)
			right = tool_try(&t, line, &sum, diag) &&
				sum == console_sum(0, 128, bytes, 128);
	}
	return right;
}

enum err upload_choose(struct console *c, const struct upload_way **way, struct diag *diag)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		long long there = 0;

		*way = &ways[i];
		if (!ways[i].needs)
			there = carries_all(c, diag);
		else
			tool_number(c, ways[i].needs, 0, &there, diag);
		if (diag->code || there == 1)
			break;
	}
	return diag->code;
}

void upload_tool(const struct upload_way *way, struct console *c, const char *name,
		 struct tool *tool)
{
	*tool = (struct tool){ .console = c };
	snprintf(tool->lines[0], sizeof(tool->lines[0]), TOOL_FILE, name, "r+");
	snprintf(tool->lines[1], sizeof(tool->lines[1]),
		 "_Q=function(i,s)%s local f=_P if f:seek('set',i)~=i or not f:write(s)then "
		 "return-2 "
		 "end return f:seek()end",
		 way->decode);
	if (!c->echo)
		snprintf(tool->lines[2], sizeof(tool->lines[2]),
			 "local q=_Q _Q=function(i,s,v)local u=#s for c=1,#s do "
			 "u=(u*251+s:byte(c))%%8388593 end if u~=v then return-1 end return "
			 "q(i,s)end");
}

size_t upload_line(const struct upload_way *way, const uint8_t *data, size_t n, size_t at,
		   bool with_sum, char *line)
{
	size_t used = (size_t)snprintf(line, CONSOLE_LINE_MAX, "_Q(%zu,\"", at);
	size_t room = CONSOLE_GET_MAX - BEHIND - used;
	size_t done = way->encode(data, n, room, line + used);
	size_t len = strlen(line);

	if (!with_sum)
		strcpy(line + len, "\")");
	else if (way->needs) /* the sum of the text as it is sent, but without escapes */
		sprintf(line + len, "\",%u)",
			(unsigned)console_sum(0, len - used, (const uint8_t *)line + used,
					      len - used));
	else
		sprintf(line + len, "\",%u)", (unsigned)console_sum(0, done, data, done));
	return done;
}
