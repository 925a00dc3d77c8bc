/* SPDX-License-Identifier: MIT */
#include "common/device/port_parts.h"

#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	WRITE_SECONDS = 10,
	RESET_MS = 100,
	AGAIN_SECONDS = 60,
	AGAIN_MS = 250,
	REFUSED_SECONDS = 20
};

/* Takes "@RATE" off the end of name. */
static bool take_baud(char *name, uint32_t *baud)
{
	char *at = strrchr(name, '@');
	char *end;
	unsigned long n;

	*baud = PORT_BAUD;
	if (!at)
		return true;
	n = strtoul(at + 1, &end, 10);
	if (end == at + 1 || *end || n < 50 || n > 4000000)
		return false;
	*at = '\0';
	*baud = (uint32_t)n;
	return true;
}

/* A number must be one of a port: the resolver would take it modulo 65,536. */
static bool is_service(const char *text)
{
	size_t n = strlen(text);

	if (strspn(text, "0123456789") != n)
		return true;
	return n < 6 && strtoul(text, NULL, 10) - 1 < 65535;
}

/* "HOST", "HOST:PORT", "[ADDRESS]:PORT" */
static bool split_host(const char *text, const char *service, struct port_place *place)
{
	const char *colon = strrchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : strlen(text);
	bool bracketed = text[0] == '[';

	if (bracketed) {
		const char *end = strchr(text, ']');

		if (!end || (end[1] && end[1] != ':'))
			return false;
		colon = end[1] ? end + 1 : NULL;
		text++;
		n = (size_t)(end - text);
	}
	if (colon)
		service = colon + 1;
	/* Else its end would be taken for the number of a port. */
	if (!bracketed && memchr(text, ':', n))
		return false;
	if (!n || n >= sizeof(place->path) || !service || !service[0] ||
	    strlen(service) >= sizeof(place->service) || !is_service(service))
		return false;
	memcpy(place->path, text, n);
	place->path[n] = '\0';
	snprintf(place->service, sizeof(place->service), "%s", service);
	return true;
}

static enum err open_kind(struct port *port, char *name, struct diag *diag)
{
	struct port_place place = { .baud = PORT_BAUD };
	bool tcp = strncmp(name, "tcp:", 4) == 0, server = strncmp(name, "rfc2217:", 8) == 0;

	if (!tcp && !take_baud(name, &place.baud))
		return diag_fail(diag, ERR_KIND,
				 "not a rate of a serial line: behind @ stands a "
				 "number such as 115200");
	if (tcp || server) {
		if (!split_host(name + (tcp ? 4 : 8), tcp ? "23" : NULL, &place))
			return diag_fail(diag, ERR_KIND,
					 "not a name of a port: tcp:HOST, tcp:HOST:PORT or "
					 "rfc2217:HOST:PORT; an IPv6 address stands in [ ]");
		port->telnet = tcp;
		if (tcp_open(port, &place, diag))
			return diag->code;
		return server ? rfc2217_open(port, &place, diag) : ERR_NONE;
	}
	if (strlen(name) >= sizeof(place.path) || !name[0])
		return diag_fail(diag, ERR_KIND, "not a name of a port");
	snprintf(place.path, sizeof(place.path), "%s", name);
	return tty_open(port, &place, diag);
}

static char *copy(const char *text)
{
	char *p = malloc(strlen(text) + 1);

	return p ? strcpy(p, text) : NULL;
}

enum err port_open(const struct port_options *o, struct diag *diag, struct port **out)
{
	struct port *port = calloc(1, sizeof(*port));
	char *name = NULL; /* open_kind takes it apart */

	*out = NULL;
	if (!port)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	port->fd = -1;
	port->wake = o->wake;
	if (o->replay)
		log_open(o->replay, o->replay_len, diag, &port->log);
	else if ((name = copy(o->name)) == NULL)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	else
		open_kind(port, name, diag);
	free(name);
	if (diag->code) {
		port_close(port);
		return diag->code;
	}
	port->record = o->record;
	port->started = port_now(port);
	*out = port;
	return ERR_NONE;
}

void port_close(struct port *port)
{
	if (!port)
		return;
	port_restore(port);
	if (port->kind && port->kind->close)
		port->kind->close(port);
	if (port->fd >= 0)
		close(port->fd);
	log_close(port->log);
	free(port);
}

void port_restore(const struct port *port)
{
	if (port->kind && port->kind->restore)
		port->kind->restore(port);
}

void port_end(struct port *port)
{
	port->wake = -1;
	port->ending = true;
}

unsigned port_connections(const struct port *port)
{
	return port->connections;
}

int64_t port_now(const struct port *port)
{
	struct timespec t;

	if (port->log)
		return log_now(port->log);
	if (port->kind && port->kind->now)
		return port->kind->now(port);
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * PORT_SECOND + t.tv_nsec;
}

/* Until one of events, the deadline or the wake. 1: go on; 0: the deadline passed; -1: failed. */
static int wait_for(struct port *port, short events, int64_t deadline, struct diag *diag)
{
	struct pollfd p[2] = { { .fd = port->fd, .events = events },
			       { .fd = port->wake, .events = POLLIN } };
	int64_t left = deadline - port_now(port);
	int64_t ms = left <= 0 ? 0 : (left + PORT_MS - 1) / PORT_MS;
	int n;

	if (port->kind->wait)
		return port->kind->wait(port, deadline, diag);
	n = poll(p, port->wake < 0 ? 1 : 2, ms > 60000 ? 60000 : (int)ms);
	if (n < 0 && errno != EINTR) {
		diag_system(diag);
		return -1;
	}
	if (n > 0 && port->wake >= 0 && p[1].revents) {
		diag_fail(diag, ERR_IO, "interrupted");
		return -1;
	}
	return n > 0 || left > 0;
}

static void note(struct port *port, bool sent, const uint8_t *data, size_t n)
{
	if (port->record)
		log_write(port->record,
			  (double)(port_now(port) - port->started) / (double)PORT_SECOND, sent,
			  data, n);
}

/* What the kind's errno means. True: try again later. */
static bool passes(struct diag *diag)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return true;
	diag_fail(diag, ERR_IO, "the port is gone: %s",
		  errno == EIO || errno == ENXIO ? "unplugged, or its other end was closed"
						 : strerror(errno));
	return false;
}

static bool is_woken(const struct port *port)
{
	struct pollfd p = { .fd = port->wake, .events = POLLIN };

	return port->wake >= 0 && poll(&p, 1, 0) > 0;
}

/* A board that is there and refuses serves no telnet; one that restarts is away for a while. */
enum err port_connect(struct port *port, struct diag *diag)
{
	int64_t start = port_now(port), here = start; /* it was not there until then */

	if (!port->kind || !port->kind->again || port->ending)
		return diag_fail(diag, ERR_IO, "this port cannot be opened again");
	/* Nobody is asked without end by one who is sent away at once. */
	if (port->connections && start < port->connected + AGAIN_MS * PORT_MS)
		port_sleep(port, AGAIN_MS * PORT_MS);
	while (!port->kind->again(port)) {
		if (errno != ECONNREFUSED)
			here = port_now(port);
		port_sleep(port, AGAIN_MS * PORT_MS);
		if (is_woken(port))
			return diag_fail(diag, ERR_IO, "interrupted");
		if (port_now(port) > here + REFUSED_SECONDS * PORT_SECOND)
			return diag_fail(diag, ERR_IO,
					 "the device has closed the connection and refuses others "
					 "since: it serves telnet no more");
		if (port_now(port) > start + AGAIN_SECONDS * PORT_SECOND)
			return diag_fail(diag, ERR_IO,
					 "the device has closed the connection and cannot be "
					 "reached since");
	}
	port->connected = port_now(port);
	port->connections++;
	return ERR_NONE;
}

/* After a failure of the kind: is there another connection now, so that all else can go on? */
static bool comes_back(struct port *port, struct diag *diag)
{
	if (!port->kind->again || port->ending)
		return false;
	*diag = (struct diag){ 0 };
	return port_connect(port, diag) == ERR_NONE;
}

size_t port_read(struct port *port, uint8_t *out, size_t size, int64_t deadline, struct diag *diag)
{
	if (port->log)
		return log_read(port->log, out, size, deadline, diag);
	for (;;) {
		int go = wait_for(port, POLLIN, deadline, diag);
		long n;

		if (go < 0)
			return 0;
		n = port->kind->read(port, out, size);
		if (n > 0) {
			note(port, false, out, (size_t)n);
			return (size_t)n;
		}
		if (n == 0)
			errno = EIO;
		if (!passes(diag)) {
			comes_back(port, diag);
			return 0;
		}
		if (!go)
			return 0;
	}
}

enum err port_write(struct port *port, const void *data, size_t n, struct diag *diag)
{
	int64_t deadline = port_now(port) + WRITE_SECONDS * PORT_SECOND;
	const uint8_t *p = data;
	size_t done = 0;

	if (port->log)
		return log_sent(port->log, data, n, diag);
	while (done < n) {
		long k = port->kind->write(port, p + done, n - done);
		int go;

		if (k > 0) {
			note(port, true, p + done, (size_t)k);
			done += (size_t)k;
			continue;
		}
		if (k < 0 && !passes(diag))
			return comes_back(port, diag) ? ERR_NONE : diag->code;
		go = wait_for(port, POLLOUT, deadline, diag);
		if (go < 0)
			return diag->code;
		if (!go)
			return diag_fail(diag, ERR_IO, "the port takes no more bytes");
	}
	return ERR_NONE;
}

void port_sleep(struct port *port, int64_t ns)
{
	struct pollfd p = { .fd = port->wake, .events = POLLIN };
	int64_t end = port_now(port) + ns;
	int64_t left;

	if (port->log || (port->kind && port->kind->now))
		return;
	while ((left = end - port_now(port)) > 0)
		if (poll(&p, port->wake < 0 ? 0 : 1, (int)((left + PORT_MS - 1) / PORT_MS)) > 0)
			return;
}

enum err port_reset(struct port *port, struct diag *diag)
{
	if (port->log)
		return ERR_NONE;
	if (!port->kind->set_rts || !port->kind->set_rts(port, true))
		return diag_fail(diag, ERR_IO, "this port has no line that resets the board");
	port_sleep(port, RESET_MS * PORT_MS);
	port->kind->set_rts(port, false);
	return ERR_NONE;
}

bool port_is_telnet(const struct port *port)
{
	return port->telnet;
}

unsigned port_list(struct buf *out)
{
	static const char *const patterns[] = { "/dev/ttyUSB*", "/dev/ttyACM*", "/dev/cu.usb*" };
	unsigned count = 0;
	glob_t found = { 0 };

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		glob(patterns[i], i ? GLOB_APPEND : 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		buf_str(out, found.gl_pathv[i]);
		buf_byte(out, '\n');
		count++;
	}
	globfree(&found);
	return count;
}
