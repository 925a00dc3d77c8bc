/* SPDX-License-Identifier: MIT */
/*
 * Coming to terms with a console in whatever state.
 */
#include "common/device/console_parts.h"

#include <string.h>

enum {
	SYNC_MS = 1500,
	SYNC_SECONDS = 8,
	SYNC_MOST = 45, /* however often it restarts meanwhile */
	REFUSALS = 3,
	CLOSED = 16, /* connections in a row; they are some time apart */
};

const char console_junk[] = "]] ]=] ]==] )(\n";

/* One attempt to be understood. */
static bool try_sync(struct console *c, struct diag *diag)
{
	int64_t end = port_now(c->port) + PORT_MS * 2 * SYNC_MS;
	struct console_echo echo;
	bool echoed = false;
	char line[24], marker[8];
	size_t seen = 0;

	if (port_write(c->port, console_junk, strlen(console_junk), diag))
		return false;
	console_drain(c, 150, diag);
	console_forget(c);
	console_make_marker(c, "print", line, sizeof(line), marker);
	if (diag->code || port_write(c->port, line, strlen(line), diag) ||
	    port_write(c->port, "\n", 1, diag))
		return false;
	console_echo_begin(&echo, line, strlen(line));
	while (!console_has_end(c, marker) && port_now(c->port) < end &&
	       console_receive(c, port_now(c->port) + SYNC_MS * PORT_MS, diag) > 0)
		while (seen < c->in.len)
			echoed = console_echo_take(&echo, c->in.data[seen++]) || echoed;
	c->echoed = c->echoed || echoed;
	if (!console_has_end(c, marker))
		return false;
	c->mute = echoed ? 0 : c->mute + 1;
	c->echo = echoed || (c->echo && c->mute < 2);
	return true;
}

/*
 * When there is no use in waiting any longer for a device that waits for a line. One that refuses
 * is asked often enough to tell, however slow it is.
 */
static int64_t sync_end(const struct console *c, int64_t start, unsigned refusals)
{
	int64_t end = start + SYNC_SECONDS * PORT_SECOND, most = start + SYNC_MOST * PORT_SECOND;

	if (c->patience > end || (refusals && !c->leaving))
		end = !refusals && c->patience < most ? c->patience : most;
	else if (c->give_up < end)
		end = c->give_up;
	return c->formatting > end ? c->formatting : end;
}

/* Does it end each connection before it has said anything? */
static bool is_sent_away(const struct console *c)
{
	return port_is_telnet(c->port) && !c->heard && c->restarts - c->settled >= CLOSED;
}

enum console_answer console_sync(struct console *c, struct diag *diag)
{
	int64_t start = port_now(c->port);
	unsigned refusals = 0;

	c->answers = false;
	while (!diag->code && !is_sent_away(c) &&
	       port_now(c->port) < sync_end(c, start, refusals)) {
		if (!try_sync(c, diag)) {
			/* What was said of the junk may come before it, late. */
			refusals += console_find(c->in.data, c->in.len, "not enough memory") !=
				    NULL;
			if (refusals == REFUSALS)
				diag_fail(diag, ERR_IO,
					  "not enough memory on the device to run a "
					  "single line; stop its application first");
			continue;
		}
		if (c->mute == 1 && c->echo)
			continue;
		console_drain(c, 20, diag);
		c->in_step = c->answers = true;
		c->heard = c->odd = 0;
		return diag->code ? CONSOLE_FAILED : CONSOLE_DONE;
	}
	return console_failed(c, diag);
}
