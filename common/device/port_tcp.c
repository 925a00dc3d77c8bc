/* SPDX-License-Identifier: MIT */
/*
 * TCP connections: the firmware's telnet module, which sends and understands plain bytes, and what
 * carries RFC 2217.
 */
#include "common/device/port_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_SECONDS = 10 };

static long tcp_read(struct port *port, uint8_t *out, size_t size)
{
	return recv(port->fd, out, size, 0);
}

static long tcp_write(struct port *port, const uint8_t *data, size_t n)
{
	return send(port->fd, data, n, MSG_NOSIGNAL);
}

/* 0, or an errno; EINTR when woken. */
static int finish_connect(struct port *port, int64_t deadline)
{
	struct pollfd p[2] = { { .fd = port->fd, .events = POLLOUT },
			       { .fd = port->wake, .events = POLLIN } };
	socklen_t len = sizeof(int);
	int error = 0;

	for (;;) {
		int64_t left = deadline - port_now(port);
		int n;

		if (left <= 0)
			return ETIMEDOUT;
		n = poll(p, port->wake < 0 ? 1 : 2, (int)(left / PORT_MS) + 1);
		if (n > 0 && port->wake >= 0 && p[1].revents)
			return EINTR;
		if (n > 0)
			break;
	}
	getsockopt(port->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error;
}

static int try_address(struct port *port, const struct addrinfo *a)
{
	int64_t deadline = port_now(port) + CONNECT_SECONDS * PORT_SECOND;
	int on = 1, error = 0;

	port->fd = socket(a->ai_family, SOCK_STREAM, a->ai_protocol);
	if (port->fd < 0)
		return errno;
	if (fcntl(port->fd, F_SETFL, O_NONBLOCK) || fcntl(port->fd, F_SETFD, FD_CLOEXEC))
		error = errno;
	else if (connect(port->fd, a->ai_addr, a->ai_addrlen))
		error = errno == EINPROGRESS ? finish_connect(port, deadline) : errno;
	setsockopt(port->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (error) {
		close(port->fd);
		port->fd = -1;
	}
	return error;
}

/* On failure errno tells why; 0: there is no such host. */
static enum err connect_to(struct port *port, const struct port_place *place, struct diag *diag)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	int error = getaddrinfo(place->path, place->service, &hints, &list);

	errno = 0;
	if (error)
		return diag_fail(diag, ERR_IO, "%s", gai_strerror(error));
	error = ENOENT;
	for (const struct addrinfo *a = list; a && error && error != EINTR; a = a->ai_next)
		error = try_address(port, a);
	freeaddrinfo(list);
	errno = error;
	if (error == EINTR)
		return diag_fail(diag, ERR_IO, "interrupted");
	return error ? diag_fail(diag, ERR_IO, "%s", strerror(error)) : ERR_NONE;
}

static bool tcp_again(struct port *port)
{
	struct diag diag = { 0 };

	if (port->fd >= 0)
		close(port->fd);
	port->fd = -1;
	return connect_to(port, port->state, &diag) == ERR_NONE;
}

static void tcp_close(struct port *port)
{
	free(port->state);
}

static const struct port_kind tcp_kind = { .read = tcp_read, .write = tcp_write };
static const struct port_kind telnet_kind = {
	.read = tcp_read, .write = tcp_write, .close = tcp_close, .again = tcp_again
};

enum err tcp_open(struct port *port, const struct port_place *place, struct diag *diag)
{
	port->kind = &tcp_kind;
	if (port->telnet) {
		port->kind = &telnet_kind;
		port->state = malloc(sizeof(*place));
		if (!port->state)
			return diag_fail(diag, ERR_MEMORY, "out of memory");
		memcpy(port->state, place, sizeof(*place));
	}
	return connect_to(port, place, diag);
}
