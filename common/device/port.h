/* SPDX-License-Identifier: MIT */
/*
 * A line to a device: a serial port or pseudo-terminal, the telnet module, or a serial server; or a
 * recording of one. Times are nanoseconds of the port's own clock: the system's monotonic one, or
 * the recording's.
 */
#ifndef DEVICE_PORT_H
#define DEVICE_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/buf.h"
#include "common/base/diag.h"

#define PORT_SECOND INT64_C(1000000000)
#define PORT_MS     INT64_C(1000000)
#define PORT_BAUD   115200u

struct port;

struct port_options {
	/*
	 * "/dev/ttyUSB0[@RATE]", "tcp:HOST[:PORT]" (port 23), "rfc2217:HOST:PORT[@RATE]"; an IPv6
	 * address stands in brackets. Not used with a replay.
	 */
	const char *name;
	int wake;              /* a descriptor that becomes readable when all is to end; -1: none */
	FILE *record;          /* gets all that passes, as JSON lines; NULL: nobody does */
	const uint8_t *replay; /* a recording to play back; NULL: the port itself */
	size_t replay_len;
};

/*
 * Opens and locks the port; DTR and RTS are cleared at once. ERR_KIND: not a name of a port.
 * *out is NULL on failure.
 */
enum err port_open(const struct port_options *o, struct diag *diag, struct port **out);

/* Puts the terminal's settings back and closes. port may be NULL. */
void port_close(struct port *port);

/* Puts the terminal's settings back, no more. May be called by a signal handler. */
void port_restore(const struct port *port);

/*
 * From now on the descriptor wake is not looked at, and what is gone is gone: for what is to be
 * done before the end.
 */
void port_end(struct port *port);

/*
 * How often the other end went and came back: a telnet session ends when its device restarts. What
 * was under way then is lost.
 */
unsigned port_connections(const struct port *port);
/* Gives a session up and begins another; waits for the device. ERR_IO when that cannot be. */
enum err port_connect(struct port *port, struct diag *diag);

/* A pulse of 100 ms on RTS alone, which resets the usual boards. */
enum err port_reset(struct port *port, struct diag *diag);

/*
 * Waits for bytes until the deadline. Returns how many came; 0 when it passed, when there is a new
 * connection, or on failure, which diag tells (interrupted, or the port is gone).
 */
size_t port_read(struct port *port, uint8_t *out, size_t size, int64_t deadline, struct diag *diag);

/*
 * Sends all of it, or has a new connection; it is an error when it takes longer than some seconds.
 */
enum err port_write(struct port *port, const void *data, size_t n, struct diag *diag);

/* Now, by the port's clock. */
int64_t port_now(const struct port *port);
/* Does nothing for a while; ends early when woken. */
void port_sleep(struct port *port, int64_t ns);

/* True for the telnet module: no echo, and a task's output piles up in the device's RAM. */
bool port_is_telnet(const struct port *port);

/* Serial ports that there are, one a line, sorted. Returns how many. */
unsigned port_list(struct buf *out);

#endif
