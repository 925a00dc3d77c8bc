/* SPDX-License-Identifier: MIT */
#include "tests/util_peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/device/port_parts.h"

struct peer {
	const uint8_t *script;
	size_t len, at;
	struct buf sent, said; /* said: what is to be read */
	size_t echoed;         /* bytes of sent that were echoed */
	int64_t now;
	bool gone;
};

/* The last whole line that was sent, or what there is of one. */
static void last_line(const struct peer *p, char *out, size_t size)
{
	size_t end = p->sent.len, start;

	while (end && p->sent.data[end - 1] == '\n')
		end--;
	for (start = end; start && p->sent.data[start - 1] != '\n';)
		start--;
	snprintf(out, size, "%.*s", (int)(end - start),
		 end > start ? (const char *)p->sent.data + start : "");
}

static void answer(struct peer *p)
{
	char line[256];
	const char *mark;
	unsigned n;

	last_line(p, line, sizeof(line));
	mark = strstr(line, "\"\\093");
	if (mark && sscanf(mark + 5, "%u", &n) == 1)
		buf_printf(&p->said, "]%u", n);
	else if (sscanf(line, "=-%u", &n) == 1)
		buf_printf(&p->said, "-%u\t", n);
	else if (sscanf(line, "=_Q(%u", &n) == 1)
		buf_printf(&p->said, "-%u\t", (n + 32) % 100000);
	else if ((mark = strstr(line, "return-")) && sscanf(mark + 7, "%u", &n) == 1)
		buf_printf(&p->said, "-%u\t", n);
}

/* Plays the script up to a pause, or until there is something to read. */
static void play(struct peer *p, int64_t deadline)
{
	while (p->at < p->len && !p->said.len && p->now < deadline) {
		uint8_t c = p->script[p->at++];

		if (c == 0xff) {
			for (; p->echoed < p->sent.len; p->echoed++) {
				if (p->sent.data[p->echoed] == '\n')
					buf_byte(&p->said, '\r');
				buf_byte(&p->said, p->sent.data[p->echoed]);
			}
		} else if (c == 0xfe) {
			answer(p);
		} else if (c == 0xfd) {
			p->now += PORT_SECOND / 10;
		} else if (c == 0xfc) {
			p->now += 4 * PORT_SECOND;
		} else {
			for (buf_byte(&p->said, c); p->at < p->len && p->script[p->at] < 0xfc;)
				buf_byte(&p->said, p->script[p->at++]);
		}
	}
}

static int peer_wait(struct port *port, int64_t deadline, struct diag *diag)
{
	struct peer *p = port->state;

	(void)diag;
	if (deadline <= p->now)
		return p->said.len > 0;
	play(p, deadline);
	p->gone = !p->said.len && p->at == p->len && p->now < deadline;
	if (p->said.len || p->gone)
		return 1;
	if (p->now < deadline)
		p->now = deadline;
	return 0;
}

static long peer_read(struct port *port, uint8_t *out, size_t size)
{
	struct peer *p = port->state;
	size_t n = p->said.len < size ? p->said.len : size;

	if (!n) {
		errno = p->gone ? EIO : EAGAIN;
		return -1;
	}
	memcpy(out, p->said.data, n);
	memmove(p->said.data, p->said.data + n, p->said.len - n);
	p->said.len -= n;
	return (long)n;
}

static long peer_write(struct port *port, const uint8_t *data, size_t n)
{
	struct peer *p = port->state;

	buf_put(&p->sent, data, n);
	/* Time goes on, or a script of nothing would never end. */
	p->now += PORT_MS;
	return (long)n;
}

static int64_t peer_now(const struct port *port)
{
	return ((const struct peer *)port->state)->now;
}

static void peer_close(struct port *port)
{
	struct peer *p = port->state;

	buf_free(&p->sent);
	buf_free(&p->said);
	free(p);
}

struct port *peer_open(const void *script, size_t len)
{
	static const struct port_kind kind = {
		.read = peer_read,
		.write = peer_write,
		.close = peer_close,
		.now = peer_now,
		.wait = peer_wait,
	};
	struct port *port = calloc(1, sizeof(*port));
	struct peer *p = calloc(1, sizeof(*p));

	if (!port || !p)
		abort();
	p->script = script;
	p->len = len;
	port->kind = &kind;
	port->fd = port->wake = -1;
	port->state = p;
	return port;
}

const struct buf *peer_sent(const struct port *port)
{
	return &((const struct peer *)port->state)->sent;
}
