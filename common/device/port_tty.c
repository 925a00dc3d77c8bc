/* SPDX-License-Identifier: MIT */
/*
 * Serial ports and pseudo-terminals. On the usual boards RTS is wired to reset and DTR to GPIO0,
 * and opening the port raises both: they are cleared before anything else is done.
 */
#define _DEFAULT_SOURCE
#include "common/device/port_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

struct tty {
	struct termios saved;
	uint32_t saved_other; /* its rate, if that has no name */
	bool changed;
};

static const struct {
	uint32_t baud;
	speed_t speed;
} speeds[] = {
	{ 300, B300 },         { 600, B600 },         { 1200, B1200 },       { 2400, B2400 },
	{ 4800, B4800 },       { 9600, B9600 },       { 19200, B19200 },     { 38400, B38400 },
	{ 57600, B57600 },     { 115200, B115200 },   { 230400, B230400 },
#ifdef B460800
	{ 460800, B460800 },   { 921600, B921600 },
#endif
#ifdef B3000000
	{ 500000, B500000 },   { 576000, B576000 },   { 1000000, B1000000 }, { 1152000, B1152000 },
	{ 1500000, B1500000 }, { 2000000, B2000000 }, { 2500000, B2500000 }, { 3000000, B3000000 },
#endif
};

static bool find_speed(uint32_t baud, speed_t *out)
{
	for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++)
		if (speeds[i].baud == baud) {
			*out = speeds[i].speed;
			return true;
		}
	return false;
}

static long tty_read(struct port *port, uint8_t *out, size_t size)
{
	return read(port->fd, out, size);
}

static long tty_write(struct port *port, const uint8_t *data, size_t n)
{
	return write(port->fd, data, n);
}

static bool set_lines(int fd, int lines, bool on)
{
	return ioctl(fd, on ? TIOCMBIS : TIOCMBIC, &lines) == 0;
}

static bool tty_set_rts(struct port *port, bool on)
{
	return set_lines(port->fd, TIOCM_RTS, on);
}

static void tty_restore(const struct port *port)
{
	const struct tty *tty = port->state;

	if (!tty->changed)
		return;
	tcsetattr(port->fd, TCSANOW, &tty->saved);
	if (tty->saved_other)
		baud_set_other(port->fd, tty->saved_other);
}

static void tty_close(struct port *port)
{
	if (port->fd >= 0)
		ioctl(port->fd, TIOCNXCL);
	free(port->state);
}

static const struct port_kind tty_kind = {
	.read = tty_read,
	.write = tty_write,
	.set_rts = tty_set_rts,
	.restore = tty_restore,
	.close = tty_close,
};

/* 8N1, no flow control, nothing changed on its way; closing the port lowers no line. */
static bool set_up(int fd, struct tty *tty, speed_t speed)
{
	struct termios t, got;

	if (tcgetattr(fd, &tty->saved) != 0)
		return false;
	tty->saved_other = baud_other(fd);
	t = tty->saved;
	t.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON |
				 IXOFF | IXANY | INPCK);
	t.c_oflag &= ~(tcflag_t)OPOST;
	t.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	t.c_cflag &= ~(tcflag_t)(CSIZE | PARENB | CSTOPB | HUPCL | CRTSCTS);
	t.c_cflag |= CS8 | CLOCAL | CREAD;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	cfsetispeed(&t, speed);
	cfsetospeed(&t, speed);
	tty->changed = true;
	/* It succeeds when any of it was done. */
	return tcsetattr(fd, TCSANOW, &t) == 0 && tcgetattr(fd, &got) == 0 &&
	       cfgetospeed(&got) == speed && !(got.c_lflag & ICANON);
}

static enum err cannot_open(struct diag *diag)
{
	if (errno == EBUSY || errno == EWOULDBLOCK)
		return diag_fail(diag, ERR_IO, "another program has the port");
	if (errno == EACCES)
		return diag_fail(diag, ERR_IO,
				 "%s (your user must be in the group that the port belongs to, "
				 "often dialout or uucp)",
				 strerror(errno));
	return diag_system(diag);
}

enum err tty_open(struct port *port, const struct port_place *place, struct diag *diag)
{
	struct tty *tty = calloc(1, sizeof(*tty));
	speed_t speed = B115200; /* before another one is set */
	bool named = find_speed(place->baud, &speed);

	if (!tty)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	port->state = tty;
	port->kind = &tty_kind;
	port->fd = open(place->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (port->fd < 0)
		return cannot_open(diag);
	if (!isatty(port->fd))
		return diag_fail(diag, ERR_KIND, "not a serial port");
	if (flock(port->fd, LOCK_EX | LOCK_NB) != 0)
		return cannot_open(diag);
	/* A pseudo-terminal has no such lines, which is as well. */
	set_lines(port->fd, TIOCM_DTR | TIOCM_RTS, false);
	ioctl(port->fd, TIOCEXCL);
	if (!set_up(port->fd, tty, speed) || (!named && !baud_set_other(port->fd, place->baud)))
		return diag_fail(diag, ERR_IO,
				 "the port cannot be set to %u baud; usual are 9600, 115200 and "
				 "921600",
				 (unsigned)place->baud);
	return ERR_NONE;
}
