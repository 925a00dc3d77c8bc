/* SPDX-License-Identifier: MIT */
/*
 * What is said on the console, and what it means.
 */
#include "common/device/console.h"
#include "common/device/console_parts.h"

#include <stdlib.h>
#include <string.h>

enum {
	BANNER_MAX = 4096,
	FORMAT_SECONDS = 120,
	BOOT_SECONDS = 20,
	SHOWN = 60,
	OFTEN = 3, /* so many restarts are no chance */
};

static const char stolen[] = "if its application has taken the console (uart.on) or runs on, only "
			     "a reset helps (--reset)";

bool console_line(const struct console *c, size_t *at, const uint8_t **line, size_t *n)
{
	const uint8_t *lf;

	if (*at >= c->in.len)
		return false;
	*line = c->in.data + *at;
	lf = memchr(*line, '\n', c->in.len - *at);
	*n = lf ? (size_t)(lf - *line) : c->in.len - *at;
	*at += *n + (lf != NULL);
	while (*n && (*line)[*n - 1] == '\r')
		--*n;
	return true;
}

const uint8_t *console_find(const uint8_t *p, size_t n, const char *word)
{
	size_t k = strlen(word);

	for (; n >= k; p++, n--)
		if (memcmp(p, word, k) == 0)
			return p;
	return NULL;
}

static bool begins(const uint8_t *p, size_t n, const char *word)
{
	return n >= strlen(word) && memcmp(p, word, strlen(word)) == 0;
}

void text_restarted(struct console *c)
{
	c->restarts++;
	if (!c->leaving)
		c->patience = port_now(c->port) + BOOT_SECONDS * PORT_SECOND;
}

/* A line that has ended: is it of a banner? */
static void scan_line(struct console *c, const uint8_t *p, size_t n)
{
	const uint8_t *name = console_find(p, n, "NodeMCU ");
	const uint8_t *alloc = console_find(p, n, "E:M ");

	if (alloc)
		c->wanted = (uint32_t)strtoul((const char *)alloc + 4, NULL, 10);
	/* Once, or one that says so for ever would be waited for for ever. */
	if (!c->formatting && !c->leaving && console_find(p, n, "Formatting file system"))
		c->formatting = port_now(c->port) + FORMAT_SECONDS * PORT_SECOND;
	if (name && (name == p || p[0] < '0' || p[0] > '9') && !console_find(p, n, "Welcome to")) {
		n -= (size_t)(name - p);
		p = name;
		c->banner.len = 0;
		c->in_banner = true;
	}
	if (!c->in_banner)
		return;
	buf_put(&c->banner, p, n);
	buf_byte(&c->banner, '\n');
	if (console_find(p, n, "powered by Lua 5.")) {
		c->in_banner = false;
		text_restarted(c);
	}
	if (c->banner.len > BANNER_MAX)
		c->in_banner = false;
}

void text_scan(struct console *c)
{
	const uint8_t *lf;

	while (c->scanned < c->in.len &&
	       (lf = memchr(c->in.data + c->scanned, '\n', c->in.len - c->scanned))) {
		const uint8_t *p = c->in.data + c->scanned;
		size_t n = (size_t)(lf - p);

		c->scanned += n + 1;
		while (n && p[n - 1] == '\r')
			n--;
		scan_line(c, p, n);
	}
}

bool console_at_prompt(const struct console *c)
{
	size_t n = c->in.len;

	return n >= 2 && c->in.data[n - 1] == ' ' && c->in.data[n - 2] == '>' &&
	       (n == 2 || memchr("\n>", c->in.data[n - 3], 2));
}

/* An error of Lua among the lines: CONSOLE_DONE when there is none. */
enum console_answer text_error(struct console *c)
{
	static const char *const starts[] = { "Lua error: ", "lua: ", "stdin:",
					      "not enough memory" };
	const uint8_t *p;
	size_t at = 0, n;

	while (console_line(c, &at, &p, &n)) {
		while (n >= 2 && p[0] == '>' && (p[1] == ' ' || p[1] == '>')) {
			p += p[1] == ' ' ? 2 : 1;
			n -= p[-1] == ' ' ? 2 : 1;
		}
		for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
			if (!begins(p, n, starts[i]))
				continue;
			snprintf(c->error, sizeof(c->error), "%.*s", (int)(n < 150 ? n : 150), p);
			return console_find(p, n, "not enough memory") ? CONSOLE_MEMORY
								       : CONSOLE_ERROR;
		}
	}
	return CONSOLE_DONE;
}

uint32_t console_sum(uint32_t v, size_t len, const uint8_t *text, size_t n)
{
	v += (uint32_t)len;
	for (size_t i = 0; i < n; i++)
		v = (uint32_t)(((uint64_t)v * 251 + text[i]) % 8388593);
	return v;
}

/* What came last, its end if it is long; ends of lines are spaces, what cannot be printed dots. */
static void put_last(const struct console *c, struct buf *out)
{
	size_t n = c->nlast < SHOWN ? c->nlast : SHOWN;
	const uint8_t *p = c->last + c->nlast - n;
	bool space = true;

	buf_str(out, "; last seen: \"");
	for (; n; n--, p++) {
		bool end = memchr("\r\n\t ", *p, 4) != NULL;

		if (!end)
			buf_byte(out, *p < ' ' || *p >= 0x7f ? '.' : *p);
		else if (!space)
			buf_byte(out, ' ');
		space = end;
	}
	buf_byte(out, '"');
}

static void put_silence(const struct console *c, struct buf *out)
{
	bool telnet = port_is_telnet(c->port);

	if (telnet && c->restarts - c->settled >= OFTEN)
		buf_str(out,
			"the device closes each connection at once; does it serve telnet at this "
			"port, and nobody else just now?");
	else if (telnet)
		buf_str(out, "no answer, nothing at all: wrong port, a board that sleeps, or "
			     "another telnet session is open: it serves one at a time");
	else
		buf_printf(out,
			   "no answer, nothing at all: wrong port or rate, a board that "
			   "sleeps, or %s",
			   stolen);
}

/* It was seen to start, and came to no prompt. What it said last is its banner. */
static void put_no_prompt(struct buf *out)
{
	buf_str(out, "the device starts, but gives no prompt: its init.lua never returns, or takes "
		     "the console (uart.on); if it leaves no way in: esptool erase_flash, then the "
		     "firmware anew");
}

/* Something was heard, but not what was asked for. */
static void put_heard(const struct console *c, struct buf *out)
{
	const char *guess = console_guess(c);
	bool telnet = port_is_telnet(c->port);

	if (c->answers)
		buf_str(out, "the device answers, but nothing comes whole: bytes are lost on the "
			     "line, or its application prints too much");
	else if (!telnet && c->restarts - c->settled >= OFTEN)
		buf_printf(out,
			   "the device restarts again and again (%u times); is it its init.lua, or "
			   "the power?",
			   c->restarts - c->settled);
	else if (c->odd * 3 > c->heard)
		buf_printf(out, "no answer, but bytes that are no text%s",
			   telnet ? "" : ": the rate is wrong? (-p PORT@RATE)");
	else if (guess)
		buf_printf(out, "no NodeMCU: %s", guess);
	else if (c->echoed)
		buf_str(out, "the device echoes, but runs nothing");
	else
		buf_printf(out, "no NodeMCU console answers%s%s", telnet ? "" : "; ",
			   telnet ? "" : stolen);
	put_last(c, out);
}

/* It was seen to start, and came to nothing more. */
static bool starts_in_vain(const struct console *c)
{
	return c->restarts > c->settled && c->restarts - c->settled < OFTEN && !c->answers &&
	       !c->echoed && !port_is_telnet(c->port);
}

enum err console_no_answer(const struct console *c, struct diag *diag)
{
	struct buf text = { 0 };

	if (starts_in_vain(c))
		put_no_prompt(&text);
	else if (c->heard || c->answers)
		put_heard(c, &text);
	else
		put_silence(c, &text);
	buf_byte(&text, 0);
	diag_fail(diag, ERR_IO, "%s", text.failed ? "no answer" : (const char *)text.data);
	buf_free(&text);
	return diag->code;
}

enum err console_refused(const struct console *c, struct diag *diag)
{
	char text[120];
	size_t n = 0;

	for (const char *p = c->error; *p && n < sizeof(text) - 1; p++)
		text[n++] = *p >= ' ' && *p <= '~' ? *p : ' ';
	text[n] = '\0';
	return diag_fail(diag, ERR_IO, "the device refuses: %s", text);
}
