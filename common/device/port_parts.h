/* SPDX-License-Identifier: MIT */
/*
 * What the kinds of ports are made of; private to the port's files.
 */
#ifndef DEVICE_PORT_PARTS_H
#define DEVICE_PORT_PARTS_H

#include "common/device/port.h"

struct port_log;

/*
 * A kind of port; only read and write are needed. These never wait: -1 with errno as read(2) and
 * write(2) have it.
 */
struct port_kind {
	long (*read)(struct port *port, uint8_t *out, size_t size);
	long (*write)(struct port *port, const uint8_t *data, size_t n);
	bool (*set_rts)(struct port *port, bool on);
	void (*restore)(const struct port *port);
	void (*close)(struct port *port);
	/*
	 * Once more, after the other end went; false: not now, errno tells why (0: not known).
	 * NULL: what is gone is gone.
	 */
	bool (*again)(struct port *port);
	/* A clock of its own, and waiting by it; NULL: the system's. See wait_for. */
	int64_t (*now)(const struct port *port);
	int (*wait)(struct port *port, int64_t deadline, struct diag *diag);
};

struct port {
	const struct port_kind *kind;
	int fd, wake;
	bool telnet;
	bool ending;          /* not to be opened again */
	unsigned connections; /* that came after the first one */
	int64_t connected;    /* when the last of them did */
	void *state;          /* the kind's own */
	FILE *record;         /* not owned */
	int64_t started;      /* of the recording */
	struct port_log *log; /* played back, instead of a kind; NULL: none */
};

struct port_place {
	char path[256]; /* of a terminal, or a host */
	char service[16];
	uint32_t baud;
};

enum err tty_open(struct port *port, const struct port_place *place, struct diag *diag);
/*
 * port_baud.c: rates without a name, such as the 74,880 of the ESP8266's ROM. The terminal's one,
 * 0: it has a name; sets one, false: this system or port cannot.
 */
uint32_t baud_other(int fd);
bool baud_set_other(int fd, uint32_t baud);
enum err tcp_open(struct port *port, const struct port_place *place, struct diag *diag);
/* Wraps an open connection. */
enum err rfc2217_open(struct port *port, const struct port_place *place, struct diag *diag);

/* JSON lines of what passes: t (seconds), dir, hex. */
void log_write(FILE *out, double t, bool sent, const uint8_t *data, size_t n);

enum err log_open(const uint8_t *data, size_t len, struct diag *diag, struct port_log **out);
void log_close(struct port_log *log);
int64_t log_now(const struct port_log *log);
/* As port_read and port_write. */
size_t log_read(struct port_log *log, uint8_t *out, size_t size, int64_t deadline,
		struct diag *diag);
enum err log_sent(struct port_log *log, const uint8_t *data, size_t n, struct diag *diag);

#endif
