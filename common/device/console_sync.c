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
};

const char console_junk[] = "]] ]=] ]==] )(\n";

/* One attempt to be understood. */
static bool try_sync(struct console *c, struct diag *diag)
{
	int64_t end = port_now(c->port) + 2 * SYNC_MS * PORT_MS;
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

/* When there is no use in waiting any longer for a device that waits for a line. */
static int64_t sync_end(const struct console *c, int64_t start)
{
	int64_t end = start + SYNC_SECONDS * PORT_SECOND, most = start + SYNC_MOST * PORT_SECOND;

	if (c->patience > end)
		end = c->patience < most ? c->patience : most;
	else if (c->give_up < end)
		end = c->give_up;
	return c->formatting > end ? c->formatting : end;
}

enum console_answer console_sync(struct console *c, struct diag *diag)
{
	int64_t start = port_now(c->port);
	unsigned refusals = 0;

	c->answers = false;
	while (!diag->code && port_now(c->port) < sync_end(c, start)) {
		if (!try_sync(c, diag)) {
			refusals += text_error(c) == CONSOLE_MEMORY;
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
