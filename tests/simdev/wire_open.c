/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

/* A real port does not echo and changes no bytes before its client has set it up. */
static bool make_raw(const char *path)
{
	struct termios t;
	int slave = open(path, O_RDWR | O_NOCTTY);
	bool ok = slave >= 0 && tcgetattr(slave, &t) == 0;

	if (ok) {
		cfmakeraw(&t);
		cfsetspeed(&t, B9600);
		ok = tcsetattr(slave, TCSANOW, &t) == 0;
	}
	if (slave >= 0)
		close(slave);
	return ok;
}

bool wire_open_pty(struct wire *w, const char *link)
{
	const char *path;

	w->listener = -1;
	w->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (w->fd < 0 || grantpt(w->fd) || unlockpt(w->fd))
		return false;
	path = ptsname(w->fd);
	if (!path || !make_raw(path) || fcntl(w->fd, F_SETFL, O_NONBLOCK))
		return false;
	snprintf(w->path, sizeof(w->path), "%s", path);
	if (!link)
		return true;
	if (link != w->link)
		snprintf(w->link, sizeof(w->link), "%s", link);
	unlink(link);
	return symlink(w->path, link) == 0;
}

bool wire_open_telnet(struct wire *w, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	socklen_t len = sizeof(a);
	int on = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	w->fd = -1;
	w->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (w->listener < 0)
		return false;
	setsockopt(w->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(w->listener, (struct sockaddr *)&a, sizeof(a)) || listen(w->listener, 4) ||
	    getsockname(w->listener, (struct sockaddr *)&a, &len) ||
	    fcntl(w->listener, F_SETFL, O_NONBLOCK))
		return false;
	snprintf(w->path, sizeof(w->path), "%u", ntohs(a.sin_port));
	return true;
}

void wire_hang_up(struct wire *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	w->nout = 0;
	wire_clear(w);
}

void wire_close(struct wire *w)
{
	wire_hang_up(w);
	if (w->listener >= 0)
		close(w->listener);
	w->listener = -1;
	if (*w->link)
		unlink(w->link);
}

bool wire_present(struct wire *w)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	int on = 1;

	if (w->listener < 0) {
		w->hung_up = w->fd < 0 || (poll(&p, 1, 0) == 1 && (p.revents & POLLHUP));
		return !w->hung_up;
	}
	if (w->fd < 0) {
		w->fd = accept(w->listener, NULL, NULL);
		if (w->fd >= 0) {
			fcntl(w->fd, F_SETFL, O_NONBLOCK);
			setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		}
	}
	return w->fd >= 0;
}
