/* SPDX-License-Identifier: MIT */
/*
 * The line between device and client: a pseudo-terminal, or one TCP connection at a time. It has
 * the pace of a serial line and the device's input ring, and it is where bytes get lost.
 */
#ifndef SIMDEV_WIRE_H
#define SIMDEV_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "faults.h"

enum {
	WIRE_RING = 128 + 256, /* hardware's and driver's */
	WIRE_FAST_RING = 8192, /* --fast: what does not fit stays with the client */
	WIRE_FIFO = 128,       /* bytes that may be on their way before the device has to wait */
	WIRE_OUT = 4096,
};

struct wire {
	int fd;       /* -1: nobody there, or unplugged */
	int listener; /* telnet; else -1 */
	char path[128], link[128];
	bool fast, check_baud;
	bool hung_up; /* nobody has the terminal open */
	bool stalled; /* the client does not read */
	uint32_t baud;
	struct faults *faults;

	uint8_t ring[WIRE_FAST_RING];
	size_t head, count;
	int64_t in_seen; /* when the line was looked at last */

	uint8_t out[WIRE_OUT];
	size_t nout;
	int64_t out_busy; /* the line is busy until then */
	uint64_t in, sent, overwritten;
};

/* Each makes the line ready; false with errno. */
bool wire_open_pty(struct wire *w, const char *link);
bool wire_open_telnet(struct wire *w, uint16_t port);
void wire_close(struct wire *w);

/* Is a client there? For telnet: takes a connection when there is none. */
bool wire_present(struct wire *w);
/* Telnet: ends the session. */
void wire_hang_up(struct wire *w);

/* Takes what has come since the last call into the ring; false when the client went away. */
bool wire_poll(struct wire *w);
/* The device was waiting: nothing can have come but in the last moment. */
void wire_idle(struct wire *w);
/* The next byte of the ring, or -1. */
int wire_get(struct wire *w);
/* A byte as if it had come, without faults. */
void wire_type(struct wire *w, uint8_t c);
void wire_clear(struct wire *w);

/* Puts a byte on the line; takes the time that it takes. wire_flush sends what is held back. */
void wire_put(struct wire *w, uint8_t c);
void wire_flush(struct wire *w);

#endif
