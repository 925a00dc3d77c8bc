/* SPDX-License-Identifier: MIT */
/*
 * A file of its own: <asm/termbits.h> and <termios.h> both define struct termios.
 */
#define _DEFAULT_SOURCE
#include "common/device/port_parts.h"

#ifdef __linux__

#include <asm/termbits.h>
#include <sys/ioctl.h>

enum { WRONG_PERCENT = 3 }; /* a UART bears no more */

uint32_t baud_other(int fd)
{
	struct termios2 t;

	return ioctl(fd, TCGETS2, &t) == 0 && (t.c_cflag & CBAUD) == BOTHER ? t.c_ospeed : 0;
}

bool baud_set_other(int fd, uint32_t baud)
{
	struct termios2 t;
	uint32_t most = (uint32_t)((uint64_t)baud * WRONG_PERCENT / 100);

	if (ioctl(fd, TCGETS2, &t) != 0)
		return false;
	t.c_cflag &= ~(tcflag_t)(CBAUD | CBAUD << IBSHIFT);
	t.c_cflag |= BOTHER | (tcflag_t)BOTHER << IBSHIFT;
	t.c_ispeed = t.c_ospeed = baud;
	/* The driver may have taken the nearest that it can do. */
	return ioctl(fd, TCSETS2, &t) == 0 && ioctl(fd, TCGETS2, &t) == 0 &&
	       t.c_ospeed + most >= baud && t.c_ospeed <= baud + most;
}

#else

uint32_t baud_other(int fd)
{
	(void)fd;
	return 0;
}

bool baud_set_other(int fd, uint32_t baud)
{
	(void)fd;
	(void)baud;
	return false;
}

#endif
