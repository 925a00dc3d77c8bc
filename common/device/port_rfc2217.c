/* SPDX-License-Identifier: MIT */
/*
 * A serial port behind a server: Telnet (RFC 854) with the COM-PORT option (RFC 2217).
 *
 *	IAC WILL/WONT/DO/DONT option         negotiation
 *	IAC SB 44 command value… IAC SE      1 rate (4 bytes, high first), 2 data bits, 3 parity,
 *	                                     4 stop bits, 5 control: 1 no flow control, 8 and 9 DTR
 *	                                     on and off, 11 and 12 RTS
 *	IAC IAC                              the byte 255
 */
#include "common/device/port_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SE = 240, SB = 250, WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };
enum { OPTION_BINARY = 0, OPTION_SGA = 3, OPTION_PORT = 44 };
enum { SET_RATE = 1, SET_BITS, SET_PARITY, SET_STOP, SET_CONTROL };
enum { NO_FLOW = 1, DTR_OFF = 9, RTS_ON = 11, RTS_OFF = 12 };
enum { ANSWER_SECONDS = 5 };

struct telnet {
	const struct port_kind *under;
	enum { DATA, COMMAND, OPTION, SUB, SUB_IAC } at;
	uint8_t verb;
	bool agreed, refused; /* the server does what this is about, or will not */
	struct buf held;      /* to be sent */
};

static bool is_ours(uint8_t option)
{
	return option == OPTION_BINARY || option == OPTION_SGA || option == OPTION_PORT;
}

static void put3(struct telnet *t, uint8_t a, uint8_t b, uint8_t c)
{
	uint8_t bytes[3] = { a, b, c };

	buf_put(&t->held, bytes, 3);
}

/* What we asked for ourselves needs no answer; all else is refused. */
static void negotiate(struct telnet *t, uint8_t option)
{
	if (option == OPTION_PORT) {
		t->agreed = t->agreed || t->verb == DO;
		t->refused = t->refused || t->verb == DONT;
	}
	if (is_ours(option))
		return;
	if (t->verb == DO)
		put3(t, IAC, WONT, option);
	else if (t->verb == WILL)
		put3(t, IAC, DONT, option);
}

/* True when c is a byte of the line. */
static bool take(struct telnet *t, uint8_t c)
{
	switch (t->at) {
	case DATA:
		if (c != IAC)
			return true;
		t->at = COMMAND;
		return false;
	case COMMAND:
		t->verb = c;
		t->at = c == SB ? SUB : c >= WILL && c <= DONT ? OPTION : DATA;
		return c == IAC;
	case OPTION:
		negotiate(t, c);
		t->at = DATA;
		return false;
	case SUB: t->at = c == IAC ? SUB_IAC : SUB; return false;
	default: t->at = c == SE ? DATA : SUB; return false;
	}
}

static bool send_held(struct port *port)
{
	struct telnet *t = port->state;
	size_t done = 0;

	while (done < t->held.len) {
		long n = t->under->write(port, t->held.data + done, t->held.len - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (done) {
		memmove(t->held.data, t->held.data + done, t->held.len - done);
		t->held.len -= done;
	}
	return !t->held.len;
}

static long telnet_read(struct port *port, uint8_t *out, size_t size)
{
	struct telnet *t = port->state;
	long n = t->under->read(port, out, size);
	long kept = 0;

	for (long i = 0; i < n; i++)
		if (take(t, out[i]))
			out[kept++] = out[i];
	send_held(port);
	if (n > 0 && !kept) {
		errno = EAGAIN;
		return -1;
	}
	return n > 0 ? kept : n;
}

static long telnet_write(struct port *port, const uint8_t *data, size_t n)
{
	struct telnet *t = port->state;

	if (!send_held(port)) {
		if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		errno = EAGAIN;
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		buf_byte(&t->held, data[i]);
		if (data[i] == IAC)
			buf_byte(&t->held, IAC);
	}
	send_held(port);
	return (long)n;
}

static void set(struct telnet *t, uint8_t command, uint32_t value, unsigned bytes)
{
	put3(t, IAC, SB, OPTION_PORT);
	buf_byte(&t->held, command);
	while (bytes--) {
		uint8_t c = (uint8_t)(value >> 8 * bytes);

		buf_byte(&t->held, c);
		if (c == IAC)
			buf_byte(&t->held, c);
	}
	buf_byte(&t->held, IAC);
	buf_byte(&t->held, SE);
}

static bool telnet_set_rts(struct port *port, bool on)
{
	set(port->state, SET_CONTROL, on ? RTS_ON : RTS_OFF, 1);
	return send_held(port);
}

static void telnet_close(struct port *port)
{
	struct telnet *t = port->state;

	if (t)
		buf_free(&t->held);
	free(t);
}

static const struct port_kind telnet_kind = {
	.read = telnet_read,
	.write = telnet_write,
	.set_rts = telnet_set_rts,
	.close = telnet_close,
};

enum err rfc2217_open(struct port *port, const struct port_place *place, struct diag *diag)
{
	struct telnet *t = calloc(1, sizeof(*t));
	int64_t deadline = port_now(port) + ANSWER_SECONDS * PORT_SECOND;
	uint8_t dropped[256];

	if (!t)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	t->under = port->kind;
	port->kind = &telnet_kind;
	port->state = t;
	put3(t, IAC, WILL, OPTION_PORT);
	put3(t, IAC, WILL, OPTION_BINARY);
	put3(t, IAC, DO, OPTION_BINARY);
	put3(t, IAC, WILL, OPTION_SGA);
	put3(t, IAC, DO, OPTION_SGA);
	set(t, SET_CONTROL, DTR_OFF, 1);
	set(t, SET_CONTROL, RTS_OFF, 1);
	set(t, SET_CONTROL, NO_FLOW, 1);
	set(t, SET_RATE, place->baud, 4);
	set(t, SET_BITS, 8, 1);
	set(t, SET_PARITY, 1, 1);
	set(t, SET_STOP, 1, 1);
	send_held(port);
	while (!t->agreed && !t->refused && !diag->code && port_now(port) < deadline)
		port_read(port, dropped, sizeof(dropped), port_now(port) + PORT_SECOND / 10, diag);
	if (!t->agreed)
		diag_fail(diag, ERR_IO,
			  "the server does not speak RFC 2217 (for plain bytes: "
			  "tcp:HOST:PORT)");
	return diag->code;
}
